"""Refusing a request that asks for too much, before the memory for it is taken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from flask import abort

from mapserver.errors import N_, QueryError

REFUSAL = "mapserver.refusal"
"""Where the environment of WSGI says why the entrance refuses a request."""
SHOWN_LETTERS = 80
"""Letters of a value that a message repeats: an address of a reference system has 50."""


def require_at_most(count: int, limit: int, what: str, mend: str = "send it in parts") -> None:
    """Check a number against its limit.

    Raises
    ------
    RequestEntityTooLarge
        It is more (HTTP says 413); the message names the limit and how to mend it.
    """
    if count > limit:
        refuse(f"{count} {what}", limit, mend)


def refuse(what: str, limit: int, mend: str) -> NoReturn:
    """Answer with 413 that something is more than its limit."""
    abort(413, f"{what} are more than {limit}; {mend}")


def refuse_value(parameter: str, value: str, choices: Iterable[str]) -> QueryError:
    """Return the error for a value that is none of those that are offered."""
    return QueryError(
        N_("{value} is not offered"),
        parameter=parameter,
        mend=N_("Choose from: {choices}"),
        value=repr(value[:SHOWN_LETTERS]),
        choices=", ".join(choices),
    )
