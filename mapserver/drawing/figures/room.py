"""Room on a map: what already stands there, in an R-tree, and where a text still has a place."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import rtree
import shapely
from matplotlib.axes import Axes
from matplotlib.text import Text
from matplotlib.transforms import Bbox

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Geometries = npt.NDArray[np.object_]

SEEN_PX = 0.5
"""Outlines are thinned by so much before labels are placed: less cannot be seen."""


class Room:
    """The boxes and marks that stand on axes, in pixels; it changes while labels are placed.

    Parameters
    ----------
    axes
        With the scale that they will have.
    marks
        Points to keep off, shape (n, 2), in the coordinates of the axes.

    Attributes
    ----------
    comparisons
        How many boxes and marks were compared with one another so far. It grows with the number of
        labels, and not with its square.
    """

    def __init__(self, axes: Axes, marks: Floats) -> None:
        figure: Any = axes.get_figure(root=True)
        self.axes = axes
        self.renderer = figure.canvas.get_renderer()
        self.frame = axes.get_window_extent(self.renderer)
        self.comparisons = 0
        self._boxes: list[Floats] = []
        self._tree = rtree.index.Index()
        pixels = axes.transData.transform(marks) if len(marks) else np.empty((0, 2))
        self._marks = shapely.STRtree(shapely.points(pixels))
        self._sizes: dict[tuple[str, float], Floats] = {}
        for text in axes.texts:
            self.add(text.get_window_extent(self.renderer))

    def add(self, box: Bbox) -> None:
        """Let a box stand: no later label covers it."""
        self._tree.insert(len(self._boxes), box.extents)
        self._boxes.append(np.asarray(box.extents))

    def pixels(self, shape: shapely.Geometry) -> shapely.Geometry:
        """Return a shape in pixels, without the vertices that nobody can see."""
        seen = shapely.transform(shape, self.axes.transData.transform)
        return shapely.simplify(seen, SEEN_PX, preserve_topology=False)

    def measure(self, text: str, size: float, linespacing: float) -> Floats:
        """Return width and height of a text in pixels, shape (2,); each is measured once."""
        key = (text, size)
        if key not in self._sizes:
            written = Text(0, 0, text, fontsize=size, linespacing=linespacing)
            written.set_figure(self.axes.get_figure(root=True))  # type: ignore[arg-type]
            box = written.get_window_extent(self.renderer)
            self._sizes[key] = np.array([box.width, box.height])
        return self._sizes[key]

    def is_free(self, boxes: Floats, gap_px: float) -> Bools:
        """Return which boxes, shape (n, 4), cover nothing that stands, with a gap around them."""
        return ~self._meets(_padded(boxes, gap_px), self._near(boxes, gap_px))

    def is_off_marks(self, boxes: Floats, gap_px: float) -> Bools:
        """Return which boxes, shape (n, 4), cover no mark, with a gap around them."""
        box = shapely.box(*_padded(boxes, gap_px).T)
        covers, _ = self._marks.query(box, predicate="intersects")
        self.comparisons += len(covers)
        off = np.ones(len(boxes), bool)
        off[covers] = False
        return off

    def is_clear(self, line: shapely.LineString) -> bool:
        """Return whether a line crosses no box that stands."""
        near = self._near(np.array([line.bounds]), 0.0)
        self.comparisons += len(near)
        return not shapely.intersects(shapely.box(*near.T), line).any()

    def _near(self, boxes: Floats, gap_px: float) -> Floats:
        """Return the boxes that stand about some others, shape (m, 4)."""
        if not len(boxes):
            return np.empty((0, 4))
        found = self._tree.intersection(_bounds(_padded(boxes, gap_px)))
        near = [self._boxes[at] for at in found]
        return np.array(near).reshape(-1, 4)

    def _meets(self, boxes: Floats, others: Floats) -> Bools:
        """Return which boxes have ground in common with any of the others."""
        self.comparisons += len(others)
        low, high = boxes[:, None, :2], boxes[:, None, 2:]
        apart = np.asarray((low >= others[None, :, 2:]) | (high <= others[None, :, :2]))
        return np.asarray((~np.asarray(apart.any(axis=2))).any(axis=1))


def boxes_at(spots: Floats, size: Floats) -> Floats:
    """Return boxes of one size around spots, shape (n, 4)."""
    return np.concatenate([spots - size / 2, spots + size / 2], axis=1)


def is_inside(boxes: Floats, frame: Floats) -> Bools:
    """Return which boxes, shape (n, 4), lie in a larger one."""
    lower, upper = np.asarray(boxes[:, :2] > frame[:2]), np.asarray(boxes[:, 2:] < frame[2:])
    return np.asarray(lower.all(axis=1) & upper.all(axis=1))


def _padded(boxes: Floats, gap_px: float) -> Floats:
    return np.asarray(boxes + np.array([-gap_px, -gap_px, gap_px, gap_px]))


def _bounds(boxes: Floats) -> tuple[float, float, float, float]:
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)
