"""Draw the layers of a map for print, and the handles of its legend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import matplotlib as mpl
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from mapserver.drawing.figures import labels as label
from mapserver.drawing.figures.sheet import HATCHES, PAPER, WIDTH_IN
from mapserver.settings import palette

if TYPE_CHECKING:
    from mapserver.model import Snapshot

PANEL_IN = 1.95
"""Width of the column beside a map, for legend, scale bar and north arrow."""
MARKERS = ("^", "D", "v", "P", "s")
PRINT_DPI = 300
"""Dots an inch of a good printer: details smaller than a dot are left out."""
MANY_AREAS = 200
"""From this number of areas on their borders are thin."""
SHORT_TRAIL_SHARE = 0.025
"""A trail shorter than this share of the map's width is also marked with a dot."""


def fill_areas(axes: Axes, areas: gpd.GeoDataFrame, looks: label.AreaLooks) -> None:
    """Draw the areas."""
    # Areas of the same looks are one call of matplotlib.
    ids = areas.index.map(str)
    fills = [looks.fills.get(id_, "") for id_ in ids]
    hatches = [looks.hatches.get(id_, "") for id_ in ids]
    for (fill_color, hatch), shapes in areas.geometry.groupby([fills, hatches]):
        _plot_shapes(
            shapes,
            axes,
            facecolor=fill_color or palette.NO_VALUE,
            edgecolor=palette.AREA_EDGE if fill_color else palette.UNKNOWN_AREA_EDGE,
            hatch=hatch if fill_color else "////",
            linewidth=0.6 if len(areas) < MANY_AREAS else 0.2,
            zorder=1,
        )


def _plot_shapes(shapes: gpd.GeoDataFrame | gpd.GeoSeries, axes: Axes, **look: Any) -> None:
    """Draw shapes without a change of the axes' place and scale."""
    shapes.plot(ax=axes, aspect=None, **look)


def make_outline_handle(city: Snapshot, layer: str, lang: str) -> Patch:
    """Build the handle of a legend for areas that are drawn as outlines."""
    label = city.entry(layer).title.in_language(lang)
    return Patch(facecolor=palette.LAND, edgecolor=palette.AREA_EDGE, linewidth=0.8, label=label)


def draw_layer(  # noqa: PLR0913, PLR0917 -- what a layer's look depends on
    axes: Axes,
    city: Snapshot,
    layer: str,
    frame: gpd.GeoDataFrame,
    lang: str,
    bounds: tuple[float, float, float, float],
) -> Any:
    """Draw a layer of the city in its colour, and return its handle for the legend."""
    entry = city.entry(layer)
    frame = frame[~(frame.geometry.is_empty | frame.geometry.isna())]
    color, label = entry.style.color, entry.title.in_language(lang)
    dimension = int(shapely.get_dimensions(frame.geometry.to_numpy()).max(initial=0))
    if dimension == 2:
        halo = [patheffects.withStroke(linewidth=2.2, foreground=PAPER, alpha=0.75)]
        _plot_shapes(
            frame,
            axes,
            facecolor="none",
            edgecolor=color,
            linewidth=0.9,
            zorder=3,
            path_effects=halo,
        )
        return Patch(facecolor="none", edgecolor=color, linewidth=1, label=label)
    if dimension == 0:
        _plot_shapes(
            frame,
            axes,
            color=color,
            marker="s",
            markersize=11,
            edgecolor=PAPER,
            linewidth=0.5,
            zorder=5,
        )
        return Line2D([], [], color=color, marker="s", markersize=4, linewidth=0, label=label)
    halo = [patheffects.withStroke(linewidth=3.4, foreground=PAPER)]
    _plot_shapes(frame, axes, color=color, linewidth=1.9, zorder=6, path_effects=halo)
    short_trails = frame[frame.length < SHORT_TRAIL_SHARE * (bounds[2] - bounds[0])]
    if len(short_trails):
        dots = short_trails.envelope.centroid
        _plot_shapes(
            dots,
            axes,
            color=color,
            markersize=15,
            edgecolor=PAPER,
            linewidth=0.7,
            zorder=7,
        )
    marker: dict[str, Any] = (
        {"marker": "o", "markersize": 4.5, "markeredgecolor": PAPER} if len(short_trails) else {}
    )
    return Line2D([], [], color=color, linewidth=1.9, label=label, **marker)


def draw_extra(axes: Axes, text: str, frame: gpd.GeoDataFrame, number: int) -> Any:
    """Draw a further frame with its labels, and return its handle for the legend."""
    # The colours of kinds, from the fifth on: the first four may be those of the areas.
    color = palette.KINDS[(number + 4) % len(palette.KINDS)]
    marker = MARKERS[number % len(MARKERS)]
    dimension = int(shapely.get_dimensions(frame.geometry.to_numpy()).max(initial=0))
    handle: Any
    if dimension == 2:
        _plot_shapes(
            frame,
            axes,
            facecolor=(*mpl.colors.to_rgb(color), 0.15),
            edgecolor=color,
            linewidth=1.4,
            hatch=HATCHES[1],
            zorder=4,
        )
        handle = Patch(
            facecolor=(*mpl.colors.to_rgb(color), 0.15),
            edgecolor=color,
            hatch=HATCHES[1],
            linewidth=1.4,
            label=text,
        )
    elif dimension == 0:
        _plot_shapes(
            frame,
            axes,
            color=color,
            marker=marker,
            markersize=22,
            edgecolor=PAPER,
            linewidth=0.6,
            zorder=8,
        )
        handle = Line2D([], [], color=color, marker=marker, linewidth=0, markersize=5, label=text)
    else:
        _plot_shapes(frame, axes, color=color, linewidth=1.6, linestyle=(0, (3, 1.5)), zorder=6)
        handle = Line2D([], [], color=color, linewidth=1.6, linestyle=(0, (3, 1.5)), label=text)
    if "label" in frame:
        label.label_marks(axes, frame["label"], frame.geometry.representative_point())
    return handle


def simplify_layer(
    frame: gpd.GeoDataFrame, bounds: tuple[float, float, float, float]
) -> gpd.GeoDataFrame:
    """Return a layer without the details that nobody can see in print."""
    # Half a printer's dot in metres on the ground. Polygons are simplified together, as a
    # coverage, so that neighbours still share their border.
    tolerance_m = (bounds[2] - bounds[0]) / ((WIDTH_IN - PANEL_IN) * PRINT_DPI) / 2
    shapes = frame.geometry.to_numpy()
    areal = shapely.get_dimensions(shapes) == 2
    simplified = shapely.simplify(shapes, tolerance_m)
    simplified[areal] = shapely.coverage_simplify(shapes[areal], tolerance_m)
    return frame.set_geometry(gpd.GeoSeries(simplified, frame.index, crs=frame.crs))
