"""Place labels on a map: none covers another, and each lies in its area if that has room."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from mapserver.drawing.figures.room import SEEN_PX, Room, are_inside, make_boxes
from mapserver.drawing.figures.sheet import INK, PAPER, is_dark
from mapserver.settings import palette

GRID = 25
"""The number of columns and of rows of places that are tried for a label."""
GAP_PX = 5
"""The least gap between two labels."""
LEADER_SHARE = 0.2
"""The longest line from an area to a label beside the map, as a share of the map's width."""
SIDES = (
    *(((0, 4.5), "center", "bottom"), ((0, -4.5), "center", "top")),
    *(((5, 0), "left", "center"), ((-5, 0), "right", "center")),
)
TRIES = 150
"""The number of places beside the map that are tried for one label."""
SIZE, LINESPACING = 6.8, 1.15
"""Font size and line spacing of labels in areas."""
MARK_PX = 6
"""Half the width of a mark, which a label should not cover."""


@dataclass
class AreaLooks:
    """The looks of areas: colour, text of the value and hatch of each by id."""

    fills: dict[str, str]
    texts: dict[str, str]
    hatches: dict[str, str] = field(default_factory=dict)


def label_areas(
    axes: Axes,
    areas: gpd.GeoDataFrame,
    names: pd.Series,
    looks: AreaLooks,
    marks: npt.NDArray[np.float64],
) -> Room:
    """Write name and value into each area, so that no label covers another.

    A label avoids the marks, shape (n, 2), as long as its area has another place for it. Where an
    area has no room, a line leads from it to a place beside all areas, if one is near. The work
    grows with the number of labels: outlines are simplified to what can be seen, and each label is
    compared only with labels near it.

    Returns
    -------
    Room
        All labels and marks on the map.
    """
    room = Room(axes, marks)
    ground = AreaShapes.from_areas(room, areas)
    # Small areas first: a large one still has another place when its best one is occupied.
    for area in ground.order_by_room:
        id_ = str(areas.index[area])
        name = "" if pd.isna(names.iloc[area]) else str(names.iloc[area])
        label_area(room, ground, area, name, looks.texts.get(id_, ""), looks.fills.get(id_))
    return room


def label_area(  # noqa: PLR0913, PLR0917 -- where, what and on which colour
    room: Room, ground: AreaShapes, area: int, name: str, value: str, fill: str | None
) -> None:
    """Write the label of one area at the best free place."""
    color = fill or palette.NO_VALUE
    wide = "\n".join(filter(None, [name, value]))
    narrow = wide.replace(" ", "\n")
    texts = tuple(dict.fromkeys((wide, narrow)))
    shape, spots = ground.shapes[area], ground.list_spots(area)
    # The best label lies inside its area and off the marks; the next best beside the map.
    if any(text and _place_label(room, text, color, spots, shape) for text in texts):
        return
    if wide and _place_beside_map(room, ground, wide, spots[0]):
        return
    # Each of these gives up one more wish: first to keep off the marks, then to stay inside the
    # area, then both; at last the value or the name stands alone.
    attempts: list[tuple[str, shapely.Geometry | None, bool]] = [(narrow, shape, False)]
    attempts += [(text, None, True) for text in texts]
    attempts += [(narrow, None, False), (value, None, True)]
    attempts += [(text, None, False) for text in (value, name)]
    for text, container, avoids_marks in attempts:
        if text and _place_label(room, text, color, spots, container, avoids_marks=avoids_marks):
            return


def label_marks(axes: Axes, texts: pd.Series, points: gpd.GeoSeries) -> None:
    """Write a text above, below, right or left of each mark, so that it covers no other.

    Parameters
    ----------
    axes
        The axes with the marks.
    texts, points
        The text and the place of each mark; a text without a free place is left out.
    """
    room = Room(axes, np.empty((0, 2)))
    marks_px = axes.transData.transform(shapely.get_coordinates(points.to_numpy()))
    # The marks themselves are boxes that no text may cover.
    for low, high in zip(marks_px - MARK_PX, marks_px + MARK_PX, strict=True):
        room.add_box(Bbox([low, high]))
    for text, point in zip(texts, points, strict=True):
        for offset, horizontal, vertical in SIDES:
            drawn_text = axes.annotate(
                str(text), (point.x, point.y), xytext=offset, textcoords="offset points",
                ha=horizontal, va=vertical, fontsize=7, fontweight="bold", color=INK, zorder=10,
                path_effects=[patheffects.withStroke(linewidth=2.2, foreground=PAPER)],
            )  # fmt: skip
            # Only a text that has been drawn has a size; one that covers another is removed.
            box = drawn_text.get_window_extent(room.renderer)
            if room.is_free(np.array([box.extents]), 0.0)[0]:
                room.add_box(box)
                break
            drawn_text.remove()


def sample_points(frame: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    """Return vertices of lines, and points, shape (n, 2); polygons have none."""
    shapes = frame.geometry.to_numpy()
    shapes = shapes[shapely.get_dimensions(shapes) < 2]
    # Of layers with many features only one vertex in many: labels avoid marks, but need not.
    return np.asarray(shapely.get_coordinates(shapes)[:: max(1, len(shapes) // 2000)])


@dataclass
class AreaShapes:
    """Areas in pixels, simplified to what can be seen.

    Attributes
    ----------
    shapes
        Shape (n,), the areas.
    middles, radii
        Shape (n, 2) and (n,): the largest circle inside each area.
    free_places
        Shape (m, 2), a lattice of places on the map that lie in no area.
    lead_px
        How far from its area a label may stand beside the map, in pixels.
    tree
        Index of the areas.
    """

    shapes: npt.NDArray[np.object_]
    middles: npt.NDArray[np.float64]
    radii: npt.NDArray[np.float64]
    free_places: npt.NDArray[np.float64]
    lead_px: float
    tree: shapely.STRtree

    @classmethod
    def from_areas(cls, room: Room, areas: gpd.GeoDataFrame) -> AreaShapes:
        """Convert areas to pixels, and find the places on the map that lie in none."""
        shapes = room.convert_to_pixels(areas.geometry.to_numpy())
        # An area smaller than a pixel has been simplified away: a dot stands for it.
        is_tiny = shapely.is_empty(shapes)
        shapes[is_tiny] = shapely.centroid(areas.geometry.to_numpy()[is_tiny])
        shapes[is_tiny] = shapely.buffer(
            shapely.transform(shapes[is_tiny], room.axes.transData.transform), SEEN_PX
        )
        shapes = shapely.make_valid(shapes)
        shapely.prepare(shapes)
        # The middle of the largest inscribed circle has the most room around it for a label.
        circles = shapely.maximum_inscribed_circle(shapes, tolerance=SEEN_PX)
        frame, tree = room.frame, shapely.STRtree(shapes)
        lead_px = LEADER_SHARE * frame.width
        step = lead_px / GRID
        lattice = np.stack(
            np.meshgrid(np.arange(frame.x0, frame.x1, step), np.arange(frame.y0, frame.y1, step)),
            axis=-1,
        ).reshape(-1, 2)
        covered = tree.query(shapely.points(lattice), predicate="intersects")[0]
        return cls(
            shapes,
            shapely.get_coordinates(shapely.get_point(circles, 0)),
            shapely.length(circles),
            np.delete(lattice, np.unique(covered), axis=0),
            lead_px,
            tree,
        )

    @property
    def order_by_room(self) -> npt.NDArray[np.intp]:
        """The positions of the areas, that with the least room first."""
        return np.argsort(self.radii)

    def list_spots(self, area: int) -> npt.NDArray[np.float64]:
        """Return places for a label, shape (n, 2), the best first: the middle, then a grid."""
        shape, middle = self.shapes[area], self.middles[area : area + 1]
        west, south, east, north = shape.bounds
        grid = np.stack(
            np.meshgrid(np.linspace(west, east, GRID), np.linspace(south, north, GRID)), axis=-1
        ).reshape(-1, 2)
        # Of the grid over the bounds the places inside, those near the middle first.
        grid = grid[shapely.contains_xy(shape, *grid.T)]
        distances_px = np.hypot(*(grid - middle).T)
        return np.concatenate([middle, grid[np.argsort(distances_px, kind="stable")]])

    def are_free(self, boxes: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Return which boxes, shape (n, 4), lie beside all areas."""
        hits = self.tree.query(shapely.box(*boxes.T), predicate="intersects")[0]
        is_free = np.ones(len(boxes), bool)
        is_free[hits] = False
        return is_free


def _place_label(  # noqa: PLR0913 -- where it may stand and where not
    room: Room,
    text: str,
    fill: Any,
    spots: npt.NDArray[np.float64],
    container: shapely.Geometry | None,
    *,
    avoids_marks: bool = True,
) -> bool:
    """Write a text at the first spot where it covers nothing.

    Returns
    -------
    bool
        False when there is no such spot, and nothing was written.
    """
    # Each test is made only for boxes that passed the tests before it, the cheap ones first.
    boxes = make_boxes(spots, room.measure_text(text, SIZE, LINESPACING))
    if container is not None:
        west, south, east, north = container.bounds
        is_free = are_inside(boxes, np.array([west, south, east, north]))
        is_free[is_free] = shapely.contains_properly(container, shapely.box(*boxes[is_free].T))
    else:
        is_free = np.asarray((room.frame.x0 <= boxes[:, 0]) & (boxes[:, 2] <= room.frame.x1))
    is_free[is_free] = room.is_free(boxes[is_free], GAP_PX)
    if avoids_marks:
        is_free[is_free] = room.is_off_marks(boxes[is_free], MARK_PX)
    if not is_free.any():
        return False
    best = int(np.argmax(is_free))
    is_on_dark = is_dark(fill)
    place = room.axes.transData.inverted().transform(spots[best])
    _write_label(
        room.axes, place, text, PAPER if is_on_dark else INK, fill if is_on_dark else PAPER
    )
    room.add_box(Bbox(boxes[best].reshape(2, 2)))
    return True


def _place_beside_map(
    room: Room, ground: AreaShapes, text: str, origin: npt.NDArray[np.float64]
) -> bool:
    """Write a text beside all areas, with a line from its own area; False if no place is near."""
    distances_px = np.hypot(*(ground.free_places - origin).T)
    nearby = np.flatnonzero(distances_px <= ground.lead_px)
    if not len(nearby):
        return False
    spots = ground.free_places[nearby[np.argsort(distances_px[nearby], kind="stable")]]
    boxes = make_boxes(spots, room.measure_text(text, SIZE, LINESPACING))
    frame, low, high = room.frame, boxes[:, :2] - GAP_PX, boxes[:, 2:] + GAP_PX
    is_free = are_inside(np.concatenate([low, high], axis=1), np.array(frame.extents))
    is_free[is_free] = ground.are_free(np.concatenate([low, high], axis=1)[is_free])
    boxes = boxes[is_free][:TRIES]
    boxes = boxes[room.is_off_marks(boxes, MARK_PX)]
    for box in boxes[room.is_free(boxes, 2 * GAP_PX)]:
        # The line ends at the place of the box that is nearest to its origin.
        line = shapely.LineString([origin, np.clip(origin, box[:2], box[2:])])
        if room.is_clear(line):
            _draw_leader(room, text, box, line)
            return True
    return False


def _draw_leader(
    room: Room, text: str, box: npt.NDArray[np.float64], line: shapely.LineString
) -> None:
    """Write a text into its box, and draw the line to it."""
    to_data = room.axes.transData.inverted()
    _write_label(room.axes, to_data.transform((box[:2] + box[2:]) / 2), text, INK, PAPER)
    ends = to_data.transform(shapely.get_coordinates(line))
    halo = [patheffects.withStroke(linewidth=1.8, foreground=PAPER)]
    room.axes.plot(
        *ends.T, color=INK, linewidth=0.6, zorder=8, marker="o", markevery=[0],
        markersize=2, path_effects=halo,
    )  # fmt: skip
    room.add_box(Bbox(box.reshape(2, 2)))
    for bead in _box_line(line):
        room.add_box(bead)


def _box_line(line: shapely.LineString) -> list[Bbox]:
    """Return small boxes along a line, which no label may cover."""
    points = shapely.line_interpolate_point(line, np.linspace(0, 1, GRID), normalized=True)
    return [Bbox([xy - 1, xy + 1]) for xy in shapely.get_coordinates(points)]


def _write_label(
    axes: Axes, place: npt.NDArray[np.float64], text: str, color: Any, halo: Any
) -> None:
    """Write a text around a place in the coordinates of the axes."""
    # A halo keeps letters legible over the lines that they cross.
    axes.text(
        place[0], place[1], text, fontsize=SIZE, ha="center", va="center", linespacing=LINESPACING,
        zorder=9, color=color,
        path_effects=[patheffects.withStroke(linewidth=2.4, foreground=halo)],
    )  # fmt: skip
