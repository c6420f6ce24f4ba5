"""The columns that people read: the name of each, its unit, and how its values are rounded."""

from __future__ import annotations

from dataclasses import dataclass

from mapserver.errors import N_


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
    "sample": _make_word_heading(N_("Sample")),
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
    "state_on": Heading(N_("State on the day")),
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
    "papers_identity": Heading(N_("To show who you are")),
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
    "has_accessible": _make_word_heading(N_("Bays for disabled people")),
    "accessible": _make_word_heading(N_("Toilet for disabled people")),
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
    "programmes": Heading(N_("Welfare programmes")),
    "photo": Heading(N_("Photograph")),
    "stop_name": Heading(N_("Bus stop")),
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
    "onnuri_paper": _make_word_heading(N_("Onnuri on paper")),
    "onnuri_card": _make_word_heading(N_("Onnuri by card")),
    "onnuri_mobile": _make_word_heading(N_("Onnuri by mobile")),
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
