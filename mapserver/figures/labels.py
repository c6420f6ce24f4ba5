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

    A label keeps off the marks, shape (n, 2), as long as its area has another place for it.
    """
    taken: list[Bbox] = []
    inner = shapely.maximum_inscribed_circle(areas.geometry.to_numpy())
    pixels = axes.transData.transform(marks) if len(marks) else np.empty((0, 2))
    for at in np.argsort(shapely.length(inner)):
        id_, shape = str(areas.index[at]), areas.geometry.iloc[at]
        name = "" if pd.isna(names.iloc[at]) else str(names.iloc[at])
        value = shown.texts.get(id_, "")
        whole = "\n".join(filter(None, [name, value]))
        tries = [(whole, shape, pixels), (whole, shape, pixels[:0]), (whole, None, pixels)]
        tries += [(text, None, pixels[:0]) for text in (whole, value, name)]
        ground = shown.fills.get(id_, colours.NOTHING)
        spots = _spots(shape, inner[at])
        for text, within, avoided in tries:
            if text and _place(axes, text, ground, spots, within, taken, avoided):
                break


def dots(frame: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    """Give points along lines and the points themselves, shape (n, 2); polygons have none."""
    shapes = frame.geometry.to_numpy()
    shapes = shapes[shapely.get_dimensions(shapes) < 2]
    return np.asarray(shapely.get_coordinates(shapes)[:: max(1, len(shapes) // 2000)])


def _spots(shape: shapely.Geometry, inner: shapely.Geometry) -> list[tuple[float, float]]:
    """Give places for a label, the best first: the middle, then a grid inside of the shape."""
    middle = shapely.get_point(inner, 0)
    west, south, east, north = shape.bounds
    grid = np.stack(
        np.meshgrid(np.linspace(west, east, 11), np.linspace(south, north, 11)), axis=-1
    ).reshape(-1, 2)
    grid = grid[shapely.contains_xy(shape, *grid.T)]
    far = np.hypot(*(grid - [middle.x, middle.y]).T)
    return [(middle.x, middle.y), *map(tuple, grid[np.argsort(far)])]


def _place(  # noqa: PLR0913, PLR0917 -- where it may stand and where not
    axes: Axes,
    text: str,
    ground: Any,
    spots: list[tuple[float, float]],
    within: shapely.Geometry | None,
    taken: list[Bbox],
    avoided: npt.NDArray[np.float64],
) -> bool:
    """Write a text at the first spot where it covers nothing; False when there is none."""
    dark = within is not None and is_dark(ground)
    written = axes.text(
        0, 0, text, fontsize=6.8, ha="center", va="center", linespacing=1.15, zorder=9,
        color=PAPER if dark else INK,
        path_effects=[patheffects.withStroke(linewidth=2.2, foreground=ground if dark else PAPER)],
    )  # fmt: skip
    figure: Any = axes.get_figure(root=True)
    renderer = figure.canvas.get_renderer()
    frame = axes.get_window_extent(renderer)
    for spot in spots:
        written.set_position(spot)
        box = written.get_window_extent(renderer)
        free = frame.x0 <= box.x0 and box.x1 <= frame.x1
        free = free and not any(box.overlaps(other) for other in taken)
        free = free and not box.padded(3).count_contains(avoided)
        if free and within is not None:
            corners = box.transformed(axes.transData.inverted())
            free = shapely.contains_properly(within, shapely.box(*corners.extents))
        if free:
            taken.append(box)
            return True
    written.remove()
    return False
