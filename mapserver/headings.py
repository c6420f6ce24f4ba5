"""Tables as people read them: columns with their names in a language, units and round numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mapserver import arguments, language
from mapserver.errors import N_, fill

MISSING = "–"


@dataclass(frozen=True, slots=True)
class Heading:
    """How a column is shown.

    Attributes
    ----------
    text
        Its name.
    unit
        Added in brackets.
    factor, digits
        What a number is multiplied by, and the decimals that are left.
    is_word
        Its texts are words of the data, which have translations.
    """

    text: str
    unit: str = ""
    factor: float = 1.0
    digits: int = 0
    is_word: bool = False


def headed(table: pd.DataFrame, lang: str = language.DEFAULT) -> pd.DataFrame:
    """Give a table the headers and the numbers that people read.

    Parameters
    ----------
    table
        With columns that this package's functions make: lengths in metres, shares of one and so
        on. Other columns stay as they are.
    lang
        ``ko`` or ``en``.

    Returns
    -------
    DataFrame
        A copy. Numbers are rounded, shares become per cent, square metres hectares; true and false
        are yes and no; what is missing is a dash. A column of which nothing is known keeps its
        name and its numbers.
    """
    arguments.require_table(table, "table")
    shown = table.copy()
    for column in shown:
        heading = _heading(str(column))
        shown[column] = shown[column] if heading is None else _rounded(shown[column], heading, lang)
        if shown[column].isna().any():
            shown[column] = shown[column].astype(object).where(shown[column].notna(), MISSING)
    shown = shown.rename(columns={column: _title(str(column), lang) for column in shown})
    shown.index.names = [None if n is None else _title(str(n), lang) for n in table.index.names]
    return shown.rename_axis(columns=None)


def names(frame: pd.DataFrame, lang: str = language.DEFAULT) -> pd.Series:
    """Give what features are called in a language: the English name where there is one, or the id.

    Parameters
    ----------
    frame
        A layer; ``name`` and ``name_en`` are used where they are there.
    lang
        ``ko`` or ``en``.

    Returns
    -------
    Series
        Texts, indexed as the frame.
    """
    arguments.require_table(frame, "frame")
    called = pd.Series(frame.index.map(str), frame.index, dtype=object)
    for column in ("name", "name_en") if lang == "en" else ("name",):
        if column in frame:
            called = frame[column].astype(object).where(frame[column].notna(), called)
    return called


FIRST = (
    *("name", "name_en", "neighborhood", "surface", "length_m", "season", "status", "state"),
    *("category", "zone", "role", "opened", "width_m", "lighting", "foot_wash"),
)
LAST = ("file", "kind", "segments", "notes", "source")


def sort_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the columns first that a reader looks for, and last what is technical.

    Parameters
    ----------
    table
        Any; columns that are neither keep their order between.

    Returns
    -------
    DataFrame
        The same rows.
    """
    arguments.require_table(table, "table")
    first = [column for column in FIRST if column in table]
    last = [column for column in LAST if column in table]
    between = [column for column in table if column not in {*first, *last}]
    return table[[*first, *between, *last]]


def _heading(column: str) -> Heading | None:
    endings = (heading for ending, heading in ENDINGS.items() if column.endswith(ending))
    return HEADINGS.get(column) or next(endings, None)


def _title(column: str, lang: str) -> str:
    heading = _heading(column) or Heading(column)
    text = fill(language.word(heading.text, lang), {"column": column.rpartition("_")[0]})
    return f"{text} ({heading.unit})" if heading.unit else text


def _rounded(values: pd.Series, heading: Heading, lang: str) -> pd.Series:
    if pd.api.types.is_bool_dtype(values):
        say = language.translator(lang).gettext
        return values.map({True: say(N_("yes")), False: say(N_("no"))})
    if pd.api.types.is_numeric_dtype(values):
        numbers = (values.astype(float) * heading.factor).replace([np.inf, -np.inf], np.nan)
        rounded = numbers.round(heading.digits)
        return rounded if heading.digits else rounded.astype("Int64")
    if heading.is_word:
        return values.map(lambda value: language.word(str(value), lang), na_action="ignore")
    return values


def _metres(text: str) -> Heading:
    return Heading(text, "m")


def _percent(text: str) -> Heading:
    return Heading(text, "%", 100, 1)


def _word(text: str) -> Heading:
    return Heading(text, is_word=True)


HEADINGS = {
    "name": Heading(N_("Name")),
    "neighborhood": Heading(N_("Neighborhood")),
    "neighborhood_name": Heading(N_("Neighborhood")),
    "zone": Heading(N_("Zone")),
    "zone_name": Heading(N_("Zone")),
    "district": Heading(N_("Shopping district")),
    "district_name": Heading(N_("Shopping district")),
    "trail": Heading(N_("Barefoot trail")),
    "trail_name": Heading(N_("Barefoot trail")),
    "layer": Heading(N_("Layer")),
    "features": Heading(N_("Features")),
    "kinds": Heading(N_("Geometry")),
    "sample": Heading(N_("Sample")),
    "source": Heading(N_("Source")),
    "severity": _word(N_("Severity")),
    "file": Heading(N_("File")),
    "feature": Heading(N_("Feature")),
    "what": Heading(N_("What is wrong")),
    "mend": Heading(N_("How to mend it")),
    "area": Heading(N_("Area")),
    "category": _word(N_("Business type")),
    "surface": _word(N_("Surface")),
    "season": Heading(N_("Season")),
    "kind": _word(N_("Kind")),
    "role": _word(N_("Role")),
    "state": _word(N_("State")),
    "hub": Heading(N_("Hub")),
    "loop": Heading(N_("Loop")),
    "length_m": _metres(N_("Length")),
    "ascent_m": _metres(N_("Ascent")),
    "descent_m": _metres(N_("Descent")),
    "sinuosity": Heading(N_("Sinuosity"), digits=2),
    "distance_m": _metres(N_("Distance")),
    "straight_m": _metres(N_("Straight distance")),
    "detour_mean": Heading(N_("Detour factor, mean"), digits=2),
    "detour_median": Heading(N_("Detour factor, median"), digits=2),
    "cut_off_share": _percent(N_("Cut off")),
    "nearest_trail_m": _metres(N_("To the nearest trail")),
    "walk_min": Heading(N_("Walk"), "min", digits=1),
    "bearing_deg": Heading(N_("Bearing"), "°"),
    "area_m2": Heading(N_("Ground"), "ha", 1e-4, 1),
    "reached_m2": Heading(N_("Ground within reach"), "ha", 1e-4, 1),
    "share": _percent(N_("Share within reach")),
    "rank": Heading(N_("Rank")),
    "gain": Heading(N_("Gain"), digits=1),
    "gain_share": _percent(N_("Gain, of all")),
    "served_share": _percent(N_("Then within reach, of all")),
    "trails": Heading(N_("Trails")),
    "trails_through": Heading(N_("Trails that pass through")),
    "districts": Heading(N_("Shopping districts")),
    "shops": Heading(N_("Shops")),
    "members": Heading(N_("Taking Onnuri")),
    "group": Heading(N_("Group")),
    "members_unknown": Heading(N_("Onnuri unknown")),
    "onnuri": Heading(N_("Taking Onnuri")),
    "paper": Heading(N_("Paper")),
    "card": Heading(N_("Card")),
    "mobile": Heading(N_("Mobile")),
    "membership_rate": _percent(N_("Membership rate")),
    "members_per_min": Heading(N_("Members for each minute"), digits=1),
    "shops_per_km2": Heading(N_("Shops on 1 km²")),
    "needed": Heading(N_("Shops asked for")),
    "under": Heading(N_("Under the threshold")),
    "diversity": Heading(N_("Diversity"), digits=1),
}
ENDINGS = {
    "_reached": Heading(N_("{column} within reach")),
    "_share": _percent(N_("{column}: share within reach")),
}
