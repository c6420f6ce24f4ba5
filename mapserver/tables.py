"""Files of points in, files of answers out: what planners feed a question and get back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from mapserver.catalog import LayerEntry, Role
from mapserver.errors import N_, DataError
from mapserver.findings import Finding
from mapserver.gpx import read_gpx
from mapserver.vector import read_layer


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
    draft = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    named = frame.index.name
    table = frame.reset_index(drop=named is None or named in frame.columns)
    try:
        writer(table, draft)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def keep(table: pd.DataFrame, out: str | Path, name: str) -> None:
    """Keep a table of a notebook in a folder, where there is one.

    Parameters
    ----------
    table
        A frame; of a GeoDataFrame the shapes are kept as well.
    out
        The folder, which is made; empty for none, and then nothing is written.
    name
        The table becomes ``<name>.csv`` (UTF-8 with byte order mark), and a GeoDataFrame also
        the layer ``<name>`` of ``tables.gpkg``.
    """
    if not out:
        return
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    numbered = all(level is None for level in table.index.names)
    plain = table.reset_index(drop=numbered)
    shapes = isinstance(plain, gpd.GeoDataFrame)
    cells = pd.DataFrame(plain.drop(columns=plain.geometry.name) if shapes else plain)
    cells.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig")
    if shapes:
        pyogrio.write_dataframe(plain, folder / "tables.gpkg", driver="GPKG", layer=name)


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
