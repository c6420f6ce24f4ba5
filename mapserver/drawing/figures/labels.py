"""Labels on a map: each where it covers no other, inside of its area where that has room."""

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

from mapserver.drawing import choropleth
from mapserver.drawing.figures.room import SEEN_PX, Room, boxes_at, is_inside
from mapserver.drawing.figures.sheet import INK, PAPER, is_dark

GRID = 25
"""So many columns and rows of places are tried for a label."""
GAP_PX = 5
"""Between two labels."""
LEAD = 0.2
"""So far from its area, as a part of the map's width, may a label stand beside the map."""
SIDES = (
    *(((0, 4.5), "center", "bottom"), ((0, -4.5), "center", "top")),
    *(((5, 0), "left", "center"), ((-5, 0), "right", "center")),
)
TRIES = 150
"""So many places beside the map are tried for one label."""
SIZE, LINESPACING = 6.8, 1.15
"""Of labels in areas."""
MARK_PX = 6
"""Half the width of a mark, which a label is not to cover."""


@dataclass
class Shown:
    """What areas look like: colour, text of the value and hatch of each by id."""

    fills: dict[str, str]
    texts: dict[str, str]
    hatches: dict[str, str] = field(default_factory=dict)


def label_areas(
    axes: Axes,
    areas: gpd.GeoDataFrame,
    names: pd.Series,
    shown: Shown,
    marks: npt.NDArray[np.float64],
) -> Room:
    """Write name and value into each area, where they cover no other: smallest areas first.

    A label keeps off the marks, shape (n, 2), as long as its area has another place for it. Where
    an area has no room, a line leads from it to a place beside all areas, if one is near. The work
    grows with the number of labels: outlines are thinned to what can be seen, and each label is
    compared only with what stands near it.

    Returns
    -------
    Room
        What stands on the map now.
    """
    room = Room(axes, marks)
    ground = Ground.of(room, areas)
    for at in ground.smallest_first:
        id_ = str(areas.index[at])
        name = "" if pd.isna(names.iloc[at]) else str(names.iloc[at])
        label_area(room, ground, at, name, shown.texts.get(id_, ""), shown.fills.get(id_))
    return room


def label_area(  # noqa: PLR0913, PLR0917 -- where, what and on which colour
    room: Room, ground: Ground, at: int, name: str, value: str, fill: str | None
) -> None:
    """Write the label of one area at the best place that is left for it."""
    color = fill or choropleth.NOTHING
    whole = "\n".join(filter(None, [name, value]))
    narrow = whole.replace(" ", "\n")
    texts = tuple(dict.fromkeys((whole, narrow)))
    shape, spots = ground.shapes[at], ground.spots(at)
    if any(text and _place(room, text, color, spots, shape) for text in texts):
        return
    if whole and _lead(room, ground, whole, spots[0]):
        return
    tries: list[tuple[str, shapely.Geometry | None, bool]] = [(narrow, shape, False)]
    tries += [(text, None, True) for text in texts]
    tries += [(narrow, None, False), (value, None, True)]
    tries += [(text, None, False) for text in (value, name)]
    for text, within, keeps_off in tries:
        if text and _place(room, text, color, spots, within, keeps_off=keeps_off):
            return


def label_marks(axes: Axes, texts: pd.Series, points: gpd.GeoSeries) -> None:
    """Write a text beside each mark: above, below, right or left of it, where it covers no other.

    Parameters
    ----------
    axes
        Where the marks are.
    texts, points
        As many of each; a text for which there is no room is left out.
    """
    room = Room(axes, np.empty((0, 2)))
    at_px = axes.transData.transform(shapely.get_coordinates(points.to_numpy()))
    for low, high in zip(at_px - MARK_PX, at_px + MARK_PX, strict=True):
        room.add(Bbox([low, high]))
    for text, point in zip(texts, points, strict=True):
        for offset, across, up in SIDES:
            written = axes.annotate(
                str(text), (point.x, point.y), xytext=offset, textcoords="offset points",
                ha=across, va=up, fontsize=7, fontweight="bold", color=INK, zorder=10,
                path_effects=[patheffects.withStroke(linewidth=2.2, foreground=PAPER)],
            )  # fmt: skip
            box = written.get_window_extent(room.renderer)
            if room.is_free(np.array([box.extents]), 0.0)[0]:
                room.add(box)
                break
            written.remove()


def dots(frame: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    """Give points along lines and the points themselves, shape (n, 2); polygons have none."""
    shapes = frame.geometry.to_numpy()
    shapes = shapes[shapely.get_dimensions(shapes) < 2]
    return np.asarray(shapely.get_coordinates(shapes)[:: max(1, len(shapes) // 2000)])


@dataclass
class Ground:
    """Areas in pixels, thinned to what can be seen.

    Attributes
    ----------
    shapes
        Shape (n,), the areas.
    middles, radii
        Shape (n, 2) and (n,): the largest circle that each area holds.
    outside
        Shape (m, 2), a lattice of places on the map that lie in no area.
    lead_px
        How far from its area a label may stand beside the map, in pixels.
    tree
        Of the areas.
    """

    shapes: npt.NDArray[np.object_]
    middles: npt.NDArray[np.float64]
    radii: npt.NDArray[np.float64]
    outside: npt.NDArray[np.float64]
    lead_px: float
    tree: shapely.STRtree

    @classmethod
    def of(cls, room: Room, areas: gpd.GeoDataFrame) -> Ground:
        """Bring areas into pixels."""
        shapes = room.pixels(areas.geometry.to_numpy())
        gone = shapely.is_empty(shapes)  # too small to be seen
        shapes[gone] = shapely.centroid(areas.geometry.to_numpy()[gone])
        shapes[gone] = shapely.buffer(
            shapely.transform(shapes[gone], room.axes.transData.transform), SEEN_PX
        )
        shapes = shapely.make_valid(shapes)
        shapely.prepare(shapes)
        circles = shapely.maximum_inscribed_circle(shapes, tolerance=SEEN_PX)
        frame, tree = room.frame, shapely.STRtree(shapes)
        lead_px = LEAD * frame.width
        step = lead_px / GRID
        lattice = np.stack(
            np.meshgrid(np.arange(frame.x0, frame.x1, step), np.arange(frame.y0, frame.y1, step)),
            axis=-1,
        ).reshape(-1, 2)
        inside = tree.query(shapely.points(lattice), predicate="intersects")[0]
        return cls(
            shapes,
            shapely.get_coordinates(shapely.get_point(circles, 0)),
            shapely.length(circles),
            np.delete(lattice, np.unique(inside), axis=0),
            lead_px,
            tree,
        )

    @property
    def smallest_first(self) -> npt.NDArray[np.intp]:
        """The areas by the room that they have."""
        return np.argsort(self.radii)

    def spots(self, at: int) -> npt.NDArray[np.float64]:
        """Return places for a label, shape (n, 2), the best first: the middle, then a grid."""
        shape, middle = self.shapes[at], self.middles[at : at + 1]
        west, south, east, north = shape.bounds
        grid = np.stack(
            np.meshgrid(np.linspace(west, east, GRID), np.linspace(south, north, GRID)), axis=-1
        ).reshape(-1, 2)
        grid = grid[shapely.contains_xy(shape, *grid.T)]
        far = np.hypot(*(grid - middle).T)
        return np.concatenate([middle, grid[np.argsort(far, kind="stable")]])

    def covers_none(self, boxes: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Return which boxes, shape (n, 4), lie beside all areas."""
        hits = self.tree.query(shapely.box(*boxes.T), predicate="intersects")[0]
        free = np.ones(len(boxes), bool)
        free[hits] = False
        return free


def _place(  # noqa: PLR0913 -- where it may stand and where not
    room: Room,
    text: str,
    fill: Any,
    spots: npt.NDArray[np.float64],
    within: shapely.Geometry | None,
    *,
    keeps_off: bool = True,
) -> bool:
    """Write a text at the first spot where it covers nothing; False when there is none."""
    boxes = boxes_at(spots, room.measure(text, SIZE, LINESPACING))
    if within is not None:
        west, south, east, north = within.bounds
        free = is_inside(boxes, np.array([west, south, east, north]))
        free[free] = shapely.contains_properly(within, shapely.box(*boxes[free].T))
    else:
        free = np.asarray((room.frame.x0 <= boxes[:, 0]) & (boxes[:, 2] <= room.frame.x1))
    free[free] = room.is_free(boxes[free], GAP_PX)
    if keeps_off:
        free[free] = room.is_off_marks(boxes[free], MARK_PX)
    if not free.any():
        return False
    best = int(np.argmax(free))
    dark = is_dark(fill)
    place = room.axes.transData.inverted().transform(spots[best])
    _write(room.axes, place, text, PAPER if dark else INK, fill if dark else PAPER)
    room.add(Bbox(boxes[best].reshape(2, 2)))
    return True


def _lead(room: Room, ground: Ground, text: str, origin: npt.NDArray[np.float64]) -> bool:
    """Write a text beside all areas, with a line from its own; False when no place is near."""
    far = np.hypot(*(ground.outside - origin).T)
    near = np.flatnonzero(far <= ground.lead_px)
    if not len(near):
        return False
    spots = ground.outside[near[np.argsort(far[near], kind="stable")]]
    boxes = boxes_at(spots, room.measure(text, SIZE, LINESPACING))
    frame, low, high = room.frame, boxes[:, :2] - GAP_PX, boxes[:, 2:] + GAP_PX
    free = is_inside(np.concatenate([low, high], axis=1), np.array(frame.extents))
    free[free] = ground.covers_none(np.concatenate([low, high], axis=1)[free])
    boxes = boxes[free][:TRIES]
    boxes = boxes[room.is_off_marks(boxes, MARK_PX)]
    for box in boxes[room.is_free(boxes, 2 * GAP_PX)]:
        line = shapely.LineString([origin, np.clip(origin, box[:2], box[2:])])
        if room.is_clear(line):
            _draw_lead(room, text, box, line)
            return True
    return False


def _draw_lead(
    room: Room, text: str, box: npt.NDArray[np.float64], line: shapely.LineString
) -> None:
    """Write a text into its box, and draw the line to it."""
    back = room.axes.transData.inverted()
    _write(room.axes, back.transform((box[:2] + box[2:]) / 2), text, INK, PAPER)
    ends = back.transform(shapely.get_coordinates(line))
    halo = [patheffects.withStroke(linewidth=1.8, foreground=PAPER)]
    room.axes.plot(
        *ends.T, color=INK, linewidth=0.6, zorder=8, marker="o", markevery=[0],
        markersize=2, path_effects=halo,
    )  # fmt: skip
    room.add(Bbox(box.reshape(2, 2)))
    for bead in _beads(line):
        room.add(bead)


def _beads(line: shapely.LineString) -> list[Bbox]:
    """Return small boxes along a line, which no label is to cover."""
    along = shapely.line_interpolate_point(line, np.linspace(0, 1, GRID), normalized=True)
    return [Bbox([at - 1, at + 1]) for at in shapely.get_coordinates(along)]


def _write(axes: Axes, place: npt.NDArray[np.float64], text: str, color: Any, halo: Any) -> None:
    axes.text(
        place[0], place[1], text, fontsize=SIZE, ha="center", va="center", linespacing=LINESPACING,
        zorder=9, color=color,
        path_effects=[patheffects.withStroke(linewidth=2.4, foreground=halo)],
    )  # fmt: skip
