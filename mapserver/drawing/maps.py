"""The map: Folium, with every text from a file kept as text and every script at hand."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Collection, Iterator
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from folium.utilities import JsCode
from numpy.typing import NDArray

from mapserver.drawing import choropleth, map_additions
from mapserver.drawing.captions import Caption, captions_on
from mapserver.drawing.choropleth import ColouredAreas
from mapserver.drawing.leaflet import (
    Background,
    Drawing,
    FeatureLayer,
    Furnish,
    Locate,
    OwnLayerControl,
    PublicMap,
    inert,
    safe_json,
)
from mapserver.drawing.notebook_view import View
from mapserver.drawing.symbols import symbol
from mapserver.errors import N_, NotFoundError, fill
from mapserver.geo import extent
from mapserver.model import ORDER, LayerEntry, Role, State, arguments, count_kinds, status
from mapserver.settings import limits
from mapserver.text import language

if TYPE_CHECKING:
    from mapserver.model import Snapshot

__all__ = ["Furnish", "PublicMap", "build_map", "inert", "parts", "safe_json", "stable"]


DECIMALS = 6
"""Decimals of a degree on the map: 0.1 m."""
THIN_LINES_DEG, THIN_AREAS_DEG = 0.000_003, 0.000_05
"""A layer of very many vertices is thinned on the map, its lines by 0.3 m, its outlines by 5 m."""

BACKDROP = "backdrop"

# Between these zoom levels a pane is seen: pins stand for trails that are too short to be seen.
PANES = {
    "neighborhood-labels": (12, 15),
    "district-labels": (16, limits.MAX_MAP_ZOOM),
    "facilities": (17, limits.MAX_MAP_ZOOM),
    "pins": (0, 16),
}
NEAR = 14
"""From this zoom level on pins are drawn in full; below, they are dots."""

Z_INDEX = {BACKDROP: 150, "neighborhood-labels": 605, "district-labels": 455}
Z_INDEX |= {"facilities": 610, "pins": 620}


def build_map(  # noqa: PLR0913 -- options, all given by name
    city: Snapshot,
    *,
    lang: str = language.DEFAULT,
    day: dt.date | None = None,
    color: str | pd.Series | None = None,
    unit: str = "",
    area: str | None = None,
    tile_url: str = "",
    tile_attribution: str = "",
    fetched: Collection[str] = (),
    states: bool = True,
) -> PublicMap:
    """Draw a city.

    Parameters
    ----------
    city
        The city.
    lang
        ``ko`` or ``en``.
    day
        The day whose closures are drawn; today in Korea by default.
    color
        Colour the neighbourhoods by a measure: one of ``colours.MEASURES``, or numbers by id.
    unit
        Of such numbers, as for ``choropleth.make_writer``.
    area
        Draw only what touches this neighbourhood, given by its id.
    tile_url, tile_attribution
        Background tiles and their credit as plain text. Without tiles the neighbourhoods are the
        background; a map that is saved or shown in a notebook has none, since tile servers want
        to know who asks.
    fetched
        Layers that the page fetches when they are wanted; they are not drawn here.
    states
        Whether the map says which trails are open. One that is kept and shown on another day does
        not: every trail is uncertain until the page says what holds on that day.

    Returns
    -------
    PublicMap
        A ``folium.Map``; it can be shown in a notebook, added to and saved, with the network off.
    """
    if day is not None:
        arguments.require_day(day, "day")
    lang = lang if isinstance(lang, str) and lang in language.LANGUAGES else language.DEFAULT
    day = day or status.today()
    say = language.translator(lang).gettext
    coloured = None
    if color is not None:
        coloured = choropleth.colour_neighborhoods(city, color, lang, unit=unit)
    outline = None if area is None else _outline(city, area)
    bounds = city.bounds if outline is None else extent.find_bounds([outline])
    west, south, east, north = extent.unwrap_box(bounds or (124.5, 33.0, 131.0, 38.7))
    drawn = PublicMap(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=13,
        zoom_animation=_unless_calm(),
        fade_animation=_unless_calm(),
    )
    drawn.options["max_zoom"] = limits.MAX_MAP_ZOOM  # folium gives the argument to tiles alone
    for pane, z_index in Z_INDEX.items():
        own = folium.map.CustomPane(pane, z_index=z_index, pointer_events=pane in _CLICKED)
        drawn.add_child(own)
    if tile_url:
        drawn.add_child(
            Background(
                _plain_template(tile_url),
                attr=inert(tile_attribution) or " ",
                max_zoom=limits.MAX_MAP_ZOOM,
                control=False,
                referrer_policy="strict-origin-when-cross-origin",
            )
        )
    said_on = day if states else None
    for layer in _layers(city, lang, said_on, fetched, coloured, outline):
        drawn.add_child(layer)
    where = {"title": say(N_("Show where I am"))}
    drawn.add_child(Locate(position="topleft", strings=where))  # type: ignore[no-untyped-call]
    drawn.add_child(OwnLayerControl(collapsed=True))
    too_many = [
        id_
        for id_, frame in city.layers.items()
        if id_ not in fetched and _there(frame, outline).sum() > limits.MAX_DRAWN_FEATURES
    ]
    furniture = _furniture(city, lang, said_on, too_many)
    furniture["bounds"] = [[south, west], [north, east]]
    if coloured is not None:
        furniture |= {"scale": asdict(coloured.scale), "legend": []}
    drawn.add_child(Furnish(furniture))
    stable(drawn)
    title = furniture["text"]["map"]
    drawn.view = View(
        lang, title, partial(_draw_picture, city, color, unit=unit, title=title, lang=lang, day=day)
    )
    return drawn


PICTURE_DPI, PICTURE_COLORS = 110, 32
"""Of the static map: dots an inch, and colours."""


def _draw_picture(  # noqa: PLR0913 -- options, all given by name
    city: Snapshot,
    color: str | pd.Series | None,
    *,
    unit: str,
    title: str,
    lang: str,
    day: dt.date,
) -> bytes:
    """Draw the same map as a figure, for notebooks that are not trusted."""
    from mapserver.drawing import figures  # noqa: PLC0415 -- matplotlib is optional, and heavy

    areas = city.neighborhoods
    is_crowded = areas is not None and len(areas) > limits.MAX_PICTURE_NAMES
    sheet = figures.area_map(
        city,
        color,
        title=title,
        unit=unit,
        on_top=[Role.TRAILS],
        labels=False if is_crowded else None,
        lang=lang,
        day=day,
    )
    return sheet.write_png(PICTURE_DPI, PICTURE_COLORS)


def parts(drawn: PublicMap) -> str:
    """Render a map and give its script, which a page loads as a file of its own.

    Folium's header is left away (the page has its own) and so is its ``<div>``, which the page
    writes as ``<div class="folium-map" id="map_main">``.
    """
    with map_additions.RENDERING:
        figure: Any = drawn.get_root()
        figure.render()  # fills the three parts
        return str(figure.script.render())


def stable(drawn: folium.Map) -> None:
    """Set a name for every element that is the same in every process, so that bytes are too."""
    drawn._id = "main"
    for number, child in enumerate(map_additions.list_descendants(drawn), start=1):
        child._id = f"m{number}"


def _outline(city: Snapshot, area: str) -> shapely.Geometry:
    frame = city.neighborhoods
    if frame is None or area not in frame.index:
        raise NotFoundError(N_("there is no neighborhood {name}"), name=repr(area))
    return frame.geometry.loc[area]


def _layers(  # noqa: PLR0913, PLR0917 -- what a map depends on
    city: Snapshot,
    lang: str,
    day: dt.date | None,
    fetched: Collection[str],
    coloured: ColouredAreas | None,
    outline: shapely.Geometry | None,
) -> Iterator[FeatureLayer]:
    captions = captions_on(city, lang, day or status.today())
    say = language.translator(lang).gettext
    for id_, whole in city.layers.items():
        entry = city.entry(id_)
        there = _there(whole, outline)
        if id_ in fetched or not 0 < there.sum() <= limits.MAX_DRAWN_FEATURES:
            continue
        frame, said = whole[there], list(itertools.compress(captions.of(id_), there))
        if day is None and entry.role == Role.TRAILS:
            said = [_without_state(caption, lang) for caption in said]
        drawing = _drawing(entry, say(N_("Sample data")) if entry.sample else "", lang)
        if entry.role == Role.NEIGHBORHOODS:
            # Below the tiles, so that a map without tiles is still a map.
            ground = Drawing(
                id=BACKDROP, role=BACKDROP, color="#cdbfae", fill="#faf6ee", weight=1.0,
                fillOpacity=1.0, pane=BACKDROP, interactive=False,
            )  # fmt: skip
            yield FeatureLayer(_collection(frame, None), ground, title=None, show=True)
        show = entry.role.row.is_shown
        collection = _collection(frame, said)
        if coloured is not None:
            show = entry.role.row.is_shown_when_coloured
            if entry.role == Role.NEIGHBORHOODS:
                drawing = replace(drawing, fillOpacity=0.85, color="#ffffff", dash=None)
                _paint(collection, coloured)
            elif entry.role == Role.ZONES:
                drawing = replace(drawing, fillOpacity=None)
        title = entry.title.in_language(lang)
        yield FeatureLayer(collection, drawing, title=title, show=show)


def _without_state(caption: Caption, lang: str) -> Caption:
    """Return what is said of a trail on a day that is not known."""
    text = language.translator(lang).gettext(N_("Not certain"))
    return replace(caption, state=State.UNKNOWN, state_text=text, state_short=text)


def _there(frame: gpd.GeoDataFrame, outline: shapely.Geometry | None) -> NDArray[np.bool_]:
    """Find which features touch an outline; all do where there is none."""
    if outline is None:
        return np.ones(len(frame), bool)
    return np.asarray(shapely.intersects(frame.geometry.to_numpy(), outline), bool)


def _paint(collection: dict[str, Any], coloured: ColouredAreas) -> None:
    """Set the colours of features by their values, and write the values on their cards."""
    for feature in collection["features"]:
        about, id_ = feature["properties"], feature["id"]
        about["fill"] = coloured.fills.get(id_, choropleth.NOTHING)
        if id_ in coloured.texts:
            about["rows"] = [(coloured.title, coloured.texts[id_]), *about.get("rows", ())]


def _drawing(entry: LayerEntry, sample: str, lang: str) -> Drawing:
    """Choose how a layer is drawn by its role; the catalogue has chosen the colours."""
    look, row = symbol(entry), entry.role.row
    panes = {"pane": row.pane, "labels": row.labels, "pins": row.pins}
    drawing: dict[str, Any] = {
        "id": entry.id,
        "role": str(entry.role),
        "color": look.color,
        "fill": look.fill,
        "dash": look.dash,
        "weight": look.weight_px,
        "casing": look.casing,
        "fillOpacity": look.fill_opacity,
        "word": language.translator(lang).gettext(row.word) if row.word else "",
        "sample": sample,
        **{name: pane for name, pane in panes.items() if pane},
    }
    return Drawing(**drawing)


def _collection(frame: gpd.GeoDataFrame, captions: list[Caption] | None) -> dict[str, Any]:
    """Write the features of a layer with what their cards say, and a place for their mark."""
    geometries = frame.geometry.to_numpy()
    seen = _thinned(shapely.force_2d(geometries))
    flat = shapely.transform(seen, lambda xy: np.round(xy, DECIMALS))
    features = []
    for position, (id_, geometry, text) in enumerate(
        zip(frame.index, flat, shapely.to_geojson(flat), strict=True)
    ):
        if geometry is None or geometry.is_empty:
            continue
        about: dict[str, Any] = {}
        if captions is not None:
            caption = captions[position]
            about = {"name": caption.name, "place": caption.place, "rows": caption.rows}
            about |= {"state": caption.state, "stateText": caption.state_text}
            about["kind"] = caption.kind
            if caption.state:
                about |= {"figure": caption.figure, "facts": caption.facts[1:]}
            if caption.kind:
                about["trail"] = caption.trail
            about = {key: value for key, value in about.items() if value}
            about["label"] = _label(geometry)
        features.append(
            {
                "type": "Feature",
                "id": str(id_),
                "geometry": json.loads(text),
                "properties": about,
            }
        )
    return {"type": "FeatureCollection", "features": features}


def _thinned(geometries: NDArray[np.object_]) -> NDArray[np.object_]:
    """Leave out vertices that a map does not show, where there are very many.

    It is for display only. Outlines of neighbours keep a common border.
    """
    if shapely.get_num_coordinates(geometries).sum() <= limits.MAX_FULL_VERTICES:
        return geometries
    areal = shapely.get_dimensions(geometries) == 2
    thinned = shapely.simplify(geometries, THIN_LINES_DEG)
    thinned[areal] = shapely.coverage_simplify(geometries[areal], THIN_AREAS_DEG)
    return np.where(shapely.is_empty(thinned), geometries, thinned)


def _label(geometry: shapely.Geometry) -> list[float]:
    """Find where a feature's mark stands: on the line, inside the polygon."""
    if geometry.geom_type.endswith("LineString"):
        lines = shapely.get_parts(extent.divide_lines(np.array([geometry], dtype=object)))
        longest = lines[int(np.argmax(shapely.length(lines)))]
        at = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    elif geometry.geom_type.endswith("Polygon"):
        polygons = shapely.get_parts(geometry)
        at = shapely.point_on_surface(polygons[int(np.argmax(shapely.area(polygons)))])
    else:
        at = shapely.point_on_surface(geometry)
    return [round(at.x, DECIMALS), round(at.y, DECIMALS)]


def _furniture(
    city: Snapshot, lang: str, day: dt.date | None, too_many: list[str]
) -> dict[str, Any]:
    say = language.translator(lang).gettext
    sample = any(city.entry(layer).sample for layer in city.layers)
    return {
        "panes": PANES,
        "near": NEAR,
        "legend": _legend(city, lang, day, too_many),
        "badge": say(N_("Sample data: do not walk by it")) if sample else "",
        "text": {
            "map": fill(
                say(N_("Map of {city}")), {"city": city.catalog.title.in_language(lang)}
            ),
            "zoomIn": say(N_("Zoom in")),
            "zoomOut": say(N_("Zoom out")),
            "layers": say(N_("Layers and legend")),
            "close": say(N_("Close")),
            "noPosition": say(N_("Your position is not known")),
            "noTiles": say(N_("Shown without background map")),
            "missing": say(
                N_("Some of what was added could not be drawn; it may need the internet")
            ),
        },
    }  # fmt: skip


def legend_of_states(lang: str) -> dict[str, str]:
    """Return what the legend says of the mark of each state of a trail."""
    say = language.translator(lang).gettext
    return {
        State.OPEN: say(N_("Trail, open today")),
        State.CLOSED: say(N_("Trail, closed today (dotted line)")),
        State.PLANNED: say(N_("Trail, not open yet (dotted line)")),
        State.UNKNOWN: say(N_("Trail, not certain whether it is open (dashes and dots)")),
    }


def _legend(
    city: Snapshot, lang: str, day: dt.date | None, too_many: list[str]
) -> list[dict[str, str]]:
    """List the marks that the layer control's own swatches do not explain."""
    say = language.translator(lang).gettext
    entries = []
    trails = city.trails if day is None else city.trails_on(day)
    if trails is not None and len(trails):
        states = {State.UNKNOWN} if day is None else set(trails["state"])
        entries = [
            {"className": f"pin pin-{state}", "kind": "trail", "text": text}
            for state, text in legend_of_states(lang).items()
            if state in states
        ]
    facilities = city.facilities
    if facilities is not None and "kind" in facilities:
        kinds = count_kinds(facilities["kind"].dropna().astype("str"), lang)
        entries += [
            {"className": f"facility facility-{kind}", "kind": kind, "text": word}
            for kind, word, _ in kinds
            if kind in ORDER
        ]
    entries += [
        {
            "className": "",
            "kind": "",
            "text": fill(
                say(N_("Not drawn: {layer} ({count})")),
                {
                    "layer": city.entry(id_).title.in_language(lang),
                    "count": language.number(len(city.layers[id_]), lang),
                },
            ),
        }
        for id_ in too_many
    ]
    return entries


_CLICKED = ("facilities", "pins")


def _unless_calm() -> JsCode:
    return JsCode("!matchMedia('(prefers-reduced-motion: reduce)').matches")


def _plain_template(tile_url: str) -> str:
    """Prevent Jinja from reading a tile address; Leaflet's own marks have single braces."""
    return tile_url.replace("{{", "%7B%7B").replace("{%", "%7B%").replace("{#", "%7B#")
