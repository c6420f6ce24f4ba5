"""Records in JSON or XML, as interfaces of offices send them, read as the rows of a sheet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from mapserver.errors import N_, DataError
from mapserver.files.sizes import require_size
from mapserver.readers.sheets.cells import Cell
from mapserver.readers.sheets.workbook import SheetGrid
from mapserver.readers.xml_faults import describe_document_type
from mapserver.text import encoding
from mapserver.text.code_pages import Box

DEEPEST = 8
"""Records stand two or three levels below the root of such an answer."""
FEWEST_FIELDS = 2
"""What has fewer is no record: a code of the answer, a number of pages."""

Record = dict[str, str | None]


def read_records(
    path: Path, *, name: str, label: str | None = None, city_box: Box | None = None
) -> SheetGrid:
    """Read the longest list of records of an answer in JSON or XML as rows under one header.

    Parameters
    ----------
    path
        The file; ``.xml`` is XML, all else JSON.
    name
        What to call it in messages.
    label
        Its encoding, if it is known.
    city_box
        Where the city lies, whose language is expected.

    Returns
    -------
    SheetGrid
        A header of all names of fields, and a row for each record. Rows are numbered as they
        would be in a table: the first record is row 2.

    Raises
    ------
    DataError
        It cannot be read, or holds no list of records.
    """
    require_size([path], name)
    data = path.read_bytes()
    if path.suffix.lower() == ".xml":
        lists = _list_xml_records(data, name)
    else:
        lists = _list_json_records(data, name, label, city_box)
    records = max(lists, key=len, default=[])
    if not records:
        raise DataError(
            N_("it holds no list of records"),
            where=name,
            mend=N_("Save the answer of the interface as it is, or a table as CSV"),
        )
    # Not every record has every field; the first to have one decides where its column stands.
    columns = list(dict.fromkeys(column for record in records for column in record))
    rows: list[tuple[int, list[Cell]]] = [(1, [*columns])]
    rows += [
        (number, [record.get(column) for column in columns])
        for number, record in enumerate(records, start=2)
    ]
    return SheetGrid(name, "", rows)


def _list_json_records(
    data: bytes, name: str, label: str | None, city_box: Box | None
) -> list[list[Record]]:
    try:
        text = encoding.decode_text(data, where=name, label=label, city_box=city_box)
        # Numbers stay as they are written: 0071 is text there, and 126.85 keeps its digits.
        document = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise DataError(
            N_("the JSON breaks off or is malformed: {reason}"),
            where=name,
            mend=N_("Save it again as it was sent"),
            reason=str(error),
        ) from error
    return [
        [{str(key): _write_value(value) for key, value in record.items()} for record in records]
        for records in _walk_lists(document, 0)
    ]


def _walk_lists(value: Any, depth: int) -> Iterator[list[dict[str, Any]]]:
    """Walk through a document, and yield the lists whose members are all records."""
    if depth > DEEPEST:
        return
    if isinstance(value, list) and value and all(isinstance(member, dict) for member in value):
        yield value
    elif isinstance(value, dict):
        for member in value.values():
            yield from _walk_lists(member, depth + 1)


def _write_value(value: Any) -> str | None:
    if value is None or isinstance(value, list | dict):
        return None
    return str(value).strip() or None


def _list_xml_records(data: bytes, name: str) -> list[list[Record]]:
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise describe_document_type(name) from error
    except (ParseError, ValueError, LookupError) as error:
        raise DataError(
            N_("the XML is broken: {reason}"),
            where=name,
            mend=N_("Save it again as it was sent"),
            reason=str(error),
        ) from error
    lists: dict[str, list[Record]] = {}
    for element in root.iter():
        # A record has fields and nothing deeper.
        if len(element) >= FEWEST_FIELDS and not any(len(field) for field in element):
            record = {field.tag: _write_value(field.text) for field in element}
            lists.setdefault(element.tag, []).append(record)
    return list(lists.values())
