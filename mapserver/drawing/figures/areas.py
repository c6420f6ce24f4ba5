"""Maps for print: areas coloured by a value, layers on top, scale bar and north arrow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import matplotlib as mpl
import numpy as np
import pandas as pd
import shapely
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Annotation
from matplotlib_scalebar.scalebar import ScaleBar

from mapserver.drawing import choropleth
from mapserver.drawing.figures import labels as label
from mapserver.drawing.figures.asked import require_city, require_shown, require_wording
from mapserver.drawing.figures.letters import drawing, warn_of_missing
from mapserver.drawing.figures.sheet import (
    HATCHES,
    INK,
    KINDS,
    PAPER,
    QUIET,
    WIDTH_IN,
    Sheet,
    layer_id,
    pale,
    source_line,
    style,
    wrapped,
    write_source,
    write_title,
)
from mapserver.errors import N_
from mapserver.headings import names
from mapserver.model import Role, arguments
from mapserver.text import language

if TYPE_CHECKING:
    from mapserver.model import Snapshot

PANEL_IN = 1.95
"""Width of the column beside a map, for legend, scale bar and north arrow."""
MAP_ROLES = (Role.DISTRICTS, Role.TRAILS)
COUNTED_LAYERS = {
    **dict.fromkeys(("membership_rate", "shops", "members"), (Role.SHOPS,)),
    "districts": (Role.DISTRICTS,),
    **dict.fromkeys(("trails", "trail_length_m"), (Role.TRAILS,)),
}
"""What each measure of the web map counts."""
GROUND = "#faf6ee"
MARKERS = ("^", "D", "v", "P", "s")
PRINT_DPI = 300
"""Finer than this nobody sees a line in print."""
MANY = 200
"""So many areas have thin borders."""
SHORT = 0.025
"""A trail shorter than this part of the map's width is marked with a dot besides."""


def area_map(  # noqa: PLR0913 -- options, all given by name
    city: Snapshot,
    values: pd.Series | str | None = None,
    *,
    title: str,
    layer: str | gpd.GeoDataFrame = Role.NEIGHBORHOODS,
    unit: str = "",
    digits: int = 0,
    on_top: Sequence[str] = MAP_ROLES,
    extra: Mapping[str, gpd.GeoDataFrame] | None = None,
    counted: Sequence[str] = (),
    sources: Sequence[str] = (),
    labels: pd.Series | Literal[False] | None = None,
    lang: str = language.DEFAULT,
    day: dt.date | None = None,
) -> Sheet:
    """Draw a map without background tiles, in metres, with areas coloured by a value.

    Parameters
    ----------
    city
        The city; it is drawn in ``city.metric_crs``.
    values
        A number for each area, indexed by id (drawn in classes, as the web map does); texts
        (drawn as kinds, with hatches); a measure of the web map; or None for outlines.
    title
        Above the map.
    layer
        Role or id of the areas, or polygons of your own. A city without them gets a map of what
        is drawn on top.
    unit, digits
        How numbers are written; see :func:`mapserver.drawing.choropleth.make_writer`.
    on_top
        Roles or ids of layers to draw over the areas, lowest first; one that is not there is
        left out.
    extra
        More frames to draw, by the text of the legend; a column ``label`` names their features.
    counted
        Roles or ids of layers that the values come from and that are not drawn: their sources are
        named, too. Those of a measure are known.
    sources
        Where frames of your own come from, in words: the name of a file.
    labels
        A text for each area, instead of its name; False for none, and no values either.
    lang
        ``ko`` or ``en``.
    day
        The day of the figure; today in Korea by default.

    Returns
    -------
    Sheet
        Each area that has room bears its name and value, so that no reader needs the colours.
    """
    require_city(city)
    require_wording(title, lang, day)
    require_shown(values, labels, extra)
    lists = {"on_top": on_top, "counted": counted, "sources": sources}
    on_top, counted, sources = (arguments.read_ids(each, name) for name, each in lists.items())
    own = layer if isinstance(layer, gpd.GeoDataFrame) else None
    base = None if isinstance(layer, gpd.GeoDataFrame) else layer_id(city, layer)
    areas = city.layers[base] if base else own
    if areas is not None:
        areas = areas[~(areas.geometry.is_empty | areas.geometry.isna())].to_crs(city.metric_crs)
    over = [id_ for id_ in (layer_id(city, name) for name in on_top) if id_ and id_ != base]
    marked = {text: frame.to_crs(city.metric_crs) for text, frame in (extra or {}).items()}
    frames = {id_: city.layers[id_].to_crs(city.metric_crs) for id_ in over}
    ground = [frame for frame in frames.values() if frame.geom_type.str.endswith("Polygon").any()]
    over_all = [*frames.values(), *marked.values()] if areas is None else [areas, *ground]
    bounds = _bounds(over_all)
    if areas is not None:
        areas = _thinned(areas, bounds)
    frames = {id_: _thinned(frame, bounds) for id_, frame in frames.items()}
    marked = {text: _thinned(frame, bounds) for text, frame in marked.items()}
    measured = COUNTED_LAYERS.get(values, ()) if isinstance(values, str) else ()
    used_layers = dict.fromkeys([*([base] if base else []), *over, *measured, *counted])
    used = source_line(city, list(used_layers), sources=sources, lang=lang, day=day)
    called = None if areas is None or labels is False else names(areas, lang)
    if labels is not None and labels is not False and areas is not None:
        called = labels.reindex(areas.index)
    words = [title, used, *marked, *([] if called is None else called.dropna().map(str))]
    with drawing(style(), words):
        sheet, axes = _map_sheet(bounds, title, used)
        legend: list[tuple[str, list[Any]]] = []
        if areas is not None:
            shown, (heading, handles) = _paint(city, areas, values, unit, digits, lang)
            if base is not None and not handles:
                handles = [_outline(city, base, lang)]
            legend.append((heading, handles))
            _fill_areas(axes, areas, shown)
        marks = [_draw_layer(axes, city, id_, frame, lang, bounds) for id_, frame in frames.items()]
        marks += [
            _draw_extra(axes, text, frame, number)
            for number, (text, frame) in enumerate(marked.items())
        ]
        legend.append(("", marks))
        if areas is not None and called is not None:
            spots = [label.dots(frame) for frame in [*frames.values(), *marked.values()]]
            label.label_areas(axes, areas, called, shown, np.concatenate([[[0, 0]], *spots]))
        _furnish(sheet, axes, legend, lang)
    warn_of_missing(style()["font.family"], sheet.words(), lang)
    return sheet


def _paint(  # noqa: PLR0913, PLR0917 -- what colours depend on
    city: Snapshot,
    areas: gpd.GeoDataFrame,
    values: pd.Series | str | None,
    unit: str,
    digits: int,
    lang: str,
) -> tuple[label.Shown, tuple[str, list[Any]]]:
    """Choose the colours of areas, and write the legend for them."""
    if values is None:
        return label.Shown(dict.fromkeys(map(str, areas.index), GROUND), {}), ("", [])
    if isinstance(values, str):
        coloured = choropleth.colour_neighborhoods(city, values, lang)
    elif pd.api.types.is_numeric_dtype(values):
        title = "" if values.name is None else str(values.name)
        coloured = choropleth.colour_values(
            values, title, choropleth.make_writer(unit, digits), lang
        )
    else:
        return _kinds(values.reindex(areas.index))
    steps = [Patch(facecolor=c, edgecolor=PAPER, label=t) for c, t in coloured.scale.steps]
    shown = label.Shown(coloured.fills, coloured.texts)
    if any(str(id_) not in shown.fills for id_ in areas.index):
        unknown = language.translator(lang).gettext(N_("no value"))
        steps.append(Patch(facecolor=choropleth.NOTHING, hatch="////", label=unknown))
    return shown, (coloured.title, steps)


def _kinds(values: pd.Series) -> tuple[label.Shown, tuple[str, list[Any]]]:
    """Give each kind a colour and a hatch."""
    kinds = list(dict.fromkeys(values.dropna().map(str)))
    look = {
        kind: (KINDS[number % len(KINDS)], HATCHES[number % len(HATCHES)])
        for number, kind in enumerate(kinds)
    }
    shown = label.Shown({}, {})
    for id_, kind in values.dropna().map(str).items():
        shown.fills[str(id_)], shown.hatches[str(id_)] = pale(look[kind][0]), look[kind][1]
    handles = [
        Patch(facecolor=pale(color), edgecolor=QUIET, hatch=hatch, linewidth=0.6, label=kind)
        for kind, (color, hatch) in look.items()
    ]
    return shown, ("" if values.name is None else str(values.name), handles)


def _fill_areas(axes: Axes, areas: gpd.GeoDataFrame, shown: label.Shown) -> None:
    """Draw the areas, those that look the same at once."""
    ids = areas.index.map(str)
    fills = [shown.fills.get(id_, "") for id_ in ids]
    hatches = [shown.hatches.get(id_, "") for id_ in ids]
    for (fill_color, hatch), those in areas.geometry.groupby([fills, hatches]):
        _plot(
            those,
            axes,
            facecolor=fill_color or choropleth.NOTHING,
            edgecolor="#8c8378" if fill_color else "#b0a698",
            hatch=hatch if fill_color else "////",
            linewidth=0.6 if len(areas) < MANY else 0.2,
            zorder=1,
        )


def _plot(shapes: gpd.GeoDataFrame | gpd.GeoSeries, axes: Axes, **look: Any) -> None:
    """Draw shapes; the axes keep the place and the scale they have."""
    shapes.plot(ax=axes, aspect=None, **look)


def _outline(city: Snapshot, layer: str, lang: str) -> Patch:
    label = city.entry(layer).title.in_language(lang)
    return Patch(facecolor=GROUND, edgecolor="#8c8378", linewidth=0.8, label=label)


def _draw_layer(  # noqa: PLR0913, PLR0917 -- what a layer's look depends on
    axes: Axes,
    city: Snapshot,
    layer: str,
    frame: gpd.GeoDataFrame,
    lang: str,
    bounds: tuple[float, float, float, float],
) -> Any:
    entry = city.entry(layer)
    frame = frame[~(frame.geometry.is_empty | frame.geometry.isna())]
    color, label = entry.style.color, entry.title.in_language(lang)
    dimension = int(shapely.get_dimensions(frame.geometry.to_numpy()).max(initial=0))
    if dimension == 2:
        halo = [patheffects.withStroke(linewidth=2.2, foreground=PAPER, alpha=0.75)]
        _plot(
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
        _plot(
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
    _plot(frame, axes, color=color, linewidth=1.9, zorder=6, path_effects=halo)
    short = frame[frame.length < SHORT * (bounds[2] - bounds[0])]
    if len(short):
        dots = short.envelope.centroid
        _plot(
            dots,
            axes,
            color=color,
            markersize=15,
            edgecolor=PAPER,
            linewidth=0.7,
            zorder=7,
        )
    marker = {"marker": "o", "markersize": 4.5, "markeredgecolor": PAPER} if len(short) else {}
    return Line2D([], [], color=color, linewidth=1.9, label=label, **marker)  # type: ignore[arg-type]


def _draw_extra(axes: Axes, text: str, frame: gpd.GeoDataFrame, number: int) -> Any:
    color = KINDS[(number + 4) % len(KINDS)]
    marker = MARKERS[number % len(MARKERS)]
    dimension = int(shapely.get_dimensions(frame.geometry.to_numpy()).max(initial=0))
    handle: Any
    if dimension == 2:
        _plot(
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
        _plot(
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
        _plot(frame, axes, color=color, linewidth=1.6, linestyle=(0, (3, 1.5)), zorder=6)
        handle = Line2D([], [], color=color, linewidth=1.6, linestyle=(0, (3, 1.5)), label=text)
    if "label" in frame:
        label.label_marks(axes, frame["label"], frame.geometry.representative_point())
    return handle


def _bounds(frames: Sequence[gpd.GeoDataFrame]) -> tuple[float, float, float, float]:
    """Give the bounds of frames in metres, with a margin; some place where there is nothing."""
    boxes = np.array([frame.total_bounds for frame in frames if len(frame)])
    if not len(boxes) or not np.isfinite(boxes).any():
        return 0.0, 0.0, 1000.0, 1000.0
    west, south = np.nanmin(boxes[:, :2], axis=0)
    east, north = np.nanmax(boxes[:, 2:], axis=0)
    margin = max(0.02 * max(east - west, north - south), 50.0)
    return west - margin, south - margin, east + margin, north + margin


def _thinned(
    frame: gpd.GeoDataFrame, bounds: tuple[float, float, float, float]
) -> gpd.GeoDataFrame:
    """Leave out the vertices that nobody can see in print; neighbours keep a common border."""
    tolerance_m = (bounds[2] - bounds[0]) / ((WIDTH_IN - PANEL_IN) * PRINT_DPI) / 2
    shapes = frame.geometry.to_numpy()
    areal = shapely.get_dimensions(shapes) == 2
    thinned = shapely.simplify(shapes, tolerance_m)
    thinned[areal] = shapely.coverage_simplify(shapes[areal], tolerance_m)
    return frame.set_geometry(gpd.GeoSeries(thinned, frame.index, crs=frame.crs))


def _map_sheet(
    bounds: tuple[float, float, float, float], title: str, source: str
) -> tuple[Sheet, Axes]:
    west, south, east, north = bounds
    width = WIDTH_IN - PANEL_IN - 0.3
    high = float(np.clip(width * (north - south) / (east - west), 3.0, 8.2))
    titles = wrapped(title, WIDTH_IN - 0.3, 12.5, bold=True)
    lines = wrapped(source, WIDTH_IN - 0.3, 6.5)
    above, below = 0.24 * len(titles) + 0.2, 0.14 * len(lines) + 0.2
    sheet = Sheet(WIDTH_IN, high + above + below)
    total = sheet.get_figheight()
    axes = sheet.add_axes((0.15 / WIDTH_IN, below / total, width / WIDTH_IN, high / total))
    axes.set_axis_off()
    axes.set_aspect("equal", adjustable="datalim", anchor="NW")
    axes.set_autoscale_on(False)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.apply_aspect()
    write_title(sheet, titles)
    write_source(sheet, lines)
    return sheet, axes


def _furnish(sheet: Sheet, axes: Axes, legend: list[tuple[str, list[Any]]], lang: str) -> None:
    """Set legends, scale bar and north arrow into the column beside the map."""
    say = language.translator(lang).gettext
    box = axes.get_position()
    left = box.x1 + 0.15 / WIDTH_IN
    top, total = box.y1, sheet.get_figheight()
    renderer = sheet.canvas.get_renderer()  # type: ignore[attr-defined]
    room = PANEL_IN - 0.55
    for title, handles in legend:
        if not handles:
            continue
        words = ["\n".join(wrapped(h.get_label(), room, 8)) for h in handles]
        made = sheet.legend(
            handles, words, loc="upper left", bbox_to_anchor=(left, top), borderaxespad=0,
            borderpad=0, handlelength=1.6, labelspacing=0.55, alignment="left",
            title="\n".join(wrapped(title, PANEL_IN - 0.2, 8)) or None,
            title_fontproperties={"weight": "bold", "size": 8},
        )  # fmt: skip
        top -= made.get_window_extent(renderer).height / sheet.dpi / total + 0.14 / total
    bar = ScaleBar(
        1, "m", location="lower left", frameon=False, color=INK, length_fraction=0.3,
        width_fraction=0.006, border_pad=0, pad=0.2, sep=3, scale_loc="top",
        bbox_to_anchor=(left, box.y0), bbox_transform=sheet.transFigure,
        font_properties={"size": 8},
    )  # fmt: skip
    axes.add_artist(bar)
    foot = box.y0 + 0.5 / total
    x = left + 0.14 / WIDTH_IN
    arrow = {"arrowstyle": "-|>,head_width=0.28,head_length=0.55", "color": INK, "lw": 1.2}
    sheet.add_artist(
        Annotation("", (x, foot + 0.36 / total), (x, foot), "figure fraction", arrowprops=arrow)
    )
    sheet.text(x, foot + 0.38 / total, say(N_("N")), ha="center", va="bottom", fontsize=8)
