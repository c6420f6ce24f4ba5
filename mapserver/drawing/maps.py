"""The map: Folium, with every text from a file kept as text and every script at hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import folium
import pandas as pd
import shapely
from folium.utilities import JsCode

from mapserver.drawing import choropleth, map_additions
from mapserver.drawing.layer_features import list_crowded_layers, make_layers
from mapserver.drawing.leaflet import (
    Background,
    Furnish,
    Locate,
    OwnLayerControl,
    PublicMap,
    inert,
    safe_json,
)
from mapserver.drawing.map_legend import list_furniture
from mapserver.drawing.notebook_view import View
from mapserver.errors import N_, NotFoundError
from mapserver.geo import extent
from mapserver.model import Role, arguments
from mapserver.settings import limits
from mapserver.text.languages import LANGUAGES

if TYPE_CHECKING:
    from mapserver.model import Snapshot

__all__ = [
    "Furnish",
    "PublicMap",
    "WebOptions",
    "build_map",
    "inert",
    "name_elements",
    "render_script",
    "safe_json",
]

# The panes of the map, the lowest first; tiles lie at 200, layers of no role at 400.
Z_INDEX = {"outside": 150, "land": 160, "districts": 350, "glow": 380, "trails": 410}
Z_INDEX |= {"names": 605, "facilities": 610, "pins": 620}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """What a map has on a page of the site, beside what a notebook shows.

    Attributes
    ----------
    tile_url, tile_attribution
        Background tiles and their credit as plain text. Without tiles the neighbourhoods are the
        background, as in a notebook: tile servers want to know who asks.
    fetched
        Ids of layers that the page fetches when they are wanted; they are not drawn here.
    is_for_residents
        Whether it is on a page of residents: without cards, legend, list of layers and the control
        that shows where one is. Zoom, choice and the page around it decide what is seen.
    has_states
        Whether the map says which trails are open. One that is kept and shown on another day does
        not: every trail is uncertain until the page says what holds on that day.
    """

    tile_url: str = ""
    tile_attribution: str = ""
    fetched: Collection[str] = ()
    is_for_residents: bool = False
    has_states: bool = True


def build_map(  # noqa: PLR0913 -- options, all given by name
    city: Snapshot,
    *,
    lang: str | None = None,
    day: dt.date | None = None,
    color: str | pd.Series | None = None,
    unit: str = "",
    area: str | None = None,
    web: WebOptions | None = None,
) -> PublicMap:
    """Draw a city.

    Parameters
    ----------
    city
        The city.
    lang
        ``ko`` or ``en``.
    day
        The day whose closures are drawn; today in the city by default.
    color
        Colour the neighbourhoods by a measure: one of ``colours.MEASURES``, or numbers by id.
    unit
        Of such numbers, as for ``choropleth.make_writer``.
    area
        Draw only what touches this neighbourhood, given by its id.
    web
        What only a page of the site has; a map that is saved or shown in a notebook has none of it.

    Returns
    -------
    PublicMap
        A ``folium.Map``; it can be shown in a notebook, added to and saved, with the network off.
    """
    if day is not None:
        arguments.require_day(day, "day")
    web = web or WebOptions()
    if not isinstance(lang, str) or lang not in LANGUAGES:
        lang = city.catalog.default_language
    day = day or city.today()
    say = city.phrases(lang).say
    coloured = None
    if color is not None:
        coloured = choropleth.colour_neighborhoods(city, color, lang, unit=unit)
    outline = None if area is None else _find_outline(city, area)
    bounds = city.bounds if outline is None else extent.find_bounds([outline])
    # Without anything to show, the map shows South Korea.
    west, south, east, north = extent.unwrap_box(bounds or (124.5, 33.0, 131.0, 38.7))
    public_map = _make_empty_map((south + north) / 2, (west + east) / 2, web)
    if web.is_for_residents:
        # Known before there are layers: each is drawn once, and not once more where all fit.
        public_map.options["first_bounds"] = [[south, west], [north, east]]
    state_day = day if web.has_states else None
    has_cards = not web.is_for_residents
    absent = _list_absent_layers(city, web)
    layers = make_layers(city, lang, state_day, absent, coloured, outline, has_cards=has_cards)
    for layer in layers:
        public_map.add_child(layer)
    if not web.is_for_residents:
        strings = {"title": say(N_("Show where I am"))}
        locate = Locate(position="topleft", strings=strings)  # type: ignore[no-untyped-call]  # Folium has no types
        public_map.add_child(locate)
        public_map.add_child(OwnLayerControl(collapsed=True))
    too_many = list_crowded_layers(city, absent, outline)
    furniture = list_furniture(city, lang, state_day, too_many)
    furniture["bounds"] = [[south, west], [north, east]]
    if web.is_for_residents:
        furniture["legend"] = []  # no list of layers, none of marks
    if coloured is not None:
        # The scale of the measure explains the colours; marks of trails would crowd it out.
        furniture |= {"scale": asdict(coloured.scale), "legend": []}
    public_map.add_child(Furnish(furniture))
    name_elements(public_map)
    title = furniture["text"]["map"]
    draw_picture = partial(_draw_picture, city, color, unit=unit, title=title, lang=lang, day=day)
    public_map.view = View(lang, title, draw_picture)
    return public_map


def _list_absent_layers(city: Snapshot, web: WebOptions) -> set[str]:
    """List the layers that are not on this map: a page fetches them, or says them in words.

    Residents have no list of layers, so stops, car parks and toilets of a whole city could not be
    shown there; pages of trails name those nearby, and the first page need not carry them.
    """
    absent = set(web.fetched)
    if web.is_for_residents:
        absent |= {id_ for id_ in city.layers if city.entry(id_).role.row.covers_country}
    return absent


def _make_empty_map(lat: float, lon: float, web: WebOptions) -> PublicMap:
    """Make a map about a place, with its panes, and tiles where the page has some."""
    public_map = PublicMap(
        location=[lat, lon],
        zoom_start=13,
        zoom_control=not web.is_for_residents,  # map.js draws one that is large enough for a thumb
        zoom_snap=0.25,  # so that every frame is filled
        wheel_px_per_zoom_level=90,
        zoom_animation=_unless_calm(),
        fade_animation=_unless_calm(),
    )
    public_map.options["max_zoom"] = limits.MAX_MAP_ZOOM  # folium gives the argument to tiles alone
    for pane, z_index in Z_INDEX.items():
        public_map.add_child(
            folium.map.CustomPane(pane, z_index=z_index, pointer_events=pane in _CLICKED)
        )
    if web.tile_url:
        public_map.add_child(
            Background(
                _escape_braces(web.tile_url),
                attr=inert(web.tile_attribution) or " ",
                max_zoom=limits.MAX_MAP_ZOOM,
                control=False,
                referrer_policy="strict-origin-when-cross-origin",
            )
        )
    return public_map


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
        # Above the colours of a measure, outlines of districts would hide it.
        on_top=[Role.DISTRICTS, Role.TRAILS] if color is None else [Role.TRAILS],
        labels=False if is_crowded else None,
        lang=lang,
        day=day,
    )
    return sheet.write_png(PICTURE_DPI, PICTURE_COLORS)


def render_script(public_map: PublicMap) -> str:
    """Render a map and return its script, which a page loads as a file of its own.

    Folium's header is left away (the page has its own) and so is its ``<div>``, which the page
    writes as ``<div class="folium-map" id="map_main">``.
    """
    with map_additions.RENDERING:
        figure: Any = public_map.get_root()
        figure.render()  # fills the three parts
        return str(figure.script.render())


def name_elements(public_map: folium.Map) -> None:
    """Set a name for every element that is the same in every process, so that bytes are too."""
    public_map._id = "main"
    for number, child in enumerate(map_additions.list_descendants(public_map), start=1):
        child._id = f"m{number}"


def _find_outline(city: Snapshot, area: str) -> shapely.Geometry:
    frame = city.neighborhoods
    if frame is None or area not in frame.index:
        raise NotFoundError(N_("there is no neighborhood {name}"), name=repr(area))
    return frame.geometry.loc[area]


_CLICKED = ("districts", "trails", "facilities", "pins")


def _unless_calm() -> JsCode:
    return JsCode("!matchMedia('(prefers-reduced-motion: reduce)').matches")


def _escape_braces(tile_url: str) -> str:
    """Prevent Jinja from reading a tile address; Leaflet's own marks have single braces."""
    return tile_url.replace("{{", "%7B%7B").replace("{%", "%7B%").replace("{#", "%7B#")
