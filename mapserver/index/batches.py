"""Millions of points: the search that needs PROJ for a few of them alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from mapserver.geo.geodesy import Floats
from mapserver.index.flat_lines import Lines
from mapserver.index.nearest_answers import Nearest, Positions
from mapserver.index.patches import ProjectionPatches, Transform
from mapserver.index.plane import PlaneIndex

MANY_POINTS = 50_000
"""From so many points on, patches are worth fitting, which takes a tenth of a second."""
MARGIN_M = 60_000.0
"""Points so far from the lines are projected by patches; farther out, nothing is near."""

Search = Callable[[Positions], tuple[Nearest, npt.NDArray[np.bool_]]]


class BatchSearch:
    """Finds the nearest feature of each of many points, and measures to it.

    It is built :meth:`of` an index of the plane.
    """

    def __init__(self, index: PlaneIndex, lines: Lines, patches: ProjectionPatches) -> None:
        self._index, self._lines, self._patches = index, lines, patches

    @classmethod
    def of(cls, index: PlaneIndex, forward: Transform, inverse: Transform) -> BatchSearch | None:
        """Build the search; return None where there is no line, or no patches fit the projection.

        Parameters
        ----------
        index
            The index of the plane.
        forward, inverse
            From degrees to the plane, and back.
        """
        lines = index.lines
        if lines is None:
            return None
        box = (
            float(lines.xs.min()), float(lines.ys.min()),
            float(lines.xs.max()), float(lines.ys.max()),
        )  # fmt: skip
        patches = ProjectionPatches.fit(box, MARGIN_M, forward, inverse)
        return None if patches is None else cls(index, lines, patches)

    def query(
        self,
        degrees: tuple[Floats, Floats],
        plane: tuple[Floats, ...],
        limit_m: float,
        search: Search,
    ) -> tuple[Nearest, npt.NDArray[np.bool_]]:
        """Find what is nearest to each point.

        Parameters
        ----------
        degrees
            lon and lat of ``m`` points.
        plane
            Their x and y, if they came in the plane; else nothing.
        limit_m
            What is farther in the plane is not found.
        search
            Finds what is nearest to some of the points by PROJ: those that are too close to two
            features, or to a line, or far from everything. It also says which of them have a place
            in the plane.

        Returns
        -------
        nearest
            At most one row a point.
        is_placed
            Whether each point has a place in the plane.
        """
        from mapserver.index import compiled_batches, compiled_nearest, compiled_patches  # noqa: PLC0415 -- numba is heavy; few points need none

        # Numba compiles all anew for arrays with gaps or without the right to write, as of tables.
        lon, lat, *columns = (np.require(each, float, ["C", "W"]) for each in (*degrees, *plane))
        x, y = columns or compiled_patches.transform_points(self._patches.forward, lon, lat)
        limit = limit_m * limit_m
        if self._index.has_fine:
            answers = compiled_batches.answer_by_cells(x, y, limit, self._index.fine)
        else:
            # Neighbours one after the other: the answer of each bounds the search of the next.
            lines = self._lines.arrays
            order = compiled_nearest.sort_by_cell(x, y, lines[0])
            answers = compiled_batches.answer_batch(order, x, y, limit, lines)
            del order
        del x, y, columns  # there are many, and more is made of them
        compiled_batches.measure_answers(lon, lat, self._patches.back.arrays, answers)
        is_placed = np.ones(len(lon), bool)
        undecided = np.flatnonzero(answers.feature == compiled_batches.UNDECIDED)
        if len(undecided):
            nearest, is_placed[undecided] = search(undecided)
            row = undecided[nearest.point]
            answers.feature[undecided] = compiled_batches.NOTHING
            answers.feature[row] = nearest.feature
            answers.metres[row], answers.bearing[row] = nearest.distance_m, nearest.bearing_deg
            answers.lon[row], answers.lat[row] = nearest.lon, nearest.lat
        has_answer = answers.feature >= 0
        if has_answer.all():  # no copy is made, for there are many
            rows: slice | Positions = slice(None)
            point = np.arange(len(lon))
        else:
            rows = point = np.flatnonzero(has_answer)
        feature, metres, bearing, to_lon, to_lat = answers
        nearest = Nearest(
            point, feature[rows], metres[rows], bearing[rows], to_lon[rows], to_lat[rows]
        )
        return nearest, is_placed
