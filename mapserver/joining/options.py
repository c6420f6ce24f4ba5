"""The options of a join as callers give them, checked: what is asked, and how it is done."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import fields
from numbers import Integral
from typing import Any

from pyproj import CRS

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
    of_question["crs"] = _read_crs(of_question.get("crs"))
    for name in ("k", "max_distance_m"):
        if name in of_question and of_question.get("nearest") is None:
            raise QueryError(
                N_("{name} is about what is nearest, and no layer is named for that"),
                parameter=name,
                mend=N_('Name it: --nearest trails, say; nearest="trails" in Python'),
                name="--max-distance (max_distance_m)" if name == "max_distance_m" else name,
            )
    of_manner = {name: options[name] for name in OF_MANNERS if name in options}
    return Question(**of_question), Manner(**of_manner)


def _read_crs(value: Any) -> str | None:
    """Return a CRS as text: what geopandas takes, a number of EPSG or a CRS, is taken as well.

    Raises
    ------
    QueryError
        It is something else.
    """
    if isinstance(value, CRS):
        return str(value.to_wkt())
    if isinstance(value, Integral) and not isinstance(value, bool):
        return f"EPSG:{value}"
    arguments.require_text(value, "crs")
    text: str | None = value
    return text
