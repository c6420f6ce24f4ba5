"""What changed as CSV, for a spreadsheet: no cell of it is run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import fields

from mapserver.analysis.city_changes import Change
from mapserver.text import formulas

COLUMNS = tuple(field.name for field in fields(Change))


def write_changes(
    groups: Iterable[tuple[Sequence[str], Iterable[Change]]], head: Sequence[str] = ()
) -> bytes:
    """Write changes as CSV in UTF-8 with a byte order mark, by which Excel knows it.

    Parameters
    ----------
    groups
        Changes, each time with the cells that stand before theirs.
    head
        Names of the columns of those cells.

    Returns
    -------
    bytes
        A text that a spreadsheet would run has an apostrophe before it, as OWASP advises.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    # The head is there also where nothing changed: a program finds its columns.
    writer.writerow([*head, *COLUMNS])
    for first_cells, changes in groups:
        for change in changes:
            cells = [getattr(change, column) for column in COLUMNS]
            writer.writerow([write_safe_cell(cell) for cell in (*first_cells, *cells)])
    return text.getvalue().encode("utf-8-sig")


def write_safe_cell(cell: str | float | None) -> str:
    """Return a cell as text that no spreadsheet runs."""
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return f"{cell:.10g}"
    return formulas.make_safe_cell(cell)
