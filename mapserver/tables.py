"""Read the files that planners ask questions with, and write the tables that answer them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from mapserver.errors import N_, CrsError, DataError, QueryError
from mapserver.files.damage import translate_write_errors
from mapserver.files.drafts import draft_beside, move_files
from mapserver.model import Layer, LayerEntry, Role, Title, arguments, complete_entry
from mapserver.readers.gpx import read_gpx
from mapserver.readers.vector import read_layer
from mapserver.settings import expand_home
from mapserver.text.findings import Finding
from mapserver.writers import FORMATS, WriteOptions, find_format
from mapserver.writers.columns import make_safe_table

GEOPACKAGE = "tables.gpkg"
"""The file that :func:`keep` collects layers in."""

SLUG = re.compile("[a-z0-9][a-z0-9_-]*", re.ASCII)


def read_points(path: Path) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Read points to ask about.

    Parameters
    ----------
    path
        CSV with coordinates, any layer format with points, or the waypoints of a GPX file.

    Returns
    -------
    points : GeoDataFrame
        EPSG:4326, with the file's own columns.
    findings : list of Finding
        Rows that were left out, by line, and other faults of the file.

    Raises
    ------
    DataError
        The file is not there or cannot be read.
    CrsError
        Its CRS is unknown.
    """
    path = expand_home(path)
    if not path.is_file():
        raise DataError(
            N_("there is no such file"), where=str(path), mend=N_("Check the name and the folder")
        )
    if path.suffix.lower() == ".gpx":
        content = read_gpx(path, name=path.name)
        return content.waypoints, list(content.findings)
    points, layer_findings = read_layer(path, LayerEntry("points", Role.LAYER), name=path.name)
    # An answer keeps the order of its question, so points of a question need no ids.
    return points, [finding for finding in layer_findings if finding.code != "id-missing"]


def read_file(
    path: str | Path, *, crs: str | None = None, encoding: str | None = None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Read a layer from a file outside of a city, by the same rules as layers of a city.

    Parameters
    ----------
    path
        A file of any layer format, or a CSV with coordinates.
    crs, encoding
        CRS and encoding of a file that does not state them.

    Returns
    -------
    frame : GeoDataFrame
        EPSG:4326, with the file's own columns, indexed by id.
    findings : list of Finding
        Rows that were left out, and other faults of the file.

    Raises
    ------
    DataError
        The file is not there or cannot be read.
    CrsError
        Its CRS is unknown.
    """
    arguments.require_text(crs, "crs")
    arguments.require_text(encoding, "encoding")
    file = expand_home(path)
    if not file.is_file():
        raise DataError(
            N_("there is no such file"), where=str(file), mend=N_("Check the name and the folder")
        )
    entry = LayerEntry(file.stem, Role.LAYER, crs=crs, encoding=encoding)
    return read_layer(file, entry, name=file.name)


def write(
    frame: gpd.GeoDataFrame, path: Path, *, mend: str = N_("Use another format, such as gpkg")
) -> None:
    """Write a frame in the format of the file's suffix.

    The file appears complete or not at all: it is written next to its place and then moved there.

    Parameters
    ----------
    frame
        EPSG:4326; its index becomes a column where it has a name.
    path
        ``.csv``, ``.geojson``, ``.gpkg``, ``.fgb``, ``.parquet`` or another of
        :mod:`mapserver.writers`.
    mend
        What to do when the format cannot hold the frame: a message id.

    Raises
    ------
    DataError
        The ending is none of these, the folder is not there, or the format cannot hold the frame.
    """
    path = expand_home(path)
    file_format = find_format(path)
    if file_format is None:
        raise DataError(
            N_("files that end in {suffix} cannot be written"),
            where=str(path),
            mend=N_("Use one of {formats}"),
            suffix=repr(path.suffix),
            formats=", ".join(known_format.suffixes[0] for known_format in FORMATS.values()),
        )
    entry = complete_entry(LayerEntry(path.stem, Role.LAYER, Title(path.stem)))
    # A reader never sees half a file: it is moved to its place only when it is complete.
    with draft_beside(path) as draft:
        with translate_write_errors(path.name, draft / path.name, mend):
            layer = Layer(entry, frame, path.name)
            FORMATS[file_format].write([layer], draft / path.name, WriteOptions())
        move_files(draft, path.parent)


def keep(table: pd.DataFrame, out: str | Path | None, name: str) -> None:
    """Write a table of a notebook to files, for Excel and QGIS.

    Writes ``OUT/NAME.csv``, and of a GeoDataFrame also the layer ``NAME`` of ``OUT/tables.gpkg``.
    An earlier table of that name is replaced; other layers stay.

    Parameters
    ----------
    table
        Any frame, in any CRS; numbers are written unrounded. An index other than row numbers
        becomes columns, and so do a point's coordinates in the CSV (``lon`` and ``lat`` in degrees
        on WGS 84); other geometries stand in the GeoPackage alone. Texts of the CSV that a
        spreadsheet would run have an apostrophe before them.
    out
        The folder, which is created if missing; None or empty to write nothing.
    name
        Small ASCII letters, digits, ``-`` and ``_``.

    Raises
    ------
    QueryError
        The name is another.
    CrsError
        A frame with geometry has no CRS.

    Examples
    --------
    >>> keep(pd.DataFrame({"km": [1.5]}), "", "lengths")  # no folder: nothing happens
    """
    if not SLUG.fullmatch(name):
        raise QueryError(
            N_("{name} cannot name a table"),
            parameter="name",
            mend=N_("Use small letters a to z, digits, - and _"),
            name=repr(name),
        )
    arguments.require_table(table, "table")
    if out is None or not str(out):
        return
    folder = expand_home(out)
    folder.mkdir(parents=True, exist_ok=True)
    columns = _reset_index(table)
    if isinstance(columns, gpd.GeoDataFrame) and columns.active_geometry_name is None:
        columns = pd.DataFrame(columns)
    mend = N_("Look whether the folder may be written")
    with draft_beside(folder / name) as draft, translate_write_errors(name, draft / name, mend):
        if isinstance(columns, gpd.GeoDataFrame):
            _add_layer(columns, folder / GEOPACKAGE, draft / GEOPACKAGE, name)
        flat = make_safe_table(_drop_geometry(columns))
        # Excel reads a CSV as UTF-8 only if it begins with a byte order mark (utf-8-sig).
        # With these ends of lines a break within a cell, of whatever kind, is written in quotes.
        flat.to_csv(draft / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\r\n")
        move_files(draft, folder)


def _reset_index(table: pd.DataFrame) -> pd.DataFrame:
    """Return a copy in which an index other than row numbers has become columns."""
    copy = table.copy()
    # A file has one row of headings: levels of column names are joined.
    if isinstance(copy.columns, pd.MultiIndex):
        copy.columns = pd.Index([" ".join(filter(None, map(str, c))) for c in copy.columns])
    # A level whose name is also a column is dropped, since a file cannot have the column twice.
    repeated = [level for level in copy.index.names if level is not None and level in copy.columns]
    is_row_number = copy.index.name is None and isinstance(copy.index, pd.RangeIndex)
    if len(repeated) == copy.index.nlevels:
        return copy.reset_index(drop=True)
    return copy.droplevel(repeated).reset_index(drop=is_row_number)


def _add_layer(frame: gpd.GeoDataFrame, existing: Path, draft: Path, name: str) -> None:
    """Write a copy of the existing GeoPackage with a layer added or replaced.

    Raises
    ------
    CrsError
        The frame has no CRS.
    """
    if frame.crs is None:
        raise CrsError(
            N_("the CRS is unknown"),
            where=name,
            mend=N_("Name it with set_crs before the table is kept"),
        )
    geometry = frame.geometry.name
    # Categories have no type in a GeoPackage, and become text.
    kinds = frame.drop(columns=geometry).dtypes
    texts = {c: "str" for c, kind in kinds.items() if isinstance(kind, pd.CategoricalDtype)}
    # A GeoPackage reserves the column "fid" for the number of a row.
    layer = frame.astype(texts).rename(columns={"fid": "fid_"})
    if existing.exists():
        shutil.copyfile(existing, draft)
    pyogrio.write_dataframe(layer, draft, driver="GPKG", layer=name)


def _drop_geometry(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without its geometry, and with the coordinates of points as columns."""
    if not isinstance(table, gpd.GeoDataFrame):
        return table
    table_only = pd.DataFrame(table.drop(columns=table.geometry.name))
    places = table.geometry.dropna()
    if len(places) and (places.geom_type == "Point").all():
        degrees = table.geometry.to_crs(4326)
        for column, values in (("lon", degrees.x), ("lat", degrees.y)):
            if column not in table_only:
                table_only[column] = values
    return table_only
