"""A layer's look as Styled Layer Descriptor, which map servers read."""

from __future__ import annotations

from mapserver.writers.layer_look import CASING, CASING_PX, DOTS, INK, MM_PER_PX, Look
from mapserver.writers.xml import Element, add_child, encode_document, make_root, register_namespace

SE = "http://www.opengis.net/se"
SLD = "http://www.opengis.net/sld"
OGC = "http://www.opengis.net/ogc"

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
        _add_rule(types_, look, look.unknown, is_else=True)
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
