"""How a layer looks where styles go with the data: symbol, legend, labels, headings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely

from mapserver.drawing.symbols import Symbol, symbol
from mapserver.errors import N_
from mapserver.model import OWN_WORDS, Layer, Role, Words, find_phrases
from mapserver.settings import palette
from mapserver.writers.columns import find_placeless_rows
from mapserver.writers.layer import build_title

MM_PER_PX = 25.4 / 96
"""QGIS measures in millimetres, the catalogue in pixels of CSS: 96 to the inch."""

CASING_PX = 2.5
CASING = palette.WHITE
"""The wider line below a line that sets it off from the map."""

DOTS = "1 7"
"""Dashes of lines that are not known to be open."""

INK = palette.STYLE_INK

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
    "toilet": N_("Toilet"),
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
    unknown
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
    unknown: str
    label: str
    headings: Mapping[str, str]


def choose_look(layer: Layer, lang: str, words: Words = OWN_WORDS) -> Look | None:
    """Choose how a layer looks, in a city's words; None for several kinds of geometry, or none."""
    geometries = layer.frame.geometry.to_numpy()
    dimensions = np.unique(shapely.get_dimensions(geometries[~find_placeless_rows(geometries)]))
    collections = shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION
    # A style is for one kind of symbol; points and areas in one layer have no common one.
    if len(dimensions) != 1 or collections.any():
        return None
    say = find_phrases(words, lang).say
    columns = list(map(str, layer.frame.columns))
    # Empty cells are no state: a register says only what somebody has entered.
    status = set(layer.frame["status"].dropna()) if "status" in columns else set()
    # A city of trails that are all open needs no legend of states.
    is_by_state = layer.entry.role is Role.TRAILS and status - {"open"}
    return Look(
        title=build_title(layer.entry, lang),
        kind=("points", "lines", "polygons")[int(dimensions[0])],
        role=layer.entry.role,
        symbol=symbol(layer.entry),
        states={state: say(word) for state, word in STATES.items()} if is_by_state else {},
        unknown=say(UNKNOWN),
        label="name" if "name" in columns else "",
        headings={c: say(COLUMNS[c]) for c in ["id", *columns] if c in COLUMNS},
    )
