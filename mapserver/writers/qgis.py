"""How QGIS and map servers draw a layer: QML and SLD from the catalogue's styles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from mapserver.drawing.symbols import Symbol, symbol
from mapserver.errors import N_
from mapserver.model import Layer, Role
from mapserver.text import language
from mapserver.writers.columns import placeless
from mapserver.writers.layer import heading
from mapserver.writers.xml import Element, add, document, register_namespace, root

SE = "http://www.opengis.net/se"
SLD = "http://www.opengis.net/sld"
OGC = "http://www.opengis.net/ogc"
VERSION = "3.22.0"
"""Of QGIS, whose names of properties these are; later ones read them."""

MM_PER_PX = 25.4 / 96
CASING_PX = 2.5
CASING = "#ffffff"
DOTS = "1 7"
INK = "#2b2622"

POINT_MM = {Role.SHOPS: 1.2, Role.FACILITIES: 2.0, Role.SERVICES: 2.8}
LABELS = {
    Role.NEIGHBORHOODS: (9.0, 150_000),
    Role.ZONES: (11.0, 400_000),
    Role.DISTRICTS: (8.0, 12_000),
    Role.TRAILS: (8.5, 40_000),
    Role.SERVICES: (8.0, 25_000),
    Role.FACILITIES: (7.5, 4_000),
    Role.SHOPS: (7.0, 2_500),
    Role.LAYER: (8.0, 15_000),
}
"""Size of the names in points, and the scale (one to so many) from which they are there."""

SEEN_FROM = {Role.SHOPS: 12_000, Role.FACILITIES: 12_000}
"""Layers that would hide the others: the scale from which they are there."""

STATES = {
    "open": N_("Open"),
    "closed": N_("Closed"),
    "planned": N_("Planned"),
}
UNKNOWN = N_("Not certain")
"""Of all that the column ``status`` says otherwise."""


COLUMNS = {
    "id": N_("Id"),
    "name": N_("Name"),
    "name_en": N_("English name"),
    "description": N_("Description"),
    "neighborhood": N_("Neighborhood"),
    "district": N_("Shopping district"),
    "zone": N_("Zone"),
    "association": N_("Merchants' association"),
    "designated": N_("Designated on"),
    "category": N_("Business type"),
    "onnuri_paper": N_("Onnuri, paper"),
    "onnuri_card": N_("Onnuri, card"),
    "onnuri_mobile": N_("Onnuri, mobile"),
    "surface": N_("Surface"),
    "width_m": N_("Width (m)"),
    "lighting": N_("Lighting"),
    "foot_wash": N_("Foot wash"),
    "opened": N_("Opened in"),
    "season": N_("Season"),
    "status": N_("Status"),
    "length_m": N_("Length (m)"),
    "ascent_m": N_("Ascent (m)"),
    "descent_m": N_("Descent (m)"),
    "min_ele_m": N_("Lowest point (m)"),
    "max_ele_m": N_("Highest point (m)"),
    "elevation_m": N_("Elevation (m)"),
    "trail": N_("Trail"),
    "kind": N_("Kind"),
    "hub": N_("Hub"),
    "phone": N_("Telephone"),
    "source": N_("Source"),
    "notes": N_("Notes"),
    "sample": N_("Sample data"),
}
"""Headings of the columns that the map goes by."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a layer looks: its symbol, its names, and what differs by status.

    Attributes
    ----------
    title
        In the legend.
    kind
        ``points``, ``lines`` or ``polygons``.
    role
        Of the layer.
    symbol
        Colours and widths.
    states
        Values of the column ``status`` that are drawn apart, with their words; empty when all
        rows look the same.
    other
        What a row is called that says something else: nobody can tell whether it is open.
    label
        The column with the names; empty for none.
    headings
        What columns are called in the table.
    """

    title: str
    kind: str
    role: Role
    symbol: Symbol
    states: Mapping[str, str]
    other: str
    label: str
    headings: Mapping[str, str]


def look(layer: Layer, lang: str) -> Look | None:
    """Choose how a layer looks; None when it holds several kinds of geometry, or nothing."""
    geometries = layer.frame.geometry.to_numpy()
    dimensions = np.unique(shapely.get_dimensions(geometries[~placeless(geometries)]))
    collections = shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION
    if len(dimensions) != 1 or collections.any():
        return None
    say = language.translator(lang).gettext
    columns = list(map(str, layer.frame.columns))
    status = set(layer.frame["status"].dropna()) if "status" in columns else set()
    apart = layer.entry.role is Role.TRAILS and status - {"open"}
    return Look(
        title=heading(layer.entry, lang),
        kind=("points", "lines", "polygons")[int(dimensions[0])],
        role=layer.entry.role,
        symbol=symbol(layer.entry),
        states={state: say(word) for state, word in STATES.items()} if apart else {},
        other=say(UNKNOWN),
        label="name" if "name" in columns else "",
        headings={c: say(COLUMNS[c]) for c in ["id", *columns] if c in COLUMNS},
    )


# -- QML -------------------------------------------------------------------------------------------


def qml(look: Look) -> str:
    """Write a style as QGIS keeps it."""
    whole = root(
        "qgis",
        {
            "version": VERSION,
            "styleCategories": "Symbology|Labeling|Fields|Rendering",
            "labelsEnabled": int(bool(look.label)),
            "hasScaleBasedVisibilityFlag": int(look.role in SEEN_FROM),
            "minScale": SEEN_FROM.get(look.role, 0),
            "maxScale": 0,
        },
    )
    _renderer(whole, look)
    if look.label:
        _labeling(whole, look)
    aliases = add(whole, "aliases")
    for at, (column, title) in enumerate(look.headings.items()):
        add(aliases, "alias", attributes={"index": at, "field": column, "name": title})
    add(whole, "layerGeometryType", ("points", "lines", "polygons").index(look.kind))
    return document(whole).decode()


def _renderer(whole: Element, look: Look) -> None:
    plain = {"forceraster": 0, "symbollevels": 0, "enableorderby": 0}
    if not look.states:
        renderer = add(whole, "renderer-v2", attributes={"type": "singleSymbol", **plain})
        _symbol(add(renderer, "symbols"), "0", look)
        return
    renderer = add(
        whole, "renderer-v2", attributes={"type": "categorizedSymbol", "attr": "status", **plain}
    )
    categories, symbols = add(renderer, "categories"), add(renderer, "symbols")
    # Last the one that QGIS takes for everything else.
    rows = [*look.states.items(), ("", look.other)]
    for at, (state, word) in enumerate(rows):
        said = {"render": "true", "symbol": at, "value": state, "label": word}
        add(categories, "category", attributes=said)
        _symbol(symbols, str(at), look, dotted=state != "open")


def _symbol(symbols: Element, name: str, look: Look, *, dotted: bool = False) -> None:
    kind = {"points": "marker", "lines": "line", "polygons": "fill"}[look.kind]
    attributes = {"type": kind, "name": name, "alpha": 1, "clip_to_extent": 1, "force_rhr": 0}
    element = add(symbols, "symbol", attributes=attributes)
    for class_, properties in _layers(look, dotted=dotted):
        about = {"class": class_, "enabled": 1, "locked": 0, "pass": 0}
        layer = add(element, "layer", attributes=about)
        options = add(layer, "Option", attributes={"type": "Map"})
        for key, value in properties.items():
            said = {"type": "QString", "name": key, "value": value}
            add(options, "Option", attributes=said)


def _layers(look: Look, *, dotted: bool) -> list[tuple[str, dict[str, Any]]]:
    drawn = look.symbol
    width = round(drawn.weight_px * MM_PER_PX, 3)
    dash = DOTS if dotted else drawn.dash
    if look.kind == "points":
        return [
            (
                "SimpleMarker",
                {
                    "name": "circle",
                    "color": _rgba(drawn.fill),
                    "outline_color": _rgba(drawn.color),
                    "outline_style": "solid",
                    "outline_width": 0.2,
                    "outline_width_unit": "MM",
                    "size": POINT_MM.get(look.role, 2.0),
                    "size_unit": "MM",
                },
            )
        ]
    if look.kind == "lines":
        line = _line(_rgba(drawn.color), width, dash)
        if not drawn.casing:
            return [("SimpleLine", line)]
        under = _line(_rgba(CASING), round(width + CASING_PX * MM_PER_PX, 3), None)
        return [("SimpleLine", under), ("SimpleLine", line)]
    opacity = drawn.fill_opacity or 0.0
    layers = [
        (
            "SimpleFill",
            {
                "color": _rgba(drawn.fill, opacity),
                "style": "solid" if opacity else "no",
                "outline_style": "no",
            },
        )
    ]
    return [*layers, ("SimpleLine", _line(_rgba(drawn.color), width, dash))]


def _line(color: str, width: float, dash: str | None) -> dict[str, Any]:
    lengths = [float(part) * MM_PER_PX for part in (dash or "").replace(",", " ").split()]
    return {
        "line_color": color,
        "line_width": width,
        "line_width_unit": "MM",
        "line_style": "solid",
        "capstyle": "round",
        "joinstyle": "round",
        "use_custom_dash": int(len(lengths) > 1),
        "customdash": ";".join(f"{length:.3f}" for length in lengths),
        "customdash_unit": "MM",
    }


def _labeling(whole: Element, look: Look) -> None:
    size, scale = LABELS[look.role]
    labeling = add(whole, "labeling", attributes={"type": "simple"})
    settings = add(labeling, "settings", attributes={"calloutType": "simple"})
    text = add(
        settings,
        "text-style",
        attributes={
            "fieldName": look.label,
            "isExpression": 0,
            "fontSize": size,
            "fontSizeUnit": "Point",
            "fontWeight": 75 if look.role is Role.ZONES else 50,
            "textColor": _rgba(INK),
            "textOpacity": 1,
        },
    )
    add(
        text,
        "text-buffer",
        attributes={
            "bufferDraw": 1,
            "bufferSize": 0.8,
            "bufferSizeUnits": "MM",
            "bufferColor": _rgba(CASING),
            "bufferOpacity": 0.85,
        },
    )
    # Around a point beside it, along a line above it, over a polygon's middle. What is not said
    # QGIS takes for nothing at all, not for its default: without the flags there are no labels.
    placement = {"points": 6, "lines": 2, "polygons": 1}[look.kind]
    inside = int(look.kind == "polygons")
    add(
        settings,
        "placement",
        attributes={
            "placement": placement,
            "placementFlags": 10,
            "polygonPlacementFlags": 2,
            "predefinedPositionOrder": "TR,TL,BR,BL,R,L,TSR,BSR",
            "quadOffset": 4,
            "centroidInside": inside,
            "centroidWhole": inside,
            "dist": 0.8,
            "distUnits": "MM",
            "offsetUnits": "MM",
            "priority": 5,
            "maxCurvedCharAngleIn": 25,
            "maxCurvedCharAngleOut": -25,
        },
    )
    add(
        settings,
        "rendering",
        attributes={
            "drawLabels": 1,
            "scaleVisibility": 1,
            "scaleMin": 0,
            "scaleMax": scale,
            "obstacle": 1,
            "obstacleFactor": 1,
            "obstacleType": 1,
            "fontMinPixelSize": 3,
            "fontMaxPixelSize": 10_000,
            "maxNumLabels": 2000,
            "limitNumLabels": 0,
            "displayAll": 0,
        },
    )


def _rgba(color: str, opacity: float = 1.0) -> str:
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


# -- SLD -------------------------------------------------------------------------------------------

register_namespace("se", SE)
register_namespace("sld", SLD)
register_namespace("ogc", OGC)


def sld(look: Look) -> str:
    """Write a style as Styled Layer Descriptor 1.1 with Symbology Encoding 1.1; in pixels."""
    whole = root(f"{{{SLD}}}StyledLayerDescriptor", {"version": "1.1.0"})
    named = add(whole, f"{{{SLD}}}NamedLayer")
    _se(named, "Name", look.title)
    style = add(named, f"{{{SLD}}}UserStyle")
    _se(style, "Name", look.title)
    types_ = _se(style, "FeatureTypeStyle")
    if not look.states:
        _rule(types_, look, look.title)
    for state, word in look.states.items():
        _rule(types_, look, word, state=state)
    if look.states:
        _rule(types_, look, look.other, otherwise=True)
    if look.label:
        _label_rule(types_, look)
    return document(whole).decode()


def _rule(
    parent: Element, look: Look, title: str, *, state: str = "", otherwise: bool = False
) -> None:
    rule = _se(parent, "Rule")
    _se(rule, "Name", title)
    seen_from = SEEN_FROM.get(look.role)
    if otherwise:
        _se(rule, "ElseFilter")
    if state:
        equal = add(add(rule, f"{{{OGC}}}Filter"), f"{{{OGC}}}PropertyIsEqualTo")
        add(equal, f"{{{OGC}}}PropertyName", "status")
        add(equal, f"{{{OGC}}}Literal", state)
    if seen_from:
        _se(rule, "MaxScaleDenominator", seen_from)
    drawn = look.symbol
    dash = DOTS if otherwise or state not in {"", "open"} else drawn.dash
    if look.kind == "points":
        graphic = _se(_se(rule, "PointSymbolizer"), "Graphic")
        mark = _se(graphic, "Mark")
        _se(mark, "WellKnownName", "circle")
        _fill(mark, drawn.fill, 1.0)
        _stroke(mark, drawn.color, 1.0, None)
        _se(graphic, "Size", round(POINT_MM.get(look.role, 2.0) / MM_PER_PX, 1))
    elif look.kind == "lines":
        if drawn.casing:
            under = _se(rule, "LineSymbolizer")
            _stroke(under, CASING, drawn.weight_px + CASING_PX, None)
        _stroke(_se(rule, "LineSymbolizer"), drawn.color, drawn.weight_px, dash)
    else:
        area = _se(rule, "PolygonSymbolizer")
        if drawn.fill_opacity:
            _fill(area, drawn.fill, drawn.fill_opacity)
        _stroke(area, drawn.color, drawn.weight_px, dash)


def _label_rule(parent: Element, look: Look) -> None:
    size, scale = LABELS[look.role]
    rule = _se(parent, "Rule")
    _se(rule, "MaxScaleDenominator", scale)
    text = _se(rule, "TextSymbolizer")
    label = _se(text, "Label")
    add(label, f"{{{OGC}}}PropertyName", look.label)
    _parameter(_se(text, "Font"), "font-size", round(size / 0.75, 1))
    if look.kind == "lines":
        _se(_se(text, "LabelPlacement"), "LinePlacement")
    halo = _se(text, "Halo")
    _se(halo, "Radius", 2)
    _fill(halo, CASING, 0.85)
    _fill(text, INK, 1.0)


def _fill(parent: Element, color: str, opacity: float) -> None:
    fill = _se(parent, "Fill")
    _parameter(fill, "fill", color)
    if opacity < 1:
        _parameter(fill, "fill-opacity", opacity)


def _stroke(parent: Element, color: str, width: float, dash: str | None) -> None:
    stroke = _se(parent, "Stroke")
    _parameter(stroke, "stroke", color)
    _parameter(stroke, "stroke-width", width)
    _parameter(stroke, "stroke-linejoin", "round")
    _parameter(stroke, "stroke-linecap", "round")
    if dash:
        _parameter(stroke, "stroke-dasharray", dash.replace(",", " "))


def _parameter(parent: Element, name: str, value: object) -> None:
    _se(parent, "SvgParameter", value).set("name", name)


def _se(parent: Element, tag: str, text: object = None) -> Element:
    return add(parent, f"{{{SE}}}{tag}", text)
