"""Cells of an office's own CSV that a spreadsheet would run as formulas."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mapserver.errors import N_
from mapserver.text.findings import Finding, Severity
from mapserver.text.formulas import BEGINNINGS, looks_like_formula, restore_safe_cell


def describe_formulas(table: pd.DataFrame, name: str) -> list[Finding]:
    """Describe cells that begin as formulas: the first of each column, and how many there are.

    They are read as the texts that they are. It is a spreadsheet in which the CSV is opened that
    would run them, at the office and wherever the file is passed on.

    Parameters
    ----------
    table
        Text, indexed by line.
    name
        What to call the file in messages.
    """
    findings = []
    for column in table.columns:
        lines = [
            line
            for line, cell in zip(table.index, table[column].to_numpy(object), strict=True)
            if isinstance(cell, str) and cell[:1] in BEGINNINGS and looks_like_formula(cell)
        ]
        if lines:
            findings.append(
                Finding(
                    Severity.NOTE,
                    "cell-formula",
                    name,
                    N_("column {column}: cells that a spreadsheet would run: {count}"),
                    N_("Write them without =, +, - or @ at their beginning, if nobody meant that"),
                    f"line {lines[0]}",
                    {"column": repr(str(column)), "count": len(lines)},
                )
            )
    return findings


def restore_cells_of_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without the apostrophes that kept spreadsheets from running its cells.

    Our own files have them: an export in CSV, and rows that inspectors send.
    """
    # Nearly no file has one, and looking at each cell takes seconds of a file of the whole country.
    names = [restore_safe_cell(name) if isinstance(name, str) else name for name in table.columns]
    # A heading stays as it is where it would be that of another column, too.
    if names != list(table.columns) and len(set(names)) == len(names):
        attrs, table = table.attrs, table.set_axis(names, axis="columns")
        table.attrs = attrs
    if not any(_has_apostrophes(table.iloc[:, position]) for position in range(table.shape[1])):
        return table
    restored = table.map(lambda cell: restore_safe_cell(cell) if isinstance(cell, str) else cell)
    # What is known of the table beside its cells, such as the rows that were left out, stays.
    restored.attrs = table.attrs
    return restored.astype(table.dtypes.to_dict()) if table.columns.is_unique else restored


def _has_apostrophes(column: pd.Series[Any]) -> bool:
    """Return whether a cell of a column begins with an apostrophe."""
    if column.dtype == object:
        return any(isinstance(cell, str) and cell.startswith("'") for cell in column)
    return column.dtype == "str" and bool(column.str.startswith("'", na=False).any())
