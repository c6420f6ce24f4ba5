"""Rows of a table that are none of its own: sums of others, and the header once more."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from mapserver.errors import N_
from mapserver.model import Ledger
from mapserver.readers.sheets.layout import is_total
from mapserver.text.dates import WRITE_DAY
from mapserver.text.findings import Finding, Severity
from mapserver.text.header_row import Synonyms, match_columns
from mapserver.text.mentions import find_closed_trails

UNIT = r"(?:건|개|개소|곳|회|명|점|일|시간|개월|%|mm|㎜|mg/kg)?"
COUNT = re.compile(rf"[-–—]|-?\d[\d,]*(?:\.\d+)?\s*{UNIT}")
"""A number that may stand beside the word of a sum: ``4건``, ``1,030``, or a line for none."""
COUNTS = re.compile(rf"(?:[^\d,;/·]{{0,12}}\d[\d,.]*\s*{UNIT}[\s,;/·()]*)+")
"""How many there are of each grade: ``양호 3, 요수리 1``; no grade of one look."""
HINT = r"[계합총균計计均]|tot|sum|mean|average|gesamt|durch|итого|всего"
"""One of these is in each word of a sum; the full look is for cells that have it."""


@dataclass(frozen=True, slots=True)
class SumRule:
    """By what a table tells sums from rows of its own.

    Attributes
    ----------
    columns
        The names of its columns with their synonyms.
    labels
        Columns in which the word of a sum proves one, where the row has no day of its own. Without
        any, all else in the row has to be empty or a number, too.
    days
        Columns of days, with what reads a cell of them.
    grades
        Columns of what a row of its own must say besides; of a sum they are empty or counts.
    trails
        The trails of the city: what has the name of one is no sum.
    """

    columns: Synonyms
    labels: tuple[str, ...]
    days: Mapping[str, Callable[[str], object]]
    grades: tuple[str, ...] = ()
    trails: gpd.GeoDataFrame | None = None


def make_sum_rule(ledger: Ledger, zone: dt.tzinfo, trails: gpd.GeoDataFrame | None) -> SumRule:
    """Make the rule of a ledger from what is known of its columns."""
    days = {
        name: partial(_read_in_zone, column.read, zone)
        for name, column in ledger.columns.items()
        if column.read is not None and column.mend == WRITE_DAY
    }
    required = ledger.required
    is_dated = any(name in days for name in required)
    grades = tuple(n for n in required if ledger.columns[n].read is not None and n not in days)
    labels = tuple(name for name in required if name not in grades) if is_dated else ()
    return SumRule(ledger.synonyms, labels, days, grades, trails)


def leave_out_sums(
    table: pd.DataFrame, findings: list[Finding], rule: SumRule, file: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """Leave out the rows that are sums of others or the header once more, and report each.

    Parameters
    ----------
    table
        Text under the headings of the file, as from :func:`mapserver.readers.csv_text.read_table`.
    findings
        What was found when it was read.
    rule
        What tells them from rows of their own.
    file
        What to call the table in messages.

    Returns
    -------
    table : DataFrame
        The rows that are left, with what was left out for its width but for sums.
    findings : list of Finding
        Those that were there, and one for each row that is left out here.
    """
    names = [str(name) for name in table.columns]
    matches = match_columns(names, rule.columns)
    is_header = _find_headers(table, matches, rule)
    is_sum = _has_word(table) & ~is_header
    for position in np.flatnonzero(is_sum):
        is_sum[position] = _is_sum(list(table.iloc[position]), matches, rule)
    remarks = [
        *(_report_header(file, line) for line in table.index[is_header]),
        *(_report_sum(file, line, table.loc[line]) for line in table.index[is_sum]),
    ]
    # A sum is often shorter than the header: nobody has written the cells behind it.
    wide = {
        line: cells
        for line, cells in table.attrs.get("left_out", {}).items()
        if not _is_bare_sum(cells, rule.trails)
    }
    short = {
        f"line {line}": _report_sum(file, line, pd.Series(cells, dtype=object))
        for line, cells in table.attrs.get("left_out", {}).items()
        if line not in wide
    }
    shown = [
        short.get(each.feature, each) if each.code == "row-shape" else each for each in findings
    ]
    rows = table[~(is_header | is_sum)]
    rows.attrs |= table.attrs
    if "left_out" in table.attrs:
        rows.attrs["left_out"] = wide
    return rows, [*shown, *remarks]


def _find_headers(
    table: pd.DataFrame, matches: Sequence[str | None], rule: SumRule
) -> npt.NDArray[np.bool_]:
    """Find the rows of which every cell, and two at least, is a heading of its own column."""
    headings = dict.fromkeys(range(len(table)), 0)
    for position, (name, match) in enumerate(zip(table.columns, matches, strict=True)):
        words = {str(name), *((match, *rule.columns[match]) if match else ())}
        folded = {word.casefold() for word in words}
        cells = table.iloc[:, position].to_numpy(object)
        # One cell that is no heading decides: hardly a row is left after the first column.
        headings = {
            row: count + isinstance(cells[row], str)
            for row, count in headings.items()
            if not isinstance(cells[row], str) or cells[row].casefold() in folded
        }
        if not headings:
            break
    is_header = np.zeros(len(table), bool)
    is_header[[row for row, count in headings.items() if count > 1]] = True
    return is_header


def _has_word(table: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Find the rows with the word of a sum in some cell; each text is looked at once."""
    has_word = np.zeros(len(table), bool)
    for position in range(len(table.columns)):
        cells = table.iloc[:, position]
        texts = cells[cells.str.contains(HINT, case=False, na=False)].unique()
        has_word |= cells.isin([text for text in texts if is_total(text)]).to_numpy(bool)
    return has_word


def _is_sum(
    cells: Sequence[object],
    matches: Sequence[str | None],
    rule: SumRule,
) -> bool:
    """Return whether a row is plainly a sum, and none that may say something of a trail."""
    texts = [cell if isinstance(cell, str) else None for cell in cells]
    own = [(match, text) for match, text in zip(matches, texts, strict=True) if text and match]
    if any(name in rule.days and _is_readable(rule.days[name], text) for name, text in own):
        return False
    if any(name in rule.grades and not _is_count_of_grades(text) for name, text in own):
        return False
    if any(name in rule.labels and _is_word(text, rule.trails) for name, text in own):
        return True
    return _is_bare_sum(texts, rule.trails)


def _is_bare_sum(cells: Sequence[str | None], trails: gpd.GeoDataFrame | None) -> bool:
    """Return whether a row has the word of a sum, and besides it numbers alone."""
    texts = [text for text in cells if text]
    words = [text for text in texts if _is_word(text, trails)]
    return bool(words) and all(text in words or COUNT.fullmatch(text) for text in texts)


def _is_word(text: str, trails: gpd.GeoDataFrame | None) -> bool:
    """Return whether a text is the word of a sum, and no trail of the city is called so."""
    return is_total(text) and not _is_trail(text, trails)


def _is_trail(text: str, trails: gpd.GeoDataFrame | None) -> bool:
    return trails is not None and bool(find_closed_trails(trails, {"trail_id": text})[0])


def _is_count_of_grades(text: str) -> bool:
    return is_total(text) or bool(COUNT.fullmatch(text) or COUNTS.fullmatch(text))


def _is_readable(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _read_in_zone(read: Callable[[str, dt.tzinfo], object], zone: dt.tzinfo, text: str) -> object:
    return read(text, zone)


def _report_header(file: str, line: object) -> Finding:
    return Finding(
        Severity.NOTE,
        "header-repeated",
        file,
        N_("the header stands here once more; the row is left out"),
        N_("Nothing needs to be done"),
        f"line {line}",
    )


def _report_sum(file: str, line: object, row: pd.Series) -> Finding:
    word = next(str(cell) for cell in row.dropna() if is_total(str(cell)))
    return Finding(
        Severity.NOTE,
        "total-left-out",
        file,
        N_("the row is a sum of others ({word}) and is left out"),
        N_("Nothing needs to be done"),
        f"line {line}",
        {"word": word},
    )
