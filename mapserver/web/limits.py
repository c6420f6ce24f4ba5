"""What one request may ask for: checked before the memory is taken, and named when it is refused.

What the server keeps for later requests has its bounds in :mod:`mapserver.web.kept`.
"""

from __future__ import annotations

from typing import NoReturn

from flask import abort

MAX_BODY_BYTES = 16 * 1024 * 1024
"""Of the body of a request, as it is sent."""

MAX_POINTS = 20_000
"""Points in one body."""

MAX_COLUMNS = 500
"""Columns of a table; tables of surveys have some tens."""

MAX_CELLS = 1_000_000
"""Cells of a table, empty ones included, or values of a JSON document. Each is an object of some
60 bytes in memory, however few bytes it has in the body."""

MAX_ANSWER_ROWS = 100_000
"""Rows of an answer: points times the answers to each."""

MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""Of the answer to a body, before it is compressed."""


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
