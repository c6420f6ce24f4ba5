"""Months of the direct line that were published: taken as they are, and held against the ledger.

A year is made of its months. Where the ledger no longer says of a published month what was
published, a table of the year would not be the sum of what people have read, and the difference
would tell of a few messages, or of one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum

import pandas as pd

from mapserver.model import (
    BY_MONTH,
    FROZEN,
    TIMES,
    UNKNOWN_NAME,
    YEARLY,
    FrozenFigures,
    Hidden,
    compute_checksum,
    write_figure,
)

PUBLISHED_COLUMNS = (
    *("period", "table", "neighborhood", "category", "requests", "hidden"),
    *(*TIMES, "missing_holidays", "smallest_count", "standing", "published_on", "first_month"),
)
"""The columns of what is published."""
TEXTS = ("period", "table", "hidden", "missing_holidays", "standing", "published_on", "first_month")


class Standing(StrEnum):
    """How far a published figure can be relied on.

    ``FROZEN`` stands in the file of published figures and stays. ``PROVISIONAL`` is computed from
    the ledger as it is, and may change. ``UNKNOWN`` was published and cannot be read. Two are
    years alone: ``CHANGED``, since the ledger no longer says what was published of its months, and
    ``WAITING``, which comes out once all its months are published.
    """

    FROZEN = "frozen"
    PROVISIONAL = "provisional"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    WAITING = "waiting"


def make_figures(cells: Sequence[dict[str, object]] | pd.DataFrame) -> pd.DataFrame:
    """Make the table of published cells, in which each column has its type."""
    table = pd.DataFrame(cells, columns=list(PUBLISHED_COLUMNS))
    texts = dict.fromkeys(TEXTS, "str")
    table = table.astype(
        {"requests": "Int64", "smallest_count": int, **dict.fromkeys(TIMES, float), **texts}
    )
    for name in BY_MONTH:
        table[name] = table[name].astype(object).where(table[name].notna(), None)
    return table


def take_frozen_part(frozen: FrozenFigures, period: str) -> pd.DataFrame:
    """Return what was published of a period, as :func:`.direct_line.publish` has it."""
    part = frozen.cells[period]
    # In a file an unknown neighbourhood is an empty cell, as is one of a table that is not by it.
    names = {
        name: part[name].fillna(UNKNOWN_NAME).where(part["table"].isin([name, YEARLY]), None)
        for name in BY_MONTH
    }
    texts = {name: part[name].fillna("") for name in ("hidden", "missing_holidays")}
    return make_figures(
        part.assign(
            **names,
            **texts,
            smallest_count=part["smallest_count"].astype(int),
            standing=str(Standing.FROZEN),
            published_on=[day.isoformat() for day in part["published_on"]],
            first_month=_find_first_month(frozen, period),
        )
    )


def _find_first_month(frozen: FrozenFigures, period: str) -> str:
    """Find with which month a published year begins; empty of a month, and where nobody knows."""
    part = frozen.cells[period]
    written = part["first_month"].dropna()
    if "-" in period or len(written):
        return str(written.iloc[0]) if len(written) else ""
    # A year that came out before this was written was made of the months that were out by then.
    day = part["published_on"].iloc[0]
    months = frozen.list_months(period)
    return next((m for m in months if frozen.cells[m]["published_on"].iloc[0] <= day), "")


def make_empty_part(period: str, standing: Standing, smallest_count: int) -> pd.DataFrame:
    """Make what is said of a period of which no number can be: its row alone, and why."""
    is_unknown = standing is Standing.UNKNOWN
    cell: dict[str, object] = {
        "period": period,
        "table": "month" if "-" in period else "year",
        "requests": pd.NA,
        "hidden": str(Hidden.UNKNOWN if is_unknown else Hidden.WITHHELD),
        "missing_holidays": "",
        "smallest_count": smallest_count,
        "standing": str(standing),
        "published_on": "",
        "first_month": "",
    }
    return make_figures([cell])


def restore_lines(names: pd.DataFrame, raw_names: pd.DataFrame, part: pd.DataFrame) -> pd.DataFrame:
    """Return the neighbourhood and the category of messages as their month was published.

    A category that was too rare to be named then, or a neighbourhood that has been merged since,
    stays what it was: otherwise every later month would make another month of it.

    Parameters
    ----------
    names
        By the rule of today, of messages of one month.
    raw_names
        As the ledger has them.
    part
        What was published of the month.
    """
    columns = {}
    for name in names:
        lines = set(part[name][part["table"] == name])
        columns[name] = raw_names[name].where(raw_names[name].isin(lines), UNKNOWN_NAME)
    return pd.DataFrame(columns, names.index)


def is_changed(rows: pd.DataFrame, part: pd.DataFrame) -> bool:
    """Return whether a ledger contradicts what was published of a month.

    Only how many messages there are is compared, hidden or not: answers come late, and the hours to
    them are then others, of which no hidden number can be computed.

    Parameters
    ----------
    rows
        The messages of the month as the ledger has them now, under the names of the month.
    part
        What was published of it.
    """
    k = int(part["smallest_count"].iloc[0])
    for table, cells in part.groupby("table"):
        # All messages of a month are one line without a name.
        is_total = table == "month"
        counts: dict[object, int] = (
            {None: len(rows)} if is_total else {**rows[table].value_counts().to_dict()}
        )
        names: list[object] = [None] if is_total else list(cells[table])
        # Messages of a line that was not published would be in the year and in no month.
        if set(counts) - set(names):
            return True
        pairs = zip(names, cells["requests"], cells["hidden"], strict=True)
        if not all(_fits(counts.get(name, 0), shown, mark, k) for name, shown, mark in pairs):
            return True
    return False


def _fits(count: int, shown: object, mark: str, k: int) -> bool:
    """Return whether a count could have been published as it was."""
    if mark == Hidden.SHOWN:
        return count == shown
    if mark == Hidden.SMALL:
        return 0 < count < k
    # A partner has to be so large that the small count beside it may be any from 1 to k - 1.
    return mark != Hidden.PARTNER or count >= 2 * k - 2


def freeze(figures: pd.DataFrame, day: dt.date, *, is_sample: bool = False) -> pd.DataFrame:
    """Make rows of the file of published figures of all that is not in it yet.

    Parameters
    ----------
    figures
        As :func:`.direct_line.publish` returns them.
    day
        The day of publication.
    is_sample
        The messages are made up.

    Returns
    -------
    DataFrame
        Text, with the columns of ``layers/published.csv``; empty where nothing is new.
    """
    rows = figures[figures["standing"] == Standing.PROVISIONAL]
    rows = rows.assign(published_on=day.isoformat(), sample="yes" if is_sample else "")
    parts = [
        part.assign(checksum=compute_checksum(part)).map(write_figure)
        for _, part in rows.groupby("period", sort=False)
    ]
    table = pd.concat(parts) if parts else rows.assign(checksum="")
    return table[list(FROZEN.columns)]
