"""Findings about a sheet: how its rows were understood, and values that lost something."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter

from mapserver.errors import N_
from mapserver.readers.sheets.cells import Cell, write_cell
from mapserver.readers.sheets.layout import Layout
from mapserver.readers.sheets.marks import name_cell
from mapserver.readers.sheets.workbook import SheetGrid
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity

DAY_NAME = re.compile(r"(일|일자|날짜|date|day)$", re.IGNORECASE)

SERIAL = re.compile(r"[2-5]\d{4}")

EXCEL_ZERO = dt.date(1899, 12, 30)
"""Day 0 of Excel's numbers of days; 20000 is in 1954 and 59999 in 2064."""

SHORTENED = re.compile(r"\d(\.\d+)?E\+(1[1-9]|2\d)")
"""A long code as Excel shows it in a narrow cell, and saves it in a CSV: ``1.11401E+18``."""


def find_gap(layout: Layout, columns: dict[str, int]) -> int | None:
    """Find an empty column with named ones on both sides: two tables may stand side by side."""
    named_columns = sorted(
        column for column in columns.values() if column < len(layout.names) and layout.names[column]
    )
    used = set(columns.values())
    between = range(named_columns[0], named_columns[-1]) if named_columns else ()
    return next((column for column in between if column not in used), None)


def describe_gap(grid: SheetGrid, column: int) -> Finding:
    """Describe an empty column within a table."""
    return Finding(
        Severity.WARNING,
        "tables-side-by-side",
        grid.name,
        N_("an empty column, {column}, divides the table; what stands behind it is read with it"),
        N_("If that is another table, move it to a sheet of its own"),
        grid.sheet,
        {"column": name_cell(0, column)[:-1]},
    )


def find_serial_days(grid: SheetGrid, cells: dict[str, list[Cell]]) -> list[Finding]:
    """Find columns of days that hold Excel's numbers of days: their cells are not dates."""
    findings = []
    for name, column in cells.items():
        if not DAY_NAME.search(name):
            continue
        texts = [text for cell in column if (text := write_cell(cell)) is not None]
        if texts and all(map(SERIAL.fullmatch, texts)):
            # Excel counts days from 30 December 1899, since it takes 1900 for a leap year.
            day = (EXCEL_ZERO + dt.timedelta(days=int(texts[0]))).isoformat()
            findings.append(
                Finding(
                    Severity.WARNING,
                    "serial-days",
                    grid.name,
                    N_(
                        "column {column} holds numbers that may be days of Excel: {number} is {day}"
                    ),
                    N_("Format the column as dates in Excel, save it, and add that"),
                    grid.sheet,
                    {"column": repr(name), "number": texts[0], "day": day},
                )
            )
    return findings


def has_many_digits(cell: Cell) -> bool:
    """Check whether a number has more digits than Excel keeps, or has lost them on its way."""
    if isinstance(cell, str):
        return "E+" in cell and SHORTENED.fullmatch(cell) is not None
    # To Python a truth value is a number, too.
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return False
    return bool(abs(cell) >= 10**limits.MAX_EXCEL_DIGITS)


def describe_layout(
    grid: SheetGrid, layout: Layout, numbers: list[int], filled: list[str], header_row: int | None
) -> list[Finding]:
    """Describe how the rows were understood, where that is not plain."""
    notes: list[tuple[str, str, str, dict[str, object]]] = []
    mend = N_("If that is wrong, name the header's row: --header N, or header_row in catalog.toml")
    header = [numbers[position] for position in layout.header]
    if header_row is None and (layout.titles or len(header) > 1):
        values: dict[str, object] = {
            "rows": "-".join(map(str, dict.fromkeys((header[0], header[-1])))),
            "count": len(layout.titles),
        }
        what = N_("the columns are named in row {rows}; rows above read as a title: {count}")
        notes.append(("header-found", what, mend, values))
    kinds = (
        ("total-rows", N_("rows of totals left out: {count} (rows {rows})"), layout.totals),
        ("note-rows", N_("rows of notes left out: {count} (rows {rows})"), layout.notes),
        (
            "header-repeated",
            N_("the header stands there again: {count} (rows {rows})"),
            layout.repeats,
        ),
    )
    for code, what, places in kinds:
        if places:
            rows = _list_first_names([str(numbers[position]) for position in places])
            notes.append(
                (code, what, N_("Nothing needs to be done"), {"count": len(places), "rows": rows})
            )
    if filled:
        what = N_("merged cells count for each of their rows: {count} ({cells})")
        notes.append(
            ("merged-cells", what, N_("Nothing needs to be done"),
             {"count": len(filled), "cells": _list_first_names(filled)})
        )  # fmt: skip
    doubled = [name for name, count in Counter(filter(None, layout.names)).items() if count > 1]
    if doubled:
        what = N_("columns of one name are numbered: {names}")
        notes.append(("column-doubled", what, N_("Give each column a name of its own"),
                      {"names": ", ".join(doubled)}))  # fmt: skip
    return [
        Finding(Severity.NOTE, code, grid.name, what, mend, grid.sheet, values)
        for code, what, mend, values in notes
    ]


def _list_first_names(names: list[str]) -> str:
    return ", ".join(names[: limits.MAX_SHOWN_ROWS]) + (
        ", ..." if len(names) > limits.MAX_SHOWN_ROWS else ""
    )
