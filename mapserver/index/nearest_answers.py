"""Answers of a nearest search as arrays: joined, sorted, and cut off at the nearest."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats

Positions = npt.NDArray[np.intp]

COLUMNS = ("point", "feature", "distance_m", "bearing_deg", "lon", "lat")
"""The columns of an answer, of one length."""
NAMES = (*COLUMNS, "no_place")


def _list_nothing() -> Positions:
    return np.empty(0, np.intp)


@dataclass(frozen=True, slots=True)
class Nearest:
    """Answers of a nearest search, one row a pair, by point and then nearest first.

    Attributes
    ----------
    point, feature
        Positions of the query point and of the feature found.
    distance_m
        Geodesic metres on WGS 84; 0 inside a polygon.
    bearing_deg
        Direction from the point to the snapped point, clockwise from north; NaN at distance 0.
    lon, lat
        The snapped point: the place on the feature that is nearest, in degrees.
    no_place
        Positions of query points that are no place on earth (NaN, infinite, latitude 127), in
        ascending order. They have no row.
    """

    point: Positions
    feature: Positions
    distance_m: Floats
    bearing_deg: Floats
    lon: Floats
    lat: Floats
    no_place: Positions = field(default_factory=_list_nothing)

    def select_rows(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Nearest:
        """Return some rows, in the order given."""
        columns = [*(getattr(self, name)[rows] for name in COLUMNS), self.no_place]
        return Nearest(*columns)

    def shift_points(self, points: int) -> Nearest:
        """Return the same answers, with positions that count from so many points before."""
        if not points:
            return self
        return replace(self, point=self.point + points, no_place=self.no_place + points)

    def select_points(self, rows: Positions, no_place: Positions) -> Nearest:
        """Return the same answers for points that were selected from more.

        Parameters
        ----------
        rows
            The position of each point among all of them.
        no_place
            Those among all that are no place, and were left out.
        """
        return replace(self, point=rows[self.point], no_place=no_place)

    def list_snaps(self) -> list[Snap]:
        """List the rows as plain values."""
        columns = (getattr(self, name).tolist() for name in Snap._fields)
        return [Snap(*row) for row in zip(*columns, strict=True)]

    @classmethod
    def from_snap(cls, snap: Snap | None, max_distance_m: float | None = None) -> Nearest:
        """Build the arrays of the answer for one point; without a row if that is too far."""
        greatest = math.inf if max_distance_m is None else max_distance_m
        rows = [(0, *snap)] if snap is not None and snap.distance_m <= greatest else []
        columns = np.array(rows, float).reshape(-1, 6).T
        return cls(columns[0].astype(np.intp), columns[1].astype(np.intp), *columns[2:])


class Snap(NamedTuple):
    """The answer of a nearest search for one point and one feature.

    Attributes
    ----------
    feature
        Position of the feature found.
    distance_m, bearing_deg, lon, lat
        As of :class:`Nearest`.
    """

    feature: int
    distance_m: float
    bearing_deg: float
    lon: float
    lat: float


def concatenate_answers(answers: list[Nearest]) -> Nearest:
    """Return the rows of several answers, one after the other."""
    columns = (np.concatenate([getattr(a, name) for a in answers]) for name in COLUMNS)
    return Nearest(*columns)


def join_answers(answers: Iterable[Nearest]) -> Nearest:
    """Return answers one after the other; column by column, so that little is held twice."""
    columns: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in NAMES}
    for answer in answers:
        for name, parts in columns.items():
            parts.append(getattr(answer, name))
    # pop() frees the parts of a column as soon as it is joined.
    return Nearest(**{name: np.concatenate(columns.pop(name)) for name in NAMES})


def merge_containing(answer: Nearest, containing: Nearest, k: int) -> Nearest:
    """Return answers in which the polygons that contain a point come before the others.

    Parameters
    ----------
    answer, containing
        The nearest features, and the polygons that contain points; both sorted by point.
    k
        How many answers a point has at most.
    """
    # Only points in a polygon need to be sorted again.
    is_contained = np.zeros(answer.point.max(initial=-1) + 1, bool)
    is_contained[containing.point[containing.point < len(is_contained)]] = True
    is_shared = is_contained[answer.point]
    sorted_rows = select_nearest(
        concatenate_answers([containing, answer.select_rows(is_shared)]), k
    )
    merged = concatenate_answers([sorted_rows, answer.select_rows(~is_shared)])
    return merged.select_rows(np.argsort(merged.point, kind="stable"))


def is_sorted(answer: Nearest) -> bool:
    """Return whether the answers of each point come nearest first, as they mostly do."""
    is_same_point = answer.point[1:] == answer.point[:-1]
    return not (is_same_point & (answer.distance_m[1:] < answer.distance_m[:-1])).any()


def select_nearest(answer: Nearest, k: int) -> Nearest:
    """Sort by point, distance and feature, and return the first ``k`` features of each point."""
    # Distances are rounded to a micrometre: below that, rounding and not distance would decide.
    order = np.lexsort((answer.feature, np.round(answer.distance_m, 6), answer.point))
    answer = answer.select_rows(order)
    # A polygon that contains a point is found twice, by its inside and by its border. Sorted by
    # pair, then distance, the second of two equal pairs is the farther one.
    pair = np.lexsort((answer.distance_m, answer.feature, answer.point))
    is_repeated = np.zeros(len(pair), bool)
    is_repeated[pair[1:]] = (np.diff(answer.point[pair]) == 0) & (
        np.diff(answer.feature[pair]) == 0
    )
    answer = answer.select_rows(~is_repeated)
    # The rank of each row among those of its point: its position, less that of the point's first.
    starts = np.flatnonzero(np.r_[True, answer.point[1:] != answer.point[:-1]])
    counts = np.diff(np.r_[starts, len(answer.point)])
    rank = np.arange(len(answer.point)) - np.repeat(starts, counts)
    return answer.select_rows(rank < k)
