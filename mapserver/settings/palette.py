"""Every colour by its name, for pages, maps, figures and styles of QGIS alike."""

from __future__ import annotations

WHITE = "#ffffff"
INK = "#2b211a"
"""Text on light grounds."""
EDGE = "#fffaf3"
"""The light edge of lines and pins, and the picture in a pin."""


def compute_luminance(color: str) -> float:
    """Compute the relative luminance of a colour (WCAG 2.2): 0 for black, 1 for white.

    Parameters
    ----------
    color
        ``#rrggbb``.
    """
    shares = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    # sRGB is not linear in light: its curve is taken back before the parts are added.
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def compute_contrast(color: str, other: str) -> float:
    """Compute the contrast ratio of two colours (WCAG 2.2): 1 for the same, 21 at most."""
    darker, lighter = sorted((compute_luminance(color), compute_luminance(other)))
    # 0.05 is the light that any screen reflects.
    return (lighter + 0.05) / (darker + 0.05)


def choose_text_color(ground: str, light: str = WHITE) -> str:
    """Choose the light colour or ink, whichever is read better on a ground."""
    return max((light, INK), key=lambda color: compute_contrast(color, ground))
