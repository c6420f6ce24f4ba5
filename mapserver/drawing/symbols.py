"""How a layer is drawn by its role: widths, insides, dashes; the catalogue gives the colours."""

from __future__ import annotations

from dataclasses import dataclass

from mapserver.model import LayerEntry, Role
from mapserver.settings import palette


@dataclass(frozen=True, slots=True)
class Symbol:
    """The look of a layer, the same on the page, in a notebook and in QGIS.

    Attributes
    ----------
    color, fill
        Of lines, outlines and points, and of insides: ``#rrggbb``.
    weight_px
        Width of the lines.
    casing
        The lines have a light edge.
    fill_opacity
        From 0 to 1; None for no inside.
    dash
        Lengths of dashes and gaps in pixels; None for a full line.
    """

    color: str
    fill: str
    weight_px: float = 2.0
    casing: bool = False
    fill_opacity: float | None = 0.3
    dash: str | None = None


def symbol(entry: LayerEntry) -> Symbol:
    """Choose how a layer is drawn; a dash of the catalogue's own wins over the role's."""
    row = entry.role.row
    return Symbol(
        entry.style.color,
        entry.style.fill,
        weight_px=row.line_width_px,
        casing=row.has_casing,
        fill_opacity=row.fill_opacity,
        dash=entry.style.dash or row.dash,
    )


def choose_icon_colors(entry: LayerEntry, light: str = palette.EDGE) -> dict[str, str]:
    """Choose the colours of pins, pictures of facilities and clusters of shops.

    Parameters
    ----------
    entry
        The layer.
    light
        What is drawn on a dark colour; on a light one it is ink.

    Returns
    -------
    dict
        ``icon`` and ``onIcon``, for the ground and what is drawn on it, as ``map.js`` reads them;
        empty for facilities whose kinds have colours of their own, as the catalogue gives none.
    """
    if entry.role is Role.FACILITIES and not entry.has_own_color:
        return {}
    color = entry.style.color
    return {"icon": color, "onIcon": palette.choose_text_color(color, light)}
