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

from mapserver import colours
from mapserver.figures.sheet import INK, PAPER, is_dark

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
) -> None:
    """Write name and value into each area, where they cover no other: smallest areas first.

    A label keeps off the marks, shape (n, 2), as long as its area has another place for it. Where
    an area has no room, a line leads from it to a place beside all areas, if one is near.
    """
    figure: Any = axes.get_figure(root=True)
    taken = [text.get_window_extent(figure.canvas.get_renderer()) for text in axes.texts]
    everything = shapely.union_all(areas.geometry.to_numpy())
    inner = shapely.maximum_inscribed_circle(areas.geometry.to_numpy())
    pixels = axes.transData.transform(marks) if len(marks) else np.empty((0, 2))
    for at in np.argsort(shapely.length(inner)):
        id_, shape = str(areas.index[at]), areas.geometry.iloc[at]
        name = "" if pd.isna(names.iloc[at]) else str(names.iloc[at])
        value = shown.texts.get(id_, "")
        whole = "\n".join(filter(None, [name, value]))
        narrow = whole.replace(" ", "\n")
        texts = tuple(dict.fromkeys((whole, narrow)))
        ground = shown.fills.get(id_, colours.NOTHING)
        spots = _spots(shape, inner[at])
        if any(text and _place(axes, text, ground, spots, shape, taken, pixels) for text in texts):
            continue
        if whole and _lead(axes, whole, spots[0], everything, taken, pixels):
            continue
        tries: list[tuple[str, shapely.Geometry | None, Any]] = [(narrow, shape, pixels[:0])]
        tries += [(text, None, pixels) for text in texts]
        tries += [(narrow, None, pixels[:0]), (value, None, pixels)]
        tries += [(text, None, pixels[:0]) for text in (value, name)]
        for text, within, avoided in tries:
            if text and _place(axes, text, ground, spots, within, taken, avoided):
                break


def label_marks(axes: Axes, texts: pd.Series, points: gpd.GeoSeries) -> None:
    """Write a text beside each mark: above, below, right or left of it, where it covers no other.

    Parameters
    ----------
    axes
        Where the marks are.
    texts, points
        As many of each; a text for which there is no room is left out.
    """
    figure: Any = axes.get_figure(root=True)
    renderer = figure.canvas.get_renderer()
    taken = [text.get_window_extent(renderer) for text in axes.texts]
    pixels = axes.transData.transform(shapely.get_coordinates(points.to_numpy()))
    taken += [Bbox([at - MARK_PX, at + MARK_PX]) for at in pixels]
    for text, point in zip(texts, points, strict=True):
        for offset, across, up in SIDES:
            written = axes.annotate(
                str(text), (point.x, point.y), xytext=offset, textcoords="offset points",
                ha=across, va=up, fontsize=7, fontweight="bold", color=INK, zorder=10,
                path_effects=[patheffects.withStroke(linewidth=2.2, foreground=PAPER)],
            )  # fmt: skip
            box = written.get_window_extent(renderer)
            if not any(box.overlaps(other) for other in taken):
                taken.append(box)
                break
            written.remove()


def dots(frame: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    """Give points along lines and the points themselves, shape (n, 2); polygons have none."""
    shapes = frame.geometry.to_numpy()
    shapes = shapes[shapely.get_dimensions(shapes) < 2]
    return np.asarray(shapely.get_coordinates(shapes)[:: max(1, len(shapes) // 2000)])


def _spots(shape: shapely.Geometry, inner: shapely.Geometry) -> npt.NDArray[np.float64]:
    """Give places for a label, the best first: the middle, then a grid inside of the shape."""
    middle = shapely.get_coordinates(shapely.get_point(inner, 0))
    west, south, east, north = shape.bounds
    grid = np.stack(
        np.meshgrid(np.linspace(west, east, GRID), np.linspace(south, north, GRID)), axis=-1
    ).reshape(-1, 2)
    grid = grid[shapely.contains_xy(shape, *grid.T)]
    far = np.hypot(*(grid - middle).T)
    return np.concatenate([middle, grid[np.argsort(far)]])


def _place(  # noqa: PLR0913, PLR0917 -- where it may stand and where not
    axes: Axes,
    text: str,
    ground: Any,
    spots: npt.NDArray[np.float64],
    within: shapely.Geometry | None,
    taken: list[Bbox],
    avoided: npt.NDArray[np.float64],
) -> bool:
    """Write a text at the first spot where it covers nothing; False when there is none."""
    dark = is_dark(ground)
    written = _write(axes, text, PAPER if dark else INK, ground if dark else PAPER)
    figure: Any = axes.get_figure(root=True)
    renderer = figure.canvas.get_renderer()
    size = written.get_window_extent(renderer)
    half = np.array([size.width, size.height]) / 2
    boxes = [Bbox([at - half, at + half]) for at in axes.transData.transform(spots)]
    if within is not None:
        pixels = shapely.transform(within, axes.transData.transform)
        shapely.prepare(pixels)
        inside = shapely.contains_properly(
            pixels, shapely.box(*np.array([b.extents for b in boxes]).T)
        )
    else:
        frame = axes.get_window_extent(renderer)
        inside = np.array([frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes])
    for at in np.flatnonzero(inside):
        box = boxes[at]
        covers = any(box.padded(GAP_PX).overlaps(other) for other in taken)
        if not covers and not box.padded(MARK_PX).count_contains(avoided):
            written.set_position(tuple(spots[at]))
            taken.append(box)
            return True
    written.remove()
    return False


def _lead(  # noqa: PLR0913, PLR0917 -- from where to where, and what is in the way
    axes: Axes,
    text: str,
    start: npt.NDArray[np.float64],
    areas: shapely.Geometry,
    taken: list[Bbox],
    avoided: npt.NDArray[np.float64],
) -> bool:
    """Write a text beside all areas, with a line from its own; False when no place is near."""
    figure: Any = axes.get_figure(root=True)
    written = _write(axes, text, INK, PAPER)
    frame = axes.get_window_extent(figure.canvas.get_renderer())
    size = written.get_window_extent(figure.canvas.get_renderer())
    half = np.array([size.width, size.height]) / 2
    origin = axes.transData.transform(start)
    steps = [np.linspace(-1, 1, 2 * GRID + 1) * LEAD * frame.width] * 2
    spots = origin + np.stack(np.meshgrid(*steps), axis=-1).reshape(-1, 2)
    spots = spots[np.argsort(np.hypot(*(spots - origin).T))]
    low, high = (spots - half - GAP_PX).T, (spots + half + GAP_PX).T
    free = (low[0] >= frame.x0) & (high[0] <= frame.x1)
    free &= (low[1] >= frame.y0) & (high[1] <= frame.y1)
    pixels = shapely.transform(areas, axes.transData.transform)
    shapely.prepare(pixels)
    free &= ~shapely.intersects(pixels, shapely.box(*low, *high))
    others = shapely.union_all([shapely.box(*other.extents) for other in taken])
    for spot in spots[free]:
        box = Bbox([spot - half, spot + half])
        line = shapely.LineString([origin, np.clip(origin, *box.get_points())])
        if box.padded(MARK_PX).count_contains(avoided):
            continue
        room = shapely.box(*box.padded(2 * GAP_PX).extents)
        if not others.intersects(shapely.union(line, room)):
            back = axes.transData.inverted()
            written.set_position(tuple(back.transform(spot)))
            ends = back.transform(shapely.get_coordinates(line))
            halo = [patheffects.withStroke(linewidth=1.8, foreground=PAPER)]
            axes.plot(
                *ends.T, color=INK, linewidth=0.6, zorder=8, marker="o", markevery=[0],
                markersize=2, path_effects=halo,
            )  # fmt: skip
            taken.append(box)
            taken.extend(_beads(line))
            return True
    written.remove()
    return False


def _beads(line: shapely.LineString) -> list[Bbox]:
    """Give small boxes along a line, which no label is to cover."""
    along = shapely.line_interpolate_point(line, np.linspace(0, 1, GRID), normalized=True)
    return [Bbox([at - 1, at + 1]) for at in shapely.get_coordinates(along)]


def _write(axes: Axes, text: str, color: Any, halo: Any) -> Any:
    return axes.text(
        0, 0, text, fontsize=6.8, ha="center", va="center", linespacing=1.15, zorder=9,
        color=color, path_effects=[patheffects.withStroke(linewidth=2.4, foreground=halo)],
    )  # fmt: skip
