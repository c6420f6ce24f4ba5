"""The direct line in figures: how many messages came, and how soon they were answered.

What is published can be read by anybody, so counts of few people are hidden
(:mod:`mapserver.analysis.small_cells`), and nothing is published before it is complete.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from mapserver.analysis.frozen_months import (
    Standing,
    is_changed,
    make_empty_part,
    make_figures,
    restore_lines,
    take_frozen_part,
)
from mapserver.analysis.small_cells import hide_in_line, hide_in_table
from mapserver.analysis.waiting import Outcome, find_last_due, measure_answers
from mapserver.model import BY_MONTH, UNKNOWN_NAME, YEARLY, FrozenFigures, Hidden, arguments
from mapserver.text.dates import KOREA
from mapserver.text.person_cells import replace_numbered_cells

SMALLEST_COUNT = 5
"""The smallest count of messages that is published, unless a city sets another."""
Lines = Mapping[str, Sequence[str]]


def publish(  # noqa: PLR0913 -- five of them by name only
    requests: pd.DataFrame,
    holidays: pd.DataFrame | None,
    areas: Sequence[str] = (),
    *,
    now: dt.datetime,
    zone: dt.tzinfo = KOREA,
    smallest_count: int = SMALLEST_COUNT,
    frozen: FrozenFigures | None = None,
    opens_years: bool = False,
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
    frozen
        What was published before: it stays as it is, and is never computed again. A year of which
        the ledger contradicts a published month is withheld.
    opens_years
        Tabulate years that are over, too, where anything is published: else they wait for it.

    Returns
    -------
    DataFrame
        A row for each cell: ``period`` (``2026-10`` or ``2025``), ``table`` (one of
        ``mapserver.model.TABLES``), ``neighborhood`` and ``category`` (None where the table is
        not by it), ``requests`` (NA where hidden), ``hidden`` (a ``Hidden``), ``share_48h`` and
        ``share_working`` (from 0 to 1), ``median_h`` and ``median_working_h`` (hours; these four
        are NaN on fewer messages than the smallest count, and where they are not known),
        ``missing_holidays`` (the year for want of which working hours are not known, else ``""``),
        ``smallest_count`` (that of the period), ``standing`` (a ``Standing``), ``published_on``
        (as ``2026-11-26``, ``""`` where it is not) and ``first_month`` (with which a year begins).
    """
    k = arguments.read_count(smallest_count, "smallest_count", minimum=2)
    as_of = find_ledger_time(requests, now)
    rows = measure_answers(requests, holidays, now=as_of, zone=zone)
    frozen_parts = _take_parts(frozen, now)
    begun = map(str, rows["month"].dropna().unique())
    complete = [month for month in begun if find_last_due(month, holidays, zone) < as_of]
    # Rows that are in no table make nothing common: not those of today, nor those without a day.
    is_counted = rows["month"].isin([*complete, *frozen_parts])
    names = name_lines(requests, areas, k, is_counted)
    names = _name_by_month(names, requests, rows["month"], frozen_parts)
    rows = rows.join(names).dropna(subset="month")
    # Plain objects: cells are small, and columns of Arrow are slow to ask for a few rows.
    rows = rows.astype({name: object for name, kind in rows.dtypes.items() if kind.kind != "f"})
    periods = {*complete, *frozen_parts, *(frozen.unknown if frozen else ())}
    rows = rows[rows["month"].isin(periods)]
    # Every month has the same lines: those without a message are 0 there, not missing.
    orders = {"neighborhood": areas, "category": ()}
    lines = {name: _list_lines(rows[name], order) for name, order in orders.items()}
    known = frozen_parts | _make_lost_parts(frozen, periods, k)
    parts: list[pd.DataFrame] = []
    for year in sorted({period[:4] for period in periods}):
        months = sorted(period for period in periods if period.startswith(f"{year}-"))
        of_year = _tabulate_months(rows, months, lines, k, known)
        parts += of_year
        if year in known:
            parts.append(known[year])
        # The year can be told once December can; its table is made of the months as they are.
        elif f"{year}-12" in periods or find_last_due(f"{year}-12", holidays, zone) < as_of:
            standing = _judge_year(rows, year, of_year, frozen, opens_years=opens_years)
            largest_k = _find_largest_k(of_year, k)
            figures = make_empty_part(year, standing, largest_k)
            if standing is Standing.PROVISIONAL:
                figures = publish_year(rows, year, lines, largest_k, of_year)
                figures["first_month"] = _find_first_month(year, periods)
            parts.append(figures)
    return pd.concat(parts, ignore_index=True) if parts else make_figures([])


def _find_first_month(year: str, periods: Collection[str]) -> str:
    """Find with which month a year begins: a ledger may have been begun in the middle of it."""
    return max(f"{year}-01", min(period for period in periods if "-" in period))


def _tabulate_months(
    rows: pd.DataFrame,
    months: Sequence[str],
    lines: Lines,
    k: int,
    known: Mapping[str, pd.DataFrame],
) -> list[pd.DataFrame]:
    """Tabulate the months of a year: as they were published, and those that were not as of now."""
    # All that is out of the year counts as earlier, so that few lines are withheld in its table.
    ahead = [known[month] for month in months if month in known]
    parts: list[pd.DataFrame] = []
    for month in months:
        part = known.get(month)
        if part is None:
            part = publish_month(rows, month, lines, k, [*ahead, *parts])
        parts.append(part)
    return parts


def _make_lost_parts(
    frozen: FrozenFigures | None, periods: Collection[str], k: int
) -> dict[str, pd.DataFrame]:
    """Make what is said of periods that were, or may have been, published and cannot be read."""
    if frozen is None:
        return {}
    lost_periods = [period for period in periods if frozen.is_unknown(period)]
    return {period: make_empty_part(period, Standing.UNKNOWN, k) for period in lost_periods}


def _find_largest_k(parts: Sequence[pd.DataFrame], k: int) -> int:
    """Find the largest smallest count of months, which protects them all in their year."""
    return max([k, *(int(part["smallest_count"].iloc[0]) for part in parts)])


def _take_parts(frozen: FrozenFigures | None, now: dt.datetime) -> dict[str, pd.DataFrame]:
    """Return what was published of periods that are over, by the period."""
    if frozen is None:
        return {}
    # A year, "2026", stands before its months in this order, and is over when 2027 begins.
    periods = [p for p in frozen.cells if p < f"{now:%Y-%m}"[: len(p)]]
    return {period: take_frozen_part(frozen, period) for period in periods}


def _name_by_month(
    names: pd.DataFrame,
    requests: pd.DataFrame,
    months: pd.Series,
    frozen_parts: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """Return the lines of each message: of a published month as they were then, else of today."""
    raw_names = _read_names(requests)
    for month, part in frozen_parts.items():
        is_of_month = (months == month).to_numpy()
        names[is_of_month] = restore_lines(names[is_of_month], raw_names[is_of_month], part)
    return names


def _judge_year(
    rows: pd.DataFrame,
    year: str,
    parts: Sequence[pd.DataFrame],
    frozen: FrozenFigures | None,
    *,
    opens_years: bool,
) -> Standing:
    """Return whether a year that is over and not published can be told, and if not, why."""
    if frozen is None:
        return Standing.PROVISIONAL
    standings = {part["standing"].iloc[0] for part in parts}
    if frozen.is_unknown(year) or Standing.UNKNOWN in standings:
        return Standing.UNKNOWN
    for part in parts:
        is_frozen = part["standing"].iloc[0] == Standing.FROZEN
        if is_frozen and is_changed(rows[rows["month"] == part["period"].iloc[0]], part):
            return Standing.CHANGED
    # A year that came out with months that may still change would be changed by each of them.
    return Standing.PROVISIONAL if opens_years else Standing.WAITING


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
    return make_figures(cells)


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
    return make_figures(cells)


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


def _describe_cell(rows: pd.DataFrame, mark: str, k: int, **keys: object) -> dict[str, object]:
    """Describe a cell of a table by its messages; where it is hidden, nothing is said of them."""
    keys = {**keys, "smallest_count": k, "standing": str(Standing.PROVISIONAL)}
    keys |= {"published_on": "", "first_month": ""}
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


def name_lines(
    requests: pd.DataFrame, areas: Sequence[str], k: int, is_counted: pd.Series | None = None
) -> pd.DataFrame:
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
    is_counted
        Which messages make a name a common one; all of which the day is known by default.
    """
    arguments.require_table(requests, "requests")
    names = _read_names(requests)
    if is_counted is None:
        is_counted = requests["received"].notna()
    areas_named, categories = names["neighborhood"], names["category"]
    is_area = areas_named.isin(areas) if areas else _is_common(areas_named, k, is_counted)
    names["neighborhood"] = areas_named.where(is_area, UNKNOWN_NAME)
    names["category"] = categories.where(_is_common(categories, k, is_counted), UNKNOWN_NAME)
    return names


def _read_names(requests: pd.DataFrame) -> pd.DataFrame:
    """Return neighbourhood and category of each message as the ledger has them."""
    names = requests[[*BY_MONTH]].astype(object)
    names = names.where(names.notna(), UNKNOWN_NAME).map(lambda name: " ".join(str(name).split()))
    # Somebody's number is no category, in how many rows it may stand.
    return replace_numbered_cells(names, UNKNOWN_NAME)


def _is_common(names: pd.Series, k: int, is_counted: pd.Series) -> pd.Series:
    """Return which names stand in so many rows that they cannot be about one person."""
    return names.map(names[is_counted.to_numpy(bool)].value_counts()).fillna(0) >= k


def _list_lines(names: pd.Series, order: Sequence[str]) -> list[str]:
    """Return the names of a table's lines in their order; the unknown one last, if there is one."""
    others = sorted(set(names) - set(order) - {UNKNOWN_NAME})
    return [*order, *others, *([UNKNOWN_NAME] if (names == UNKNOWN_NAME).any() else [])]
