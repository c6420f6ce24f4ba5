"""The map: Folium, with every text from a file kept as text and every script at hand."""

from __future__ import annotations

import datetime as dt
import html
import itertools
import json
import threading
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from branca.element import Element, MacroElement
from folium.plugins import LocateControl
from folium.template import Template
from folium.utilities import JsCode
from numpy.typing import NDArray

from mapserver import assets, colours, language, status
from mapserver.captions import Caption, Captions
from mapserver.catalog import LayerEntry, Role
from mapserver.colours import Coloured
from mapserver.errors import N_, NotFoundError, fill
from mapserver.facilities import ORDER, count_kinds
from mapserver.symbols import symbol

if TYPE_CHECKING:
    from mapserver.city import City

MOST_FEATURES = 5000
"""A layer with more is served but not drawn: a telephone would stall (shops need tiles)."""

DECIMALS = 6
"""Decimals of a degree on the map: 0.1 m."""

MAX_ZOOM = 19
BACKDROP = "backdrop"

# Between these zoom levels a pane is seen: pins stand for trails that are too short to be seen.
PANES = {
    "neighborhood-labels": (12, 15),
    "district-labels": (16, MAX_ZOOM),
    "facilities": (17, MAX_ZOOM),
    "pins": (0, 16),
}
NEAR = 14
"""From this zoom level on pins are drawn in full; below, they are dots."""

Z_INDEX = {BACKDROP: 150, "neighborhood-labels": 605, "district-labels": 455}
Z_INDEX |= {"facilities": 610, "pins": 620}

# folium's templates keep their state in the figure; two threads must not render at once.
_RENDERING = threading.Lock()


@dataclass(frozen=True)
class Drawing:
    """How a layer is drawn; the names are those that ``map.js`` reads.

    Attributes
    ----------
    weight, casing
        Width of the lines in pixels, and whether they have a light edge.
    fillOpacity
        From 0 to 1; None for no inside, which then cannot be clicked either.
    labels, pins
        Pane for names, or for a mark at each feature; None for none.
    word
        What a feature is, as the card says it.
    """

    id: str
    role: str
    color: str
    fill: str
    word: str = ""
    dash: str | None = None
    weight: float = 2.0
    casing: bool = False
    fillOpacity: float | None = None  # noqa: N815 -- Leaflet's name
    pane: str = "overlayPane"
    labels: str | None = None
    pins: str | None = None
    sample: str = ""
    interactive: bool = True


class PublicMap(folium.Map):
    """A Folium map that needs no other host: Leaflet and our script travel with it.

    ``default_js`` and ``default_css`` take the place of Folium's lists of addresses.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(tiles=None, **options)
        self.default_js = [(name, assets.asset(name).data_url) for name in assets.MAP_SCRIPTS]
        self.default_css = [(name, assets.asset(name).data_url) for name in assets.MAP_STYLES]


class FeatureLayer(folium.map.Layer):
    """A layer whose texts cannot become templates, script or markup.

    branca compiles what it has rendered as a Jinja template once more, so the data must hold
    nothing that Jinja reads; ``safe_json`` sees to it. The browser writes texts as
    ``textContent``.

    Parameters
    ----------
    features
        GeoJSON FeatureCollection.
    drawing
        How it is drawn.
    title
        Its name in the layer control, or None to leave it out there.
    show
        Whether it is shown at first.
    """

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = maenballo.layer({{ this.data }}, {{ this.options }});
        {% endmacro %}
        """
    )

    def __init__(
        self, features: dict[str, Any], drawing: Drawing, *, title: str | None, show: bool
    ) -> None:
        name = None if title is None else _swatch(drawing) + inert(title)
        super().__init__(name=name, overlay=True, control=title is not None, show=show)
        self._name = "FeatureLayer"
        self.data = safe_json(features)
        self.options = safe_json(asdict(drawing))


class Locate(LocateControl):
    """The control that shows where one is; its script comes with the map."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 -- folium's own shape
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


class Furnish(MacroElement):
    """The last word on a map: texts in its language, legend, panes by zoom, missing tiles."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            maenballo.furnish({{ this._parent.get_name() }}, {{ this.options }});
        {% endmacro %}
        """
    )

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Furnish"
        self.options = safe_json(options)


def build_map(  # noqa: PLR0913 -- options, all given by name
    city: City,
    *,
    lang: str = language.DEFAULT,
    day: dt.date | None = None,
    color: str | pd.Series | None = None,
    unit: str = "",
    area: str | None = None,
    tile_url: str = "",
    tile_attribution: str = "",
    fetched: Collection[str] = (),
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
        Of such numbers, as for ``colours.written``.
    area
        Draw only what touches this neighbourhood, given by its id.
    tile_url, tile_attribution
        Background tiles and their credit as plain text. Without tiles the neighbourhoods are the
        background; a map that is saved or shown in a notebook has none, since tile servers want
        to know who asks.
    fetched
        Layers that the page fetches when they are wanted; they are not drawn here.

    Returns
    -------
    PublicMap
        A ``folium.Map``; it can be shown in a notebook, added to and saved, with the network off.
    """
    lang = lang if lang in language.LANGUAGES else language.DEFAULT
    day = day or status.today()
    say = language.translator(lang).gettext
    coloured = None
    if color is not None:
        coloured = colours.by_neighborhood(city, color, lang, unit=unit)
    outline = None if area is None else _outline(city, area)
    bounds = city.bounds if outline is None else outline.bounds
    west, south, east, north = bounds or (124.5, 33.0, 131.0, 38.7)
    drawn = PublicMap(
        location=[(south + north) / 2, (west + east) / 2],
        zoom_start=13,
        zoom_animation=_unless_calm(),
        fade_animation=_unless_calm(),
    )
    drawn.options["max_zoom"] = MAX_ZOOM  # folium gives the argument to tiles alone
    for pane, z_index in Z_INDEX.items():
        own = folium.map.CustomPane(pane, z_index=z_index, pointer_events=pane in _CLICKED)
        drawn.add_child(own)
    if tile_url:
        drawn.add_child(
            folium.TileLayer(
                _plain_template(tile_url),
                attr=inert(tile_attribution) or " ",
                max_zoom=MAX_ZOOM,
                control=False,
                referrer_policy="strict-origin-when-cross-origin",
            )
        )
    for layer in _layers(city, lang, day, fetched, coloured, outline):
        drawn.add_child(layer)
    where = {"title": say(N_("Show where I am"))}
    drawn.add_child(Locate(position="topleft", strings=where))  # type: ignore[no-untyped-call]
    drawn.add_child(folium.LayerControl(collapsed=True))
    too_many = [
        id_
        for id_, frame in city.layers.items()
        if id_ not in fetched and _there(frame, outline).sum() > MOST_FEATURES
    ]
    furniture = _furniture(city, lang, day, too_many)
    furniture["bounds"] = [[south, west], [north, east]]
    if coloured is not None:
        furniture |= {"scale": asdict(coloured.scale), "legend": []}
    drawn.add_child(Furnish(furniture))
    stable(drawn)
    return drawn


def parts(drawn: PublicMap) -> str:
    """Render a map and give its script, which a page loads as a file of its own.

    Folium's header is left away (the page has its own) and so is its ``<div>``, which the page
    writes as ``<div class="folium-map" id="map_main">``.
    """
    with _RENDERING:
        figure: Any = drawn.get_root()
        figure.render()  # fills the three parts
        return str(figure.script.render())


def stable(drawn: folium.Map) -> None:
    """Give every element a name that is the same in every process, so that bytes are too."""
    drawn._id = "main"
    for number, child in enumerate(_descendants(drawn), start=1):
        child._id = f"m{number}"


def safe_json(value: object) -> str:
    """Write JSON that is inert inside a script and inside a Jinja template.

    Notes
    -----
    In compact JSON the signs that open a Jinja tag stand side by side only within strings, where
    an escape means the same.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    for tag in ("{{", "{%", "{#"):
        text = text.replace(tag, "\\u007b" + tag[1])
    return text


def inert(text: str) -> str:
    """Write text so that markup shows it as typed and no template reads it."""
    return html.escape(text).replace("{", "&#123;")


def _outline(city: City, area: str) -> shapely.Geometry:
    frame = city.neighborhoods
    if frame is None or area not in frame.index:
        raise NotFoundError(N_("there is no neighborhood {name}"), name=repr(area))
    return frame.geometry.loc[area]


def _layers(  # noqa: PLR0913, PLR0917 -- what a map depends on
    city: City,
    lang: str,
    day: dt.date,
    fetched: Collection[str],
    coloured: Coloured | None,
    outline: shapely.Geometry | None,
) -> Iterator[FeatureLayer]:
    captions = Captions(city, lang, day)
    say = language.translator(lang).gettext
    for id_, whole in city.layers.items():
        entry = city.entry(id_)
        there = _there(whole, outline)
        if id_ in fetched or not 0 < there.sum() <= MOST_FEATURES:
            continue
        frame, said = whole[there], list(itertools.compress(captions.of(id_), there))
        drawing = _drawing(entry, say(N_("Sample data")) if entry.sample else "", lang)
        if entry.role == Role.NEIGHBORHOODS:
            # Below the tiles, so that a map without tiles is still a map.
            ground = Drawing(
                id=BACKDROP, role=BACKDROP, color="#cdbfae", fill="#faf6ee", weight=1.0,
                fillOpacity=1.0, pane=BACKDROP, interactive=False,
            )  # fmt: skip
            yield FeatureLayer(_collection(frame, None), ground, title=None, show=True)
        show = entry.role not in {Role.ZONES, Role.SERVICES, Role.SHOPS, Role.LAYER}
        collection = _collection(frame, said)
        if coloured is not None:
            show = entry.role in {Role.NEIGHBORHOODS, Role.ZONES}
            if entry.role == Role.NEIGHBORHOODS:
                drawing = replace(drawing, fillOpacity=0.85, color="#ffffff", dash=None)
                _paint(collection, coloured)
            elif entry.role == Role.ZONES:
                drawing = replace(drawing, fillOpacity=None)
        title = entry.title.in_language(lang)
        yield FeatureLayer(collection, drawing, title=title, show=show)


def _there(frame: gpd.GeoDataFrame, outline: shapely.Geometry | None) -> NDArray[np.bool_]:
    """Tell which features touch an outline; all do where there is none."""
    if outline is None:
        return np.ones(len(frame), bool)
    return np.asarray(shapely.intersects(frame.geometry.to_numpy(), outline), bool)


def _paint(collection: dict[str, Any], coloured: Coloured) -> None:
    """Give features the colours of their values, and tell the values on their cards."""
    for feature in collection["features"]:
        about, id_ = feature["properties"], feature["id"]
        about["fill"] = coloured.fills.get(id_, colours.NOTHING)
        if id_ in coloured.texts:
            about["rows"] = [(coloured.title, coloured.texts[id_]), *about.get("rows", ())]


def _drawing(entry: LayerEntry, sample: str, lang: str) -> Drawing:
    """Choose how a layer is drawn by its role; the catalogue has chosen the colours."""
    how: dict[Role, dict[str, Any]] = {
        Role.NEIGHBORHOODS: {"labels": "neighborhood-labels"},
        Role.DISTRICTS: {"labels": "district-labels"},
        Role.TRAILS: {"pins": "pins"},
        Role.FACILITIES: {"pane": "facilities"},
    }
    words = {
        Role.DISTRICTS: N_("Shopping district"),
        Role.TRAILS: N_("Barefoot trail"),
        Role.ZONES: N_("Zone"),
        Role.NEIGHBORHOODS: N_("Neighborhood"),
        Role.SERVICES: N_("Service"),
    }
    look = symbol(entry)
    drawing: dict[str, Any] = {
        "id": entry.id,
        "role": str(entry.role),
        "color": look.color,
        "fill": look.fill,
        "dash": look.dash,
        "weight": look.weight_px,
        "casing": look.casing,
        "fillOpacity": look.fill_opacity,
        "word": language.translator(lang).gettext(words[entry.role]) if entry.role in words else "",
        "sample": sample,
        **how.get(entry.role, {}),
    }
    return Drawing(**drawing)


def _collection(frame: gpd.GeoDataFrame, captions: list[Caption] | None) -> dict[str, Any]:
    """Write the features of a layer with what their cards say, and a place for their mark."""
    geometries = frame.geometry.to_numpy()
    flat = shapely.transform(shapely.force_2d(geometries), lambda xy: np.round(xy, DECIMALS))
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


def _label(geometry: shapely.Geometry) -> list[float]:
    """Find where a feature's mark stands: on the line, inside the polygon."""
    if geometry.geom_type.endswith("LineString"):
        lines = shapely.get_parts(geometry)
        longest = lines[int(np.argmax(shapely.length(lines)))]
        at = shapely.line_interpolate_point(longest, 0.5, normalized=True)
    elif geometry.geom_type.endswith("Polygon"):
        polygons = shapely.get_parts(geometry)
        at = shapely.point_on_surface(polygons[int(np.argmax(shapely.area(polygons)))])
    else:
        at = shapely.point_on_surface(geometry)
    return [round(at.x, DECIMALS), round(at.y, DECIMALS)]


def _furniture(city: City, lang: str, day: dt.date, too_many: list[str]) -> dict[str, Any]:
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
        },
    }  # fmt: skip


def _legend(city: City, lang: str, day: dt.date, too_many: list[str]) -> list[dict[str, str]]:
    """List the marks that the layer control's own swatches do not explain."""
    say = language.translator(lang).gettext
    entries = []
    trails = city.trails_on(day)
    if trails is not None and len(trails):
        states = set(trails["state"])
        entries = [
            {"className": f"pin pin-{state}", "kind": "trail", "text": text}
            for state, text in (
                ("open", say(N_("Trail, open today"))),
                ("closed", say(N_("Trail, closed today (dotted line)"))),
                ("planned", say(N_("Trail, not open yet (dotted line)"))),
            )
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


def _swatch(drawing: Drawing) -> str:
    """Draw what a layer looks like, beside its name; the colours were checked by the catalogue."""
    shapes = {
        Role.TRAILS: f'<path d="M2 11C7 1 14 15 20 3" fill="none" stroke="{drawing.color}" stroke-width="4" stroke-linecap="round"/>',  # noqa: E501
        Role.FACILITIES: f'<rect x="5" y="1" width="12" height="12" rx="3" fill="{drawing.color}"/>',  # noqa: E501
        Role.SERVICES: f'<circle cx="11" cy="7" r="6" fill="{drawing.fill}"/>',
    }
    area = (
        f'<rect x="1.5" y="1.5" width="19" height="11" rx="2" fill="{drawing.fill}" '
        f'fill-opacity="{drawing.fillOpacity}" stroke="{drawing.color}" stroke-width="2"/>'
    )
    shape = shapes.get(Role(drawing.role), area)
    return f'<svg class="swatch" viewBox="0 0 22 14" aria-hidden="true">{shape}</svg>'


_CLICKED = ("facilities", "pins")


def _unless_calm() -> JsCode:
    return JsCode("!matchMedia('(prefers-reduced-motion: reduce)').matches")


def _plain_template(tile_url: str) -> str:
    """Keep Jinja from reading a tile address; Leaflet's own marks have single braces."""
    return tile_url.replace("{{", "%7B%7B").replace("{%", "%7B%").replace("{#", "%7B#")


def _descendants(element: Element) -> Iterator[Element]:
    for child in list(element._children.values()):
        yield child
        yield from _descendants(child)
