"""A sheet as a table: its data rows under their names, and findings about the other rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapserver.errors import N_, DataError
from mapserver.readers.csv_text import (
    CODE_NAME,
    describe_lost_digits,
    describe_ragged_row,
    with_numbers,
)
from mapserver.readers.sheets.cells import Cell, convert_numbers, parse_degrees, write_cell
from mapserver.readers.sheets.coordinates import find_coordinate_columns
from mapserver.readers.sheets.layout import AVERAGE, Layout, find_layout
from mapserver.readers.sheets.marks import name_cell
from mapserver.readers.sheets.sheet_findings import (
    describe_gap,
    describe_layout,
    find_gap,
    find_serial_days,
    has_many_digits,
)
from mapserver.readers.sheets.workbook import SheetGrid
from mapserver.settings import limits
from mapserver.text.findings import Finding


@dataclass(frozen=True)
class SheetTable:
    """The table of a sheet.

    Attributes
    ----------
    table
        Text, NaN for an empty cell; indexed by the number of the row in the file (``line``).
    kinds
        For each column what its cells are: ``number``, ``text``, ``flag`` (true or false), or
        ``mixed``, as in a CSV, where that follows from the text.
    findings
        How the rows were understood, and which were left out.
    comma
        Commas in numbers are decimal.
    is_workbook
        Its rows are those of a workbook, not lines of a text.
    """

    table: pd.DataFrame
    kinds: dict[str, str]
    findings: list[Finding]
    comma: bool = False
    is_workbook: bool = False


def tabulate(grid: SheetGrid, *, header_row: int | None = None) -> SheetTable:
    """Turn a sheet into a table.

    Parameters
    ----------
    grid
        The sheet as it stands in its file.
    header_row
        The number of the header's row (its last, if it has several), if somebody said it.

    Raises
    ------
    DataError
        It holds no rows below a header.
    """
    rows = [cells for _, cells in grid.rows]
    numbers = [number for number, _ in grid.rows]
    if header_row is not None and numbers and header_row > numbers[-1]:
        raise DataError(
            N_("there is no row {row}; the last is {last}"),
            where=grid.name,
            mend=N_("Name the row in which the columns are named: --header N"),
            row=header_row,
            last=numbers[-1],
        )
    layout = find_layout(rows, grid.merged, numbers, header_row) if rows else None
    if layout is None or not (layout.data or layout.totals):
        raise DataError(
            N_("the table is empty"),
            where=grid.name,
            mend=N_("Give it a line of column names and a line for each row"),
        )
    # The order matters: totals with a place return to the data before ragged rows are judged.
    columns = _name_columns(layout, rows)
    layout = _restore_places(layout, rows, columns)
    layout, ragged = _leave_out_ragged(grid, layout)
    if ragged and not grid.sheet:
        columns = {
            name: position
            for name, position in columns.items()
            if position < _count_cells(layout.names)
        }
    body, filled = _fill_merged(grid, layout, list(columns.values()))
    cells = {
        name: [row[position] if position < len(row) else None for row in body]
        for name, position in columns.items()
    }
    # Rows carry their number in the file, so that each finding can name it.
    index = pd.Index([numbers[position] for position in layout.data], name="line", dtype="int64")
    table = pd.DataFrame(
        {name: _write_column(column) for name, column in cells.items()}, index, dtype="str"
    )
    kinds = _find_kinds(grid, cells)
    findings = [
        *grid.findings,
        *ragged,
        *describe_layout(grid, layout, numbers, filled, header_row),
    ]
    findings += find_serial_days(grid, cells)
    gap = find_gap(layout, columns)
    findings += [] if gap is None else [describe_gap(grid, gap)]
    # Of a CSV, all cells of which are texts, one look at a column answers for nearly all of them.
    long = [
        name
        for name, column in cells.items()
        if (grid.sheet or table[name].str.contains("E+", regex=False).any())
        and any(map(has_many_digits, column))
    ]
    findings += [describe_lost_digits(grid.name, name) for name in long]
    return SheetTable(table, kinds, findings, grid.comma, is_workbook=bool(grid.sheet))


def convert_columns(
    sheet: SheetTable, table: pd.DataFrame, *, keep: Sequence[str | None]
) -> pd.DataFrame:
    """Convert the columns of a table from text into numbers and truth values.

    Text stays what is text in a workbook, the columns of codes, and those to keep. Numbers with
    thousands separators or one unit become numbers; the unit goes into the column's name, so that
    ``150cm`` is never taken for metres.

    Parameters
    ----------
    sheet
        Says what the cells were.
    table
        Rows of ``sheet.table``.
    keep
        Columns to keep as they are.
    """
    columns = [str(column) for column in table]
    plain = [c for c in columns if c not in keep and sheet.kinds[c] in {"number", "mixed"}]
    numeric = with_numbers(table[plain])
    flags = {c: _as_flags(table[c]) for c in columns if sheet.kinds[c] == "flag"}
    converted = table.assign(**{c: numeric[c] for c in plain}, **flags)
    names = {}
    for column in columns:
        if column in keep or sheet.kinds[column] not in {"text", "mixed"}:
            continue
        # A code stays text, whatever its digits: a leading zero would be lost.
        if CODE_NAME.search(column) or not isinstance(converted[column].dtype, pd.StringDtype):
            continue
        numbers = convert_numbers(table[column], comma=sheet.comma)
        # Numbers of more than 53 bits would lose digits; they stay text.
        if (
            numbers is not None
            and not (numbers[0].astype(float).abs() >= limits.MAX_EXACT_INTEGER).any()
        ):
            converted[column] = _as_whole(numbers[0])
            names[column] = f"{column} ({numbers[1]})" if numbers[1] else column
    used_names = set(table.columns)
    return converted.rename(
        columns={old: new for old, new in names.items() if new not in used_names}
    )


def _as_flags(column: pd.Series[str]) -> pd.Series[bool]:
    flags = column.map({"true": True, "false": False})
    return flags.astype("boolean" if column.isna().any() else "bool")


def _as_whole(numbers: pd.Series[float]) -> pd.Series[Any]:
    values = numbers.dropna().astype(float)
    if (
        len(values)
        and (values == np.floor(values)).all()
        and values.abs().max() < limits.MAX_EXACT_INTEGER
    ):
        return numbers.astype(float).astype("Int64" if numbers.isna().any() else "int64")
    return numbers.astype(float)


def _name_columns(layout: Layout, rows: list[list[Cell]]) -> dict[str, int]:
    """Return columns that have a name or hold data; a name that is there twice gets a number."""
    used = {
        column
        for position in layout.data
        for column, cell in enumerate(rows[position])
        if cell is not None
    }
    width = max([len(layout.names), *(column + 1 for column in used)])
    names: dict[str, int] = {}
    for column in range(width):
        name = layout.names[column] if column < len(layout.names) else ""
        if not name and column not in used:
            continue
        base = name or f"column_{name_cell(0, column)[:-1]}"
        free, count = base, 1
        # A second column of one name gets the next free number: pandas could not tell them apart.
        while free in names:
            count += 1
            free = f"{base}_{count}"
        names[free] = column
    return names


def _restore_places(layout: Layout, rows: list[list[Cell]], columns: dict[str, int]) -> Layout:
    """Return rows named like a total to the data if they have a place among the others'."""
    pair = find_coordinate_columns(columns, prefer_grid=False)
    if pair is None or not layout.totals:
        return layout
    x, y = (columns[name] for name in pair[:2])
    places = {
        position: _read_place(rows[position], x, y) for position in (*layout.data, *layout.totals)
    }
    data_places = np.array(
        [places[position] for position in layout.data if np.isfinite(places[position]).all()]
    )
    if not len(data_places):
        return layout
    # A shop may be called 합계; a sum of coordinates lies far outside of the data's extent.
    low, high = data_places.min(axis=0), data_places.max(axis=0)
    # As much again as the extent on each side; for a single place half a per mille of the
    # coordinate.
    margin = np.maximum(high - low, 0.05 * np.abs(high) * 0.01)
    restored = [
        position
        for position in layout.totals
        if np.isfinite(places[position]).all()
        and (places[position] >= low - margin).all()
        and (places[position] <= high + margin).all()
        and not any(isinstance(cell, str) and AVERAGE.fullmatch(cell) for cell in rows[position])
    ]
    totals = [position for position in layout.totals if position not in restored]
    return replace(layout, totals=totals, data=sorted([*layout.data, *restored]))


def _leave_out_ragged(grid: SheetGrid, layout: Layout) -> tuple[Layout, list[Finding]]:
    """Leave out the rows of a CSV that have not as many cells as its header."""
    if grid.sheet:
        return layout, []
    width = _count_cells(layout.names)
    findings = []
    data = []
    for position in layout.data:
        line, cells = grid.rows[position]
        # Empty cells behind the last column are no fault: spreadsheets write them.
        count = len(cells) if len(cells) <= width else max(_count_cells(cells), width)
        if count == width:
            data.append(position)
        else:
            findings.append(describe_ragged_row(grid.name, line, count, width))
    return replace(layout, data=data), findings


def _count_cells(cells: Sequence[Cell]) -> int:
    """Count the cells up to the last one that holds something."""
    return max(
        (position + 1 for position, cell in enumerate(cells) if cell not in {None, ""}), default=0
    )


def _read_place(row: list[Cell], x: int, y: int) -> npt.NDArray[np.float64]:
    texts = [write_cell(row[column]) if column < len(row) else None for column in (x, y)]
    return np.array(
        [parse_degrees(text, axis) for text, axis in zip(texts, ("lon", "lat"), strict=True)]
    )


def _fill_merged(
    grid: SheetGrid, layout: Layout, columns: list[int]
) -> tuple[list[list[Cell]], list[str]]:
    """Return the data rows, with the value of merged cells in each row that they cover."""
    by_number = {grid.rows[position][0]: list(grid.rows[position][1]) for position in layout.data}
    filled = []
    for (top, first_column), (bottom, last_column) in grid.merged:
        # Only cells merged downwards within one column: a value across columns would be in the
        # wrong ones.
        source = by_number.get(top + 1)
        if (
            bottom == top
            or first_column != last_column
            or source is None
            or first_column not in columns
        ):
            continue
        covered = [by_number[n] for n in range(top + 2, bottom + 2) if n in by_number]
        for row in covered:
            row[first_column] = source[first_column]
        if covered:
            filled.append(f"{name_cell(top, first_column)}:{name_cell(bottom, last_column)}")
    return [by_number[grid.rows[position][0]] for position in layout.data], filled


def _write_column(cells: list[Cell]) -> list[str | None]:
    """Write cells as text; days among times of day are written as such, at midnight."""
    types = set(map(type, cells))
    if types <= {str, type(None)}:  # as all cells of a CSV are
        return cast("list[str | None]", cells)
    # One column holds either days or times of day, never both.
    if any(issubclass(kind, dt.datetime) for kind in types):
        cells = [
            dt.datetime.combine(cell, dt.time()) if type(cell) is dt.date else cell
            for cell in cells
        ]
    return [write_cell(cell) for cell in cells]


def _find_kind(cells: list[Cell]) -> str:
    types = set(map(type, cells)) - {type(None)}
    # In Python True is an int as well, so truth values are recognised first.
    if types == {bool}:
        return "flag"
    if types and types <= {int, float}:
        return "number"
    return "mixed" if types & {int, float} or not types else "text"


def _find_kinds(grid: SheetGrid, cells: dict[str, list[Cell]]) -> dict[str, str]:
    """Find what the cells of each column are; those of a CSV say it by their text alone."""
    return {name: _find_kind(column) if grid.sheet else "mixed" for name, column in cells.items()}
