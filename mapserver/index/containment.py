"""Which areas contain each of many points: one number a point, and pairs for those in several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats
from mapserver.index.flat_areas import Areas
from mapserver.index.kernels import NO_AREA

Positions = npt.NDArray[np.intp]
Pairs = tuple[Positions, npt.NDArray[np.signedinteger[Any]]]

SEVERAL = -2
"""Stands for the position of an area where several areas contain the point."""


@dataclass(frozen=True)
class Containment:
    """The areas that contain each of ``m`` points.

    Attributes
    ----------
    area
        Shape (m,), int32: the position of the one area, ``NO_AREA`` or ``SEVERAL``.
    point, feature
        The points in several areas: one pair of a point and an area a row, by point, then area.
    no_place
        Points that are no place on earth (NaN, infinite, latitude 127), in ascending order; their
        area is ``NO_AREA``.
    """

    area: npt.NDArray[np.int32]
    point: Positions
    feature: Positions
    no_place: Positions = field(default_factory=lambda: np.empty(0, np.intp))

    def mark_no_places(self, no_place: Positions) -> Containment:
        """Return it with points that are no place; whatever was found for them is taken out."""
        if not len(no_place):
            return self
        self.area[no_place] = NO_AREA
        is_place = ~np.isin(self.point, no_place)
        point, feature = self.point[is_place], self.feature[is_place]
        return replace(self, point=point, feature=feature, no_place=no_place)

    @classmethod
    def from_pairs(cls, points: int, point: Positions, feature: Positions) -> Containment:
        """Build it from all pairs of a point and an area, sorted by point, then area.

        Parameters
        ----------
        points
            How many points there are, with or without a pair.
        point, feature
            The pairs.
        """
        counts = np.bincount(point, minlength=points)
        area = np.full(points, NO_AREA, np.int32)
        area[point] = feature
        area[counts > 1] = SEVERAL
        is_shared = counts[point] > 1
        return cls(area, point[is_shared], feature[is_shared])

    def list_pairs(self) -> Pairs:
        """Return each pair of a point and an area that contains it, by point, then area."""
        single = np.flatnonzero(self.area >= 0)
        return _merge_pairs((single, self.area[single].astype(np.intp)), (self.point, self.feature))

    def list_rows(self) -> Pairs:
        """Return those pairs, and a row with ``NO_AREA`` for each point that no area contains."""
        if not len(self.point):
            # Every point has one row. No copy is made, for there are many.
            return np.arange(len(self.area)), self.area
        single = np.flatnonzero(self.area != SEVERAL)
        return _merge_pairs((single, self.area[single].astype(np.intp)), (self.point, self.feature))


def find_containment(
    areas: Areas, x: Floats, y: Floats, exact: Callable[[Positions], Containment]
) -> Containment:
    """Find the areas that contain many points.

    Parameters
    ----------
    areas
        The areas, indexed.
    x, y
        The points, in the plane of the areas.
    exact
        Called with the positions of points that are too near to an edge to be decided by the
        index; it returns their containment.
    """
    from mapserver.index import compiled_containment  # noqa: PLC0415 -- numba is heavy; few points need none

    # Numba compiles all anew for arrays with gaps or without the right to write, as of tables.
    x, y = (np.require(values, float, ["C", "W"]) for values in (x, y))
    area, special = compiled_containment.encode_points(areas.arrays, x, y)
    if not len(special):
        return Containment(area, special, special)
    # A special code is UNDECIDED less the number of areas; that is 0 for an undecided point.
    counts = compiled_containment.UNDECIDED - area[special].astype(np.intp)
    undecided, shared, counts = special[counts == 0], special[counts > 0], counts[counts > 0]
    area[shared] = SEVERAL
    pairs = (
        np.repeat(shared, counts),
        compiled_containment.list_areas(areas.arrays, x, y, shared, counts),
    )
    if len(undecided):
        decided = exact(undecided)
        area[undecided] = decided.area
        pairs = _merge_pairs(pairs, (undecided[decided.point], decided.feature))
    return Containment(area, *pairs)


def _merge_pairs(pairs: Pairs, more: Pairs) -> Pairs:
    """Merge two lists of pairs that are each sorted by point; no point is in both."""
    if not len(pairs[0]) or not len(more[0]):
        return pairs if len(pairs[0]) else more
    point, feature = (np.concatenate(columns) for columns in zip(pairs, more, strict=True))
    order = np.argsort(point, kind="stable")
    return point[order], feature[order]
