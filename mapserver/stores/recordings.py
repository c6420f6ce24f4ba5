"""Trails and facilities of GPX files as tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from mapserver.model import Role
from mapserver.readers.gpx import COMPUTED, read_folder
from mapserver.stores.columns import create_layer_table
from mapserver.stores.quoting import compose
from mapserver.stores.tables import FACILITIES, TRAILS

if TYPE_CHECKING:
    import psycopg

KIND_OF_ROLE = {Role.TRAILS: TRAILS, Role.FACILITIES: FACILITIES}
EDITABLE = ("name", "description", "kind", "elevation_m", "file", "trail")
"""Columns of a GPX file that say more than is measured of its lines."""


def read_recordings(path: Path) -> dict[str, gpd.GeoDataFrame]:
    """Read trails and facilities from ``gpx/``, without what is measured, by the kind of table."""
    folder = path / "gpx"
    if not folder.is_dir():
        return {}
    content = read_folder(folder)
    frames = {TRAILS: content.trails, FACILITIES: content.waypoints}
    return {
        kind: frame.drop(
            columns=[c for c in frame if c in COMPUTED - {*EDITABLE, "geometry"}], errors="ignore"
        )
        for kind, frame in frames.items()
        if len(frame)
    }


def create_recording_table(
    cursor: psycopg.Cursor[Any], schema: str, table: str, frame: gpd.GeoDataFrame
) -> tuple[dict[str, str], bool]:
    """Make the table of trails or facilities; return its columns, and whether lines are single."""
    labels, shape = create_layer_table(cursor, schema, table, frame)
    return labels, shape.is_promoted


def note_rows(cursor: psycopg.Cursor[Any], schema: str, table: str) -> None:
    """Note the file and a digest of each row, by which one knows which files were edited."""
    cursor.execute(
        compose(
            "INSERT INTO {schema}._rows SELECT %s, t.id, coalesce(t.file, ''), md5(t::text) "
            "FROM {schema}.{table} t",
            schema=schema,
            table=table,
        ),
        [table],
    )
