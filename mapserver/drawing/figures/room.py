"""The room on a map: an R-tree of the boxes drawn so far, and which places are still free."""

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
"""The tolerance to which outlines are simplified before labels are placed: less is invisible."""


class Room:
    """The boxes and marks on axes, in pixels; boxes are added while labels are placed.

    Parameters
    ----------
    axes
        Axes whose scale will not change.
    marks
        Points to avoid, shape (n, 2), in the coordinates of the axes.

    Attributes
    ----------
    comparisons
        How many boxes and marks have been compared with one another. The number grows with the
        number of labels, and not with its square.
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
        # Texts that were drawn before must not be covered either.
        for text in axes.texts:
            self.add_box(text.get_window_extent(self.renderer))

    def add_box(self, box: Bbox) -> None:
        """Add a box that no later label may cover."""
        self._tree.insert(len(self._boxes), box.extents)
        self._boxes.append(np.asarray(box.extents))

    def convert_to_pixels(self, shape: shapely.Geometry) -> shapely.Geometry:
        """Return a shape in pixels, without vertices that are too close to be seen."""
        in_pixels = shapely.transform(shape, self.axes.transData.transform)
        return shapely.simplify(in_pixels, SEEN_PX, preserve_topology=False)

    def measure_text(self, text: str, size: float, linespacing: float) -> Floats:
        """Return width and height of a text in pixels, shape (2,)."""
        # A text is measured only once, since that draws it, and many areas have the same value.
        key = (text, size)
        if key not in self._sizes:
            drawn_text = Text(0, 0, text, fontsize=size, linespacing=linespacing)
            drawn_text.set_figure(self.axes.get_figure(root=True))  # type: ignore[arg-type]  # axes have a figure
            box = drawn_text.get_window_extent(self.renderer)
            self._sizes[key] = np.array([box.width, box.height])
        return self._sizes[key]

    def is_free(self, boxes: Floats, gap_px: float) -> Bools:
        """Return which boxes, shape (n, 4), cover no other box, with a gap around them."""
        return ~self._find_overlaps(_pad_boxes(boxes, gap_px), self._find_neighbours(boxes, gap_px))

    def is_off_marks(self, boxes: Floats, gap_px: float) -> Bools:
        """Return which boxes, shape (n, 4), cover no mark, with a gap around them."""
        box = shapely.box(*_pad_boxes(boxes, gap_px).T)
        covering, _ = self._marks.query(box, predicate="intersects")
        self.comparisons += len(covering)
        is_off = np.ones(len(boxes), bool)
        is_off[covering] = False
        return is_off

    def is_clear(self, line: shapely.LineString) -> bool:
        """Return whether a line crosses no box."""
        neighbours = self._find_neighbours(np.array([line.bounds]), 0.0)
        self.comparisons += len(neighbours)
        return not shapely.intersects(shapely.box(*neighbours.T), line).any()

    def _find_neighbours(self, boxes: Floats, gap_px: float) -> Floats:
        """Return the boxes of the room near some others, shape (m, 4)."""
        # One query for the bounds of all: the others are places for one label, close together.
        if not len(boxes):
            return np.empty((0, 4))
        positions = self._tree.intersection(_span_boxes(_pad_boxes(boxes, gap_px)))
        neighbours = [self._boxes[position] for position in positions]
        return np.array(neighbours).reshape(-1, 4)

    def _find_overlaps(self, boxes: Floats, neighbours: Floats) -> Bools:
        """Return which boxes have ground in common with any neighbour."""
        # Two boxes are apart if, in x or in y, one begins where the other has ended. Arrays of
        # shape (n, m, 2) compare each box with each neighbour.
        self.comparisons += len(neighbours)
        low, high = boxes[:, None, :2], boxes[:, None, 2:]
        is_apart = np.asarray((low >= neighbours[None, :, 2:]) | (high <= neighbours[None, :, :2]))
        return np.asarray((~np.asarray(is_apart.any(axis=2))).any(axis=1))


def make_boxes(spots: Floats, size: Floats) -> Floats:
    """Return boxes of one size around spots, shape (n, 4)."""
    return np.concatenate([spots - size / 2, spots + size / 2], axis=1)


def are_inside(boxes: Floats, frame: Floats) -> Bools:
    """Return which boxes, shape (n, 4), lie inside a larger one."""
    lower, upper = np.asarray(boxes[:, :2] > frame[:2]), np.asarray(boxes[:, 2:] < frame[2:])
    return np.asarray(lower.all(axis=1) & upper.all(axis=1))


def _pad_boxes(boxes: Floats, gap_px: float) -> Floats:
    """Return boxes that are larger by a gap on each side."""
    return np.asarray(boxes + np.array([-gap_px, -gap_px, gap_px, gap_px]))


def _span_boxes(boxes: Floats) -> tuple[float, float, float, float]:
    """Return the smallest box that contains all boxes."""
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)
