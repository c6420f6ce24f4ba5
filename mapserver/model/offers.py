"""What the dated table of benefits confirms for a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from mapserver.text.cell_text import convert_day

ONE_DAY = dt.timedelta(days=1)


def benefits_on(benefits: pd.DataFrame | None, day: dt.date) -> list[dict[Any, Any]]:
    """Return the benefits that the dated table confirms for a day; none is none.

    Parameters
    ----------
    benefits
        Rows with ``from`` and ``to`` (dates, both inclusive, either may be missing), ``rate``,
        ``cap_won``, ``payment``, ``title``, ``source`` and ``checked_on``.
    day
        The day asked for.

    Returns
    -------
    list of dict
        The rows that hold, the highest rate first.
    """
    rows = [] if benefits is None else benefits.to_dict("records")
    holding = [
        row
        for row in rows
        if (convert_day(row.get("from")) or dt.date.min)
        <= day
        <= (convert_day(row.get("to")) or dt.date.max)
    ]
    return sorted(holding, key=lambda row: -(row.get("rate") or 0.0))


def list_turns(
    benefits: pd.DataFrame | None, first_day: dt.date, last_day: dt.date
) -> list[dt.date]:
    """List the days on which other benefits may hold than the day before; the first is one."""
    rows = [] if benefits is None else benefits.to_dict("records")
    begins = {day for row in rows if (day := convert_day(row.get("from")))}
    ends = {day for row in rows if (day := convert_day(row.get("to")))}
    turns = begins | {day + ONE_DAY for day in ends if day < dt.date.max}
    return sorted({first_day, *(day for day in turns if first_day <= day <= last_day)})
