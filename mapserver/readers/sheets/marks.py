"""What a workbook in Office Open XML says beside its values: hidden rows, errors, lost formulas."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
RELATION = re.compile(r"\{http[^}]*/officeDocument/(?:2006/)?relationships\}id")
ZEROS = re.compile(r'^(?:"[^"]*")?(0{2,})(?:"[^"]*")?(?:;.*)?$')
"""A number format of zeros alone, such as ``00000``: what it shows is a code."""


@dataclass
class Marks:
    """What is marked on one sheet. Rows and columns are counted from 0.

    Attributes
    ----------
    rows, columns
        How far the cells reach that hold something.
    hidden_rows, hidden_columns
        Those that are not shown.
    unvalued
        Cells with a formula and without the value that it had.
    errors
        Cells that show an error, such as ``#N/A``.
    widths
        For numbers that are shown with zeros in front: how many digits.
    """

    rows: int = 0
    columns: int = 0
    filled: int = 0
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    unvalued: list[tuple[int, int]] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    widths: dict[tuple[int, int], int] = field(default_factory=dict)


def read_marks(archive: zipfile.ZipFile, sheet: str) -> Marks:
    """Read the marks of a sheet, row by row.

    Parameters
    ----------
    archive
        The workbook.
    sheet
        The name of the sheet.

    Returns
    -------
    Marks
        Without any, where the sheet is not found.
    """
    marks = Marks()
    member = _find_member(archive, sheet)
    if member is None:
        return marks
    widths = _read_widths(archive)
    # One row of the XML at a time: the whole tree would take many times the size of the file.
    with archive.open(member) as file:
        position = -1
        for event, element in iterparse(file, events=("start", "end")):
            tag = element.tag.rpartition("}")[2]
            if event == "start" and tag == "row":
                # The number of a row is optional (ECMA-376, 18.3.1.73): without it, it follows the
                # one before.
                position = int(element.get("r", position + 2)) - 1
            elif event == "end" and tag == "row":
                _read_row(element, position, marks, widths)
                element.clear()
            elif event == "end" and tag == "col" and element.get("hidden") in {"1", "true"}:
                first_column, last_column = int(element.get("min", 1)), int(element.get("max", 1))
                # A sheet has 16,384 columns at most; a damaged file may state more.
                marks.hidden_columns |= set(range(first_column - 1, min(last_column, 16384)))
    return marks


def count_repeated(archive: zipfile.ZipFile) -> int:
    """Count the cells that an OpenDocument spreadsheet holds, with those that it only repeats.

    A few bytes may say that a cell stands there a million times over.
    """
    largest = columns = rows = 0
    for element in _iterate_elements(archive, "content.xml", "table-row", "table"):
        if element.tag.endswith("table-row"):
            filled = _count_filled(element)
            # The area is rows times columns up to the last filled cell: what a reader would make of
            # it.
            columns = max(columns, filled)
            rows += int(_get_attribute(element, "number-rows-repeated") or 1) if filled else 0
            element.clear()
        else:
            largest = max(largest, rows * columns)
            columns = rows = 0
    return largest


def _count_filled(row: Element) -> int:
    """Count the cells of a row up to the last one that holds something."""
    count = filled = 0
    for cell in row:
        count += int(_get_attribute(cell, "number-columns-repeated") or 1)
        if _get_attribute(cell, "value-type") is not None or len(cell):
            filled = count
    return filled


def _get_attribute(element: Element, name: str) -> str | None:
    return next((v for key, v in element.items() if key.rpartition("}")[2] == name), None)


def name_cell(row: int, column: int) -> str:
    """Return the name of a cell as a spreadsheet shows it: ``B3`` for row 2 and column 1."""
    letters, number = "", column + 1
    while number:
        # Base 26 without a zero: A is 1 and Z is 26, so one is subtracted before each division.
        number, letter_number = divmod(number - 1, 26)
        letters = chr(ord("A") + letter_number) + letters
    return f"{letters}{row + 1}"


def _read_row(row: Element, position: int, marks: Marks, widths: dict[str, int]) -> None:
    column = -1
    is_filled = False
    for cell in row:
        # The reference is optional as well (ECMA-376, 18.3.1.4).
        reference = re.match(r"[A-Z]+", cell.get("r", ""))
        column = _count_letters(reference[0]) - 1 if reference else column + 1
        kind, value, formula = cell.get("t", "n"), _find_child(cell, "v"), _find_child(cell, "f")
        text = "" if value is None else value.text or ""
        if kind == "e":
            marks.errors.append((position, column))
        # A formula without a stored value: the file was written by a program that does not
        # calculate.
        elif formula is not None and not text and kind not in {"str", "inlineStr"}:
            marks.unvalued.append((position, column))
        if text or kind == "inlineStr":
            is_filled = True
            marks.filled += 1
            marks.columns = max(marks.columns, column + 1)
        if kind == "n" and text and (width := widths.get(cell.get("s", "0"))):
            marks.widths[position, column] = width
    if is_filled:
        marks.rows = max(marks.rows, position + 1)
        if row.get("hidden") in {"1", "true"}:
            marks.hidden_rows.add(position)


def _find_child(element: Element, tag: str) -> Element | None:
    return next((child for child in element if child.tag.rpartition("}")[2] == tag), None)


def _count_letters(letters: str) -> int:
    number = 0
    # Three letters name the last column; more come from a damaged file and could be without end.
    for letter in letters[:4]:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _find_member(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Find the member of the archive that holds a sheet."""
    targets: dict[str, str] = {}
    # The workbook names a sheet by a relation, and the relations name its file (ECMA-376, part 2).
    for element in _iterate_elements(archive, "xl/_rels/workbook.xml.rels", "Relationship"):
        targets[element.get("Id", "")] = element.get("Target", "")
    for element in _iterate_elements(archive, "xl/workbook.xml", "sheet"):
        if element.get("name") != sheet:
            continue
        id_ = next((value for key, value in element.items() if RELATION.match(key)), "")
        target = targets.get(id_, "")
        member = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
        member = posixpath.normpath(member)
        return member if target and member in archive.namelist() else None
    return None


def _read_widths(archive: zipfile.ZipFile) -> dict[str, int]:
    """Read which cell styles show numbers with zeros in front, and how many digits they have."""
    formats: dict[str, int] = {}
    widths: dict[str, int] = {}
    for element in _iterate_elements(archive, "xl/styles.xml", "numFmts", "cellXfs"):
        if element.tag.endswith("numFmts"):
            for child in element:
                zeros = ZEROS.match(child.get("formatCode", ""))
                if zeros:
                    formats[child.get("numFmtId", "")] = len(zeros[1])
        else:
            styles = enumerate(child.get("numFmtId", "") for child in element)
            widths = {str(style): formats[id_] for style, id_ in styles if id_ in formats}
    return widths


def _iterate_elements(archive: zipfile.ZipFile, member: str, *tags: str) -> Iterator[Any]:
    if member not in archive.namelist():
        return
    with archive.open(member) as file:
        for _, element in iterparse(file):
            if element.tag.rpartition("}")[2] in tags:
                yield element
