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
from mapserver.writers.columns import find_placeless_rows
from mapserver.writers.layer import build_title
from mapserver.writers.xml import Element, add_child, encode_document, make_root, register_namespace

SE = "http://www.opengis.net/se"
SLD = "http://www.opengis.net/sld"
OGC = "http://www.opengis.net/ogc"
VERSION = "3.22.0"
"""Version of QGIS whose property names these are; later versions read them."""

MM_PER_PX = 25.4 / 96
CASING_PX = 2.5
CASING = "#ffffff"
DOTS = "1 7"
INK = "#2b2622"

STATES = {
    "open": N_("Open"),
    "closed": N_("Closed"),
    "planned": N_("Planned"),
}
UNKNOWN = N_("Not certain")
"""Legend of all other values of the column ``status``."""


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
"""Headings of the columns that this product knows."""


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


def choose_look(layer: Layer, lang: str) -> Look | None:
    """Choose how a layer looks; None when it holds several kinds of geometry, or nothing."""
    geometries = layer.frame.geometry.to_numpy()
    dimensions = np.unique(shapely.get_dimensions(geometries[~find_placeless_rows(geometries)]))
    collections = shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION
    if len(dimensions) != 1 or collections.any():
        return None
    say = language.translator(lang).gettext
    columns = list(map(str, layer.frame.columns))
    status = set(layer.frame["status"].dropna()) if "status" in columns else set()
    # A city of trails that are all open needs no legend of states.
    is_by_state = layer.entry.role is Role.TRAILS and status - {"open"}
    return Look(
        title=build_title(layer.entry, lang),
        kind=("points", "lines", "polygons")[int(dimensions[0])],
        role=layer.entry.role,
        symbol=symbol(layer.entry),
        states={state: say(word) for state, word in STATES.items()} if is_by_state else {},
        other=say(UNKNOWN),
        label="name" if "name" in columns else "",
        headings={c: say(COLUMNS[c]) for c in ["id", *columns] if c in COLUMNS},
    )


# -- QML -------------------------------------------------------------------------------------------


def encode_qml(look: Look) -> str:
    """Write a style as QML, the format of QGIS."""
    document_root = make_root(
        "qgis",
        {
            "version": VERSION,
            "styleCategories": "Symbology|Labeling|Fields|Rendering",
            "labelsEnabled": int(bool(look.label)),
            "hasScaleBasedVisibilityFlag": int(look.role.row.seen_from_scale is not None),
            "minScale": look.role.row.seen_from_scale or 0,
            "maxScale": 0,
        },
    )
    _add_renderer(document_root, look)
    if look.label:
        _add_labeling(document_root, look)
    aliases = add_child(document_root, "aliases")
    for index, (column, title) in enumerate(look.headings.items()):
        add_child(aliases, "alias", attributes={"index": index, "field": column, "name": title})
    add_child(document_root, "layerGeometryType", ("points", "lines", "polygons").index(look.kind))
    return encode_document(document_root).decode()


def _add_renderer(document_root: Element, look: Look) -> None:
    plain = {"forceraster": 0, "symbollevels": 0, "enableorderby": 0}
    if not look.states:
        renderer = add_child(
            document_root, "renderer-v2", attributes={"type": "singleSymbol", **plain}
        )
        _add_symbol(add_child(renderer, "symbols"), "0", look)
        return
    renderer = add_child(
        document_root,
        "renderer-v2",
        attributes={"type": "categorizedSymbol", "attr": "status", **plain},
    )
    categories, symbols = add_child(renderer, "categories"), add_child(renderer, "symbols")
    # QGIS takes a category with an empty value for everything else; it must come last.
    rows = [*look.states.items(), ("", look.other)]
    for index, (state, word) in enumerate(rows):
        category = {"render": "true", "symbol": index, "value": state, "label": word}
        add_child(categories, "category", attributes=category)
        _add_symbol(symbols, str(index), look, dotted=state != "open")


def _add_symbol(symbols: Element, name: str, look: Look, *, dotted: bool = False) -> None:
    kind = {"points": "marker", "lines": "line", "polygons": "fill"}[look.kind]
    attributes = {"type": kind, "name": name, "alpha": 1, "clip_to_extent": 1, "force_rhr": 0}
    element = add_child(symbols, "symbol", attributes=attributes)
    for class_, properties in _list_symbol_layers(look, dotted=dotted):
        settings = {"class": class_, "enabled": 1, "locked": 0, "pass": 0}
        layer = add_child(element, "layer", attributes=settings)
        options = add_child(layer, "Option", attributes={"type": "Map"})
        for key, value in properties.items():
            option = {"type": "QString", "name": key, "value": value}
            add_child(options, "Option", attributes=option)


def _list_symbol_layers(look: Look, *, dotted: bool) -> list[tuple[str, dict[str, Any]]]:
    style = look.symbol
    width = round(style.weight_px * MM_PER_PX, 3)
    dash = DOTS if dotted else style.dash
    if look.kind == "points":
        return [
            (
                "SimpleMarker",
                {
                    "name": "circle",
                    "color": _encode_rgba(style.fill),
                    "outline_color": _encode_rgba(style.color),
                    "outline_style": "solid",
                    "outline_width": 0.2,
                    "outline_width_unit": "MM",
                    "size": look.role.row.point_mm,
                    "size_unit": "MM",
                },
            )
        ]
    if look.kind == "lines":
        line = _describe_line(_encode_rgba(style.color), width, dash)
        if not style.casing:
            return [("SimpleLine", line)]
        casing = _describe_line(_encode_rgba(CASING), round(width + CASING_PX * MM_PER_PX, 3), None)
        return [("SimpleLine", casing), ("SimpleLine", line)]
    opacity = style.fill_opacity or 0.0
    layers = [
        (
            "SimpleFill",
            {
                "color": _encode_rgba(style.fill, opacity),
                "style": "solid" if opacity else "no",
                "outline_style": "no",
            },
        )
    ]
    return [*layers, ("SimpleLine", _describe_line(_encode_rgba(style.color), width, dash))]


def _describe_line(color: str, width: float, dash: str | None) -> dict[str, Any]:
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


def _add_labeling(document_root: Element, look: Look) -> None:
    row = look.role.row
    labeling = add_child(document_root, "labeling", attributes={"type": "simple"})
    settings = add_child(labeling, "settings", attributes={"calloutType": "simple"})
    text = add_child(
        settings,
        "text-style",
        attributes={
            "fieldName": look.label,
            "isExpression": 0,
            "fontSize": row.label_pt,
            "fontSizeUnit": "Point",
            "fontWeight": 75 if row.has_bold_labels else 50,
            "textColor": _encode_rgba(INK),
            "textOpacity": 1,
        },
    )
    add_child(
        text,
        "text-buffer",
        attributes={
            "bufferDraw": 1,
            "bufferSize": 0.8,
            "bufferSizeUnits": "MM",
            "bufferColor": _encode_rgba(CASING),
            "bufferOpacity": 0.85,
        },
    )
    # Beside a point, above a line and along it, in the middle of a polygon. QGIS reads a missing
    # attribute as 0, not as its default: without the placement flags there are no labels.
    placement = {"points": 6, "lines": 2, "polygons": 1}[look.kind]
    is_inside = int(look.kind == "polygons")
    add_child(
        settings,
        "placement",
        attributes={
            "placement": placement,
            "placementFlags": 10,
            "polygonPlacementFlags": 2,
            "predefinedPositionOrder": "TR,TL,BR,BL,R,L,TSR,BSR",
            "quadOffset": 4,
            "centroidInside": is_inside,
            "centroidWhole": is_inside,
            "dist": 0.8,
            "distUnits": "MM",
            "offsetUnits": "MM",
            "priority": 5,
            "maxCurvedCharAngleIn": 25,
            "maxCurvedCharAngleOut": -25,
        },
    )
    add_child(
        settings,
        "rendering",
        attributes={
            "drawLabels": 1,
            "scaleVisibility": 1,
            "scaleMin": 0,
            "scaleMax": row.label_scale,
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


def _encode_rgba(color: str, opacity: float = 1.0) -> str:
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"


# -- SLD -------------------------------------------------------------------------------------------

register_namespace("se", SE)
register_namespace("sld", SLD)
register_namespace("ogc", OGC)


def encode_sld(look: Look) -> str:
    """Write a style as Styled Layer Descriptor 1.1 with Symbology Encoding 1.1; in pixels."""
    document_root = make_root(f"{{{SLD}}}StyledLayerDescriptor", {"version": "1.1.0"})
    named_layer = add_child(document_root, f"{{{SLD}}}NamedLayer")
    _add_se(named_layer, "Name", look.title)
    style = add_child(named_layer, f"{{{SLD}}}UserStyle")
    _add_se(style, "Name", look.title)
    types_ = _add_se(style, "FeatureTypeStyle")
    if not look.states:
        _add_rule(types_, look, look.title)
    for state, word in look.states.items():
        _add_rule(types_, look, word, state=state)
    if look.states:
        _add_rule(types_, look, look.other, is_else=True)
    if look.label:
        _add_label_rule(types_, look)
    return encode_document(document_root).decode()


def _add_rule(
    parent: Element, look: Look, title: str, *, state: str = "", is_else: bool = False
) -> None:
    # Symbology Encoding prescribes the order: name, filter, scale, symbolizer.
    rule = _add_se(parent, "Rule")
    _add_se(rule, "Name", title)
    seen_from = look.role.row.seen_from_scale
    if is_else:
        _add_se(rule, "ElseFilter")
    if state:
        equal = add_child(add_child(rule, f"{{{OGC}}}Filter"), f"{{{OGC}}}PropertyIsEqualTo")
        add_child(equal, f"{{{OGC}}}PropertyName", "status")
        add_child(equal, f"{{{OGC}}}Literal", state)
    if seen_from:
        _add_se(rule, "MaxScaleDenominator", seen_from)
    style = look.symbol
    dash = DOTS if is_else or state not in {"", "open"} else style.dash
    if look.kind == "points":
        graphic = _add_se(_add_se(rule, "PointSymbolizer"), "Graphic")
        mark = _add_se(graphic, "Mark")
        _add_se(mark, "WellKnownName", "circle")
        _add_fill(mark, style.fill, 1.0)
        _add_stroke(mark, style.color, 1.0, None)
        _add_se(graphic, "Size", round(look.role.row.point_mm / MM_PER_PX, 1))
    elif look.kind == "lines":
        if style.casing:
            casing = _add_se(rule, "LineSymbolizer")
            # A wider white line below the line sets it off from the map.
            _add_stroke(casing, CASING, style.weight_px + CASING_PX, None)
        _add_stroke(_add_se(rule, "LineSymbolizer"), style.color, style.weight_px, dash)
    else:
        area = _add_se(rule, "PolygonSymbolizer")
        if style.fill_opacity:
            _add_fill(area, style.fill, style.fill_opacity)
        _add_stroke(area, style.color, style.weight_px, dash)


def _add_label_rule(parent: Element, look: Look) -> None:
    row = look.role.row
    rule = _add_se(parent, "Rule")
    _add_se(rule, "MaxScaleDenominator", row.label_scale)
    text = _add_se(rule, "TextSymbolizer")
    label = _add_se(text, "Label")
    add_child(label, f"{{{OGC}}}PropertyName", look.label)
    # A point is 1/72 inch and a pixel of SLD 1/96: one pixel is 0.75 points.
    _add_parameter(_add_se(text, "Font"), "font-size", round(row.label_pt / 0.75, 1))
    if look.kind == "lines":
        _add_se(_add_se(text, "LabelPlacement"), "LinePlacement")
    halo = _add_se(text, "Halo")
    _add_se(halo, "Radius", 2)
    _add_fill(halo, CASING, 0.85)
    _add_fill(text, INK, 1.0)


def _add_fill(parent: Element, color: str, opacity: float) -> None:
    fill = _add_se(parent, "Fill")
    _add_parameter(fill, "fill", color)
    if opacity < 1:
        _add_parameter(fill, "fill-opacity", opacity)


def _add_stroke(parent: Element, color: str, width: float, dash: str | None) -> None:
    stroke = _add_se(parent, "Stroke")
    _add_parameter(stroke, "stroke", color)
    _add_parameter(stroke, "stroke-width", width)
    _add_parameter(stroke, "stroke-linejoin", "round")
    _add_parameter(stroke, "stroke-linecap", "round")
    if dash:
        _add_parameter(stroke, "stroke-dasharray", dash.replace(",", " "))


def _add_parameter(parent: Element, name: str, value: object) -> None:
    _add_se(parent, "SvgParameter", value).set("name", name)


def _add_se(parent: Element, tag: str, text: object = None) -> Element:
    return add_child(parent, f"{{{SE}}}{tag}", text)
