"""How a layer is drawn by its role: widths, insides, dashes; the catalogue gives the colours."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mapserver.model import LayerEntry, Role


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
    plain = Symbol(entry.style.color, entry.style.fill)
    match entry.role:
        case Role.NEIGHBORHOODS:
            plain = replace(plain, weight_px=1.2, fill_opacity=0.0, dash="1 5")
        case Role.ZONES:
            plain = replace(plain, weight_px=3.0, fill_opacity=0.12)
        case Role.DISTRICTS:
            plain = replace(plain, weight_px=1.4, fill_opacity=0.28)
        case Role.TRAILS:
            plain = replace(plain, weight_px=5.0, casing=True, fill_opacity=None)
    return replace(plain, dash=entry.style.dash or plain.dash)
