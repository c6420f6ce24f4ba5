"""The direct line in figures: how many messages came, and how soon they were answered.

What is published can be read by anybody, so counts of few people are hidden
(:mod:`mapserver.analysis.small_cells`), and nothing is published before it is complete.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from mapserver.analysis.small_cells import Hidden, hide_in_line, hide_in_table
from mapserver.analysis.waiting import Outcome, find_last_due, measure_answers
from mapserver.model import arguments
from mapserver.text.dates import KOREA

SMALLEST_COUNT = 5
"""The smallest count of messages that is published, unless a city sets another."""
UNKNOWN_NAME = ""
"""Stands for messages of which the neighbourhood or the category is not known."""
TABLES = ("month", "neighborhood", "category", "year", "neighborhood_category")
"""What rows of published figures are about: all messages of a month, those of a neighbourhood or
of a category in it, all of a year, and those of a neighbourhood and a category in the year."""
PUBLISHED_COLUMNS = (
    *("period", "table", "neighborhood", "category", "requests", "hidden"),
    *("share_48h", "share_working", "median_h", "median_working_h", "missing_holidays"),
)
YEARLY = "neighborhood_category"
BY_MONTH = ("neighborhood", "category")
Lines = Mapping[str, Sequence[str]]


def publish(  # noqa: PLR0913 -- three of them by name only
    requests: pd.DataFrame,
    holidays: pd.DataFrame | None,
    areas: Sequence[str] = (),
    *,
    now: dt.datetime,
    zone: dt.tzinfo = KOREA,
    smallest_count: int = SMALLEST_COUNT,
) -> pd.DataFrame:
    """Tabulate all that may be published: complete months, and the years that are over.

    Parameters
    ----------
    requests, holidays
        The ledgers, as for :func:`mapserver.analysis.waiting.measure_answers`.
    areas
        The names of the city's neighbourhoods, in the order of the tables.
    now
        With a zone. A month is complete once all its messages are due, and the ledger reaches
        beyond that: one that was written in the middle of a month does not say how it ended.
    zone
        The city's time zone.
    smallest_count
        Counts from 1 to one less are hidden, and shares and medians rest on so many messages.

    Returns
    -------
    DataFrame
        A row for each cell: ``period`` (``2026-10`` or ``2025``), ``table`` (one of
        :data:`TABLES`), ``neighborhood`` and ``category`` (None where the table is not by it),
        ``requests`` (NA where hidden), ``hidden`` (a ``Hidden``), ``share_48h`` and
        ``share_working`` (from 0 to 1), ``median_h`` and ``median_working_h`` (hours; these four
        are NaN on fewer messages than the smallest count, and where they are not known), and
        ``missing_holidays`` (the year for want of which working hours are not known, else ``""``).
    """
    smallest_count = arguments.read_count(smallest_count, "smallest_count", minimum=2)
    as_of = find_ledger_time(requests, now)
    rows = measure_answers(requests, holidays, now=as_of, zone=zone)
    rows = rows.join(name_lines(requests, areas, smallest_count)).dropna(subset="month")
    # Plain objects: cells are small, and columns of Arrow are slow to ask for a few rows.
    rows = rows.astype({name: object for name, kind in rows.dtypes.items() if kind.kind != "f"})
    months = [
        month
        for month in sorted(rows["month"].unique())
        if find_last_due(month, holidays, zone) < as_of
    ]
    # Every month has the same lines: those without a message are 0 there, not missing.
    rows = rows[rows["month"].isin(months)]
    lines = {
        "neighborhood": _list_lines(rows["neighborhood"], areas),
        "category": _list_lines(rows["category"], ()),
    }
    parts: list[pd.DataFrame] = []
    for month in months:
        parts.append(publish_month(rows, month, lines, smallest_count, parts))
        # The year can be told once December can; its table is made of the months as they are.
        if month.endswith("-12"):
            parts.append(publish_year(rows, month[:4], lines, smallest_count, parts))
    return pd.concat(parts, ignore_index=True) if parts else _make_table([])


def find_ledger_time(requests: pd.DataFrame, now: dt.datetime) -> dt.datetime:
    """Find up to when a ledger tells: to its newest message or answer, and never beyond now."""
    arguments.require_table(requests, "requests")
    moments = [*requests["received"], *requests["answered"]]
    return max((m for m in moments if m is not None and m <= now), default=now)


def publish_month(
    rows: pd.DataFrame, month: str, lines: Lines, k: int, earlier: Sequence[pd.DataFrame] = ()
) -> pd.DataFrame:
    """Tabulate a month: all its messages, by neighbourhood, and by category.

    Parameters
    ----------
    rows
        Messages measured, with their neighbourhood and category.
    month
        As ``2026-10``; rows of other months are left out.
    lines
        The names of the tables' lines.
    k
        The smallest count that is published.
    earlier
        What was published of the months before it: the same lines are hidden again where that
        helps, so that fewer are withheld in the table of the year.

    Returns
    -------
    DataFrame
        As :func:`publish`.
    """
    rows = rows[rows["month"] == month]
    # Of a month with so few messages even their number is hidden, and no table can be shown.
    is_small = 0 < len(rows) < k
    total = Hidden.SMALL if is_small else Hidden.SHOWN
    cells = [_describe_cell(rows, total, k, period=month, table="month")]
    for table in BY_MONTH:
        names = list(lines[table])
        groups = dict(iter(rows.groupby(table)))
        parts = [groups.get(name, rows.iloc[:0]) for name in names]
        hidden_before = _list_hidden(earlier, table, month[:4])
        preferred = [position for position, name in enumerate(names) if name in hidden_before]
        marks = hide_in_line(np.array([len(part) for part in parts], np.int64), k, preferred)
        if is_small:
            marks[:] = Hidden.WITHHELD
        for name, part, mark in zip(names, parts, marks, strict=True):
            keys = {"period": month, "table": table, table: name}
            cells.append(_describe_cell(part, mark, k, **keys))
    return _make_table(cells)


def publish_year(
    rows: pd.DataFrame, year: str, lines: Lines, k: int, months: Sequence[pd.DataFrame]
) -> pd.DataFrame:
    """Tabulate a year that is over: all its messages, and by neighbourhood and category.

    Parameters
    ----------
    rows, lines, k
        As for :func:`publish_month`.
    year
        As ``2025``.
    months
        What was published of its months: a line of which a month is hidden is withheld.

    Returns
    -------
    DataFrame
        As :func:`publish`.
    """
    rows = rows[rows["month"].str.startswith(f"{year}-")]
    published = [part for part in months if part["period"].iloc[0].startswith(f"{year}-")]
    # A month whose number is hidden would be the year less the other months.
    is_small = any(
        (part["hidden"][part["table"] == "month"] != Hidden.SHOWN).any() for part in published
    )
    total = Hidden.WITHHELD if is_small else Hidden.SHOWN
    cells = [_describe_cell(rows, total, k, period=year, table="year")]
    names, categories = list(lines["neighborhood"]), list(lines["category"])
    withheld = {table: _list_hidden(published, table, year) for table in BY_MONTH}
    if is_small:
        withheld["neighborhood"] = set(names)
    marks = hide_in_table(
        _count_cells(rows, names, categories),
        k,
        [position for position, name in enumerate(names) if name in withheld["neighborhood"]],
        [position for position, name in enumerate(categories) if name in withheld["category"]],
    )
    groups = dict(iter(rows.groupby([*BY_MONTH])))
    for row, name in enumerate(names):
        for column, category in enumerate(categories):
            cell_rows = groups.get((name, category), rows.iloc[:0])
            keys = {"period": year, "table": YEARLY, "neighborhood": name, "category": category}
            cells.append(_describe_cell(cell_rows, marks[row, column], k, **keys))
    return _make_table(cells)


def _count_cells(rows: pd.DataFrame, names: list[str], categories: list[str]) -> np.ndarray:
    """Count messages by neighbourhood, category and month of a year, of shape (n, m, 12)."""
    counts = np.zeros((len(names), len(categories), 12), np.int64)
    places = (
        pd.Index(names).get_indexer(pd.Index(rows["neighborhood"])),
        pd.Index(categories).get_indexer(pd.Index(rows["category"])),
        rows["month"].str[5:].astype(int).to_numpy() - 1,
    )
    np.add.at(counts, places, 1)
    return counts


def _list_hidden(parts: Sequence[pd.DataFrame], table: str, year: str) -> set[str]:
    """List the lines of a table of which a month of a year is hidden."""
    return {
        str(name)
        for part in parts
        if part["period"].iloc[0].startswith(f"{year}-")
        for name in part[table][(part["table"] == table) & (part["hidden"] != Hidden.SHOWN)]
    }


def _describe_cell(rows: pd.DataFrame, mark: str, k: int, **keys: str) -> dict[str, object]:
    """Describe a cell of a table by its messages; where it is hidden, nothing is said of them."""
    if mark != Hidden.SHOWN:
        return {**keys, "requests": pd.NA, "hidden": str(mark), "missing_holidays": ""}
    missing = next((year for year in sorted(set(rows["missing_holidays"])) if year), "")
    return {
        **keys,
        "requests": len(rows),
        "hidden": str(mark),
        "share_48h": _compute_share(rows["wall"], k),
        "share_working": np.nan if missing else _compute_share(rows["working"], k),
        "median_h": _compute_median(rows["wall_h"], k),
        "median_working_h": np.nan if missing else _compute_median(rows["working_h"], k),
        "missing_holidays": missing,
    }


def _compute_share(outcomes: pd.Series, k: int) -> float:
    """Return the share that was answered in time of all that are due and known, to a percent."""
    in_time, late = (outcomes.tolist().count(kind) for kind in (Outcome.IN_TIME, Outcome.LATE))
    return round(in_time / (in_time + late), 2) if in_time + late >= k else np.nan


def _compute_median(hours: pd.Series, k: int) -> float:
    """Return the median of hours to the answer, to six minutes."""
    known_h = hours.to_numpy()
    known_h = known_h[~np.isnan(known_h)]
    return round(float(np.median(known_h)), 1) if len(known_h) >= k else np.nan


def _make_table(cells: list[dict[str, object]]) -> pd.DataFrame:
    """Make the table of published cells, in which each column has its type."""
    table = pd.DataFrame(cells, columns=list(PUBLISHED_COLUMNS))
    figures = dict.fromkeys(("share_48h", "share_working", "median_h", "median_working_h"), float)
    table = table.astype({"requests": "Int64", **figures})
    for name in BY_MONTH:
        table[name] = table[name].astype(object).where(table[name].notna(), None)
    return table


def name_lines(requests: pd.DataFrame, areas: Sequence[str], k: int) -> pd.DataFrame:
    """Return neighbourhood and category of each message, empty where they are not known.

    A neighbourhood that the city does not have is not known; without any, names stand as they are.
    A category that fewer than the smallest count of messages have is not known either: what stands
    in such a cell may be about a person.

    Parameters
    ----------
    requests
        The ledger ``requests``.
    areas
        The names of the city's neighbourhoods.
    k
        The smallest count that is published.
    """
    arguments.require_table(requests, "requests")
    names = requests[["neighborhood", "category"]].astype(object)
    names = names.where(names.notna(), UNKNOWN_NAME).map(lambda name: " ".join(str(name).split()))
    is_area = names["neighborhood"].isin(areas) if areas else _is_common(names["neighborhood"], k)
    names["neighborhood"] = names["neighborhood"].where(is_area, UNKNOWN_NAME)
    names["category"] = names["category"].where(_is_common(names["category"], k), UNKNOWN_NAME)
    return names


def _is_common(names: pd.Series, k: int) -> pd.Series:
    """Return which names stand in so many rows that they cannot be about one person."""
    return names.map(names.value_counts()) >= k


def _list_lines(names: pd.Series, order: Sequence[str]) -> list[str]:
    """Return the names of a table's lines in their order; the unknown one last, if there is one."""
    others = sorted(set(names) - set(order) - {UNKNOWN_NAME})
    return [*order, *others, *([UNKNOWN_NAME] if (names == UNKNOWN_NAME).any() else [])]
