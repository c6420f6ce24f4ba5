"""The options of a join as callers give them, checked: what is asked, and how it is done."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from mapserver.errors import N_, QueryError
from mapserver.joining.question import Manner, Question
from mapserver.model import arguments

OF_QUESTIONS = ("within", "nearest", "k", "max_distance_m", "keep", "crs")
OF_MANNERS = tuple(field.name for field in fields(Manner))


def read_options(options: Mapping[str, Any]) -> tuple[Question, Manner]:
    """Read the options of a join.

    Parameters
    ----------
    options
        By name: those of :class:`Question` that a caller may set, and of :class:`Manner`.

    Raises
    ------
    QueryError
        One is not known, or is of another kind.
    """
    known = (*OF_QUESTIONS, *OF_MANNERS)
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise QueryError(
                N_("there is no option {name}"),
                parameter=name,
                mend=N_("Is {near} meant?") if near else N_("There are {options}"),
                name=repr(name),
                near=repr(near[0]) if near else "",
                options=", ".join(known),
            )
    of_question = {name: options[name] for name in OF_QUESTIONS if name in options}
    if of_question.get("keep") is not None:
        # Each once, in the order given: the order of columns is that of the input anyhow.
        names = map(str, arguments.read_ids(of_question["keep"], "keep"))
        of_question["keep"] = tuple(dict.fromkeys(names))
    arguments.require_text(of_question.get("crs"), "crs")
    of_manner = {name: options[name] for name in OF_MANNERS if name in options}
    return Question(**of_question), Manner(**of_manner)
