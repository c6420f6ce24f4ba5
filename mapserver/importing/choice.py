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
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity
from mapserver.text.header_row import simplify_name

CONTAINERS = frozenset({".gpkg", ".fgb", ".kml", ".kmz", *SHEET_SUFFIXES})
"""Endings of files that name the layers in them."""

LISTED = frozenset({".gpkg", ".fgb", *SHEET_SUFFIXES})
"""Of these the ones whose layers can be listed before they are read."""


SAME_PLACE_DEG = 1e-7
"""Coordinates that differ by less, 1 cm, are of one place."""


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


def pick_layer(inputs: Sequence[Input], layer: str | None) -> list[Input]:
    """Select the files, or the layer in a file, that ``--layer`` names.

    A file is meant by its name, with or without its ending and its folder; a layer, sheet or folder
    in a file by its own. Without ``--layer`` all files are meant.

    Raises
    ------
    DataError
        There is no such layer; the message names those that there are.
    """
    if layer is None:
        return list(inputs)
    # From the most certain meaning to the least: a layer that a file lists, a file, and at last a
    # layer in a file that does not list its own, whose reader will say whether it is there.
    wanted = _fold_case(layer)
    inner_layers = [
        replace(input_, layer=name)
        for input_ in inputs
        if (name := _find_layers(input_).get(wanted))
    ]
    if inner_layers:
        return inner_layers
    named_inputs = [input_ for input_ in inputs if wanted in _list_names(input_)]
    if named_inputs:
        return named_inputs
    containers = [replace(input_, layer=layer) for input_ in inputs if _is_unlisted(input_)]
    if containers:
        return containers
    names = [
        name
        for input_ in inputs
        for name in (_list_layers(input_) or [_find_short_name(input_, inputs)])
    ]
    raise ask_layer(list(dict.fromkeys(names)), layer, ", ".join(_list_groups(inputs)))


def _fold_case(name: str) -> str:
    # macOS writes Hangul of file names in parts (NFD), whoever types a name writes it whole (NFC).
    return unicodedata.normalize("NFC", name).casefold()


def _list_names(input_: Input) -> set[str]:
    """Return what a file may be called: with and without its ending, and with its folder."""
    path = PurePosixPath(input_.name)
    inner_path = PurePosixPath(*path.parts[1:]) if len(path.parts) > 1 else path
    paths = {path, inner_path, PurePosixPath(path.name)}
    spellings = {
        spelling for file_path in paths for spelling in (file_path, file_path.with_suffix(""))
    }
    return {_fold_case(str(spelling)) for spelling in spellings}


def _list_layers(input_: Input) -> list[str]:
    """Return the names of the layers in a file; empty where they are not listed."""
    if input_.path.suffix.lower() not in LISTED:
        return []
    try:
        with translate_read_errors(input_.name, input_.path):
            return [str(layer) for layer, _ in pyogrio.list_layers(input_.path.absolute())]
    except DataError:
        # Whoever reads the file says what is wrong with it.
        return []


def _find_layers(input_: Input) -> dict[str, str]:
    """Return the layers in a file by their names without case; the last of two such counts."""
    return {_fold_case(layer): layer for layer in _list_layers(input_)}


def _is_unlisted(input_: Input) -> bool:
    return input_.path.suffix.lower() in CONTAINERS and not _list_layers(input_)


def _find_short_name(input_: Input, inputs: Sequence[Input]) -> str:
    """Return the shortest name by which one of several files can be picked."""
    stem = PurePosixPath(input_.name).stem
    namesakes = [candidate for candidate in inputs if PurePosixPath(candidate.name).stem == stem]
    return stem if len(namesakes) == 1 else input_.name


def _list_groups(inputs: Sequence[Input]) -> list[str]:
    return list(dict.fromkeys(PurePosixPath(input_.name).parts[0] for input_ in inputs))


def check_groups(
    read: Sequence[tuple[Input, Shape, gpd.GeoDataFrame]], *, has_ids: bool
) -> list[Finding]:
    """Check that several files of one folder or archive are one layer, or ask which is meant.

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
    for input_, shape, frame in read:
        if input_.group is not None:
            groups[input_.group].append((input_, shape, frame))
    findings = []
    for group, members in groups.items():
        if len(members) < 2:
            continue
        group_inputs = [input_ for input_, _, _ in members]
        name = PurePosixPath(group_inputs[0].name).parts[0]
        are_different = len({shape for _, shape, _ in members}) > 1
        if are_different or _share_features([frame for _, _, frame in members], has_ids=has_ids):
            raise ask_layer(
                [_find_short_name(input_, group_inputs) for input_ in group_inputs],
                None,
                name or str(group),
            )
        findings.append(_report_one_layer(name, group_inputs))
    return findings


def _share_features(frames: Sequence[gpd.GeoDataFrame], *, has_ids: bool) -> bool:
    """Check whether one feature, by its id or its geometry, is in two files."""
    ids = [set(frame.index) for frame in frames]
    # Two exports of one feature may begin at another vertex and differ in the last digits: rounded
    # to 1e-7 degrees (1 cm), and in one order, both have the same bytes.
    shapes = [
        set(shapely.to_wkb(shapely.normalize(shapely.set_precision(geometries, SAME_PLACE_DEG))))
        for geometries in (frame.geometry.dropna().to_numpy() for frame in frames)
    ]
    kinds = [ids, shapes] if has_ids else [shapes]
    # What is in two sets counts once in their union, and twice in the sum of their sizes.
    return any(len(set.union(*sets)) < sum(map(len, sets)) for sets in kinds)


def _report_one_layer(name: str, group_inputs: Sequence[Input]) -> Finding:
    return Finding(
        Severity.NOTE,
        "parts-of-one-layer",
        name,
        N_("{count} files with the same columns are taken as one layer: {files}"),
        N_("If only one of them is meant, name it with --layer"),
        values={
            "count": len(group_inputs),
            "files": ", ".join(
                PurePosixPath(input_.name).name for input_ in group_inputs[: limits.MAX_NAMED_FILES]
            )
            + (", …" if len(group_inputs) > limits.MAX_NAMED_FILES else ""),
        },
    )
