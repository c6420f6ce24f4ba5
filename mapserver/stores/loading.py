"""A city folder into the database: in one transaction, proved before it is seen, rerunnable."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mapserver
from mapserver.errors import N_, Phrase
from mapserver.model import CityData, write_layer_entry
from mapserver.readers.city_folder import list_inputs, read_city
from mapserver.readers.vector import read_layer
from mapserver.settings import limits
from mapserver.stores.addresses import StoreAddress, require_schema_name
from mapserver.stores.columns import create_layer_table, fit_identifier
from mapserver.stores.connecting import (
    bound_transaction,
    connect,
    require_postgis,
    translate_store_errors,
)
from mapserver.stores.layout import BOOKKEEPING, create_bookkeeping, upgrade_layout
from mapserver.stores.proving import drop_unlike_tables
from mapserver.stores.quoting import compose
from mapserver.stores.recordings import (
    KIND_OF_ROLE,
    create_recording_table,
    note_rows,
    read_recordings,
)
from mapserver.stores.replacing import put_in_place, require_replaceable
from mapserver.stores.sheets import create_sheet_table, read_sheets
from mapserver.stores.tables import LAYER, SHEET, StoredTable, compute_digest, record_table

if TYPE_CHECKING:
    import psycopg

Progress = Callable[[str, float], object]


@dataclass(frozen=True, slots=True)
class LoadedCity:
    """What was copied into a database.

    Attributes
    ----------
    schema
        Where it is.
    version
        Of the city's data.
    tables
        The rows of each table that can be edited.
    files
        How many files are kept as they were.
    only_files
        Layers and tables that are kept as files alone, and why rows could not hold all of them.
    left_out
        Files that were not copied, with why.
    findings
        How many findings the city has.
    """

    schema: str
    version: str
    tables: dict[str, int]
    files: int
    only_files: dict[str, Phrase]
    left_out: tuple[tuple[str, Phrase], ...]
    findings: int


def load_city(
    path: Path,
    address: StoreAddress,
    *,
    discards_edits: bool = False,
    progress: Progress = lambda *_: None,
) -> LoadedCity:
    """Copy a city folder into a database, in place of an earlier copy.

    Readers see the earlier copy until all is there, and then the new one.

    Parameters
    ----------
    path
        The city folder.
    address
        The database and the schema; without one, it is called as the folder is.
    discards_edits
        Replace also tables that were edited in the database since they were loaded.
    progress
        Called with what is copied, and how much of it, from 0 to 1.

    Raises
    ------
    DataError
        The folder is no city.
    StoreError
        The database refuses, the schema holds something else, or tables in it were edited.
    """
    data = read_city(path)
    schema = address.schema or path.resolve().name
    require_schema_name(schema, address.label)
    connection = connect(address)
    with translate_store_errors(address), connection, connection.cursor() as cursor:
        bound_transaction(cursor, 0)
        require_postgis(cursor, address)
        require_replaceable(cursor, schema, address, discards_edits=discards_edits)
        staging = fit_identifier(f"{schema} (loading)")
        cursor.execute(compose("CREATE SCHEMA {schema}", schema=staging))
        create_bookkeeping(cursor, staging)
        left_out = _copy_files(cursor, staging, path, progress)
        _write_city_row(cursor, staging, data)
        tables = _copy_layers(cursor, staging, data, progress)
        recordings = _copy_recordings(cursor, staging, data, tables, progress)
        tables |= recordings
        tables |= _copy_sheets(cursor, staging, path, progress)
        only_files = drop_unlike_tables(cursor, staging, data, progress)
        upgrade_layout(cursor, staging)
        for table in recordings:
            if table not in only_files:
                note_rows(cursor, staging, table)
        for table in tables:
            if table not in only_files:  # so that the first questions are planned well
                cursor.execute(compose("ANALYZE {schema}.{table}", schema=staging, table=table))
        put_in_place(cursor, staging, schema)
        count = sum(1 for _ in list_inputs(path)) - len(left_out)
        rows = {name: count_rows for name, count_rows in tables.items() if name not in only_files}
    return LoadedCity(schema, data.version, rows, count, only_files, left_out, len(data.findings))


def _copy_files(
    cursor: psycopg.Cursor[Any], schema: str, path: Path, progress: Progress
) -> tuple[tuple[str, Phrase], ...]:
    """Copy every file of a city in parts; return those that are too large or cannot be read."""
    left_out: list[tuple[str, Phrase]] = []
    files = list(list_inputs(path))
    for number, (name, file) in enumerate(files):
        progress("files", number / len(files))
        state = file.stat()
        if state.st_size > limits.MAX_STORE_FILE_BYTES:
            reason = Phrase(N_("larger than {most} bytes"), most=limits.MAX_STORE_FILE_BYTES)
            left_out.append((name, reason))
            continue
        # The row first, since parts refer to it; its digest is known at the end.
        cursor.execute(
            compose("INSERT INTO {schema}._files VALUES (%s, %s, %s, %s, %s, '')", schema=schema),
            [number, os.fsencode(name), ascii_name(name), state.st_size, state.st_mtime_ns],
        )
        digest = sha256()
        with file.open("rb") as content:
            part = 0
            while piece := content.read(limits.STORE_PART_BYTES):
                digest.update(piece)
                cursor.execute(
                    compose("INSERT INTO {schema}._parts VALUES (%s, %s, %s)", schema=schema),
                    [number, part, piece],
                    binary=True,
                )
                part += 1
        cursor.execute(
            compose("UPDATE {schema}._files SET sha256 = %s WHERE file = %s", schema=schema),
            [digest.hexdigest(), number],
        )
    progress("files", 1.0)
    return tuple(left_out)


def ascii_name(name: str) -> str:
    """Return a file name as people read it in a table, also one in a broken encoding."""
    return os.fsencode(name).decode("utf-8", "replace").replace("\x00", "\ufffd")


def _write_city_row(cursor: psycopg.Cursor[Any], schema: str, data: CityData) -> None:
    """Write what the city is as a whole, with a catalogue in which every layer stands."""
    file = data.path / "layers" / "catalog.toml"
    text = file.read_bytes().decode("utf-8-sig", "replace") if file.is_file() else None
    if text is None:
        text = write_layer_entry(None, data.catalog, None, str(data.catalog.title))
    cursor.execute(
        compose(
            "INSERT INTO {schema}._city (layout, program, name, version, catalog) "
            "VALUES (1, %s, %s, %s, %s)",
            schema=schema,
        ),
        [mapserver.__version__, data.path.resolve().name, data.version, text],
    )


def _copy_layers(
    cursor: psycopg.Cursor[Any], schema: str, data: CityData, progress: Progress
) -> dict[str, int]:
    """Copy each layer that has a file of its own into a table; return how many rows each has."""
    tables: dict[str, int] = {}
    entries = [entry for entry in data.catalog.layers if entry.file and entry.id in data.layers]
    for entry in entries:
        name = fit_identifier(entry.id, (*BOOKKEEPING, *tables))
        progress(name, 0.0)
        # As the file has it: what a role or another table adds is computed again when it is opened.
        source = f"layers/{entry.file}"
        frame, _ = read_layer(data.path / source, entry, name=source)
        labels, shape = create_layer_table(cursor, schema, name, frame)
        _record(
            cursor,
            schema,
            StoredTable(name, LAYER, source, entry.id, labels, shape.is_promoted, ""),
        )
        tables[name] = len(frame)
        progress(name, 1.0)
    return tables


def _copy_recordings(
    cursor: psycopg.Cursor[Any],
    schema: str,
    data: CityData,
    taken: dict[str, int],
    progress: Progress,
) -> dict[str, int]:
    """Copy trails and facilities of GPX files into tables; return how many rows each has."""
    tables: dict[str, int] = {}
    frames = read_recordings(data.path)
    for entry in data.catalog.layers:
        kind = KIND_OF_ROLE.get(entry.role)
        if entry.file or kind not in frames or entry.id not in data.layers:
            continue
        name = fit_identifier(entry.id, (*BOOKKEEPING, *taken, *tables))
        progress(name, 0.0)
        frame = frames.pop(kind)
        labels, is_promoted = create_recording_table(cursor, schema, name, frame)
        _record(cursor, schema, StoredTable(name, kind, "gpx/", entry.id, labels, is_promoted, ""))
        tables[name] = len(frame)
        progress(name, 1.0)
    return tables


def _copy_sheets(
    cursor: psycopg.Cursor[Any], schema: str, path: Path, progress: Progress
) -> dict[str, int]:
    """Copy the register, the dated tables and the ledgers; return how many rows each has."""
    tables: dict[str, int] = {}
    for sheet in read_sheets(path):
        name = sheet.name
        # A layer may be called as a ledger is, and has the name then.
        cursor.execute(compose("SELECT name FROM {schema}._tables", schema=schema))
        taken = [each for (each,) in cursor.fetchall()]
        name = name if name not in taken else fit_identifier(f"{name}_table", taken)
        progress(name, 0.0)
        labels = create_sheet_table(cursor, schema, name, sheet.cells)
        _record(cursor, schema, StoredTable(name, SHEET, sheet.file, "", labels, False, ""))
        tables[name] = len(sheet.cells)
        progress(name, 1.0)
    return tables


def _record(cursor: psycopg.Cursor[Any], schema: str, table: StoredTable) -> None:
    digest = compute_digest(cursor, schema, table.name)
    record_table(
        cursor,
        schema,
        StoredTable(
            *(table.name, table.kind, table.source, table.layer),
            *(table.labels, table.is_promoted, digest),
        ),
    )
