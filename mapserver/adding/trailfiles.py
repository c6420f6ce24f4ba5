"""GPX files of trails: ids that are file names, and files made of lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import geopandas as gpd

from mapserver import encoding
from mapserver.catalog import slug
from mapserver.errors import N_, DataError
from mapserver.formats.gpx import gpx


def write_lines(lines: gpd.GeoDataFrame) -> dict[str, bytes]:
    """Write a GPX file of each line.

    Parameters
    ----------
    lines
        EPSG:4326, indexed by id, with ``name``.

    Returns
    -------
    dict
        Files by the ids of the lines.
    """
    return {
        str(id_): gpx(
            [lines.loc[[id_], ["name", "geometry"]]],
            [],
            {"name": name if isinstance(name, str) else ""},
        )
        for id_, name in lines["name"].items()
    }


def trail_id(stem: str, taken: Iterable[str]) -> str:
    """Make the id of a trail from a file's name or a feature's id: a slug of its own."""
    used = set(taken)
    base = slug(encoding.file_name(stem)) or f"trail-{len(used) + 1:03}"
    free, number = base, 1
    while free in used:
        number += 1
        free = f"{base}-{number}"
    return free


def choose_trail_ids(
    taken: Mapping[str, bytes],
    files: Mapping[str, bytes],
    folder: Path | None,
    name: str,
    *,
    replace: bool,
) -> dict[str, bytes]:
    """Add the trails of one file to those that were read before.

    Parameters
    ----------
    taken
        Trails of files that were read before, by their ids.
    files
        Trails of this file, by their stems.
    folder
        The folder of the city's trails; None where there is none.
    name
        Name of the file for messages.
    replace
        Trails that are there give way.

    Raises
    ------
    DataError
        There is a trail of that id already.
    """
    trails = dict(taken)
    for stem, data in files.items():
        id_ = trail_id(stem, trails)
        if folder is not None and (folder / f"{id_}.gpx").exists() and not replace:
            raise DataError(
                N_("there is a trail {id} already"),
                where=name,
                mend=N_("Add it with --replace, or give the file another name"),
                id=repr(id_),
            )
        trails[id_] = data
    return trails
