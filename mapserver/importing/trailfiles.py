"""GPX files of trails: ids that are file names, and files made of lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import geopandas as gpd

from mapserver.errors import N_, DataError
from mapserver.model import make_slug
from mapserver.readers.gpx import GpxFile
from mapserver.readers.gpx.original import Originals
from mapserver.settings import limits
from mapserver.text import encoding
from mapserver.writers.gpx import encode_gpx

OTHER_POINTS = "facilities"
"""The file of waypoints that belong to no trail."""


def has_own_ids(content: GpxFile) -> bool:
    """Return whether a file gives its trails ids of their own, as an export of a city does."""
    trails = content.trails
    # The reader of GPX numbers the tracks of a file that says no ids: walk-1, walk-2 ...
    stems = {id_.rpartition("-")[0] for id_ in map(str, trails.index)}
    numbered_ids = [f"{stem}-{number}" for stem in stems for number in range(1, len(trails) + 1)]
    return len(trails) > 1 and list(trails.index) != numbered_ids


def write_lines(lines: gpd.GeoDataFrame) -> dict[str, bytes]:
    """Write a GPX file of each line.

    Parameters
    ----------
    lines
        EPSG:4326, indexed by id, with ``name`` and perhaps ``description`` and ``kind``, which
        says whether a line is a route.

    Returns
    -------
    dict
        Files by the ids of the lines.
    """
    columns = [c for c in ("name", "description", "kind") if c in lines]
    return {
        str(id_): encode_gpx(
            [lines.loc[[id_], [*columns, "geometry"]]],
            [],
            {"name": name if isinstance(name, str) else ""},
        )
        for id_, name in lines["name"].items()
    }


def split_file(content: GpxFile, path: Path, name: str) -> dict[str, bytes]:
    """Write a GPX file of each trail of a file that gives its trails ids of their own.

    That is what an export of a whole city does; each trail gets what the file says of it, and the
    waypoints that name it. Those that name none are in a file without a trail.

    Parameters
    ----------
    content, path, name
        The file as it was read, the file, and its name for messages.

    Returns
    -------
    dict
        Files by the ids of the trails; the one of other waypoints as ``facilities``.
    """
    originals = Originals({name: path}, limits.MAX_GPX_BYTES)
    points = content.waypoints
    files = {
        str(id_): encode_gpx(
            [content.trails.loc[[id_]]],
            [points[points["trail"] == id_]],
            {},
            originals,
            is_whole_file=False,
        )
        for id_ in content.trails.index
    }
    unowned_points = points[~points["trail"].isin(content.trails.index)]
    if len(unowned_points):
        files[OTHER_POINTS] = encode_gpx([], [unowned_points], {}, originals, is_whole_file=False)
    return files


def make_trail_id(stem: str, used_ids: Iterable[str]) -> str:
    """Make the id of a trail from a file's name or a feature's id: a slug of its own."""
    folded_ids = {id_.casefold() for id_ in used_ids}
    # Ids are told apart without regard to case, as many disks tell file names apart.
    base = make_slug(encoding.decode_file_name(stem)) or f"trail-{len(folded_ids) + 1:03}"
    id_, number = base, 1
    while id_ in folded_ids:
        number += 1
        id_ = f"{base}-{number}"
    return id_


def choose_point_files(
    files: Mapping[str, bytes], trails: Mapping[str, bytes], folder: Path, *, replace: bool
) -> dict[str, bytes]:
    """Choose names for files of waypoints without a trail, so that none takes another's place.

    Parameters
    ----------
    files
        The files by the names that they would have.
    trails
        The trails that are added, by their ids.
    folder
        The folder of the city's GPX files; it need not be there.
    replace
        Files that are there give way.
    """
    if not files:  # so that who adds a layer waits for no GPX file to be read
        return {}
    # A file that is there with the same content is the same file, and keeps its name.
    present = {path.stem: path.read_bytes() for path in list_gpx(folder)}
    result: dict[str, bytes] = {}
    for name, data in files.items():
        used_stems = {
            stem for stem, present_data in present.items() if not replace and present_data != data
        }
        result[make_trail_id(name, {*trails, *result, *used_stems})] = data
    return result


def choose_trail_ids(
    earlier_trails: Mapping[str, bytes],
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
        Trails that are there give way; one whose id differs by its case alone, too, since many
        disks do not tell ``Walk.gpx`` from ``walk.gpx``.

    Raises
    ------
    DataError
        There is a trail of that id already.
    """
    trails = dict(earlier_trails)
    present = {path.stem.casefold(): path.stem for path in list_gpx(folder)}
    for stem, data in files.items():
        id_ = make_trail_id(stem, trails)
        present_id = present.get(id_, id_)
        if id_ in present and not replace:
            raise DataError(
                N_("there is a trail {id} already"),
                where=name,
                mend=N_("Add it with --replace, or give the file another name"),
                id=repr(present_id),
            )
        trails[present_id] = data
    return trails


def list_gpx(folder: Path | None) -> list[Path]:
    """List the GPX files of a folder, which need not be there."""
    return [] if folder is None or not folder.is_dir() else sorted(folder.glob("*.gpx"))
