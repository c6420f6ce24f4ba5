"""The files of a join, looked at before anything is written: columns, CRS and rows of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.parquet as pq

from mapserver.errors import N_, CrsError
from mapserver.files.damage import translate_read_errors
from mapserver.geo.extent import Box
from mapserver.joining.decoding import decode_places
from mapserver.joining.part_schema import plan_columns
from mapserver.joining.place_columns import PlaceColumns, find_places
from mapserver.joining.point_files import PointFile
from mapserver.joining.question import Question
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
    """

    file: PointFile
    rows: int


def plan_files(files: Sequence[PointFile], question: Question) -> list[PlannedFile]:
    """Check that all files can be joined, before the first of them is.

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
    for file in files:
        with translate_read_errors(file.name, file.path):
            metadata = pq.read_metadata(file.path)
            places = find_places(metadata.schema.to_arrow_schema(), question.crs, file.name)
            plan_columns(metadata, places, question.keep, file.name)
            if places.is_lonlat and not any(plan.rows for plan in planned):
                _require_degrees(file, places, question.box)
        planned.append(PlannedFile(file, metadata.num_rows))
    return planned


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
        first = next(batches, None)
        if first is None:
            return
        x, y, _ = decode_places(first, places)
    is_number = np.isfinite(x) & np.isfinite(y)
    x, y = x[is_number], y[is_number]
    if not len(x) or not ((np.abs(x) > METRES) & (np.abs(y) > METRES)).all():
        return
    raise CrsError(
        N_("{x}, {y} in {columns} look like metres of a projected CRS, and not like degrees"),
        where=file.name,
        mend=N_("Call the columns x and y, and name their CRS: --crs {first}, say"),
        x=float(x[0]),
        y=float(y[0]),
        columns=", ".join(map(repr, places.columns)),
        first=ask_crs(file.name, float(x[0]), float(y[0]), box).values["first"],
    )
