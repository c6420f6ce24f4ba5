"""Workbooks of Excel and LibreOffice: one sheet of them, with what is hidden or has no value."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import ParseError

import python_calamine as calamine
from defusedxml.common import DefusedXmlException

from mapserver.errors import N_, DataError
from mapserver.files.archive import open_archive, read_pieces
from mapserver.files.sizes import require_unpacked_size
from mapserver.readers.sheets.cells import Cell
from mapserver.readers.sheets.marks import Marks, count_repeated, name_cell, read_marks
from mapserver.readers.sheets.trial import is_survived
from mapserver.readers.xml_faults import describe_document_type
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".ods")
SPARSE_SHARE = 20
"""Of a sheet with very many cells, one in so many is filled at least, or it is a slip."""

ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""Names the part of a locked .xlsx, which offices also save under the name of an .xls."""
Range = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class SheetGrid:
    """A sheet as it stands in its file, before anything is concluded from it.

    Attributes
    ----------
    name
        The file, for messages.
    sheet
        The sheet's name; empty for a CSV.
    rows
        Rows that hold something, each with its number, counted from 1, and its cells.
    merged
        Merged cells: row and column of the first and the last, counted from 0.
    findings
        What is hidden, has no value or shows an error.
    comma
        Commas in numbers are decimal: cells are separated by something else.
    """

    name: str
    sheet: str = ""
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    merged: list[Range] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    comma: bool = False


def read_sheet(path: Path, *, name: str, sheet: str | None = None) -> SheetGrid:
    """Read one sheet of a workbook.

    Parameters
    ----------
    path
        An Excel workbook (.xlsx, .xlsm, .xls) or an OpenDocument spreadsheet (.ods). What it is
        follows from its first bytes: offices save one under the name of another.
    name
        What to call it in messages.
    sheet
        Which sheet; the only one that is shown and holds something, when None.

    Raises
    ------
    DataError
        It is no workbook, locked, too large when unpacked, or it is not clear which sheet is meant.
    """
    with path.open("rb") as file:
        magic = file.read(8)
    _require_workbook(path, magic, name)
    # Everything that bounds memory comes before the reader opens the file.
    if magic.startswith(ZIP):
        _require_unpacked_size(path, name)
        _read_bounded_marks(path, magic, "", name)  # before calamine opens it
    else:
        _require_survived(path, name)
    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            chosen, hidden, prose = _choose_sheet(book, path, magic, sheet, name)
            marks = _read_bounded_marks(path, magic, chosen, name)
            content = book.get_sheet_by_name(chosen)
            cells = content.to_python(skip_empty_area=False)
            merged = [_as_range(item) for item in content.merged_cell_ranges or []]
    except calamine.PasswordError as error:
        raise _describe_locked(name) from error
    except (calamine.CalamineError, calamine.ZipError, calamine.XmlError) as error:
        # An encrypted .xlsx is a compound file with a stream of that name (MS-OFFCRYPTO).
        if magic == COMPOUND and ENCRYPTED in path.read_bytes():
            raise _describe_locked(name) from error
        raise _describe_broken_workbook(name, str(error)) from error
    rows = [
        (
            row_number + 1,
            [_as_cell(cell, marks, row_number, column) for column, cell in enumerate(row)],
        )
        for row_number, row in enumerate(cells)
        if any(cell not in {"", None} for cell in row)
    ]
    used = {column for _, row in rows for column, cell in enumerate(row) if cell is not None}
    findings = _describe_sheet(name, chosen, hidden, prose, marks, used)
    return SheetGrid(name, chosen, rows, merged, findings)


def _as_range(item: tuple[tuple[int, int], tuple[int, int]]) -> Range:
    (top, first_column), (bottom, last_column) = item
    return (top, first_column), (bottom, last_column)


def _as_cell(cell: object, marks: Marks, row: int, column: int) -> Cell:
    if cell == "" or cell is None:
        return None
    # The reader returns every number as a decimal; whole ones become integers again.
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**63:
        width = marks.widths.get((row, column))
        # Beyond 15 digits the shortest text that means this number, as Excel shows it.
        integer = int(Decimal(repr(cell)))
        return f"{integer:0{width}}" if width else integer
    if isinstance(cell, str):
        return cell.strip().replace("_x000D_", "") or None
    return (
        cell if isinstance(cell, (bool, int, float, dt.date, dt.time, dt.timedelta)) else str(cell)
    )


def _require_workbook(path: Path, magic: bytes, name: str) -> None:
    if magic.startswith(ZIP) or magic == COMPOUND:
        return
    # Many sites offer an HTML table under the name of a workbook, which Excel opens with a warning.
    start = path.open("rb").read(2000).lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    is_page = re.match(rb"<(!doctype|html|table|meta|head|style|div|\?xml)", start) is not None
    raise DataError(
        N_("this is a web page or XML under the name of a workbook")
        if is_page
        else N_("this is not a workbook"),
        where=name,
        mend=N_("Open it in Excel and save it as an Excel workbook (.xlsx)"),
    )


def _require_unpacked_size(path: Path, name: str) -> None:
    """Refuse what unpacks to too much, before anything holds it in memory."""
    with open_archive(path, name) as archive:
        members = archive.infolist()
        require_unpacked_size(sum(member.file_size for member in members), name)
        # The sizes are what the archive says; this unpacks piece by piece and compares.
        for member in members:
            for _ in read_pieces(archive, member, name):
                pass


def _require_survived(path: Path, name: str) -> None:
    """Refuse an old workbook over which its reader would end the program."""
    if not is_survived(path):
        raise _describe_broken_workbook(name, "its reader takes more memory or time than there is")


def _read_bounded_marks(path: Path, magic: bytes, sheet: str, name: str) -> Marks:
    """Read the marks of a sheet, and refuse one whose cells reach too far apart."""
    if not magic.startswith(ZIP):
        return Marks()  # an .xls has 65,536 rows of 256 cells at most
    with zipfile.ZipFile(path) as archive:
        try:
            marks = read_marks(archive, sheet)
            repeated = count_repeated(archive)
        except DefusedXmlException as error:
            raise describe_document_type(name) from error
        # A text where a number belongs, and XML that is none; a KeyError would be our mistake.
        except (ValueError, ParseError) as error:
            raise _describe_broken_workbook(name, str(error)) from error
    # The reader allocates the whole rectangle, also where a single cell lies far out.
    area = marks.rows * marks.columns
    is_sparse = area > limits.SPARSE_SHEET_CELLS and marks.filled * SPARSE_SHARE < area
    if area > limits.MAX_SHEET_CELLS or is_sparse:
        raise DataError(
            N_("the sheet reaches from A1 to {cell}; that is too much"),
            where=name,
            mend=N_("Delete what stands far below or to the right of the table"),
            cell=name_cell(marks.rows - 1, marks.columns - 1),
        )
    if repeated > limits.MAX_SHEET_CELLS:
        raise DataError(
            N_("the sheet has {count} cells; that is too much"),
            where=name,
            mend=N_("Delete what stands far below or to the right of the table"),
            count=repeated,
        )
    return marks


def _choose_sheet(
    book: calamine.CalamineWorkbook, path: Path, magic: bytes, wanted: str | None, name: str
) -> tuple[str, list[str], list[str]]:
    """Choose the sheet that is named, or the only one that is shown and holds a table.

    Returns
    -------
    sheet : str
    hidden, prose : list of str
        Sheets that are passed by: hidden ones, and those whose text fills one column.
    """
    shown = [
        item.name
        for item in book.sheets_metadata
        if item.typ == calamine.SheetTypeEnum.WorkSheet
        and item.visible == calamine.SheetVisibleEnum.Visible
    ]
    sheets = [item.name for item in book.sheets_metadata]
    hidden = [sheet for sheet in sheets if sheet not in shown]
    if wanted is not None:
        close = [sheet for sheet in sheets if sheet.strip() == wanted.strip()]
        if close:
            return close[0], [], []
        raise _ask_sheet(sheets, wanted, name)
    # A sheet is chosen by itself only if it is the only one with a table; more are asked for.
    filled = [sheet for sheet in shown if _is_filled(book, path, magic, sheet, name)]
    prose = [sheet for sheet in filled if book.get_sheet_by_name(sheet).width < 2]
    tables = [sheet for sheet in filled if sheet not in prose] or filled
    if not tables:
        raise DataError(
            N_("it has no sheet with a table"),
            where=name,
            mend=N_("Give it a line of column names and a line for each row"),
        )
    if len(tables) > 1:
        raise _ask_sheet(tables, None, name)
    return tables[0], hidden, [sheet for sheet in prose if sheet != tables[0]]


def _is_filled(
    book: calamine.CalamineWorkbook, path: Path, magic: bytes, sheet: str, name: str
) -> bool:
    if magic.startswith(ZIP):
        _read_bounded_marks(path, magic, sheet, name)
    return book.get_sheet_by_name(sheet).height > 0


def _ask_sheet(sheets: list[str], wanted: str | None, name: str) -> DataError:
    what = (
        N_("it has no sheet {wanted}")
        if wanted is not None
        else N_("it has {count} sheets with a table")
    )
    return DataError(
        what,
        where=name,
        mend=N_("Name one of them, as layer in catalog.toml or with --layer: {layers}"),
        wanted=repr(wanted),
        count=len(sheets),
        layers=", ".join(sheets),
    )


def _describe_sheet(  # noqa: PLR0913, PLR0917 -- the sheet, and what is odd about it
    name: str, sheet: str, hidden: list[str], prose: list[str], marks: Marks, used: set[int]
) -> list[Finding]:
    """Describe what a reader of the sheet would not expect."""
    findings = []
    if hidden:
        findings.append(
            Finding(
                Severity.NOTE,
                "hidden-sheets",
                name,
                N_("sheets that are hidden are not read: {sheets}"),
                N_("Name one with --layer to read it instead"),
                sheet,
                {"sheets": ", ".join(hidden)},
            )
        )
    if prose:
        findings.append(
            Finding(
                Severity.NOTE,
                "prose-sheets",
                name,
                N_("sheets without a table are not read: {sheets}"),
                N_("Nothing needs to be done"),
                sheet,
                {"sheets": ", ".join(prose)},
            )
        )
    if columns := sorted(marks.hidden_columns & used):
        findings.append(
            Finding(
                Severity.WARNING,
                "hidden-columns",
                name,
                N_("columns that are hidden are read like the others: {columns}"),
                N_("Delete them in the file if they are not for everybody to see"),
                sheet,
                {"columns": _list_first_cells([name_cell(0, column)[:-1] for column in columns])},
            )
        )
    if marks.hidden_rows:
        rows = sorted(row + 1 for row in marks.hidden_rows)
        findings.append(
            Finding(
                Severity.WARNING,
                "hidden-rows",
                name,
                N_("rows that are hidden are read like the others: {count} (rows {rows})"),
                N_("Delete them in the file if they do not belong to the table"),
                sheet,
                {"count": len(rows), "rows": _list_first_cells([str(row) for row in rows])},
            )
        )
    cells = {
        N_(
            "cells with a formula whose value is not in the file: {count} ({cells}); read as empty"
        ): (
            marks.unvalued,
            "formula-without-value",
            N_("Open it in Excel, save it again, and add that"),
        ),
        N_("cells that show an error such as #N/A or #REF!: {count} ({cells}); read as empty"): (
            marks.errors,
            "error-cell",
            N_("Correct the formulas in the file"),
        ),
    }
    for what, (places, code, mend) in cells.items():
        if places:
            names = _list_first_cells([name_cell(*place) for place in places])
            values: dict[str, object] = {"count": len(places), "cells": names}
            findings.append(Finding(Severity.WARNING, code, name, what, mend, sheet, values))
    return findings


def _list_first_cells(names: list[str]) -> str:
    return ", ".join(names[: limits.MAX_SHOWN_CELLS]) + (
        ", ..." if len(names) > limits.MAX_SHOWN_CELLS else ""
    )


def _describe_locked(name: str) -> DataError:
    return DataError(
        N_("the workbook is locked with a password"),
        where=name,
        mend=N_("Save it without the password"),
    )


def _describe_broken_workbook(name: str, reason: str) -> DataError:
    return DataError(
        N_("the workbook is broken: {reason}"),
        where=name,
        mend=N_("Open it in Excel to see whether it is whole, and save it again"),
        reason=reason,
    )
