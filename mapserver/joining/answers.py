"""The answers to a batch of places: which rows they make, and their columns."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyproj import CRS

from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats
from mapserver.index import Nearest
from mapserver.joining.bad_rows import FINE, PROBLEMS, BadRows, Codes, Mask
from mapserver.joining.index_files import OpenIndex
from mapserver.joining.labels import drop_null_labels, refer_to_labels
from mapserver.joining.place_columns import is_lonlat
from mapserver.joining.question import Question
from mapserver.model import nearest_columns

Positions = npt.NDArray[np.intp]
PROBLEM = "problem"
"""The column that says why a row has no answer."""
RANK = "rank"
BEARING = "bearing_deg"
NUMBERS = ("distance_m", "nearest_lon", "nearest_lat", BEARING, "walk_min")
"""What a nearest search measures, in the order of its columns."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to a batch.

    Attributes
    ----------
    row
        For each row of answers the row of the batch; None where each has exactly one, in order.
    columns
        By name.
    answered
        How many rows of the batch have an answer, by layer.
    codes
        What is wrong with each row of the batch; None where nothing is.
    """

    row: Positions | None
    columns: dict[str, pa.Array]
    answered: dict[str, int]
    codes: Codes | None


class Asker:
    """Asks the layers of a question for batches of places.

    Parameters
    ----------
    question
        What is asked.
    indexes
        The index of each layer that is asked, open, with ids and names.
    crs
        Of the places.
    threads
        How many threads search at once.
    """

    def __init__(
        self, question: Question, indexes: dict[str, OpenIndex], crs: CRS, threads: int = 1
    ) -> None:
        self._question, self._indexes, self._crs = question, indexes, crs
        self._threads = threads
        reach_m = 0.0
        if question.nearest is not None:
            reach_m = math.inf if question.max_distance_m is None else question.max_distance_m
        self._bad_rows = BadRows(crs, question.box, reach_m)
        self._is_lonlat = is_lonlat(crs)
        if question.within is not None:
            indexes[question.within].prepare(geodesy.LONLAT if self._is_lonlat else crs)

    def ask(self, x: Floats, y: Floats, is_missing: Mask | None) -> Answers:
        """Return the answers to a batch of places; nothing for rows that cannot be answered."""
        codes = self._bad_rows.classify(x, y, is_missing)
        good = None if codes is None else np.flatnonzero(codes == FINE)
        if good is not None:
            x, y = x[good], y[good]
        rows = len(x) if codes is None else len(codes)
        # First the areas, then the nearest of each row that they made: as one frame after another.
        row: Positions | None = None
        columns: dict[str, pa.Array] = {}
        answered: dict[str, int] = {}
        area: npt.NDArray[Any] | None = None
        if (layer := self._question.within) is not None:
            row, area = self._find_areas(self._indexes[layer], x, y, good, rows)
            answered[layer] = count_points(row, area >= 0)
        if (layer := self._question.nearest) is not None:
            nearest = self._find_nearest(self._indexes[layer], x, y, good)
            row, before, pair = combine_rows(nearest.point, row, rows)
            if area is not None and before is not None:
                area = area[before]
            answered[layer] = count_points(nearest.point)
            columns |= self._tabulate_nearest(self._indexes[layer], nearest, pair)
        if area is not None and self._question.within is not None:
            texts = refer_to_labels(area, self._indexes[self._question.within].labels)
            # The nearest comes last and takes the place of what is called the same.
            columns = {name: drop_null_labels(text) for name, text in texts.items()} | columns
        columns[PROBLEM] = write_problems(codes, row, rows)
        return Answers(row, columns, answered, codes)

    def _find_areas(
        self, index: OpenIndex, x: Floats, y: Floats, good: Positions | None, rows: int
    ) -> tuple[Positions | None, npt.NDArray[Any]]:
        """Return rows of answers and the area of each, -1 for none; no rows where each has one."""
        crs = geodesy.LONLAT if self._is_lonlat else self._crs
        row, area = index.find_areas(crs, x, y, self._threads)
        if good is None:
            return (None if len(row) == rows else row), area
        is_bad = np.ones(rows, bool)
        is_bad[good] = False
        bad = np.flatnonzero(is_bad)
        everything = np.concatenate([good[row], bad])
        areas = np.concatenate([area, np.full(len(bad), -1, area.dtype)])
        order = np.argsort(everything, kind="stable")
        return (None if len(order) == rows else everything[order]), areas[order]

    def _find_nearest(
        self, index: OpenIndex, x: Floats, y: Floats, good: Positions | None
    ) -> Nearest:
        plane = (x, y) if index.is_plane(self._crs) else None
        if not self._is_lonlat:
            x, y = geodesy.build_transformer(self._crs, geodesy.LONLAT).transform(x, y)
        question = self._question
        nearest = index.find_nearest(
            x, y, question.k, question.max_distance_m, plane, self._threads
        )
        if good is None:
            return nearest
        return replace(nearest, point=good[nearest.point])

    @staticmethod
    def _tabulate_nearest(
        index: OpenIndex, nearest: Nearest, pair: Positions | None
    ) -> dict[str, pa.Array]:
        """Make the columns of a nearest search: texts, rank and numbers, null for no answer.

        Parameters
        ----------
        index
            With ids and names.
        nearest
            The answers.
        pair
            For each row its position in them, -1 for none; None where they are the rows.
        """
        feature = nearest.feature
        rank = rank_pairs(nearest.point)
        numbers = nearest_columns(nearest)
        is_empty: Mask | None = None
        if pair is not None:
            is_empty = pair < 0
            # A row without an answer borrows the first one, which is hidden again by the mask.
            at = np.where(is_empty, 0, pair)
            if not len(feature):
                at, feature, rank = at[:0], np.full(len(pair), -1), np.zeros(len(pair), np.int64)
                numbers = {name: np.full(len(pair), np.nan) for name in NUMBERS}
            else:
                feature = np.where(is_empty, -1, feature[at])
                rank = rank[at]
                numbers = {name: values[at] for name, values in numbers.items()}
        texts = refer_to_labels(feature, index.labels)
        columns: dict[str, pa.Array] = {
            name: drop_null_labels(text) for name, text in texts.items()
        }
        columns[RANK] = pa.array(rank.astype(np.int64, copy=False), mask=is_empty)
        # NaN is null in a file: a bearing at 0 m, and what has no answer. All other numbers are
        # there where a feature is, so nobody need look for one that is not.
        for name in NUMBERS:
            may_be_nan = name == BEARING or not len(nearest.feature)
            columns[name] = pa.array(numbers[name], mask=is_empty, from_pandas=may_be_nan)
        return columns


def count_points(point: Positions | None, is_answer: Mask | None = None) -> int:
    """Count the points that have an answer, of rows sorted by point; each once."""
    if point is None:
        return 0 if is_answer is None else int(np.count_nonzero(is_answer))
    answered = point if is_answer is None else point[is_answer]
    if not len(answered):
        return 0
    return 1 + int(np.count_nonzero(answered[1:] != answered[:-1]))


def rank_pairs(point: Positions) -> Positions:
    """Count the answers of each point from 1; they are sorted by point."""
    if len(point) < 2 or (point[1:] != point[:-1]).all():
        return np.ones(len(point), np.intp)
    return np.arange(len(point)) - np.searchsorted(point, point) + 1


def combine_rows(
    point: Positions, row: Positions | None, rows: int
) -> tuple[Positions | None, Positions | None, Positions | None]:
    """Repeat rows for each answer of their point.

    Parameters
    ----------
    point
        The point of each answer, sorted.
    row
        The point of each row that there is so far; None where each point has one.
    rows
        How many points there are.

    Returns
    -------
    row, before, pair
        For each row now its point, the row so far that it repeats, and its answer (-1 for none);
        None for what would only count from 0.
    """
    counts = np.bincount(point, minlength=rows)
    if row is None and len(point) == rows and (counts == 1).all():
        return None, None, None
    starts = np.cumsum(counts) - counts
    points = np.arange(rows) if row is None else row
    repeats = np.maximum(counts, 1)[points]
    before = np.repeat(np.arange(len(points)), repeats)
    # The place of each row among those that repeat the same one, from 0.
    place = np.arange(len(before)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    at = points[before]
    pair = np.where(counts[at] > 0, starts[at] + place, -1)
    is_whole = row is None and len(before) == rows
    return (None if is_whole else at), (None if is_whole else before), pair


def write_problems(codes: Codes | None, row: Positions | None, rows: int) -> pa.Array:
    """Make the column that says why rows have no answer; null where they are fine."""
    words = pa.array(PROBLEMS[1:])
    count = rows if row is None else len(row)
    if codes is None:
        empty = pa.nulls(count, pa.int32())
        return pa.DictionaryArray.from_arrays(empty, words[:0])
    of_rows = codes if row is None else codes[row]
    numbers = pa.array(of_rows.astype(np.int32) - 1, mask=of_rows == FINE)
    return pa.DictionaryArray.from_arrays(numbers, words)
