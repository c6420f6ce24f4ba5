"""Draw maps for print: areas coloured by a value, layers on top, scale bar and north arrow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Unpack

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.text import Annotation
from matplotlib_scalebar.scalebar import ScaleBar

from mapserver.drawing import choropleth
from mapserver.drawing.figures import labels as label
from mapserver.drawing.figures.asked import require_city, require_shown, require_wording
from mapserver.drawing.figures.letters import use_style, warn_of_missing
from mapserver.drawing.figures.map_layers import (
    PANEL_IN,
    draw_extra,
    draw_layer,
    fill_areas,
    make_outline_handle,
    simplify_layer,
)
from mapserver.drawing.figures.map_options import MapOptions, fill_options, show_options
from mapserver.drawing.figures.sheet import (
    HATCHES,
    INK,
    PAPER,
    QUIET,
    WIDTH_IN,
    Sheet,
    find_layer_id,
    make_style,
    mix_with_white,
    source_line,
    wrap_text,
    write_source,
    write_title,
)
from mapserver.errors import N_
from mapserver.geo.heights import project_frame
from mapserver.headings import names
from mapserver.model import ROLES, arguments
from mapserver.settings import palette
from mapserver.text import language

if TYPE_CHECKING:
    from mapserver.model import Snapshot


@show_options
def area_map(
    city: Snapshot,
    values: pd.Series | str | None = None,
    *,
    title: str,
    lang: str | None = None,
    day: dt.date | None = None,
    **options: Unpack[MapOptions],
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
        The text above the map.
    lang
        Code of the language.
    day
        The day of the figure; today in the city by default.
    layer
        Role or id of the areas, or polygons of your own. A city without them gets a map of the
        layers on top alone.
    unit, digits
        How numbers are written; see :func:`mapserver.drawing.choropleth.make_writer`.
    on_top
        Roles or ids of layers to draw over the areas, lowest first; missing ones are left out. By
        default those that the first page of the site lists: districts and trails.
    extra
        More frames to draw, by the text of the legend; a column ``label`` names their features.
    counted
        Roles or ids of layers that the values come from and that are not drawn: their sources are
        named, too. Those of a measure are known.
    sources
        The sources of frames of your own, in words: such as the name of a file.
    labels
        A text for each area, instead of its name; False for none, and no values either.

    Returns
    -------
    Sheet
        Each area that has room shows its name and value, so that no reader needs the colours.
    """
    require_city(city)
    lang = city.catalog.default_language if lang is None else lang
    require_wording(title, lang, day)
    options = fill_options(options, "area_map")
    labels, extra = options["labels"], options["extra"]
    require_shown(values, labels, extra)
    on_top = options["on_top"]
    if on_top is None:
        on_top = [role for role in ROLES.values() if role.row.is_listed]
    lists = {"on_top": on_top, "counted": options["counted"], "sources": options["sources"]}
    on_top, counted, sources = (arguments.read_ids(ids, name) for name, ids in lists.items())
    content = _collect_content(city, options["layer"], on_top, extra or {})
    used_layers = list(dict.fromkeys([*content.layer_ids, *_list_measure_layers(values), *counted]))
    source = source_line(city, used_layers, sources=sources, lang=lang, day=day)
    area_labels = _choose_labels(content.areas, labels, lang)
    words = [title, source, *content.extra, *area_labels.dropna().map(str)]
    with use_style(make_style(), words):
        sheet, axes = _make_map_sheet(content.bounds, title, source)
        writer = choropleth.make_writer(options["unit"], options["digits"])
        looks, area_legend = _choose_looks(city, content, values, writer, lang)
        handles = _draw_content(axes, city, content, looks, lang)
        if content.areas is not None and labels is not False:
            marks = _list_marks(content)
            label.label_areas(axes, content.areas, area_labels, looks, marks)
        _draw_legend_column(sheet, axes, [area_legend, ("", handles)], lang)
    warn_of_missing(make_style()["font.family"], sheet.words(), lang)
    return sheet


@dataclass(frozen=True)
class _Content:
    """The frames that a map shows, in the plane of the city, simplified for print.

    Attributes
    ----------
    areas
        The areas that are coloured; None on a map without.
    base
        Id of their layer; None for areas that are no layer of the city.
    frames
        Layers over the areas, by id.
    extra
        Further frames, by the text of the legend.
    bounds
        West, south, east and north of the map in metres.
    """

    areas: gpd.GeoDataFrame | None
    base: str | None
    frames: dict[str, gpd.GeoDataFrame]
    extra: dict[str, gpd.GeoDataFrame]
    bounds: tuple[float, float, float, float]

    @property
    def layer_ids(self) -> list[str]:
        """Ids of the layers of the city that the map shows."""
        return [*([self.base] if self.base else []), *self.frames]


def _collect_content(
    city: Snapshot,
    layer: str | gpd.GeoDataFrame,
    on_top: Sequence[str],
    extra: Mapping[str, gpd.GeoDataFrame],
) -> _Content:
    """Collect the frames of a map, and compute its bounds."""
    base = None if isinstance(layer, gpd.GeoDataFrame) else find_layer_id(city, layer)
    areas = layer if isinstance(layer, gpd.GeoDataFrame) else None
    if base:
        areas = city.layers[base]
    if areas is not None:
        areas = areas[~(areas.geometry.is_empty | areas.geometry.isna())]
        areas = project_frame(areas, city.metric_crs)
    top_ids = (find_layer_id(city, name) for name in on_top)
    frames = {
        id_: project_frame(city.layers[id_], city.metric_crs)
        for id_ in top_ids
        if id_ and id_ != base
    }
    extra_frames = {text: project_frame(frame, city.metric_crs) for text, frame in extra.items()}
    # Areas make the bounds, with other polygons that may be larger; points and lines far outside
    # of them would only make the areas small. Without areas everything counts.
    extent_frames = [*frames.values(), *extra_frames.values()]
    if areas is not None:
        polygons = (f for f in frames.values() if f.geom_type.str.endswith("Polygon").any())
        extent_frames = [areas, *polygons]
    bounds = _find_bounds(extent_frames)
    return _Content(
        None if areas is None else simplify_layer(areas, bounds),
        base,
        {id_: simplify_layer(frame, bounds) for id_, frame in frames.items()},
        {text: simplify_layer(frame, bounds) for text, frame in extra_frames.items()},
        bounds,
    )


def _list_measure_layers(values: pd.Series | str | None) -> tuple[str, ...]:
    """Return the roles of the layers that a measure of the web map is computed from."""
    measure = choropleth.MEASURES.get(values) if isinstance(values, str) else None
    return () if measure is None else (measure.role,)


def _choose_labels(
    areas: gpd.GeoDataFrame | None, labels: pd.Series | Literal[False] | None, lang: str
) -> pd.Series:
    """Return the label of each area, its name unless another is given; empty without labels."""
    if areas is None or labels is False:
        return pd.Series(dtype=object)
    return names(areas, lang) if labels is None else labels.reindex(areas.index)


def _draw_content(
    axes: Axes, city: Snapshot, content: _Content, looks: label.AreaLooks, lang: str
) -> list[Any]:
    """Draw areas, layers and further frames, and return the handles of the last two."""
    if content.areas is not None:
        fill_areas(axes, content.areas, looks)
    handles = [
        draw_layer(axes, city, id_, frame, lang, content.bounds)
        for id_, frame in content.frames.items()
    ]
    for number, (text, frame) in enumerate(content.extra.items()):
        handles.append(draw_extra(axes, text, frame, number))
    return handles


def _list_marks(content: _Content) -> npt.NDArray[np.float64]:
    """Return the points that labels of areas avoid, shape (n, 2)."""
    frames = [*content.frames.values(), *content.extra.values()]
    # The origin, which no map shows, stands for the marks of a map that has none.
    return np.concatenate([[[0, 0]], *map(label.sample_points, frames)])


def _choose_looks(
    city: Snapshot,
    content: _Content,
    values: pd.Series | str | None,
    writer: Callable[[float, str], str],
    lang: str,
) -> tuple[label.AreaLooks, tuple[str, list[Any]]]:
    """Choose the looks of areas, and build the heading and the handles of their legend."""
    if content.areas is None:
        return label.AreaLooks({}, {}), ("", [])
    looks, (heading, handles) = _colour_areas(city, content.areas, values, writer, lang)
    # Areas without a value are in the legend by the title of their layer.
    if content.base is not None and not handles:
        handles = [make_outline_handle(city, content.base, lang)]
    return looks, (heading, handles)


def _colour_areas(
    city: Snapshot,
    areas: gpd.GeoDataFrame,
    values: pd.Series | str | None,
    writer: Callable[[float, str], str],
    lang: str,
) -> tuple[label.AreaLooks, tuple[str, list[Any]]]:
    """Choose the colours of areas by their values: in classes, as kinds, or one for all."""
    if values is None:
        return label.AreaLooks(dict.fromkeys(map(str, areas.index), palette.LAND), {}), ("", [])
    if isinstance(values, str):
        coloured = choropleth.colour_neighborhoods(city, values, lang)
    elif pd.api.types.is_numeric_dtype(values):
        title = "" if values.name is None else str(values.name)
        coloured = choropleth.colour_values(values, title, writer, lang)
    else:
        return _colour_kinds(values.reindex(areas.index))
    steps = [Patch(facecolor=c, edgecolor=PAPER, label=t) for c, t in coloured.scale.steps]
    looks = label.AreaLooks(coloured.fills, coloured.texts)
    if any(str(id_) not in looks.fills for id_ in areas.index):
        unknown = language.translator(lang).gettext(N_("no value"))
        steps.append(Patch(facecolor=palette.NO_VALUE, hatch="////", label=unknown))
    return looks, (coloured.title, steps)


def _colour_kinds(values: pd.Series) -> tuple[label.AreaLooks, tuple[str, list[Any]]]:
    """Choose a colour and a hatch for each kind of area."""
    # A hatch besides, for readers who do not see the colours and for prints in grey.
    kinds = list(dict.fromkeys(values.dropna().map(str)))
    kind_looks = {
        kind: (palette.KINDS[number % len(palette.KINDS)], HATCHES[number % len(HATCHES)])
        for number, kind in enumerate(kinds)
    }
    looks = label.AreaLooks({}, {})
    for id_, kind in values.dropna().map(str).items():
        looks.fills[str(id_)], looks.hatches[str(id_)] = (
            mix_with_white(kind_looks[kind][0]),
            kind_looks[kind][1],
        )
    handles = [
        Patch(
            facecolor=mix_with_white(color), edgecolor=QUIET, hatch=hatch, linewidth=0.6, label=kind
        )
        for kind, (color, hatch) in kind_looks.items()
    ]
    return looks, ("" if values.name is None else str(values.name), handles)


def _find_bounds(frames: Sequence[gpd.GeoDataFrame]) -> tuple[float, float, float, float]:
    """Return the bounds of frames in metres with a margin, those of 1 km² if all are empty."""
    boxes = np.array([frame.total_bounds for frame in frames if len(frame)])
    if not len(boxes) or not np.isfinite(boxes).any():
        return 0.0, 0.0, 1000.0, 1000.0
    west, south = np.nanmin(boxes[:, :2], axis=0)
    east, north = np.nanmax(boxes[:, 2:], axis=0)
    # A fiftieth of the longer side, and 50 m at least, so that a single point has a map.
    margin = max(0.02 * max(east - west, north - south), 50.0)
    return west - margin, south - margin, east + margin, north + margin


def _make_map_sheet(
    bounds: tuple[float, float, float, float], title: str, source: str
) -> tuple[Sheet, Axes]:
    """Create a sheet with its title and source, and axes for a map with some bounds."""
    west, south, east, north = bounds
    # The map fills the width beside the legend; its height follows from its bounds, within limits
    # that let a page have it.
    map_width_in = WIDTH_IN - PANEL_IN - 0.3
    map_height_in = float(np.clip(map_width_in * (north - south) / (east - west), 3.0, 8.2))
    titles = wrap_text(title, WIDTH_IN - 0.3, 12.5, bold=True)
    lines = wrap_text(source, WIDTH_IN - 0.3, 6.5)
    above_in, below_in = 0.24 * len(titles) + 0.2, 0.14 * len(lines) + 0.2
    sheet = Sheet(WIDTH_IN, map_height_in + above_in + below_in)
    height_in = sheet.get_figheight()
    axes = sheet.add_axes(
        (0.15 / WIDTH_IN, below_in / height_in, map_width_in / WIDTH_IN, map_height_in / height_in)
    )
    # Equal scale in x and y: axes that are too high or wide for the bounds show more ground.
    axes.set_axis_off()
    axes.set_aspect("equal", adjustable="datalim", anchor="NW")
    axes.set_autoscale_on(False)
    axes.set_xlim(west, east)
    axes.set_ylim(south, north)
    axes.apply_aspect()
    write_title(sheet, titles)
    write_source(sheet, lines)
    return sheet, axes


def _draw_legend_column(
    sheet: Sheet, axes: Axes, legend: list[tuple[str, list[Any]]], lang: str
) -> None:
    """Draw legends, scale bar and north arrow into the column beside the map."""
    translate = language.translator(lang).gettext
    box = axes.get_position()
    column_x = box.x1 + 0.15 / WIDTH_IN
    top, height_in = box.y1, sheet.get_figheight()
    renderer = sheet.canvas.get_renderer()  # type: ignore[attr-defined]  # Agg has one
    text_width_in = PANEL_IN - 0.55
    for title, handles in legend:
        if not handles:
            continue
        words = ["\n".join(wrap_text(h.get_label(), text_width_in, 8)) for h in handles]
        drawn_legend = sheet.legend(
            handles, words, loc="upper left", bbox_to_anchor=(column_x, top), borderaxespad=0,
            borderpad=0, handlelength=1.6, labelspacing=0.55, alignment="left",
            title="\n".join(wrap_text(title, PANEL_IN - 0.2, 8)) or None,
            title_fontproperties={"weight": "bold", "size": 8},
        )  # fmt: skip
        top -= (
            drawn_legend.get_window_extent(renderer).height / sheet.dpi / height_in
            + 0.14 / height_in
        )
    bar = ScaleBar(
        1, "m", location="lower left", frameon=False, color=INK, length_fraction=0.3,
        width_fraction=0.006, border_pad=0, pad=0.2, sep=3, scale_loc="top",
        bbox_to_anchor=(column_x, box.y0), bbox_transform=sheet.transFigure,
        font_properties={"size": 8},
    )  # fmt: skip
    axes.add_artist(bar)
    arrow_foot = box.y0 + 0.5 / height_in
    x = column_x + 0.14 / WIDTH_IN
    arrow = {"arrowstyle": "-|>,head_width=0.28,head_length=0.55", "color": INK, "lw": 1.2}
    sheet.add_artist(
        Annotation(
            "",
            (x, arrow_foot + 0.36 / height_in),
            (x, arrow_foot),
            "figure fraction",
            arrowprops=arrow,
        )
    )
    sheet.text(
        x, arrow_foot + 0.38 / height_in, translate(N_("N")), ha="center", va="bottom", fontsize=8
    )
