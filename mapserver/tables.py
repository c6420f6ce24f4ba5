"""Files of points in, files of answers out: what planners feed a question and get back."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd

from mapserver.catalog import LayerEntry, Role, Title, complete_entry
from mapserver.errors import N_, DataError
from mapserver.findings import Finding
from mapserver.formats import FORMATS, How, format_of
from mapserver.formats.drafts import draft_beside, move_files
from mapserver.gpx import read_gpx
from mapserver.store.files import Layer
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


def write(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Write a frame in the format that the file's ending names.

    The file appears whole or not at all: it is written beside its place and then moved there.

    Parameters
    ----------
    frame
        EPSG:4326; its index becomes a column where it has a name.
    path
        ``.csv``, ``.geojson``, ``.gpkg``, ``.fgb``, ``.parquet`` or another of
        :mod:`mapserver.formats`.

    Raises
    ------
    DataError
        The ending is none of these, or the folder is not there.
    """
    chosen = format_of(path)
    if chosen is None:
        raise DataError(
            N_("files that end in {suffix} cannot be written"),
            where=str(path),
            mend=N_("Use one of {formats}"),
            suffix=repr(path.suffix),
            formats=", ".join(kind.suffixes[0] for kind in FORMATS.values()),
        )
    entry = complete_entry(LayerEntry(path.stem, Role.LAYER, Title(path.stem)))
    with draft_beside(path) as draft:
        FORMATS[chosen].write([Layer(entry, frame, path.name)], draft / path.name, How())
        move_files(draft, path.parent)
