"""Which areas contain each of many points: one number a point, and pairs for those in several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats
from mapserver.index.flat_areas import Areas
from mapserver.index.kernels import NO_AREA

Positions = npt.NDArray[np.intp]
Pairs = tuple[Positions, npt.NDArray[np.signedinteger[Any]]]

SEVERAL = -2


@dataclass(frozen=True)
class Told:
    """What contains each of ``m`` points.

    Attributes
    ----------
    area
        Shape (m,), int32: the position of the one area, ``NO_AREA`` or ``SEVERAL``.
    point, feature
        Of points in several areas, one pair a row, by point, then area.
    """

    area: npt.NDArray[np.int32]
    point: Positions
    feature: Positions

    @classmethod
    def of(cls, points: int, point: Positions, feature: Positions) -> Told:
        """Tell it from all pairs, by point, then area."""
        count = np.bincount(point, minlength=points)
        area = np.full(points, NO_AREA, np.int32)
        area[point] = feature
        area[count > 1] = SEVERAL
        several = count[point] > 1
        return cls(area, point[several], feature[several])

    def pairs(self) -> Pairs:
        """Pair points with every area that contains them, by point, then area."""
        one = np.flatnonzero(self.area >= 0)
        return _merged((one, self.area[one].astype(np.intp)), (self.point, self.feature))

    def rows(self) -> Pairs:
        """Give every point a row for each area that contains it, or one with ``NO_AREA``."""
        if not len(self.point):
            return np.arange(len(self.area)), self.area  # as it is: they are many
        one = np.flatnonzero(self.area != SEVERAL)
        return _merged((one, self.area[one].astype(np.intp)), (self.point, self.feature))


def tell(areas: Areas, x: Floats, y: Floats, exact: Callable[[Positions], Told]) -> Told:
    """Tell which areas contain many points.

    Parameters
    ----------
    areas
        Where they are looked up.
    x, y
        The points, in the plane of the areas.
    exact
        Tells it of the points at some positions, which are too near to an edge to be looked up.
    """
    from mapserver.index import compiled_containment  # noqa: PLC0415 -- numba is heavy; few points need none

    area, others = compiled_containment.told(areas.arrays, x, y)
    if not len(others):
        return Told(area, others, others)
    count = compiled_containment.NOT_TOLD - area[others].astype(np.intp)
    doubtful, several, count = others[count == 0], others[count > 0], count[count > 0]
    area[several] = SEVERAL
    pairs = (
        np.repeat(several, count),
        compiled_containment.listed(areas.arrays, x, y, several, count),
    )
    if len(doubtful):
        sure = exact(doubtful)
        area[doubtful] = sure.area
        pairs = _merged(pairs, (doubtful[sure.point], sure.feature))
    return Told(area, *pairs)


def _merged(one: Pairs, other: Pairs) -> Pairs:
    """Merge pairs that are in order; no point is in both."""
    if not len(one[0]) or not len(other[0]):
        return one if len(one[0]) else other
    point, feature = (np.concatenate(both) for both in zip(one, other, strict=True))
    order = np.argsort(point, kind="stable")
    return point[order], feature[order]
