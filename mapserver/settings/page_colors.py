"""The colours of the pages for residents, by day and at night, by the names that styles use.

Part of :mod:`mapserver.settings.palette`, which hands them to ``site.css``. Clay belongs to trails
and to the main action alone; a state of a trail has a colour for its words and a wash below them.
"""

from __future__ import annotations

_TEXT = {"ink": "#1a201c", "ink2": "#47514a", "ink3": "#5d6860"}
_GROUNDS = {"paper": "#ffffff", "ground": "#f1f4f0", "sunk": "#f1f4f0"}
_LINES = {"line": "#dce2dc", "edge": "#7d8981", "focus": "#0b57d0"}
_CLAY = {
    "clay": "#a63b12",
    "clay-press": "#862d0b",
    "on-clay": "#ffffff",
    "clay-text": "#a0380f",
    "clay-wash": "#fcefe8",
}
_STATES = {
    "open": "#0d6840",
    "open-wash": "#e2f3e9",
    "soon": "#7b4a00",
    "soon-wash": "#fff1d0",
    "shut": "#8f1f2f",
    "shut-wash": "#fbe8ea",
    "shut-pin": "#6f7771",
    "unknown": "#4f3c00",
    "unknown-wash": "#fff8dc",
    "unknown-edge": "#6b5200",
}
_FACILITIES = {
    "water": "#0a5f9e",
    "water-wash": "#e3f0fa",
    "wc": "#4f4a94",
    "wc-wash": "#ecebf8",
    "lamp": "#765300",
    "lamp-wash": "#fbf0cf",
    "shop": "#116b73",
    "shop-wash": "#e0f2f2",
}
_MAP = {
    "m-out": "#d3ddd6",
    "m-0": "#f3f4ee",
    "m-1": "#ebf0e7",
    "m-2": "#f5f0e6",
    "m-3": "#e8eeec",
    "m-border": "#ffffff",
    "m-edge": "#a9b8ad",
    "m-name": "#56625a",
    "m-halo": "#f6f7f2",
    "m-grain": "#dcd9cf",
    "m-shop": "#1a838c",
    "m-wood": "#b5d6a8",
    "m-trail": "#b2431a",
    "m-casing": "#ffffff",
    "m-me": "#1565d8",
    # One's own dot is as blue by night: its white ring parts it from any ground.
    "m-own": "#1565d8",
}
_TILES = {
    "t-clay": "#b5502a",
    "t-clay-line": "#fff4ea",
    "t-sand": "#dcc79f",
    "t-sand-line": "#54401f",
}

DAY = {
    **_TEXT,
    **_GROUNDS,
    **_LINES,
    **_CLAY,
    **_STATES,
    **_FACILITIES,
    **_MAP,
    **_TILES,
}
"""On a light screen, and on paper whatever the screen is."""

NIGHT = {
    "ink": "#eef1ec",
    "ink2": "#bdc7bf",
    "ink3": "#9faba2",
    "paper": "#191d1a",
    "ground": "#101311",
    "sunk": "#222823",
    "line": "#343c36",
    "edge": "#7f8c83",
    "focus": "#9cc3ff",
    "clay": "#ef8a5b",
    "clay-press": "#ffa67d",
    "on-clay": "#2b0f02",
    "clay-text": "#ff9f73",
    "clay-wash": "#3a2318",
    "open": "#7fd9a8",
    "open-wash": "#15352a",
    "soon": "#f3c969",
    "soon-wash": "#3b2f12",
    "shut": "#f7a8b0",
    "shut-wash": "#42222a",
    "shut-pin": "#8b958d",
    "unknown": "#f0e2a8",
    "unknown-wash": "#2f2a15",
    "unknown-edge": "#b5a35e",
    "water": "#86c3f5",
    "water-wash": "#17314a",
    "wc": "#b6b1f5",
    "wc-wash": "#2b2950",
    "lamp": "#ecc864",
    "lamp-wash": "#39300f",
    "shop": "#71ccd4",
    "shop-wash": "#14363a",
    "m-out": "#0e1311",
    "m-0": "#232b26",
    "m-1": "#263229",
    "m-2": "#2d2d25",
    "m-3": "#202d2e",
    "m-border": "#131815",
    "m-edge": "#46544b",
    "m-name": "#a3b0a6",
    "m-halo": "#151a17",
    "m-grain": "#33372f",
    "m-shop": "#4fb3bc",
    "m-wood": "#2e4a30",
    "m-trail": "#f0814c",
    "m-casing": "#141816",
    "m-me": "#6fa8ff",
    "t-clay": "#8d3f22",
    "t-clay-line": "#ffe7d8",
    "t-sand": "#6f5f42",
    "t-sand-line": "#f5e6c6",
}
"""On a dark screen: every colour of the day has one here."""

STRONG_DAY = {
    "ink": "#000000",
    "ink2": "#1c221e",
    "ink3": "#2b332e",
    "ground": "#ffffff",
    "line": "#47514a",
    "edge": "#000000",
    "clay": "#7a2a0b",
    "clay-text": "#7a2a0b",
}
STRONG_NIGHT = {
    "ink": "#ffffff",
    "ink2": "#f1f4f0",
    "ink3": "#dce2dc",
    "paper": "#000000",
    "ground": "#000000",
    "line": "#bdc7bf",
    "edge": "#ffffff",
    "clay": "#ffb690",
    "clay-text": "#ffb690",
}
"""For those who ask for more contrast."""

STREETS_DAY = {
    "ground": "#f1f2ec",
    "green": "#d9e7d0",
    "water": "#bcd8e6",
    "building": "#e2e1d9",
    "road": "#ffffff",
    "road-edge": "#cfd3cb",
    "rail": "#b9beb6",
    "name": "#56625a",
    "halo": "#f6f7f2",
}
"""Streets, water and green of a backdrop of one's own, paler than all that lies above it."""
STREETS_NIGHT = {
    "ground": "#1c221e",
    "green": "#22301f",
    "water": "#16303d",
    "building": "#262c27",
    "road": "#3a433c",
    "road-edge": "#151a17",
    "rail": "#48524a",
    "name": "#a3b0a6",
    "halo": "#151a17",
}
STREETS_STRONG_DAY = {
    "ground": "#ffffff",
    "green": "#dcebd2",
    "water": "#a9cfe4",
    "building": "#d3d3cb",
    "road": "#ffffff",
    "road-edge": "#5d6860",
    "name": "#1c221e",
    "halo": "#ffffff",
}
STREETS_STRONG_NIGHT = {
    "ground": "#000000",
    "green": "#16260f",
    "water": "#0c3145",
    "building": "#2b322c",
    "road": "#5d6860",
    "road-edge": "#000000",
    "name": "#dce2dc",
    "halo": "#000000",
}
"""For those who ask for more contrast; what is not here stays."""
