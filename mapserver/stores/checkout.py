"""A folder that has a city as it is in the database: its files, and those of tables that changed.

The folder is a city folder like any other, so everything that reads one reads it. A layer whose
table was edited has a GeoParquet file in place of its own, and the catalogue says so; a table of
texts is written into its CSV file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import tomlkit

from mapserver.errors import N_, StoreError
from mapserver.files.drafts import draft_file, write_file
from mapserver.model import FILE, Role, parse_catalog
from mapserver.stores.columns import GEOMETRY, ID, ROW, list_columns, read_layer_table
from mapserver.stores.large import Box, LargeLayer, describe_table
from mapserver.stores.pool import QuestionPool
from mapserver.stores.quoting import compose
from mapserver.stores.sheets import write_sheet_table
from mapserver.stores.tables import LAYER, StoredTable, compute_digest, list_tables

if TYPE_CHECKING:
    import psycopg

NOTES = "large"
"""The folder below ``layers/`` that notes what stays in the database; no layer is read from it."""
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
    large_rows
        A layer with more rows, and without a meaning of its own to the city, stays in the database;
        None for none.
    pool
        Asks about these.

    Attributes
    ----------
    folder
        The folder.
    large
        The layers that stay in the database, by id.
    """

    def __init__(
        self,
        folder: Path,
        is_edited: Callable[[StoredTable, str], bool] = lambda table, now: table.digest != now,
        large_rows: int | None = None,
        pool: QuestionPool | None = None,
    ) -> None:
        self.folder = folder
        self.large: dict[str, LargeLayer] = {}
        self._large_rows, self._pool = large_rows, pool
        self._facts: dict[str, tuple[object, tuple[int, int, Box | None]]] = {}
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
        tables = list_tables(cursor, schema)
        self.large = large = self._find_large(cursor, schema, tables, states or {})
        edited: dict[str, tuple[StoredTable, str]] = {}
        for table in tables:
            if table.layer in large:
                continue
            digest = self._find_digest(cursor, schema, table, states)
            # Of a file that was too large to be carried, the table is all that there is.
            if self._is_edited(table, digest) or table.source not in files:
                edited[_name_target(table)] = (table, digest)
        layers = [table for table, _ in edited.values() if table.kind == LAYER]
        catalog, gone = "", frozenset[str]()
        if layers or large:
            catalog, gone = _edit_catalog(cursor, schema, layers, large)
        tokens = {name: file.sha256 for name, file in files.items() if not _is_part(name, gone)} | {
            name: f"table {digest}" for name, (_, digest) in edited.items()
        }
        if catalog:
            tokens[FILE] = catalog
        # By these files the version of the city follows what it has not read, too.
        notes = {f"layers/{NOTES}/{id_}.txt": self._write_note(each) for id_, each in large.items()}
        tokens |= notes
        changed = [name for name, token in tokens.items() if self._tokens.get(name) != token]
        for name in changed:
            if name in edited:
                self._write_table(cursor, schema, edited[name][0], name)
            elif name in notes or (name == FILE and catalog):
                write_file(self._make_place(name), tokens[name].encode())
            else:
                self._write_file(cursor, schema, files[name])
        leftover = set(self._tokens) - set(tokens)
        for name in leftover:
            (self.folder / name).unlink(missing_ok=True)
        self._tokens = tokens
        return bool(changed or leftover)

    def _find_large(
        self,
        cursor: psycopg.Cursor[Any],
        schema: str,
        tables: Sequence[StoredTable],
        states: Mapping[str, object],
    ) -> dict[str, LargeLayer]:
        """Find the layers that stay in the database; what is known of each is kept with its state.

        Only layers of no role are such: pages ask about all shops, stops and trails at once.
        """
        if self._large_rows is None or self._pool is None:
            return {}
        cursor.execute(compose("SELECT catalog FROM {schema}._city", schema=schema))
        [text] = cursor.fetchone() or ("",)
        entries = {entry.id: entry for entry in parse_catalog(text).layers}
        large = {}
        for table in tables:
            entry = entries.get(table.layer) if table.kind == LAYER else None
            if entry is None or entry.role != Role.LAYER:
                continue
            state, facts = states.get(table.name), self._facts.get(table.name)
            if facts is None or state is None or facts[0] != state:
                facts = (state, describe_table(cursor, schema, table.name))
                self._facts[table.name] = facts
            count, placeless, bounds = facts[1]
            if count <= self._large_rows:
                continue
            columns = list_columns(cursor, schema, table.name)
            large[entry.id] = LargeLayer(
                entry=entry,
                file=table.source,
                schema=schema,
                table=table.name,
                columns={k: v for k, v in columns.items() if k not in {ID, GEOMETRY, ROW}},
                names={label: name for name, label in table.labels.items()},
                is_promoted=table.is_promoted,
                count=count,
                placeless=placeless,
                bounds=bounds,
                pool=self._pool,
            )
        return large

    def _write_note(self, layer: LargeLayer) -> str:
        """Write what differs when a layer does that stays in the database."""
        state, _ = self._facts[layer.table]
        return f"{layer.table}: {layer.count} rows, {state}\n"

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
    used = {f"layers/{entry['file']}" for entry in entries if entry.get("file")}
    sources = {table.source for table in layers} | {layer.file for layer in large.values()}
    return tomlkit.dumps(document), frozenset(sources - used)


def _is_part(name: str, sources: frozenset[str]) -> bool:
    """Return whether a file is one of some layers' files, or a part of a shapefile of them."""
    return any(
        name == source or name.startswith(f"{PurePosixPath(source).with_suffix('')}.")
        for source in sources
    )
