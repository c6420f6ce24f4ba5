"""The files of a join, looked at before anything is written: columns, CRS and rows of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from mapserver.errors import N_, CrsError, DataError, QueryError
from mapserver.files.damage import translate_read_errors
from mapserver.geo.extent import Box
from mapserver.joining.answers import NUMBERS, PROBLEM, RANK
from mapserver.joining.decoding import decode_places
from mapserver.joining.part_schema import list_path_keys, plan_columns
from mapserver.joining.place_columns import PlaceColumns, find_places
from mapserver.joining.point_files import PointFile, look_at_file, map_files
from mapserver.joining.question import Question
from mapserver.model import Snapshot
from mapserver.readers.vector.projection import ask_crs
from mapserver.settings import limits

METRES = 1000.0
"""Coordinates that are all beyond this are metres: degrees end at 180."""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    """A file of points that can be joined.

    Attributes
    ----------
    file
        The file.
    rows
        How many points it says to have.
    replaced
        Columns of it that would be written and are called like answers, which replace them.
    path_keys
        Keys in its path that are called like answers.
    """

    file: PointFile
    rows: int
    replaced: tuple[str, ...] = ()
    path_keys: tuple[str, ...] = ()


def list_answer_names(city: Snapshot, question: Question) -> set[str]:
    """List the names of all columns of answers: ids and names of layers, and measures."""
    names = {PROBLEM}.union(*(_list_own_names(city, layer) for layer in question.layers))
    return names if question.nearest is None else names | {RANK, *NUMBERS}


def _list_own_names(city: Snapshot, layer: str) -> set[str]:
    return set(city.identify_features(layer, np.empty(0, np.intp)))


def require_two_names(city: Snapshot, question: Question) -> None:
    """Refuse two layers whose answers have the same columns: only one of them could be written.

    Raises
    ------
    QueryError
        Both are one layer, or features of both are called by the same word.
    """
    within, nearest = question.within, question.nearest
    if within is None or nearest is None:
        return
    if within == nearest:
        raise QueryError(
            N_("the layer {layer} is asked twice, around and near each point"),
            parameter="nearest",
            mend=N_(
                "Ask for the nearest alone: that of a point inside of an area is this area, at 0 m "
                "(mapserver join --nearest {layer}, without --layer; city.nearest(points, "
                "layer={quoted}, out=...) in Python)"
            ),
            layer=within,
            quoted=f'"{within}"',
        )
    if shared := sorted(_list_own_names(city, within) & _list_own_names(city, nearest)):
        raise QueryError(
            N_("the answers of {within} and of {nearest} have the same columns: {names}"),
            parameter="nearest",
            mend=N_("Ask one after the other, and write each into a folder of its own"),
            within=within,
            nearest=nearest,
            names=", ".join(map(repr, shared)),
        )


def plan_files(
    files: Mapping[str, Path], question: Question, answers: Collection[str]
) -> list[PlannedFile]:
    """Check that all files can be joined, before the first of them is.

    Parameters
    ----------
    files
        The path of each by its name.
    question
        What is asked.
    answers
        Names of the columns of answers.

    Raises
    ------
    DataError
        One cannot be read, or has no places.
    CrsError
        The CRS of one is unknown.
    QueryError
        A column that is wanted is missing in one.
    """
    planned: list[PlannedFile] = []

    # One pass over all that may be wrong: a file that is damaged and one without a CRS are named
    # together, though the one is found out long before the other.
    def plan_file(name: str) -> None:
        file = look_at_file(files[name], name)
        with translate_read_errors(file.name, file.path):
            metadata = pq.read_metadata(file.path)
            places = find_places(metadata.schema.to_arrow_schema(), question.crs, file.name)
            columns = plan_columns(metadata, places, question.keep, file.name)
            _require_other_names(places, answers, file.name)
            if places.is_lonlat and not any(plan.rows for plan in planned):
                _require_degrees(file, places, question.box)
        replaced = tuple(name for name in columns.keep if name in answers)
        path_keys = tuple(key for key in list_path_keys(file.name) if key in answers)
        planned.append(PlannedFile(file, metadata.num_rows, replaced, path_keys))

    map_files(plan_file, files)
    return planned


def _require_other_names(places: PlaceColumns, answers: Collection[str], name: str) -> None:
    """Refuse geometries that an answer would replace: what is written were no GeoParquet.

    Raises
    ------
    DataError
        A column of geometries is called like an answer.
    """
    for column in (places.geo or {}).get("columns", {}):
        if column in answers:
            raise DataError(
                N_("the geometries stand in a column {column}, which is the name of an answer"),
                where=name,
                mend=N_("Give that column another name: geometry, say"),
                column=repr(column),
            )


def _require_degrees(file: PointFile, places: PlaceColumns, box: Box | None) -> None:
    """Ask for the CRS of a file that says degrees and begins with metres throughout.

    Raises
    ------
    CrsError
        It does.
    """
    with pq.ParquetFile(file.path, pre_buffer=False) as parquet:
        columns = list(places.columns)
        batches = parquet.iter_batches(limits.JOIN_SAMPLE_ROWS, columns=columns)
        batch = next(batches, None)
        if batch is None:
            return
        x, y, _ = decode_places(batch, places)
    is_number = np.isfinite(x) & np.isfinite(y)
    x, y = x[is_number], y[is_number]
    if not len(x) or not ((np.abs(x) > METRES) & (np.abs(y) > METRES)).all():
        return
    first = ask_crs(file.name, float(x[0]), float(y[0]), box).values["first"]
    raise CrsError(
        N_("{x}, {y} in {columns} look like metres of a projected CRS, and not like degrees"),
        where=file.name,
        mend=N_("Write it again with its CRS: frame.set_crs({quoted}, allow_override=True)")
        if places.geo is not None
        else N_(
            "Call the columns x and y, and name their CRS: --crs {first}, say; "
            "crs={quoted} in Python"
        ),
        x=float(x[0]),
        y=float(y[0]),
        columns=", ".join(map(repr, places.columns)),
        first=first,
        quoted=f'"{first}"',
    )
