"""Every colour by its name, for pages, maps, figures and styles of QGIS alike.

Python takes a colour as ``palette.INK``. Styles take it as ``var(--ink)`` and scripts from
``frontend/colors.js``: ``python scripts/write_colors.py`` writes both from here, and a test holds
them equal. Only the catalogue of a city has colours beside these: those of its layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mapserver.settings import page_colors

WHITE = "#ffffff"

# -- Pages ----------------------------------------------------------------------------------------

INK = "#2b211a"
"""Text on light grounds."""
SOFT = "#6a5c50"
"""Text that steps back."""
PAPER = "#fffdf9"
"""Cards and lists, which lie on the ground."""
GROUND = "#f7f1e8"
LINE = "#e3d8ca"
CLAY = "#9a3f1a"
"""Figures and marks; the colour of this product."""
CLAY_DEEP = "#8f3a17"
"""The bar at the top, and buttons."""
ON_CLAY = "#fff6ea"
TEAL = "#0b5563"
"""Links."""
NOTE, NOTE_INK = "#fbeedd", "#6f3410"
WAY = "#1668c7"
"""The way to a trail, where one is on it, and what the keyboard has reached."""

# -- States of a trail ----------------------------------------------------------------------------

SHUT = "#756a61"
"""Pins of trails that are closed or planned."""

# -- Maps -----------------------------------------------------------------------------------------

EDGE = "#fffaf3"
"""The light edge of lines and pins, and the picture in a pin."""
MAP_GROUND = "#efe9df"
NIGHT = "#14244f"
"""The halo of names on the darkest class of a measure."""
LAND = "#faf6ee"
"""The city, in figures."""
AREA_EDGE, UNKNOWN_AREA_EDGE = "#8c8378", "#b0a698"
NO_VALUE = "#e6e0d8"
"""An area whose value is unknown; it is hatched, too."""
STREETS_DAY = page_colors.STREETS_DAY
"""Streets, water and green of a backdrop of one's own."""
SHOP = "#8d7f74"
"""A shop that takes no vouchers, or of which that is not known."""

# -- Facilities, whose kinds differ where the catalogue gives them no colour ----------------------

WATER = "#0b6fa4"
LAMP = "#8a6a00"

# -- Layers, by role, where the catalogue gives none ----------------------------------------------

SLATE = "#5b6770"
"""Neighbourhoods."""
OCHRE = "#8a6d3b"
"""Zones."""
DISTRICT = page_colors.DAY["m-shop"]
"""Shopping districts."""
TRAIL = page_colors.DAY["m-trail"]
"""Trails; at night the map has a lighter one, unless the catalogue has chosen."""
BERRY = "#a0305f"
"""Shops."""
VIOLET = "#5a3f9e"
"""Services."""
GREY = "#444444"
"""Any other layer."""

# -- Profiles of heights --------------------------------------------------------------------------

PROFILE_LINE, PROFILE_INK = "#b9aa9a", "#75685c"

# -- Figures for print, and styles of QGIS --------------------------------------------------------

FIGURE_INK, FIGURE_SOFT, FIGURE_AXIS = "#2b2723", "#6a635b", "#b9b1a6"
STYLE_INK = "#2b2622"
"""Names in QGIS."""
KINDS = (*("#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#0072b2", "#d55e00", "#f0e442", "#999999"),)
"""Okabe and Ito (2008): colours that colour-blind people tell apart; kinds also have hatches."""

# -- Reports --------------------------------------------------------------------------------------

REPORT_LINE, HEAD_LINE = "#ddd0c0", "#b9a792"
SAMPLE_EDGE = "#c8702b"
CODE, CODE_WORD, PRINTED = "#f6f0e7", "#f3eadf", "#faf5ec"
FAILURE, FAILURE_GROUND = "#a3201b", "#fdf0ee"
OWN_GROUND = "#eef5f4"
"""Chapters that the office has written itself."""

# -- Markers of Folium ----------------------------------------------------------------------------

LEAFLET_BLUE = "#2a72b5"
FOLIUM_PINS = {
    "red": "#d63e2a",
    "darkred": "#a13336",
    "lightred": "#ff8e7f",
    "orange": "#f69730",
    "beige": "#d9a066",
    "green": "#728224",
    "darkgreen": "#436978",
    "lightgreen": "#8fb827",
    "blue": "#38aadd",
    "darkblue": "#00649f",
    "lightblue": "#6fb3d9",
    "purple": "#a23bc2",
    "darkpurple": "#5b396b",
    "pink": "#e07bc0",
    "cadetblue": "#436978",
    "white": "#bdbdbd",
    "gray": "#575757",
    "lightgray": "#8f8f8f",
    "black": "#303030",
}
"""The colours that ``folium.Icon`` names, as its pictures have them."""

# -- What styles and scripts take -----------------------------------------------------------------


def _select(*names: str) -> dict[str, str]:
    """Select colours by the names that styles have for them: ``note-ink`` for ``NOTE_INK``."""
    return {name: globals()[name.replace("-", "_").upper()] for name in names}


class Rule(NamedTuple):
    """Colours of a style sheet, and for what they hold.

    Attributes
    ----------
    selector
        Of the rule.
    colors
        The colours by name.
    media
        When the rule holds; empty for always.
    """

    selector: str
    colors: Mapping[str, str]
    media: str = ""


STYLES: dict[str, tuple[Rule, ...]] = {
    "mapserver/web/static/site.css": (
        Rule(":root", page_colors.DAY),
        Rule(":root", page_colors.NIGHT, "screen and (prefers-color-scheme: dark)"),
        Rule(":root", page_colors.STRONG_DAY, "(prefers-contrast: more)"),
        Rule(
            ":root",
            page_colors.STRONG_NIGHT,
            "screen and (prefers-contrast: more) and (prefers-color-scheme: dark)",
        ),
    ),
    # What no page of the site has of itself.
    "mapserver/web/static/map.css": (
        Rule(
            ":where(:root)",
            {
                **_select("night", "no-value", "area-edge"),
                "dark-ink": INK,
            },
        ),
    ),
    # Notebooks and saved maps have no style sheet of a page. Where there is one, its colours win:
    # ":where" counts for nothing. What is light on a dark screen says so by the class "light".
    "mapserver/web/static/planner.css": (
        Rule(":where(:root)", page_colors.DAY),
        Rule(
            ":where(:root:not(.light))",
            page_colors.NIGHT,
            "screen and (prefers-color-scheme: dark)",
        ),
    ),
    "mapserver/web/static/poster.css": (
        # Paper is white, also for those whose screen is dark.
        Rule(".sheet", page_colors.DAY),
    ),
    "mapserver/report/page.css": (
        Rule(
            ":root",
            {
                **_select("ink", "soft", "paper", "clay", "note", "note-ink", "way", "map-ground"),
                "line": REPORT_LINE,
                "link": TEAL,
                **_select("head-line", "sample-edge", "code", "code-word", "printed", "failure"),
                **_select("failure-ground", "own-ground"),
            },
        ),
    ),
}
"""The colours that each style sheet begins with; the others of pages follow ``site.css``."""

SCRIPTS = {
    "INK": INK,
    "WAY": WAY,
    "WAY_EDGE": WHITE,
    "LEAFLET_BLUE": LEAFLET_BLUE,
}
"""The colours that scripts give to Leaflet, which takes no variables of CSS."""

STREETS: dict[str, Mapping[str, str]] = {
    "day": STREETS_DAY,
    "night": page_colors.STREETS_NIGHT,
    "strongDay": STREETS_DAY | page_colors.STREETS_STRONG_DAY,
    "strongNight": page_colors.STREETS_NIGHT | page_colors.STREETS_STRONG_NIGHT,
}
"""The colours of a backdrop of one's own, which is painted on a canvas: by what a screen asks."""


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


def mix_colors(color: str, ground: str, share: float) -> str:
    """Return a colour as it looks on a ground that shows through it: ``#rrggbb``.

    Parameters
    ----------
    color, ground
        ``#rrggbb``.
    share
        How much of the colour is seen, from 0 to 1.
    """
    pairs = [(int(color[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(share * c + (1 - share) * g):02x}" for c, g in pairs)


def choose_text_color(ground: str, light: str = WHITE) -> str:
    """Choose the light colour or ink, whichever is read better on a ground."""
    return max((light, INK), key=lambda color: compute_contrast(color, ground))
