"""Convert tables for readers: names of columns in a language, units and rounded numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mapserver.errors import N_, fill
from mapserver.model import OWN_WORDS, Snapshot, arguments, find_phrases
from mapserver.text import language
from mapserver.text.languages import DEFAULT

MISSING = "–"
PLAIN_DIGITS = 6
"""Decimals of a number of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The name, unit and rounding with which a column is shown.

    Attributes
    ----------
    text
        Its name.
    unit
        The unit, which is added in brackets.
    factor, digits
        The factor by which a number is multiplied, and the number of decimals.
    is_word
        The column holds words of the data that have translations.
    """

    text: str
    unit: str = ""
    factor: float = 1.0
    digits: int = 0
    is_word: bool = False


def headed(
    table: pd.DataFrame, lang: str = DEFAULT, *, city: Snapshot | None = None
) -> pd.DataFrame:
    """Return a table with the headings and the numbers that people read.

    Parameters
    ----------
    table
        With columns that this package's functions make: lengths in metres, shares of one and so
        on. Other columns stay as they are.
    lang
        Code of the language.
    city
        The city whose words for its things the headings have; those of the program without it.

    Returns
    -------
    DataFrame
        A copy. Numbers are rounded, shares become per cent, square metres hectares; true and false
        are yes and no; what is missing is a dash. A column of which nothing is known keeps its
        name and its numbers.
    """
    arguments.require_table(table, "table")
    say = find_phrases(OWN_WORDS if city is None else city.catalog.words, lang).say
    copy = table.copy()
    # The order matters: numbers are converted under the names of the columns, which then become
    # headings.
    for column in copy:
        heading = _find_heading(str(column))
        copy[column] = (
            copy[column] if heading is None else _round_values(copy[column], heading, lang, say)
        )
        if copy[column].isna().any():
            copy[column] = copy[column].astype(object).where(copy[column].notna(), MISSING)
    copy = copy.rename(columns={column: write_title(str(column), lang, say) for column in copy})
    copy.index.names = [
        None if n is None else write_title(str(n), lang, say) for n in table.index.names
    ]
    return copy.rename_axis(columns=None)


def names(frame: pd.DataFrame, lang: str = DEFAULT) -> pd.Series:
    """Return the names of features in a language; a feature without a name has its id.

    Parameters
    ----------
    frame
        A layer; its columns ``name`` and ``name_en`` (or another code) are used where it has them.
    lang
        Code of the language.

    Returns
    -------
    Series
        Texts, indexed as the frame.
    """
    arguments.require_table(frame, "frame")
    labels = pd.Series(frame.index.map(str), frame.index, dtype=object)
    # A later column replaces an earlier name where it has one itself.
    for column in ("name", f"name_{lang}"):
        if column in frame:
            labels = frame[column].astype(object).where(frame[column].notna(), labels)
    return labels


LEADING_COLUMNS = (
    *("name", "name_en", "neighborhood", "surface", "length_m", "season", "status", "state"),
    *("category", "zone", "role", "opened", "width_m", "lighting", "foot_wash", "toilet", "steps"),
)
TRAILING_COLUMNS = ("file", "kind", "segments", "notes", "source")


def sort_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the columns that a reader looks for first, and technical ones last.

    Parameters
    ----------
    table
        Any table; all other columns keep their order in the middle.

    Returns
    -------
    DataFrame
        The same rows.
    """
    arguments.require_table(table, "table")
    # A table need not have any of them; those that it has come in the order of the lists.
    leading = [column for column in LEADING_COLUMNS if column in table]
    trailing = [column for column in TRAILING_COLUMNS if column in table]
    middle = [column for column in table if column not in {*leading, *trailing}]
    return table[[*leading, *middle, *trailing]]


def _find_heading(column: str) -> Heading | None:
    """Return the heading of a column by its name, or else by the end of its name."""
    # A column of people is named by the planner; only its ending says what was computed of it.
    endings = (heading for ending, heading in ENDINGS.items() if column.endswith(ending))
    return HEADINGS.get(column) or next(endings, None)


def write_title(column: str, lang: str, say: language.Say) -> str:
    """Return the heading of a column as text, with its unit; of one without it the name.

    Parameters
    ----------
    column
        Name of a column as this package's functions write it.
    lang
        Code of the language.
    say
        Translates, with the city's words.
    """
    heading = _find_heading(column)
    if heading is None:
        return language.word(column, lang)
    text = fill(say(heading.text), {"column": column.rpartition("_")[0]})
    return f"{text} ({heading.unit})" if heading.unit else text


def write_value(column: str, value: Any, lang: str, say: language.Say) -> str | None:
    """Write a value of a column as people read it; None where it is unknown.

    Parameters
    ----------
    column
        Name of the column, which says how numbers are rounded and whether words have translations.
    value
        A value as JSON has it.
    lang, say
        As for :func:`write_title`.
    """
    if value is None:
        return None
    heading = _find_heading(column) or Heading("", digits=PLAIN_DIGITS)
    # Before numbers: for Python true is one.
    if isinstance(value, bool):
        return say(N_("yes")) if value else say(N_("no"))
    if isinstance(value, int | float):
        rounded = round(value * heading.factor, heading.digits)
        # A number without a unit may be a year or a code, which no separators part.
        return language.number(rounded, lang, heading.digits) if heading.unit else f"{rounded:.15g}"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return language.word(str(value), lang) if heading.is_word else str(value)


def find_unit(column: str) -> str:
    """Return the unit of the values of a column as they are stored, by the end of its name."""
    return UNITS.get(column.rpartition("_")[2], "")


def _round_values(values: pd.Series, heading: Heading, lang: str, say: language.Say) -> pd.Series:
    """Return the values of a column as people read them; what is missing stays missing."""
    # Before numbers: for pandas a column of booleans is numeric, too.
    if pd.api.types.is_bool_dtype(values):
        return values.map({True: say(N_("yes")), False: say(N_("no"))})
    if pd.api.types.is_numeric_dtype(values):
        # An infinite walk or share is one that does not exist: it is shown as missing. Whole
        # numbers need a type that has missing ones, since an integer of numpy has none.
        numbers = (values.astype(float) * heading.factor).replace([np.inf, -np.inf], np.nan)
        rounded = numbers.round(heading.digits)
        return rounded if heading.digits else rounded.astype("Int64")
    if heading.is_word:
        return values.map(lambda value: language.word(str(value), lang), na_action="ignore")
    return values


UNITS = {"m": "m", "m2": "m2", "deg": "deg", "min": "min", "share": "1", "percent": "%"}
"""Units by the endings of names of columns, as UCUM writes them."""


def _make_length_heading(text: str) -> Heading:
    """Return the heading of a column of metres."""
    return Heading(text, "m")


def _make_share_heading(text: str) -> Heading:
    """Return the heading of a column of shares of one, which are shown in per cent."""
    return Heading(text, "%", 100, 1)


def _make_word_heading(text: str) -> Heading:
    """Return the heading of a column of words of the data."""
    return Heading(text, is_word=True)


METAL_NAMES = {
    "cadmium": N_("Cadmium"),
    "copper": N_("Copper"),
    "arsenic": N_("Arsenic"),
    "mercury": N_("Mercury"),
    "lead": N_("Lead"),
    "chromium6": N_("Chromium(VI)"),
    "zinc": N_("Zinc"),
    "nickel": N_("Nickel"),
}

HEADINGS = {
    "name": Heading(N_("Name")),
    "name_en": Heading(N_("English name")),
    "description": Heading(N_("Description")),
    "neighborhood": Heading(N_("Neighborhood")),
    "neighborhood_name": Heading(N_("Neighborhood")),
    "zone": Heading(N_("Zone")),
    "zone_name": Heading(N_("Zone")),
    "zone_en": Heading(N_("English name of the zone")),
    "district": Heading(N_("Shopping district")),
    "district_name": Heading(N_("Shopping district")),
    "trail": Heading(N_("Barefoot trail")),
    "trail_name": Heading(N_("Barefoot trail")),
    "layer": Heading(N_("Layer")),
    "features": Heading(N_("Features")),
    "kinds": Heading(N_("Geometry")),
    "sample": Heading(N_("Sample")),
    "source": Heading(N_("Source")),
    "severity": _make_word_heading(N_("Severity")),
    "file": Heading(N_("File")),
    "feature": Heading(N_("Feature")),
    "what": Heading(N_("What")),
    "mend": Heading(N_("How to mend it")),
    "area": Heading(N_("Area")),
    "category": _make_word_heading(N_("Business type")),
    "surface": _make_word_heading(N_("Surface")),
    "season": Heading(N_("Season")),
    "kind": _make_word_heading(N_("Kind")),
    "role": _make_word_heading(N_("Role")),
    "state": _make_word_heading(N_("State")),
    "reason_ko": Heading(N_("Reason in Korean")),
    "reason_en": Heading(N_("Reason in English")),
    "notice_ko": Heading(N_("Notice in Korean")),
    "notice_en": Heading(N_("Notice in English")),
    "closed_from": Heading(N_("Closed from")),
    "closed_to": Heading(N_("Closed to")),
    "open_until": Heading(N_("Open until")),
    "opens_on": Heading(N_("Opens on")),
    "checked_on": Heading(N_("Checked on")),
    "trail_id": Heading(N_("Barefoot trail")),
    "sampled_on": Heading(N_("Sampled on")),
    "fixed_on": Heading(N_("Repaired on")),
    "by": Heading(N_("Checked by")),
    "item": Heading(N_("Checked")),
    "grade": _make_word_heading(N_("Grade")),
    "finding": Heading(N_("Finding")),
    "lab": Heading(N_("Laboratory")),
    "point": Heading(N_("Place of the sample")),
    "not_detected": Heading(N_("Not detected")),
    "less_than": Heading(N_("Less than (mg/kg)")),
    "as_written": Heading(N_("As it is written")),
    "ph": Heading(N_("pH"), digits=1),
    **{name: Heading(text, "mg/kg", digits=3) for name, text in METAL_NAMES.items()},
    "date": Heading(N_("Day")),
    "is_holiday": _make_word_heading(N_("Day off")),
    "station": Heading(N_("Weather station")),
    "station_name": Heading(N_("Name of the weather station")),
    "rain_mm": Heading(N_("Rain"), "mm", digits=1),
    "need": Heading(N_("Need")),
    "life": Heading(N_("Stage of life")),
    "who": Heading(N_("For whom")),
    "apply_at": Heading(N_("Where to apply")),
    "papers": Heading(N_("Papers to bring")),
    "papers_office": Heading(N_("Papers that the office looks up")),
    "period": Heading(N_("Period")),
    "url": Heading(N_("Web page")),
    "problem": Heading(N_("Not understood")),
    "line": Heading(N_("Line")),
    "time_start": Heading(N_("Recording begins")),
    "time_end": Heading(N_("Recording ends")),
    "hub": Heading(N_("Hub")),
    "loop": Heading(N_("Loop")),
    "status": _make_word_heading(N_("Status in the register")),
    "opened": Heading(N_("Opened")),
    "lighting": Heading(N_("Lighting")),
    "foot_wash": Heading(N_("Foot wash")),
    "toilet": Heading(N_("Toilet")),
    "notes": Heading(N_("Notes")),
    "association": Heading(N_("Association")),
    "designated": Heading(N_("Designated")),
    "phone": Heading(N_("Phone")),
    "address": Heading(N_("Address")),
    "hours": Heading(N_("Opening hours")),
    "hours_note": Heading(N_("Notes on hours")),
    "pole_number": Heading(N_("Number on the pole")),
    "direction": Heading(N_("Direction")),
    "lines": Heading(N_("Lines that stop here")),
    "operator": Heading(N_("Run by")),
    "spaces": Heading(N_("Parking spaces")),
    "fee": Heading(N_("Fee")),
    "has_accessible": Heading(N_("Bays for disabled people")),
    "accessible": Heading(N_("Toilet for disabled people")),
    "lunch": Heading(N_("Lunch break")),
    "lon": Heading(N_("Longitude"), "°", digits=6),
    "lat": Heading(N_("Latitude"), "°", digits=6),
    "elevation_m": Heading(N_("Height above sea level"), "m", digits=1),
    "min_ele_m": Heading(N_("Lowest point"), "m", digits=1),
    "max_ele_m": Heading(N_("Highest point"), "m", digits=1),
    "width_m": Heading(N_("Width"), "m", digits=1),
    "segments": Heading(N_("Segments")),
    "points": Heading(N_("Points")),
    "length_m": _make_length_heading(N_("Length")),
    "ascent_m": _make_length_heading(N_("Ascent")),
    "descent_m": _make_length_heading(N_("Descent")),
    "slope_1_18_share": _make_share_heading(N_("Slope up to 5.56 %, share of the length")),
    "slope_1_12_share": _make_share_heading(N_("Slope 5.56 to 8.33 %, share of the length")),
    "slope_over_share": _make_share_heading(N_("Slope over 8.33 %, share of the length")),
    "slope_unknown_share": _make_share_heading(N_("Slope not known, share of the length")),
    "steepest_30m_percent": Heading(N_("Steepest 30 m"), "%", digits=2),
    "steepest_at_m": _make_length_heading(N_("Where the steepest 30 m begin, from the start")),
    "least_width_m": Heading(N_("Least width"), "m", digits=1),
    "steps": Heading(N_("Steps")),
    "benches": Heading(N_("Benches")),
    "longest_without_bench_m": _make_length_heading(N_("Longest stretch without a bench")),
    "sinuosity": Heading(N_("Sinuosity"), digits=2),
    "distance_m": _make_length_heading(N_("Distance")),
    "straight_m": _make_length_heading(N_("Straight distance")),
    "detour_mean": Heading(N_("Detour factor, mean"), digits=2),
    "detour_median": Heading(N_("Detour factor, median"), digits=2),
    "cut_off_share": _make_share_heading(N_("Cut off")),
    "nearest_trail_m": _make_length_heading(N_("To the nearest trail")),
    "walk_min": Heading(N_("Walk"), "min", digits=1),
    "bearing_deg": Heading(N_("Bearing"), "°"),
    "area_m2": Heading(N_("Ground"), "ha", 1e-4, 1),
    "reached_m2": Heading(N_("Ground within reach"), "ha", 1e-4, 1),
    "share": _make_share_heading(N_("Share within reach")),
    "rank": Heading(N_("Rank")),
    "gain": Heading(N_("Gain"), digits=1),
    "gain_share": _make_share_heading(N_("Gain, of all")),
    "served_share": _make_share_heading(N_("Then within reach, of all")),
    "trails": Heading(N_("Trails")),
    "trails_through": Heading(N_("Trails that pass through")),
    "districts": Heading(N_("Shopping districts")),
    "shops": Heading(N_("Shops")),
    "members": Heading(N_("Taking Onnuri")),
    "group": Heading(N_("Group")),
    "members_unknown": Heading(N_("Onnuri unknown")),
    "onnuri": Heading(N_("Taking Onnuri")),
    "onnuri_paper": Heading(N_("Onnuri on paper")),
    "onnuri_card": Heading(N_("Onnuri by card")),
    "onnuri_mobile": Heading(N_("Onnuri by mobile")),
    "paper": Heading(N_("Paper")),
    "card": Heading(N_("Card")),
    "mobile": Heading(N_("Mobile")),
    "membership_rate": _make_share_heading(N_("Membership rate")),
    "members_per_min": Heading(N_("Members for each minute"), digits=1),
    "shops_per_km2": Heading(N_("Shops on 1 km²")),
    "needed": Heading(N_("Shops asked for")),
    "under": Heading(N_("Under the threshold")),
    "diversity": Heading(N_("Diversity"), digits=1),
}
ENDINGS = {
    "_reached": Heading(N_("{column} within reach")),
    "_share": _make_share_heading(N_("{column}: share within reach")),
}
