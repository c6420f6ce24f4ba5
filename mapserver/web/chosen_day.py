"""The day that an address names: ``?date=2026-12-20``."""

from __future__ import annotations

import datetime as dt
import re

from mapserver.errors import N_, QueryError

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_date(text: str | None, today: dt.date) -> dt.date:
    """Read the day that a page is about.

    Parameters
    ----------
    text
        ``date`` of the address; None or empty where it names none, as a form with an empty field.
    today
        The day where none is named.

    Raises
    ------
    QueryError
        It is no day of the calendar as ISO 8601 writes it.
    """
    if not text:
        return today
    try:
        # Python reads more forms than pages write: 20261220, 2026-W51-7.
        if not DAY.fullmatch(text):
            raise ValueError(text)
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise QueryError(
            N_("{value} is not a day"),
            parameter="date",
            mend=N_("Write it as 2026-12-20"),
            value=repr(text[:60]),
        ) from error
