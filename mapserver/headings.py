"""Convert tables for readers: names of columns in a language, units and rounded numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mapserver.errors import N_, fill
from mapserver.model import OWN_WORDS, Snapshot, arguments, find_phrases
from mapserver.text import language
from mapserver.text.grades import GRADE_WORDS
from mapserver.text.heading_names import ENDINGS, HEADINGS, Heading
from mapserver.text.languages import DEFAULT, ENGLISH

MISSING = "–"
PLAIN_DIGITS = 6
"""Decimals of a number of which nothing is known."""


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


def write_title(column: str, lang: str, say: language.Say, *, is_converted: bool = True) -> str:
    """Return the heading of a column as text, with its unit; of one without it the name.

    Parameters
    ----------
    column
        Name of a column as this package's functions write it.
    lang
        Code of the language.
    say
        Translates, with the city's words.
    is_converted
        Whether values stand below it as people read them, and not as they are stored: shares of
        one are no per cent then.
    """
    heading = _find_heading(column)
    if heading is None:
        stem, _, ending = column.rpartition("_")
        if ending == ENGLISH.code and stem in HEADINGS:
            title = write_title(stem, lang, say, is_converted=is_converted)
            return fill(say(N_("{column} in English")), {"column": title})
        return language.word(column, lang)
    text = fill(say(heading.text), {"column": column.rpartition("_")[0]})
    has_unit = heading.unit and (is_converted or heading.factor == 1)
    return f"{text} ({heading.unit})" if has_unit else text


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
    return _write_word(column, str(value), lang, say) if heading.is_word else str(value)


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
        return values.map(
            lambda value: _write_word(str(values.name), str(value), lang, say), na_action="ignore"
        )
    return values


ANSWERS = {"yes": N_("yes"), "Y": N_("yes"), "no": N_("no"), "N": N_("no")}
"""What files answer to a question, in words or letters."""
COLUMN_WORDS: dict[str, Mapping[Any, str]] = {
    "grade": GRADE_WORDS,
    **dict.fromkeys(("sample", "onnuri_paper", "onnuri_card", "onnuri_mobile"), ANSWERS),
    **dict.fromkeys(("accessible", "has_accessible"), ANSWERS),
}
"""Columns whose words are said otherwise than as they stand."""


def _write_word(column: str, value: str, lang: str, say: language.Say) -> str:
    """Write a word of a column in a language."""
    text = COLUMN_WORDS.get(column, {}).get(value)
    return language.word(value, lang) if text is None else say(text)


UNITS = {"m": "m", "m2": "m2", "deg": "deg", "min": "min", "share": "1", "percent": "%"}
"""Units by the endings of names of columns, as UCUM writes them."""
