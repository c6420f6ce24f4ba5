"""Files of points in, files of answers out: what planners feed a question and get back."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from mapserver.catalog import LayerEntry, Role
from mapserver.errors import N_, CrsError, DataError, QueryError
from mapserver.findings import Finding
from mapserver.gpx import read_gpx
from mapserver.vector import read_layer

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
        Rows that were left out, by line, and whatever else is odd.

    Raises
    ------
    DataError
        The file is not there or cannot be read.
    CrsError
        Its CRS is unknown.
    """
    if not path.is_file():
        raise DataError(
            N_("there is no such file"), where=str(path), mend=N_("Check the name and the folder")
        )
    if path.suffix.lower() == ".gpx":
        content = read_gpx(path, name=path.name)
        return content.waypoints, list(content.findings)
    return read_layer(path, LayerEntry("points", Role.LAYER), name=path.name)


def read_file(
    path: str | Path, *, crs: str | None = None, encoding: str | None = None
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Read a layer of one's own, with the evidence that layers of a city are read with.

    Parameters
    ----------
    path
        A file of any layer format, or a CSV with coordinates.
    crs, encoding
        Of a file that does not say them.

    Returns
    -------
    frame : GeoDataFrame
        EPSG:4326, with the file's own columns, indexed by id.
    findings : list of Finding
        Rows that were left out, and whatever else is odd.

    Raises
    ------
    DataError
        The file is not there or cannot be read.
    CrsError
        Its CRS is unknown.
    """
    file = Path(path)
    if not file.is_file():
        raise DataError(
            N_("there is no such file"), where=str(file), mend=N_("Check the name and the folder")
        )
    entry = LayerEntry(file.stem, Role.LAYER, crs=crs, encoding=encoding)
    return read_layer(file, entry, name=file.name)


def write(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a frame in the format that the file's ending names.

    The file appears whole or not at all: it is written beside its place and then moved there.

    Parameters
    ----------
    frame
        EPSG:4326; its index becomes a column where it has a name.
    path
        ``.csv`` (UTF-8 with byte order mark, ``lon`` and ``lat`` of points), ``.geojson``,
        ``.gpkg``, ``.fgb`` or ``.parquet``.

    Raises
    ------
    DataError
        The ending is none of these, or the folder is not there.
    """
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise DataError(
            N_("files that end in {suffix} cannot be written"),
            where=str(path),
            mend=N_("Use one of {formats}"),
            suffix=repr(path.suffix),
            formats=", ".join(_WRITERS),
        )
    if not path.parent.is_dir():
        raise DataError(
            N_("there is no such folder"), where=str(path.parent), mend=N_("Make it first")
        )
    named = frame.index.name
    table = frame.reset_index(drop=named is None or named in frame.columns)
    with _drafted(path) as draft:
        writer(table, draft)


def keep(table: pd.DataFrame, out: str | Path | None, name: str) -> None:
    """Keep a table of a notebook as files, for Excel and QGIS.

    Writes ``OUT/NAME.csv``, and of a GeoDataFrame also the layer ``NAME`` of ``OUT/tables.gpkg``.
    What was there under that name is replaced; other layers stay.

    Parameters
    ----------
    table
        Any frame, in any CRS; numbers are written as they are, unrounded. An index that says
        something becomes columns, and so do a point's coordinates in the CSV (``lon`` and ``lat``
        in degrees on WGS 84); other geometries stand in the GeoPackage alone.
    out
        The folder, which is made if it is not there; None or empty: nothing is kept.
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
    if out is None or not str(out):
        return
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    columns = _with_index(table)
    if isinstance(columns, gpd.GeoDataFrame):
        _keep_layer(columns, folder / GEOPACKAGE, name)
    with _drafted(folder / f"{name}.csv") as draft:
        _without_geometry(columns).to_csv(draft, index=False, encoding="utf-8-sig")


def _with_index(table: pd.DataFrame) -> pd.DataFrame:
    """Give a copy in which the index is columns, where it is more than a row number."""
    copy = table.copy()
    if isinstance(copy.columns, pd.MultiIndex):
        copy.columns = pd.Index([" ".join(filter(None, map(str, c))) for c in copy.columns])
    doubled = [level for level in copy.index.names if level is not None and level in copy.columns]
    number = copy.index.name is None and isinstance(copy.index, pd.RangeIndex)
    if len(doubled) == copy.index.nlevels:
        return copy.reset_index(drop=True)
    return copy.droplevel(doubled).reset_index(drop=number)


def _keep_layer(frame: gpd.GeoDataFrame, path: Path, name: str) -> None:
    if frame.crs is None:
        raise CrsError(
            N_("the CRS is unknown"),
            where=name,
            mend=N_("Name it with set_crs before the table is kept"),
        )
    geometry = frame.geometry.name
    kinds = frame.drop(columns=geometry).dtypes
    texts = {c: "str" for c, kind in kinds.items() if isinstance(kind, pd.CategoricalDtype)}
    # GeoPackage keeps the number of a row under this name.
    layer = frame.astype(texts).rename(columns={"fid": "fid_"})
    with _drafted(path) as draft:
        if path.exists():
            shutil.copyfile(path, draft)
        pyogrio.write_dataframe(layer, draft, driver="GPKG", layer=name)


def _without_geometry(table: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(table, gpd.GeoDataFrame):
        return table
    flat = pd.DataFrame(table.drop(columns=table.geometry.name))
    places = table.geometry.dropna()
    if len(places) and (places.geom_type == "Point").all():
        degrees = table.geometry.to_crs(4326)
        for column, values in (("lon", degrees.x), ("lat", degrees.y)):
            if column not in flat:
                flat[column] = values
    return flat


@contextmanager
def _drafted(path: Path) -> Iterator[Path]:
    """Give a name beside a file's place to write to; what is there then moves into the place."""
    draft = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _write_csv(frame: gpd.GeoDataFrame, path: Path) -> None:
    points = frame.geometry.to_numpy()
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    for column, values in (("lon", shapely.get_x(points)), ("lat", shapely.get_y(points))):
        # A file that came with these columns gets them back as they were.
        if column not in table:
            table[column] = values.round(7)
    # With the mark, Excel takes the text for what it is; without, it garbles Korean.
    table.to_csv(path, index=False, encoding="utf-8-sig")


def _write_geojson(frame: gpd.GeoDataFrame, path: Path) -> None:
    pyogrio.write_dataframe(frame, path, driver="GeoJSON", RFC7946="YES", COORDINATE_PRECISION=7)


def _write_geopackage(frame: gpd.GeoDataFrame, path: Path) -> None:
    layer = path.name.split(".")[1]  # the draft's name without its dot
    pyogrio.write_dataframe(frame, path, driver="GPKG", layer=layer)


def _write_flatgeobuf(frame: gpd.GeoDataFrame, path: Path) -> None:
    pyogrio.write_dataframe(frame, path, driver="FlatGeobuf")


def _write_parquet(frame: gpd.GeoDataFrame, path: Path) -> None:
    frame.to_parquet(path, index=False)


_WRITERS: dict[str, Callable[[gpd.GeoDataFrame, Path], None]] = {
    ".csv": _write_csv,
    ".geojson": _write_geojson,
    ".gpkg": _write_geopackage,
    ".fgb": _write_flatgeobuf,
    ".parquet": _write_parquet,
}
