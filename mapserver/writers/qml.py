"""A layer's look as QML, the style that QGIS reads."""

from __future__ import annotations

from typing import Any

from mapserver.writers.layer_look import CASING, CASING_PX, DOTS, INK, MM_PER_PX, Look
from mapserver.writers.xml import Element, add_child, encode_document, make_root

VERSION = "3.22.0"
"""Version of QGIS whose property names these are; later versions read them."""


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
    rows = [*look.states.items(), ("", look.unknown)]
    for index, (state, word) in enumerate(rows):
        category = {"render": "true", "symbol": index, "value": state, "label": word}
        add_child(categories, "category", attributes=category)
        _add_symbol(symbols, str(index), look, dotted=state != "open")


def _add_symbol(symbols: Element, name: str, look: Look, *, dotted: bool = False) -> None:
    # QGIS calls symbols by how they are drawn.
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
    # The outline is a layer of its own, since that of a fill cannot be dashed.
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
    # SVG has dashes as "1 7" or "1,7", in pixels; QGIS wants millimetres with semicolons.
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
    # "#rrggbb" as "r,g,b,a" with four numbers of 0 to 255.
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return f"{red},{green},{blue},{round(255 * opacity)}"
