"""Layers in folders and archives: the one that is meant, or one layer in several files."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from mapserver.errors import N_, DataError
from mapserver.files.damage import translate_read_errors
from mapserver.importing.inputs import Input
from mapserver.readers.sheets import SUFFIXES as SHEET_SUFFIXES
from mapserver.readers.vector.shapefile import ask_layer
from mapserver.readers.vector.source import Source
from mapserver.text.findings import Finding, Severity
from mapserver.text.header_row import simplify_name

CONTAINERS = frozenset({".gpkg", ".fgb", ".kml", ".kmz", *SHEET_SUFFIXES})
"""Endings of files that name the layers in them."""

LISTED = frozenset({".gpkg", ".fgb", *SHEET_SUFFIXES})
"""Of these the ones whose layers can be listed before they are read."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What tells one layer from another: the columns, and points, lines or polygons.

    Attributes
    ----------
    columns
        Simplified names of the file's columns.
    dimensions
        Those of its geometries: 0, 1, 2.
    """

    columns: frozenset[str]
    dimensions: frozenset[int]


def describe_shape(source: Source) -> Shape:
    """Return the shape of a layer as it was read."""
    geometries = source.frame.geometry.to_numpy()
    present = geometries[~(shapely.is_missing(geometries) | shapely.is_empty(geometries))]
    columns = frozenset(simplify_name(str(c)) for c in source.frame if c != "geometry")
    return Shape(columns, frozenset(map(int, np.unique(shapely.get_dimensions(present)))))


def pick_layer(every: Sequence[Input], layer: str | None) -> list[Input]:
    """Select the files, or the layer in a file, that ``--layer`` names.

    A file is meant by its name, with or without its ending and its folder; a layer, sheet or folder
    in a file by its own. Without ``--layer`` all files are meant.

    Raises
    ------
    DataError
        There is no such layer; the message names those that there are.
    """
    if layer is None:
        return list(every)
    wanted = _folded(layer)
    inside = [replace(one, layer=name) for one in every if (name := _layers_in(one).get(wanted))]
    if inside:
        return inside
    files = [one for one in every if wanted in _names_of(one)]
    if files:
        return files
    unlisted = [replace(one, layer=layer) for one in every if _is_unlisted(one)]
    if unlisted:
        return unlisted
    names = [name for one in every for name in (_listed(one) or [_label(one, every)])]
    raise ask_layer(list(dict.fromkeys(names)), layer, ", ".join(_groups(every)))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _names_of(one: Input) -> set[str]:
    """Return what a file may be called: with and without its ending, and with its folder."""
    path = PurePosixPath(one.name)
    inside = PurePosixPath(*path.parts[1:]) if len(path.parts) > 1 else path
    named = {path, inside, PurePosixPath(path.name)}
    return {_folded(str(each)) for p in named for each in (p, p.with_suffix(""))}


def _listed(one: Input) -> list[str]:
    """Return the names of the layers in a file; empty where they are not listed."""
    if one.path.suffix.lower() not in LISTED:
        return []
    try:
        with translate_read_errors(one.name, one.path):
            return [str(layer) for layer, _ in pyogrio.list_layers(one.path.absolute())]
    except DataError:  # whoever reads it says what is wrong
        return []


def _layers_in(one: Input) -> dict[str, str]:
    """Return the layers in a file by their names without case; the last of two such counts."""
    return {_folded(layer): layer for layer in _listed(one)}


def _is_unlisted(one: Input) -> bool:
    return one.path.suffix.lower() in CONTAINERS and not _listed(one)


def _label(one: Input, every: Sequence[Input]) -> str:
    """Return the shortest name by which one of several files can be picked."""
    stem = PurePosixPath(one.name).stem
    same = [other for other in every if PurePosixPath(other.name).stem == stem]
    return stem if len(same) == 1 else one.name


def _groups(every: Sequence[Input]) -> list[str]:
    return list(dict.fromkeys(PurePosixPath(one.name).parts[0] for one in every))


def check_groups(
    read: Sequence[tuple[Input, Shape, gpd.GeoDataFrame]], *, has_ids: bool
) -> list[Finding]:
    """Take several files of one folder or archive for one layer, or ask which of them is meant.

    They are parts of one layer when they have the same columns and the same kind of geometry, and
    no feature is in two of them: one file for each neighbourhood or quarter. Otherwise they are
    layers that have nothing to do with each other, or one layer in several versions.

    Parameters
    ----------
    read
        The files that could be read, with their features.
    has_ids
        Ids come from a column; two files with the same id are then versions of one layer.

    Raises
    ------
    DataError
        A folder or archive holds several layers.
    """
    groups: dict[Path, list[tuple[Input, Shape, gpd.GeoDataFrame]]] = defaultdict(list)
    for one, shape, frame in read:
        if one.group is not None:
            groups[one.group].append((one, shape, frame))
    findings = []
    for group, members in groups.items():
        if len(members) < 2:
            continue
        files = [one for one, _, _ in members]
        name = PurePosixPath(files[0].name).parts[0]
        different = len({shape for _, shape, _ in members}) > 1
        if different or _overlap([frame for _, _, frame in members], has_ids=has_ids):
            raise ask_layer([_label(one, files) for one in files], None, name or str(group))
        findings.append(_taken_as_one(name, files))
    return findings


def _overlap(frames: Sequence[gpd.GeoDataFrame], *, has_ids: bool) -> bool:
    """Check whether one feature, by its id or its geometry, is in two files."""
    ids = [set(frame.index) for frame in frames]
    shapes = [
        set(shapely.to_wkb(shapely.normalize(shapely.set_precision(geometries, 1e-7))))
        for geometries in (frame.geometry.dropna().to_numpy() for frame in frames)
    ]
    kinds = [ids, shapes] if has_ids else [shapes]
    return any(len(set.union(*sets)) < sum(map(len, sets)) for sets in kinds)


def _taken_as_one(name: str, files: Sequence[Input]) -> Finding:
    return Finding(
        Severity.NOTE,
        "parts-of-one-layer",
        name,
        N_("{count} files with the same columns are taken as one layer: {files}"),
        N_("If only one of them is meant, name it with --layer"),
        values={
            "count": len(files),
            "files": ", ".join(PurePosixPath(one.name).name for one in files[:12])
            + (", …" if len(files) > 12 else ""),
        },
    )
