"""Values and rows of what changed, in the words that the pages have for them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

from mapserver.analysis.city_changes import Change, Value
from mapserver.errors import N_, fill
from mapserver.model import LEDGERS
from mapserver.text import language
from mapserver.text.grades import GRADE_WORDS
from mapserver.text.heading_names import METAL_NAMES
from mapserver.text.inspection_words import translate_inspector, translate_item
from mapserver.text.languages import LANGUAGES
from mapserver.text.ledger_words import NOT_DETECTED
from mapserver.text.welfare_words import EVERYBODY, LIVES, NEEDS, Theme

Say = Callable[[str], str]
NOT_KNOWN = N_("not known")
NOT_TESTED = N_("not tested")
THEMES = {
    "need": NEEDS,
    "life": {**LIVES, EVERYBODY: Theme(N_("Everybody"), ())},
}
"""Columns of programmes that have codes, with what these are."""
NOT_SET = N_("not set")
SETTING_WORDS = {
    "title": N_("Title"),
    "languages": N_("Languages"),
    "time_zone": N_("Time zone"),
    "map_links": N_("Links to maps"),
    "direct_line": N_("Number of the direct line"),
    "check_days": N_("Days until the next inspection is due"),
    "smallest_count": N_("Smallest count that is published"),
    "basemap": N_("Source of the background map"),
    "source": N_("Source"),
    "licence": N_("Licence"),
    "sample": N_("Made-up data"),
    "style": N_("Colors"),
    "rain.station": N_("Weather station"),
    "rain.blank_is_none": N_("An empty cell of the rain means no rain"),
    "rain.hours_end": N_("Hours of the rain are named by their end"),
}
"""What people call a setting of the catalogue."""
SURFACE_WORDS = {
    "natural": N_("natural surfaces"),
    "low": N_("surfaces that need little care"),
    "high": N_("surfaces that need much care"),
}
RULE_PARTS = {
    "mm": N_("rain of a day from"),
    "days": N_("days after it"),
    "closes": N_("closed then"),
    "source": N_("source"),
}
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SEPARATOR = " · "
"""What stands between the cells by which a row is known."""


def is_setting(change: Change) -> bool:
    """Return whether a change is of the catalogue: it is about no feature and no row of a table."""
    is_row = change.subject in {"closures", "benefits", *LEDGERS}
    return change.kind == "changed" and not (change.id or change.name or is_row)


def write_setting_name(attribute: str, say: Say) -> str:
    """Write what a setting of the catalogue is called, as ``rain.high.mm`` or ``title.en``."""
    head, _, rest = attribute.partition(".")
    if head == "rain" and "." in rest:
        surfaces, _, part = rest.partition(".")
        values = {"surfaces": say(SURFACE_WORDS[surfaces]), "part": say(RULE_PARTS[part])}
        return fill(say(N_("Rain rule for {surfaces}, {part}")), values)
    if head == "words":
        noun, _, lang = rest.partition(".")
        # What a city calls a thing is said beside what the program calls it.
        head, rest = fill(say(N_("Word for “{thing}”")), {"thing": noun}), lang
    elif attribute in SETTING_WORDS:
        return say(SETTING_WORDS[attribute])
    else:
        head = say(SETTING_WORDS[head]) if head in SETTING_WORDS else head
    return f"{head} ({rest})" if rest else head


def write_label(change: Change, trail_name: str, lang: str, say: Say) -> str:
    """Write the cells by which a row is known: days, items and grades as the pages have them.

    Parameters
    ----------
    change
        A change of a row of a table.
    trail_name
        What its trail is called; empty where the row is about none, or none that there is.
    lang
        Code of the language.
    say
        Translates, with the city's words.
    """
    name = change.name
    if trail_name:
        name = name.removeprefix(change.id).removeprefix(SEPARATOR)
    # A text of a file may have the separator in it: what is no code of ours stays as it is.
    cells = name.split(SEPARATOR) if name else []
    texts = [_write_cell(change.subject, cell, lang, say) for cell in cells]
    return SEPARATOR.join([trail_name, *texts] if trail_name else texts)


def _write_cell(subject: str, cell: str, lang: str, say: Say) -> str:
    if DAY.fullmatch(cell):
        return _write_day(cell, lang)
    if subject != "inspections":
        return cell
    return say(GRADE_WORDS[cell]) if cell in GRADE_WORDS else translate_item(cell, lang, say)


def write_value(change: Change, value: Value, lang: str, say: Say) -> str:
    """Write what a cell or a measure was or is; unknown is a value of its own.

    Parameters
    ----------
    change
        What changed.
    value
        What it was, or what it is.
    lang
        Code of the language.
    say
        Translates, with the city's words.
    """
    column = change.attribute
    if value is None:
        # Of a metal, an empty cell says that nobody has looked for it.
        if is_setting(change):
            return say(NOT_SET)
        is_metal = change.subject == "soil" and column in METAL_NAMES
        return say(NOT_TESTED if is_metal else NOT_KNOWN)
    if isinstance(value, str):
        return _write_text(change, value, lang, say)
    return _write_number(column, value, lang)


def _write_number(column: str, value: float, lang: str) -> str:
    """Write a number with the unit of its column."""
    if column == "length_m":
        return language.distance(value, lang)
    if column.startswith("rain.") and column.endswith(".mm"):
        return language.measure(value, "mm", lang, 0 if value.is_integer() else 1)
    if column == "area_m2":
        return language.measure(value, "m²", lang)
    return language.number(value, lang)


def _write_text(change: Change, text: str, lang: str, say: Say) -> str:
    """Write a cell that is a text: codes of the program in words, all else as it stands."""
    if change.role:
        return language.word(text, lang)
    if DAY.fullmatch(text):
        return _write_day(text, lang)
    # The columns that have codes, by the ledger that they are of.
    match change.subject, change.attribute:
        case "inspections", "grade" if text in GRADE_WORDS:
            written = say(GRADE_WORDS[text])
        case "inspections", "item":
            written = translate_item(text, lang, say)
        case "inspections", "by":
            written = translate_inspector(text, lang, say)
        case "programmes", ("need" | "life") as column:
            labels = {code: theme.label for code, theme in THEMES[column].items()}
            written = ", ".join(say(labels.get(code, code)) for code in text.split(", "))
        case "soil", _ if text == NOT_DETECTED:
            written = say(N_("not detected"))
        case _:
            written = language.word(text, lang)
    return written


def _write_day(text: str, lang: str) -> str:
    try:
        return LANGUAGES[lang].write_day(dt.date.fromisoformat(text))
    except ValueError:  # no day, as 2026-02-30
        return text
