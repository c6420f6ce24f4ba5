"""GPX files of trails and facilities whose rows were edited in the database.

A file of which nothing was edited stays as it is, with the time of each point. Of one that was, the
points that are still there keep theirs.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from mapserver.readers.gpx.original import Originals
from mapserver.settings import limits
from mapserver.stores.columns import read_layer_table
from mapserver.stores.quoting import compose
from mapserver.stores.tables import FACILITIES, TRAILS, StoredTable
from mapserver.writers.gpx import encode_gpx

if TYPE_CHECKING:
    import psycopg

LOOSE = "gpx/facilities.gpx"
"""The file of new facilities that say no trail."""
STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""What an id may look like that becomes the name of a file."""


def write_recordings(  # noqa: PLR0913 -- the originals are read when they are needed
    cursor: psycopg.Cursor[Any],
    schema: str,
    tables: Iterable[StoredTable],
    names: Collection[str],
    read: Callable[[str], bytes],
    *,
    note_rows: Callable[[StoredTable, gpd.GeoDataFrame], object],
    rewrites_all: bool = False,
) -> dict[str, bytes | None]:
    """Write the GPX files of which a row was edited.

    Parameters
    ----------
    cursor
        In a transaction that sees one state of the database.
    schema
        Of the city.
    tables
        Those of trails and of facilities.
    names
        Of the files that were loaded.
    read
        Reads one of them as it was loaded.
    note_rows
        Called with each table and its rows.
    rewrites_all
        Write every file anew, whether a row of it was edited or not.

    Returns
    -------
    dict of str to bytes or None
        By the name of the file; None for one of which nothing is left.
    """
    frames: dict[str, gpd.GeoDataFrame] = {}
    recorded = {name for name in names if name.startswith("gpx/") and name.endswith(".gpx")}
    edited = set(recorded) if rewrites_all else set[str]()
    for table in tables:
        frame = read_layer_table(
            cursor, schema, table.name, table.labels, is_promoted=table.is_promoted
        ).set_index("id")
        note_rows(table, frame)
        frames[table.kind] = frame
        if not rewrites_all:
            edited |= _find_edited(cursor, schema, table.name)
    for kind, frame in frames.items():
        frames[kind] = frame.assign(file=_find_files(kind, frame, frames.get(TRAILS)))
    # New rows have files of their own, which nobody has loaded.
    edited |= {file for frame in frames.values() for file in frame["file"] if file not in recorded}
    edited.discard("")
    with tempfile.TemporaryDirectory(prefix="maenballo-") as place:
        paths = {}
        for number, file in enumerate(sorted(edited & recorded)):
            paths[file] = Path(place, f"{number}.gpx")
            paths[file].write_bytes(read(file))
        texts = Originals(paths, limits.MAX_GPX_BYTES)
        return {file: _encode_file(file, frames, texts) for file in sorted(edited)}


def _find_edited(cursor: psycopg.Cursor[Any], schema: str, table: str) -> set[str]:
    """Find the files of rows that are new, changed or gone."""
    cursor.execute(
        compose(
            "SELECT coalesce(t.file, ''), coalesce(r.source, '') FROM {schema}.{table} t "
            "FULL JOIN (SELECT * FROM {schema}._rows WHERE name = %s) r ON r.id = t.id "
            "WHERE r.digest IS DISTINCT FROM md5(t::text) OR t.id IS NULL",
            schema=schema,
            table=table,
        ),
        [table],
    )
    return {file for pair in cursor.fetchall() for file in pair}


def _find_files(kind: str, frame: gpd.GeoDataFrame, trails: gpd.GeoDataFrame | None) -> list[str]:
    """Return the file of each row: its own, one of its id, or that of the trail where it is."""
    by_trail = {}
    if trails is not None and "file" in trails:
        by_trail = {str(id_): str(file) for id_, file in trails["file"].items() if pd.notna(file)}
    files = frame["file"] if "file" in frame else pd.Series(None, frame.index, dtype="str")
    at = frame["trail"] if "trail" in frame else pd.Series(None, frame.index, dtype="str")
    result = []
    for id_, file, trail in zip(frame.index, files, at, strict=True):
        is_gpx = isinstance(file, str) and file.startswith("gpx/") and file.endswith(".gpx")
        if is_gpx and ".." not in file and "/" not in file[4:]:
            result.append(str(file))
        elif kind == TRAILS:
            # A file is called as its trail is, so a name that no file can have becomes another.
            stem = (
                str(id_)
                if STEM.fullmatch(str(id_))
                else f"trail-{sha256(str(id_).encode()).hexdigest()[:8]}"
            )
            result.append(f"gpx/{stem}.gpx")
        else:
            result.append(by_trail.get(str(trail), LOOSE))
    return result


def _encode_file(
    file: str, frames: Mapping[str, gpd.GeoDataFrame], originals: Originals
) -> bytes | None:
    """Write one GPX file of its rows; None where it has none."""
    rows = {kind: frame[frame["file"] == file] for kind, frame in frames.items()}
    rows = {kind: frame for kind, frame in rows.items() if len(frame)}
    if not rows:
        return None
    tracks = [rows[TRAILS]] if TRAILS in rows else []
    points = [rows[FACILITIES]] if FACILITIES in rows else []
    return encode_gpx(tracks, points, {}, originals)
