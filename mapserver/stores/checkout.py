"""A folder that has a city as it is in the database: its files, and those of tables that changed.

The folder is a city folder like any other, so everything that reads one reads it. A layer whose
table was edited has a GeoParquet file in place of its own, and the catalogue says so; a table of
texts is written into its CSV file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import tomlkit

from mapserver.files.drafts import draft_file, write_file
from mapserver.model import FILE
from mapserver.stores.columns import read_layer_table
from mapserver.stores.kept_files import StoredFile, iterate_parts, list_files
from mapserver.stores.large import LargeLayer
from mapserver.stores.large_tables import LargeTables
from mapserver.stores.quoting import compose
from mapserver.stores.sheets import write_sheet_table
from mapserver.stores.table_faults import AS_LAST, AS_LOADED, NOT_SERVED, TableReader
from mapserver.stores.tables import (
    FACILITIES,
    LAYER,
    SHEET,
    TRAILS,
    StoredTable,
    compute_digest,
    list_tables,
)
from mapserver.text.findings import Finding

if TYPE_CHECKING:
    import psycopg

NOTES = "large"
"""The folder below ``layers/`` that notes what stays in the database; no layer is read from it."""
FAULTS = "faults"
"""The folder below ``layers/`` that notes which tables cannot be read, so that it is a change."""
OF_GPX = (TRAILS, FACILITIES)
OF_OTHER_FILES = ("layer", "crs", "encoding", "header_row")
"""What a catalogue says of a layer's file, and what is not so of the file in its place."""


class Checkout:
    """A folder that is kept equal to a city in the database.

    Parameters
    ----------
    folder
        An empty folder. Its name is that of the folder that the city was loaded from, which is the
        city's title where no catalogue gives one.
    stands_for_all
        Every table stands for its file, and not only those that were edited.
    write_recordings
        Writes the GPX files of trails and facilities that were edited.
    large_tables
        Finds the layers that stay in the database; None where all are to be here.

    Attributes
    ----------
    folder
        The folder.
    large
        The layers that stay in the database, by id.
    findings
        Tables that cannot be read.
    """

    def __init__(
        self,
        folder: Path,
        *,
        stands_for_all: bool = False,
        write_recordings: Callable[..., dict[str, bytes | None]],
        large_tables: LargeTables | None = None,
    ) -> None:
        self.folder = folder
        self.large: dict[str, LargeLayer] = {}
        self._write_gpx, self._large_tables = write_recordings, large_tables
        self.findings: tuple[Finding, ...] = ()
        self._row_findings: dict[str, tuple[Finding, ...]] = {}
        self._lost: dict[str, LargeLayer] = {}
        self._stands_for_all = stands_for_all
        self._recordings: tuple[object, dict[str, bytes | None]] = (None, {})
        self._tokens: dict[str, str] = {}
        self._digests: dict[str, tuple[object, str]] = {}

    def update(
        self,
        cursor: psycopg.Cursor[Any],
        schema: str,
        states: Mapping[str, object] | None = None,
    ) -> bool:
        """Write what has changed since the last time, and remove what is gone.

        Parameters
        ----------
        cursor
            In a transaction that sees one state of the database.
        schema
            Of the city.
        states
            For each table something that differs when its rows do; without it all are looked at.

        Returns
        -------
        bool
            Whether any file is another one.
        """
        files, tables = list_files(cursor, schema), list_tables(cursor, schema)
        reader = TableReader(cursor, schema)
        sound = reader.require_columns(tables)
        finder = self._large_tables
        large = finder.find_layers(cursor, schema, sound, states or {}, reader) if finder else {}
        here = [each for each in sound if each.layer not in large]
        here = [each for each in here if each.name not in reader.faults]
        found = {
            each.name: reader.attempt(
                each, partial(self._find_digest, cursor, schema, each, states)
            )
            for each in here
        }
        digests = {name: digest for name, digest in found.items() if digest is not None}
        here = [each for each in here if each.name in digests]
        edited = self._find_edited(here, digests, files)
        self._write_edited(reader, edited)
        recordings = self._find_recordings(reader, tables, digests, files)
        edited |= self._find_kept(reader)
        recorded = [each.name for each in tables if recordings and each.kind in OF_GPX]
        self._note_faults(reader, large, edited, recorded, files)
        layers = [table for table, _ in edited.values() if table.kind == LAYER]
        catalog, gone = "", frozenset[str]()
        absent = {**large, **self._lost}
        if layers or absent:
            catalog, gone = _edit_catalog(cursor, schema, layers, absent)
        tokens = {name: file.sha256 for name, file in files.items() if not _is_part(name, gone)} | {
            name: f"table {digest}" for name, (_, digest) in edited.items()
        }
        if catalog:
            tokens[FILE] = catalog
        notes = self._write_notes(large)
        tokens |= notes
        for name, data in recordings.items():
            tokens.pop(name, None)
            if data is not None:
                tokens[name] = f"gpx {sha256(data).hexdigest()}"
        changed = [name for name, token in tokens.items() if self._tokens.get(name) != token]
        for name in changed:
            if data := recordings.get(name):
                write_file(self._make_place(name), data)
            elif name in edited:
                pass  # it was written when it was read
            elif name in notes or (name == FILE and catalog):
                write_file(self._make_place(name), tokens[name].encode())
            else:
                self._write_file(cursor, schema, files[name])
        leftover = set(self._tokens) - set(tokens)
        for name in leftover:
            (self.folder / name).unlink(missing_ok=True)
        self._tokens = tokens
        return bool(changed or leftover)

    def _write_notes(self, large: Mapping[str, LargeLayer]) -> dict[str, str]:
        """Write files by which the version of the city follows what it has not read, too."""
        notes = {}
        if finder := self._large_tables:
            notes = {
                f"layers/{NOTES}/{id_}.txt": finder.write_note(each) for id_, each in large.items()
            }
        if self.findings:
            notes[f"layers/{FAULTS}/tables.txt"] = "".join(f"{each}\n" for each in self.findings)
        return notes

    def _find_edited(
        self,
        tables: Sequence[StoredTable],
        digests: Mapping[str, str],
        files: Mapping[str, StoredFile],
    ) -> dict[str, tuple[StoredTable, str]]:
        """Find, by the file, the tables that stand for their files, each with its digest."""
        return {
            _name_target(table): (table, digests[table.name])
            for table in tables
            if table.kind not in OF_GPX
            # Of a file that was too large to be carried, the table is all that there is. A table
            # of texts without a file is the empty one for inspections.
            if self._is_edited(table, digests)
            or (table.source not in files and table.kind != SHEET)
        }

    def _is_edited(self, table: StoredTable, digests: Mapping[str, str]) -> bool:
        return self._stands_for_all or digests[table.name] != table.digest

    def _write_edited(
        self,
        reader: TableReader,
        edited: dict[str, tuple[StoredTable, str]],
    ) -> None:
        """Write the files of tables that have changed; what cannot be read is edited no more."""
        for name, (table, digest) in list(edited.items()):
            if self._tokens.get(name) != f"table {digest}":
                write = partial(self._write_table, reader, table, name)
                reader.attempt(table, write)
            if table.name in reader.faults:
                del edited[name]

    def _find_recordings(
        self,
        reader: TableReader,
        tables: Sequence[StoredTable],
        digests: Mapping[str, str],
        files: Mapping[str, StoredFile],
    ) -> dict[str, bytes | None]:
        """Return the GPX files that are others; None for those that are gone."""
        of_gpx = [table for table in tables if table.kind in OF_GPX]
        # Where one of the two cannot be read, nobody knows what files of both would hold.
        if any(table.name in reader.faults for table in of_gpx):
            return self._recordings[1]
        if not any(self._is_edited(table, digests) for table in of_gpx):
            return {}
        write = partial(self._write_recordings, reader, of_gpx, digests, files)
        made = reader.attempt(of_gpx[0], write)
        return self._recordings[1] if made is None else made

    def _find_kept(self, reader: TableReader) -> dict[str, tuple[StoredTable, str]]:
        """Find the files of tables that cannot be read, as these were read before."""
        return {
            target: (fault.table, self._tokens[target].removeprefix("table "))
            for fault in reader.faults.values()
            if self._tokens.get(target := _name_target(fault.table), "").startswith("table ")
        }

    def _note_faults(
        self,
        reader: TableReader,
        large: dict[str, LargeLayer],
        edited: Mapping[str, tuple[StoredTable, str]],
        recorded: Iterable[str],
        files: Mapping[str, StoredFile],
    ) -> None:
        """Note what is served of tables that cannot be read, and say so."""
        broken = {fault.table.layer for fault in reader.faults.values()}
        # What has stayed in the database is not read into memory because it is gone from there.
        self._lost = {id_: each for id_, each in (self._lost | self.large).items() if id_ in broken}
        self.large = large
        # Of tables that were not read again it is still so; of those put back as loaded no more.
        self._row_findings |= reader.row_findings
        served = {table.name for table, _ in edited.values()} | set(recorded)
        served |= {layer.table for layer in large.values()}
        self._row_findings = {k: v for k, v in self._row_findings.items() if k in served}
        self.findings = tuple(each for found in self._row_findings.values() for each in found)
        for _, fault in sorted(reader.faults.items()):
            is_kept = _name_target(fault.table) in edited or self._recordings[1]
            state = AS_LAST if is_kept else AS_LOADED
            is_here = fault.table.source in files or fault.table.source == "gpx/"
            if fault.table.layer in self._lost or not (is_here or is_kept):
                state = NOT_SERVED
            self.findings += (fault.describe(reader.schema, state),)

    def _write_recordings(
        self,
        reader: TableReader,
        tables: Sequence[StoredTable],
        digests: Mapping[str, str],
        files: Mapping[str, StoredFile],
    ) -> dict[str, bytes | None]:
        """Write the GPX files of edited rows, unless the tables are those of the last time."""
        key = {table.name: (digests[table.name], table.digest) for table in tables}
        if self._recordings[0] != key:

            def read(name: str) -> bytes:
                return b"".join(iterate_parts(reader.cursor, reader.schema, files[name].number))

            made = self._write_gpx(
                *(reader.cursor, reader.schema, tables, files, read),
                note_rows=reader.note_rows,
                rewrites_all=self._stands_for_all,
            )
            self._recordings = (key, made)
        return self._recordings[1]

    def _find_digest(
        self,
        cursor: psycopg.Cursor[Any],
        schema: str,
        table: StoredTable,
        states: Mapping[str, object] | None,
    ) -> str:
        """Return the digest of a table; it is computed only where its state is another one."""
        state = None if states is None else states.get(table.name)
        known_state, known_digest = self._digests.get(table.name, (None, ""))
        if state is not None and known_state == (state, table.digest):
            return known_digest
        digest = compute_digest(cursor, schema, table.name)
        self._digests[table.name] = ((state, table.digest), digest)
        return digest

    def _write_table(self, reader: TableReader, table: StoredTable, name: str) -> None:
        """Write the file that stands for a table as it is now."""
        place, of_table = self._make_place(name), (reader.schema, table.name, table.labels)
        if table.kind != LAYER:
            write_file(place, write_sheet_table(reader.cursor, *of_table))
            return
        frame = read_layer_table(reader.cursor, *of_table, is_promoted=table.is_promoted)
        reader.note_rows(table, frame)
        with draft_file(place) as draft:
            frame.to_parquet(draft, index=False)

    def _write_file(self, cursor: psycopg.Cursor[Any], schema: str, file: StoredFile) -> None:
        place = self._make_place(file.name)
        with draft_file(place) as draft, draft.open("wb") as content:
            for part in iterate_parts(cursor, schema, file.number):
                content.write(part)
        os.utime(place, ns=(file.written_ns, file.written_ns))

    def _make_place(self, name: str) -> Path:
        place = self.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        return place


def _name_target(table: StoredTable) -> str:
    """Return the file that stands for an edited table."""
    if table.kind != LAYER:
        return table.source
    # Not the name of a file that may belong to another layer.
    return f"layers/{table.layer}.edited.parquet"


def _edit_catalog(
    cursor: psycopg.Cursor[Any],
    schema: str,
    layers: list[StoredTable],
    large: Mapping[str, LargeLayer],
) -> tuple[str, frozenset[str]]:
    """Write the catalogue with the files of edited layers and without layers that are not here.

    Returns
    -------
    text : str
        TOML.
    gone : frozenset of str
        Files that no layer uses any more.
    """
    cursor.execute(compose("SELECT catalog FROM {schema}._city", schema=schema))
    [text] = cursor.fetchone() or ("",)
    document = tomlkit.parse(text)
    by_id = {table.layer: table for table in layers}
    entries: Any = document.get("layers", [])
    for position in reversed(range(len(entries))):
        if entries[position].get("id") in large:
            del entries[position]
    for entry in entries:
        table = by_id.get(entry.get("id"))
        if table is None:
            continue
        entry["file"] = PurePosixPath(_name_target(table)).name
        entry["id_column"] = "id"
        for key in OF_OTHER_FILES:
            entry.pop(key, None)
        # What the catalogue calls the name is this in tables; one that is dropped is missed.
        for key in ("name", "name_en"):
            if f"{key}_column" in entry:
                entry[f"{key}_column"] = key
    used = {f"layers/{entry['file']}" for entry in entries if entry.get("file")}
    sources = {table.source for table in layers} | {layer.file for layer in large.values()}
    return tomlkit.dumps(document), frozenset(sources - used)


def _is_part(name: str, sources: frozenset[str]) -> bool:
    """Return whether a file is one of some layers' files, or a part of a shapefile of them."""
    return any(
        name == source or name.startswith(f"{PurePosixPath(source).with_suffix('')}.")
        for source in sources
    )
