"""A folder that has a city as it is in the database: its files, and those of tables that changed.

The folder is a city folder like any other, so everything that reads one reads it. A layer whose
table was edited has a GeoParquet file in place of its own, and the catalogue says so; a table of
texts is written into its CSV file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import tomlkit

from mapserver.errors import N_, StoreError
from mapserver.files.drafts import draft_file, write_file
from mapserver.model import FILE
from mapserver.stores.columns import list_columns, read_layer_table
from mapserver.stores.layout import compose
from mapserver.stores.sheets import write_sheet_table
from mapserver.stores.tables import LAYER, StoredTable, compute_digest, list_tables

if TYPE_CHECKING:
    import psycopg

OF_OTHER_FILES = ("layer", "crs", "encoding", "header_row", "name_column", "name_en_column")
"""What a catalogue says of a layer's file, and what is not so of the file in its place."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a city that the database keeps as it was.

    Attributes
    ----------
    number
        Its number in the database.
    name
        Its path within the city folder.
    written_ns
        Its time of writing, in nanoseconds since 1970.
    sha256
        Of its content.
    """

    number: int
    name: str
    written_ns: int
    sha256: str


class Checkout:
    """A folder that is kept equal to a city in the database.

    Parameters
    ----------
    folder
        An empty folder. Its name is that of the folder that the city was loaded from, which is the
        city's title where no catalogue gives one.
    is_edited
        Whether a table of this digest stands for its file: what was edited, by default.
    """

    def __init__(
        self,
        folder: Path,
        is_edited: Callable[[StoredTable, str], bool] = lambda table, now: table.digest != now,
    ) -> None:
        self.folder = folder
        self._is_edited = is_edited
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
        files = list_files(cursor, schema)
        edited: dict[str, tuple[StoredTable, str]] = {}
        for table in list_tables(cursor, schema):
            digest = self._find_digest(cursor, schema, table, states)
            if self._is_edited(table, digest):
                edited[_name_target(table)] = (table, digest)
        layers = [table for table, _ in edited.values() if table.kind == LAYER]
        catalog, gone = _edit_catalog(cursor, schema, layers) if layers else ("", frozenset[str]())
        tokens = {name: file.sha256 for name, file in files.items() if not _is_part(name, gone)} | {
            name: f"table {digest}" for name, (_, digest) in edited.items()
        }
        if layers:
            tokens[FILE] = catalog
        changed = [name for name, token in tokens.items() if self._tokens.get(name) != token]
        for name in changed:
            if name in edited:
                self._write_table(cursor, schema, edited[name][0], name)
            elif name == FILE and layers:
                write_file(self._make_place(name), catalog.encode())
            else:
                self._write_file(cursor, schema, files[name])
        leftover = set(self._tokens) - set(tokens)
        for name in leftover:
            (self.folder / name).unlink(missing_ok=True)
        self._tokens = tokens
        return bool(changed or leftover)

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
        if not list_columns(cursor, schema, table.name):
            raise StoreError(
                N_("the table {table} of the city is gone"),
                mend=N_("Restore it, or load the city again"),
                table=repr(table.name),
            )
        digest = compute_digest(cursor, schema, table.name)
        self._digests[table.name] = ((state, table.digest), digest)
        return digest

    def _write_table(
        self, cursor: psycopg.Cursor[Any], schema: str, table: StoredTable, name: str
    ) -> None:
        """Write the file that stands for a table as it is now."""
        place = self._make_place(name)
        if table.kind != LAYER:
            write_file(place, write_sheet_table(cursor, schema, table.name, table.labels))
            return
        frame = read_layer_table(
            cursor, schema, table.name, table.labels, is_promoted=table.is_promoted
        )
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


def list_files(cursor: psycopg.Cursor[Any], schema: str) -> dict[str, StoredFile]:
    """List the files of a city that the database keeps, by their names.

    Raises
    ------
    StoreError
        A name leads out of the city: somebody has written it by hand.
    """
    cursor.execute(
        compose("SELECT file, name, written_ns, sha256 FROM {schema}._files", schema=schema)
    )
    files = {}
    for number, raw_name, written_ns, sha256 in cursor.fetchall():
        name = os.fsdecode(bytes(raw_name))
        path = PurePosixPath(name)
        # Files are written below the folder: a name from a database must not lead anywhere else.
        if (
            path.is_absolute()
            or ".." in path.parts
            or path.parts[:1] not in {("gpx",), ("layers",)}
        ):
            raise StoreError(
                N_("the database has a file {name}, which is none of a city"),
                mend=N_("Load the city again"),
                name=repr(name),
            )
        files[name] = StoredFile(number, name, written_ns, sha256)
    return files


def iterate_parts(cursor: psycopg.Cursor[Any], schema: str, number: int) -> Any:
    """Yield the content of a file part by part."""
    cursor.execute(
        compose("SELECT count(*) FROM {schema}._parts WHERE file = %s", schema=schema), [number]
    )
    row = cursor.fetchone()
    for part in range(row[0] if row else 0):
        cursor.execute(
            compose(
                "SELECT content FROM {schema}._parts WHERE file = %s AND part = %s", schema=schema
            ),
            [number, part],
            binary=True,
        )
        [content] = cursor.fetchone() or (b"",)
        yield bytes(content)


def _name_target(table: StoredTable) -> str:
    """Return the file that stands for an edited table."""
    if table.kind != LAYER:
        return table.source
    # Not the name of a file that may belong to another layer.
    return f"layers/{table.layer}.edited.parquet"


def _edit_catalog(
    cursor: psycopg.Cursor[Any], schema: str, layers: list[StoredTable]
) -> tuple[str, frozenset[str]]:
    """Write the catalogue with the files of edited layers; return it, and what no layer uses."""
    cursor.execute(compose("SELECT catalog FROM {schema}._city", schema=schema))
    [text] = cursor.fetchone() or ("",)
    document = tomlkit.parse(text)
    by_id = {table.layer: table for table in layers}
    entries: Any = document.get("layers", [])
    for entry in entries:
        table = by_id.get(entry.get("id"))
        if table is None:
            continue
        entry["file"] = PurePosixPath(_name_target(table)).name
        entry["id_column"] = "id"
        for key in OF_OTHER_FILES:
            entry.pop(key, None)
    used = {f"layers/{entry['file']}" for entry in entries if entry.get("file")}
    return tomlkit.dumps(document), frozenset({table.source for table in layers} - used)


def _is_part(name: str, sources: frozenset[str]) -> bool:
    """Return whether a file is one of some layers' files, or a part of a shapefile of them."""
    return any(
        name == source or name.startswith(f"{PurePosixPath(source).with_suffix('')}.")
        for source in sources
    )
