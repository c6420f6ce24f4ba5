"""GeoPackage with its styles inside, so that QGIS opens it as the map looks."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pandas as pd
import pyogrio

from mapserver.model import Layer, is_table
from mapserver.text.findings import Finding
from mapserver.writers.columns import (
    flatten_frame,
    make_names_distinct,
    parse_day_columns,
    report_renamed_columns,
)
from mapserver.writers.layer import WriteOptions, build_credit, build_title
from mapserver.writers.layer_look import choose_look
from mapserver.writers.projected import project_frame
from mapserver.writers.qml import encode_qml
from mapserver.writers.sld import encode_sld

STYLE_NAME_LETTERS = 30
"""So long a name the table of styles holds."""

STYLE_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256),
    f_table_schema TEXT(256),
    f_table_name TEXT(256),
    f_geometry_column TEXT(256),
    styleName TEXT(30),
    styleQML TEXT,
    styleSLD TEXT,
    useAsDefault BOOLEAN,
    description TEXT,
    owner TEXT(30),
    ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)
"""
"""As QGIS makes it; it finds a style by table and geometry column, with no catalogue or schema."""

REGISTER_STYLES = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)
VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)
"""
ADD_STYLE = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,
    styleName, styleQML, styleSLD, useAsDefault, description, owner, update_time)
VALUES ('', '', ?, ?, ?, ?, ?, 1, ?, '', ?)
"""
CURRENT_DATE = "OGR_CURRENT_DATE"
"""GDAL's option for the time that it writes as now; GDAL has one for all threads."""
_date_lock = threading.Lock()


def write_geopackage(layers: Sequence[Layer], path: Path, options: WriteOptions) -> list[Finding]:
    """Write layers as tables of one GeoPackage, called by their ids and titled by the catalogue.

    Source, licence and whether it is a sample stand in the description and in the metadata of each
    table. Columns that a table needs itself get out of the way of the layer's own.
    """
    findings: list[Finding] = []
    geometry_columns: dict[str, str] = {}
    titles = make_names_distinct(build_title(layer.entry, options.lang) for layer in layers)
    for layer in layers:
        entry = layer.entry
        frame = project_frame(parse_day_columns(flatten_frame(layer.frame)), options.crs, entry.id)
        columns = [c for c in frame.columns if c != "geometry"]
        # The table's own key and geometry take the first names that no column of the layer has.
        free = [
            next(name for name in candidates if name not in {c.lower() for c in columns})
            for candidates in (_iterate_column_names("fid"), _iterate_column_names("geom"))
        ]
        # GDAL takes a column GEOMETRY for the geometry itself.
        names = make_names_distinct(columns, {"geometry"})
        findings += report_renamed_columns(entry.id, names)
        table: pd.DataFrame = frame.rename(columns=names)
        layer_options = {"GEOMETRY_NAME": free[1]}
        # Rows without places are a table of attributes, which QGIS lists as one.
        if is_table(layer):
            table, layer_options = pd.DataFrame(table.drop(columns="geometry")), {}
        with _date_files(options.changed_at):
            pyogrio.write_dataframe(
                table,
                path,
                driver="GPKG",
                layer=entry.id,
                # The first layer makes the file, the others are added.
                append=path.exists(),
                use_arrow=True,
                dataset_options={} if path.exists() else {"VERSION": "1.2"},
                layer_options={
                    **layer_options,
                    "FID": free[0],
                    "IDENTIFIER": titles[build_title(entry, options.lang)],
                    "DESCRIPTION": build_credit(entry, options.lang),
                },
                layer_metadata=_describe_layer(layer),
            )
        geometry_columns[entry.id] = free[1]
    if options.styled:
        _add_styles(layers, path, geometry_columns, options)
    return findings


@contextmanager
def _date_files(changed_at: dt.datetime | None) -> Iterator[None]:
    """Have GDAL write a time as that of the data, where it would write that of the clock."""
    if changed_at is None:
        yield
        return
    with _date_lock:
        earlier = pyogrio.get_gdal_config_option(CURRENT_DATE)
        pyogrio.set_gdal_config_options({CURRENT_DATE: _write_time(changed_at)})
        try:
            yield
        finally:
            pyogrio.set_gdal_config_options({CURRENT_DATE: earlier})


def _write_time(time: dt.datetime) -> str:
    """Write a time as a GeoPackage has it: in UTC, with three figures of the second."""
    return f"{time.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S}.000Z"


def _iterate_column_names(name: str) -> Iterable[str]:
    yield name
    yield from (f"{name}_{n}" for n in range(2, 10_000))


def _describe_layer(layer: Layer) -> dict[str, str]:
    entry = layer.entry
    metadata = {
        "SOURCE": str(entry.source),
        "LICENCE": entry.licence,
        "ROLE": str(entry.role),
    }
    return {key: value for key, value in metadata.items() if value} | {
        "SAMPLE": "YES" if entry.sample else "NO"
    }


def _add_styles(
    layers: Sequence[Layer], path: Path, geometry_columns: dict[str, str], options: WriteOptions
) -> None:
    written_at = _write_time(options.changed_at or dt.datetime.now(dt.UTC))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(STYLE_TABLE)
        database.execute(REGISTER_STYLES, (written_at,))
        for layer in layers:
            look = choose_look(layer, options.lang, options.words)
            # Layers of several kinds of geometry have no style; QGIS chooses one.
            if look is None:
                continue
            database.execute(
                ADD_STYLE,
                (
                    layer.entry.id,
                    geometry_columns[layer.entry.id],
                    layer.entry.id[:STYLE_NAME_LETTERS],
                    encode_qml(look),
                    encode_sld(look),
                    build_title(layer.entry, options.lang),
                    written_at,
                ),
            )
