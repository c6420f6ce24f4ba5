"""Tables: CSV files as people's spreadsheets write them, every cell as text with its line."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd

from mapserver.errors import N_, DataError
from mapserver.files.sizes import require_size
from mapserver.readers.formula_cells import describe_formulas
from mapserver.readers.known_headings import list_known_headings
from mapserver.settings import limits
from mapserver.text import encoding
from mapserver.text.code_pages import Box
from mapserver.text.findings import Finding, Severity
from mapserver.text.header_row import Synonyms, find_header_row, match_columns

SEPARATORS = ",;|\t"

CODE_NAME = re.compile(
    r"code$|코드$|번호$|(^|_)id$|(^|_)cd\d?$|^(tel|phone|zip)|전화|우편", re.IGNORECASE
)
"""Columns whose digits are a name, not a number: 0621 and 621 differ."""

WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
NO_TEXTS = (b"%PDF", b"\x1f\x8b", b"SQLite format 3", b"\x89PNG", b"\xff\xd8\xff", b"PAR1", b"GIF8")
"""What other files begin with; HTML and XML are texts, and are refused for their columns."""

END_OF_FILE = "\x1a"
"""What programs of the time of DOS write behind the last line."""

DIGITS_LOST = "digits-lost"

INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")
NUMBER = re.compile(r"-?(0|[1-9]\d{0,15})(\.\d{1,17})?")


@dataclass(frozen=True, slots=True)
class Text:
    """The rows of a CSV as they stand in it.

    Attributes
    ----------
    rows
        The line on which each row begins, and its cells; blank lines are no rows.
    separator
        What stands between the cells.
    encoding, encoding_from
        Python's name of the encoding, and what proves it: a message id.
    """

    rows: list[tuple[int, list[str]]]
    separator: str
    encoding: str
    encoding_from: str


def read_text(
    path: Path,
    *,
    name: str,
    encoding_label: str | None = None,
    city_box: Box | None = None,
    columns: Synonyms | None = None,
) -> Text:
    """Read the rows of a CSV; parameters and errors are those of :func:`read_table`."""
    data = _read_small_file(path, name)
    _require_text(data, name)
    codec, proof = encoding.prove_encoding(
        data,
        label=encoding_label,
        where=name,
        city_box=city_box,
        headings=list_known_headings(columns),
    )
    # Programs of the time of DOS end a text with this sign, which would be a cell of its own.
    text = encoding.decode_text(data, where=name, label=codec).rstrip(END_OF_FILE)
    separator = _find_separator(text, columns)
    _require_narrow_lines(text, name, separator)
    # Wide lines are refused before: the parser would build millions of cells of one line.
    rows = _split_rows(text, name, separator)
    if not rows:
        raise DataError(
            N_("the table is empty"),
            where=name,
            mend=N_("Give it a line of column names and a line for each row"),
        )
    # One of these rows is the header; what is too wide is refused before a sheet is made of it.
    for line, cells in rows[: limits.SEARCHED_HEADER_ROWS]:
        _require_width(len(_trim_cells(cells, 0)), f"{name}:{line}")
    return Text(rows, separator, codec, proof)


def read_table(
    path: Path,
    *,
    name: str,
    encoding_label: str | None = None,
    city_box: Box | None = None,
    columns: Synonyms | None = None,
) -> tuple[pd.DataFrame, list[Finding]]:
    """Read a CSV table.

    The encoding comes from the byte order mark, the label or the bytes themselves
    (:mod:`mapserver.text.encoding`), the separator (``,`` ``;`` ``|`` or tab) from the header line.

    Parameters
    ----------
    path
        The file.
    name
        What to call it in messages: its path within the city folder.
    encoding_label
        The encoding, if the catalogue names one.
    city_box
        Where the city lies (west, south, east, north), whose language is expected.
    columns
        Columns that are looked for. Where they are given, the header is the row that names most of
        them (:func:`mapserver.text.header_row.find_header_row`) and titles above it are passed
        over; else it is the first row.

    Returns
    -------
    table : DataFrame
        Text without the blanks around it and in NFC, NaN for an empty cell. The index, ``line``,
        is the line on which the row begins, counted from 1 as editors do. Its ``attrs`` say the
        ``encoding`` and, as a message id, what it was concluded from (``encoding_from``), and the
        cells of the rows that were left out by their line (``left_out``).
    findings : list of Finding
        Rows with more or fewer cells than the header; they are left out. Lines above the header.

    Raises
    ------
    DataError
        It is not a CSV table, too large, or in an encoding that cannot be told.
    """
    text = read_text(
        path, name=name, encoding_label=encoding_label, city_box=city_box, columns=columns
    )
    rows = text.rows
    position = (find_header_row([cells for _, cells in rows], columns) if columns else 0) or 0
    (line, header), *body = rows[position:]
    names = _read_column_names(header, name, line)
    trimmed = [(line, _trim_cells(cells, len(names))) for line, cells in body]
    # A row of another width is left out and reported: nobody knows which cell is missing.
    good = [(line, cells) for line, cells in trimmed if len(cells) == len(names)]
    left_out = {line: cells for line, cells in trimmed if len(cells) != len(names)}
    findings = [_describe_lines_above(name, line)] if position else []
    findings += [
        describe_ragged_row(name, line, len(cells), len(names)) for line, cells in left_out.items()
    ]
    index = pd.Index([line for line, _ in good], name="line", dtype="int64")
    frame = pd.DataFrame([cells for _, cells in good], index, names, dtype="str")
    frame.attrs |= {"encoding": text.encoding, "encoding_from": text.encoding_from}
    frame.attrs["left_out"] = left_out
    # Blanks around a cell are removed, which is said once for the whole table.
    padded = [line for line, cells in body if any(cell != cell.strip() for cell in cells)]
    if padded:
        findings.append(describe_blanks(name, padded))
    return frame, findings + describe_formulas(frame, name)


def with_numbers(table: pd.DataFrame, *, keep: str | None = None) -> pd.DataFrame:
    """Turn the columns that are surely numeric from text into numbers.

    A column is numeric when every cell that is not empty is a plain number without leading zeros
    or an exponent, and its name is not that of a code (``행정동코드``, ``우편번호``, ``id``).

    Parameters
    ----------
    table
        Text, as from :func:`read_table`.
    keep
        A column to keep as text whatever it holds: the ids.
    """
    names = [str(c) for c in table.columns if c != keep and not CODE_NAME.search(str(c))]
    numbers = {
        name: column for name in names if (column := _parse_number_column(table[name])) is not None
    }
    return table.assign(**numbers)


def _parse_number_column(column: pd.Series[str]) -> pd.Series[float] | pd.Series[int] | None:
    values = column.dropna().to_numpy(object)  # of which each is a text: iterating is quick
    if not len(values):
        return None
    # Int64 of pandas holds missing values beside whole numbers; int64 of NumPy does not.
    if all(map(INTEGER.fullmatch, values)):
        integers = pd.to_numeric(column)
        return integers if len(values) == len(column) else integers.astype("Int64")
    return pd.to_numeric(column) if all(map(NUMBER.fullmatch, values)) else None


def _read_small_file(path: Path, name: str) -> bytes:
    require_size([path], name)
    return path.read_bytes()


def _require_text(data: bytes, name: str) -> None:
    """Refuse a workbook, an archive, a picture under the name of a table, before it is guessed at.

    Raises
    ------
    DataError
        It begins as such a file.
    """
    if data.startswith(WORKBOOKS):
        raise DataError(
            N_("this is a workbook or an archive under the name of a table"),
            where=name,
            mend=N_("Give it its own ending: .xlsx or .xls for Excel, .ods for LibreOffice"),
        )
    if data.startswith(NO_TEXTS):
        raise DataError(
            N_("this is not a CSV table"),
            where=name,
            mend=N_("Save it as CSV or as an Excel workbook"),
        )


def _split_rows(text: str, name: str, separator: str) -> list[tuple[int, list[str]]]:
    """Split the text into rows, each with the line it begins on; empty lines are no rows."""
    # strict: a quotation mark that is not closed is an error instead of a cell to the end of the
    # file.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, line = [], 1
    try:
        for cells in reader:
            if any(map(str.strip, cells)):
                rows.append((line, cells))
            # A cell in quotation marks may hold line ends, so a row begins after the last line of
            # the one before.
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            N_("the table breaks off here: {reason}"),
            where=f"{name}:{line}",
            mend=N_("Look for a quotation mark that is not closed, or save the table again"),
            reason=str(error),
        ) from error
    return rows


def _find_separator(text: str, columns: Synonyms | None = None) -> str:
    """Return the separator that stands most often in the header, outside of quotation marks."""
    lines = [line for _, line in _first_lines(text)]
    header = lines[0] if lines else ""
    if columns:
        # A title above the header may hold none, or another: look for the line of known names.
        header = max(lines, key=lambda line: _rate_header(line, columns), default="")
    # Of separators that stand there equally often the comma wins, as max returns the first.
    return max(SEPARATORS, key=header.count)


def _rate_header(line: str, columns: Synonyms) -> tuple[int, int]:
    """Return how many known columns a line names, and how many cells it has at most."""
    return _count_names(line, columns), max(map(line.count, SEPARATORS))


def _count_names(line: str, columns: Synonyms) -> int:
    """Return how many of the known columns a line names, whatever separates them.

    A table has no more than ``limits.MAX_TABLE_COLUMNS`` of them; what follows on the line is not
    looked at.
    """
    # Split at any of them, as the separator is not known yet; only names are counted.
    cells = re.split(f"[{re.escape(SEPARATORS)}]", line, maxsplit=limits.MAX_TABLE_COLUMNS)[
        : limits.MAX_TABLE_COLUMNS
    ]
    return len(set(match_columns(cells, columns)) - {None})


def _first_lines(text: str) -> list[tuple[int, str]]:
    """Return the lines that may be the header, by number; ``_`` for what is in quotation marks."""
    filled = ((number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip())
    return [
        (number, re.sub(r'"[^"]*"', "_", line.replace('""', "")))
        for number, line in islice(filled, limits.SEARCHED_HEADER_ROWS)
    ]


def _require_narrow_lines(text: str, name: str, separator: str) -> None:
    """Refuse a line of far too many cells before it is taken apart, which would take long.

    Raises
    ------
    DataError
        A line on which no quotation mark is left open has more cells than a table may have.
    """
    for number, line in _first_lines(text):
        if '"' not in line:
            _require_width(line.rstrip(f"{separator} \t").count(separator) + 1, f"{name}:{number}")


def _read_column_names(header: list[str], name: str, line: int) -> list[str]:
    columns = [cell.strip() for cell in header]
    # Spreadsheets write separators for empty columns at the end of each line.
    while columns and not columns[-1]:
        columns.pop()
    counted = Counter(columns)
    doubled = next((column for column in columns if counted[column] > 1), None)
    _require_width(len(columns), f"{name}:{line}")
    if doubled is not None:
        raise DataError(
            N_("column {column} stands there twice"),
            where=f"{name}:{line}",
            mend=N_("The first line must give each column a name of its own"),
            column=repr(doubled),
        )
    return columns


def _require_width(count: int, where: str) -> None:
    if count > limits.MAX_TABLE_COLUMNS:
        raise DataError(
            N_("the table has {count} columns"),
            where=where,
            mend=N_("Leave out the columns that are not needed; {limit} are read"),
            count=count,
            limit=limits.MAX_TABLE_COLUMNS,
        )


def _trim_cells(cells: list[str], width: int) -> list[str | None]:
    trimmed = [cell.strip() or None for cell in cells]
    # Only surplus cells that are empty go; one that holds something makes the row ragged.
    while len(trimmed) > width and trimmed[-1] is None:
        trimmed.pop()
    return trimmed


def _describe_lines_above(name: str, line: int) -> Finding:
    return Finding(
        Severity.NOTE,
        "lines-above-header",
        name,
        N_("the columns are named in line {line}; what stands above it is not read"),
        N_("Nothing needs to be done"),
        f"line {line}",
        {"line": line},
    )


def describe_blanks(name: str, lines: list[int]) -> Finding:
    """Describe the lines on which cells have blanks around them."""
    shown_lines = ", ".join(map(str, lines[:5]))
    return Finding(
        Severity.NOTE,
        "blanks-around",
        name,
        N_("rows with blanks around a cell: {count} (lines {lines}); they are read without"),
        N_("Nothing needs to be done"),
        values={"count": len(lines), "lines": shown_lines + (", ..." if len(lines) > 5 else "")},
    )


def describe_lost_digits(name: str, column: object) -> Finding:
    """Describe a column of numbers whose last digits the file does not hold."""
    return Finding(
        Severity.WARNING,
        DIGITS_LOST,
        name,
        N_("column {column} holds numbers of more than 15 digits, of which the last may be wrong"),
        N_("Save the column as text where it comes from, and add that"),
        values={"column": repr(column)},
    )


def describe_ragged_row(name: str, line: int, cells: int, columns: int) -> Finding:
    """Describe a row that has not as many cells as the header."""
    return Finding(
        Severity.ERROR,
        "row-shape",
        name,
        N_("the row has {cells} cells, the header {columns}; it is left out"),
        N_("Put text that contains the separator in quotation marks"),
        f"line {line}",
        {"cells": cells, "columns": columns},
    )
