"""Rows of one look at a trail, written behind those of ``layers/inspections.csv``.

The bytes that are in the file stay as they are: an office finds its encoding, its headings, their
order and every cell as it left them, and the new rows below.
"""

from __future__ import annotations

import csv
import io
import shutil
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from mapserver.errors import N_, DataError
from mapserver.files.change import lock_city
from mapserver.files.drafts import draft_file
from mapserver.importing.sent_keys import SentKeys
from mapserver.model import LEDGERS
from mapserver.readers.csv_text import END_OF_FILE, read_table, read_text
from mapserver.readers.register import find_ledger_file
from mapserver.readers.register.columns import rename_known_columns
from mapserver.settings import limits
from mapserver.text.encoding import decode_text

LEDGER = LEDGERS["inspections"]
HEAD = tuple(name for name in LEDGER.columns if name != "sample")
"""Columns of a file that is new."""
OPTIONAL = frozenset({"by"})
"""What an office need not keep: who looked is left out where its file has no column for it."""
UTF_16_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
OTHER_CONTENT = N_(
    "This page has sent an entry with something else in it, and that one is written. Load the page "
    "again"
)
_one_thread = threading.Lock()
"""The lock of a city is that of a process: its threads wait for each other here."""


class KeyTakenError(DataError):
    """The key of an entry is that of another one, which was written."""


class FolderLedger:
    """Writes looks at trails into the ledger of a city folder.

    Parameters
    ----------
    folder
        Of the city.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def append(self, rows: Sequence[Mapping[str, str]], key: str, content: str) -> bool:
        """Append the rows of an entry; see :func:`append_inspections`."""
        wait_s = limits.INSPECTION_WAIT_S
        return append_inspections(self._folder, rows, key, content=content, wait_s=wait_s)

    def is_written(self, key: str, content: str) -> bool:
        """Return whether the entry of a key was written, and is the one that had this content."""
        keys = SentKeys(self._folder)
        return keys.find(key) == SentKeys.DONE and not keys.is_of_another(key, content)


def append_inspections(
    city: Path,
    rows: Sequence[Mapping[str, str]],
    key: str,
    *,
    content: str = "",
    wait_s: float = limits.LOCK_WAIT_S,
) -> bool:
    """Append rows to the ledger of inspections, all of them or none, and never twice.

    Parameters
    ----------
    city
        The city folder.
    rows
        Cells by column of the ledger, as text; those that are missing are empty.
    key
        Tells one look from all others: rows that were sent again have the same.
    content
        What was entered, of which the rows follow: with one key it is always the same.
    wait_s
        How long other threads of this program are waited for.

    Returns
    -------
    bool
        Whether they were written now; False where they had been before.

    Raises
    ------
    DataError
        The file cannot be read or written, or has no column for what the rows say; nothing was
        written.
    KeyTakenError
        The key is known with another content; nothing was written.
    """
    if not _one_thread.acquire(timeout=wait_s):
        raise DataError(
            N_("others are writing just now"),
            where=LEDGER.file,
            mend=N_("Try again in a moment"),
        )
    try:
        with lock_city(city):
            return _append_once(city, rows, key, content)
    except OSError as error:
        raise DataError(
            N_("nothing can be written there: {reason}"),
            where=LEDGER.file,
            mend=N_("Look whether the disk is full, and whether the folder may be written"),
            reason=str(error.strerror or error),
        ) from error
    finally:
        _one_thread.release()


def _append_once(city: Path, rows: Sequence[Mapping[str, str]], key: str, content: str) -> bool:
    keys = SentKeys(city)
    state = keys.find(key)
    if keys.is_of_another(key, content):
        raise KeyTakenError(OTHER_CONTENT, where="", mend="")
    if state == SentKeys.DONE:
        return False
    path = find_ledger_file(city / "layers", LEDGER) or city / LEDGER.file
    # A link is followed: what it leads to is replaced, and the link stays.
    path = path.resolve()
    old = path.read_bytes() if path.exists() else b""
    old = old.rstrip(END_OF_FILE.encode())
    if old.strip():
        added, codec = _write_rows(path, old, rows)
    else:
        added, codec = _write_table([HEAD, *_list_cells(rows, HEAD)], ",", "\r\n"), "utf-8-sig"
    data = added.encode(codec, errors="namereplace")
    # Whoever was ended between the rows and the note that they are there had written them.
    if state == SentKeys.BEGUN and data.strip() in old:
        keys.note(key, content, SentKeys.DONE)
        return False
    keys.note(key, content, SentKeys.BEGUN)
    _replace_file(path, old + data)
    keys.note(key, content, SentKeys.DONE)
    return True


def _write_rows(path: Path, old: bytes, rows: Sequence[Mapping[str, str]]) -> tuple[str, str]:
    """Write rows as text for the end of a file, in its columns; return it with the encoding."""
    table, _ = read_table(path, name=LEDGER.file, columns=LEDGER.synonyms)
    table, _ = rename_known_columns(
        table, LEDGER.synonyms, LEDGER.file, text_columns=LEDGER.text_columns
    )
    columns = [str(column) for column in table.columns]
    fitted = [fit_row(row, columns) for row in rows]
    sheet = read_text(path, name=LEDGER.file, columns=LEDGER.synonyms)
    codec = _choose_codec(old, sheet.encoding)
    text = old.decode(codec)
    line_end = "\r\n" if "\r\n" in text else "\n" if "\n" in text else "\r"
    added = _write_table(_list_cells(fitted, columns), sheet.separator, line_end)
    # The last line of a file that was typed by hand often lacks its end.
    gap = "" if text.endswith(("\n", "\r")) else line_end
    _require_same_reading(old, (gap + added).encode(codec, errors="namereplace"))
    return gap + added, codec


def fit_row(row: Mapping[str, str], columns: Sequence[str]) -> Mapping[str, str]:
    """Fit a row to the columns that a file has, so that nothing of it is lost.

    Raises
    ------
    DataError
        It has no column for something.
    """
    cells = {name: text for name, text in row.items() if text}
    # An office that keeps one column of remarks finds the item in it, before the text.
    if "item" in cells and "item" not in columns and "finding" in columns:
        parts = (cells.pop("item"), cells.get("finding", ""))
        cells["finding"] = ": ".join(part for part in parts if part)
    lacking = [name for name in cells if name not in columns and name not in OPTIONAL]
    if lacking:
        raise DataError(
            N_("it has no column for {column}"),
            where=LEDGER.file,
            mend=N_("Add the column {column} to its first line"),
            column=lacking[0],
        )
    return cells


def _list_cells(rows: Sequence[Mapping[str, str]], columns: Sequence[str]) -> list[list[str]]:
    return [[row.get(column, "") for column in columns] for row in rows]


def _write_table(rows: Sequence[Sequence[str]], separator: str, line_end: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=line_end).writerows(rows)
    return text.getvalue()


def _choose_codec(old: bytes, name: str) -> str:
    """Choose the codec that continues a text: without a mark, which stands at its beginning."""
    marked = UTF_16_MARKS.get(old[:2])
    if marked:
        return marked
    # Plain ASCII is UTF-8, too, and Korean can follow it.
    is_utf_8 = name.lower().replace("_", "-") in {"ascii", "us-ascii", "utf-8", "utf-8-sig"}
    return "utf-8" if is_utf_8 else name


def _require_same_reading(old: bytes, added: bytes) -> None:
    """Refuse rows behind which the whole file would be read in another encoding.

    Raises
    ------
    DataError
        What was there would be read as something else.
    """
    before, after = (decode_text(data, where=LEDGER.file) for data in (old, old + added))
    if not after.startswith(before):
        raise DataError(
            N_("its encoding would no longer be known"),
            where=LEDGER.file,
            mend=N_("Save it as CSV in UTF-8"),
        )


def _replace_file(path: Path, data: bytes) -> None:
    """Write a file whole in place of the one that is there, with the rights that it has.

    Raises
    ------
    DataError
        It would be larger than what is read.
    """
    if len(data) > limits.MAX_INSPECTIONS_BYTES:
        raise DataError(
            N_("the file has {size} MB, more than {limit} MB"),
            where=LEDGER.file,
            mend=N_("Move the rows of earlier years into a file elsewhere"),
            size=len(data) // 1_000_000,
            limit=limits.MAX_INSPECTIONS_BYTES // 1_000_000,
        )
    path.parent.mkdir(exist_ok=True)
    with draft_file(path) as draft:
        draft.write_bytes(data)
        if path.exists():
            shutil.copymode(path, draft)
