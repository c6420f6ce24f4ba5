"""CSV files as sheets: the rows of a text, and what separates their cells."""

from __future__ import annotations

from pathlib import Path

from mapserver.readers.csv_text import Text, describe_blanks, read_text
from mapserver.readers.sheets.cells import Cell
from mapserver.readers.sheets.layout import KNOWN
from mapserver.readers.sheets.workbook import SheetGrid
from mapserver.text.code_pages import Box


def read_delimited(
    path: Path, *, name: str, label: str | None = None, city_box: Box | None = None
) -> tuple[SheetGrid, Text]:
    """Read a CSV as the sheet that it was saved from.

    Parameters
    ----------
    path
        The file.
    name
        What to call it in messages.
    label
        The encoding, if it is known.
    city_box
        Where the city lies, whose language is expected.

    Returns
    -------
    grid : Grid
        Its rows, by the line on which each begins.
    text : Text
        Its encoding, and what proves it.

    Raises
    ------
    DataError
        It is not a CSV table, too large, or in an encoding that is not certain.
    """
    text = read_text(path, name=name, encoding_label=label, city_box=city_box, columns=KNOWN)
    stripped = [(line, [cell.strip() for cell in cells]) for line, cells in text.rows]
    padded = [row[0] for row, was in zip(stripped, text.rows, strict=True) if row != was]
    rows: list[tuple[int, list[Cell]]] = [
        (line, [cell or None for cell in cells]) for line, cells in stripped
    ]
    findings = [describe_blanks(name, padded)] if padded else []
    return SheetGrid(name, "", rows, [], findings, comma=text.separator != ","), text
