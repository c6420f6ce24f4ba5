"""The texts of the program and the words of the data in a reader's language."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import babel
import babel.numbers
import babel.units
from babel.support import NullTranslations, Translations

from mapserver.errors import N_, MapserverError, Phrase, fill, one_line
from mapserver.text.cell_text import read_cell_text
from mapserver.text.languages import LANGUAGES

Say = Callable[[str], str]
"""A function that translates a text of the program, perhaps in the words of a city."""

UNKNOWN_NUMBER = "–"

_BEFORE_UNIT = re.compile(r"(?<=[0-9}]) (?=(?:km/h|km|m|m²|min|h|kB|MB|%)(?![A-Za-z²]))")
"""The space between a number, or the place of one (``{km}``), and a unit; Hangul may follow it."""

# Words that stand in the data as they are, and that a reader of the other language needs.
WORDS = (
    *(N_("황토"), N_("마사토"), N_("모래"), N_("잔디"), N_("혼합")),
    # Fees of car parks and hours of toilets, as the national registers have them.
    *(N_("무료"), N_("유료"), N_("정시"), N_("상시"), N_("연중무휴")),
    *(N_("hub"), N_("linked")),
    *(N_("open"), N_("closed"), N_("planned"), N_("unknown")),
    *(
        N_("일반음식점"),
        N_("생활서비스"),
        N_("기타도소매"),
        N_("여가시설"),
        N_("이용뷰티"),
        N_("학원"),
    ),
    *(
        N_("일반주점"),
        N_("가구인테리어"),
        N_("부동산업"),
        N_("편의점"),
        N_("수퍼마켓"),
        N_("병원의원"),
    ),
)


PLACES = {
    "line": N_("line {number}"),
    "row": N_("row {number}"),
    "number": N_("number {number}"),
}
"""Places in a file that have a number: ``line 484``."""


def translator(lang: str) -> NullTranslations:
    """Load the translations into a language; what is not translated stays as it is.

    Parameters
    ----------
    lang
        Code of a language that the program speaks.
    """
    return _load_translations(LANGUAGES[lang].translations, lang)


@lru_cache
def _load_translations(folder: Path, lang: str) -> NullTranslations:
    return Translations.load(str(folder), [lang])


def word(value: str, lang: str) -> str:
    """Return a word of the data, such as a surface or a kind of facility, in a language."""
    return translator(lang).gettext(value) if value else ""


def write_message(
    template: str, values: Mapping[str, object], lang: str, say: Say | None = None
) -> str:
    """Write a message in a language; errors and phrases among its values are translated as well.

    Parameters
    ----------
    template
        English, as it stands in the program; may be empty.
    values
        What it names in braces.
    lang
        Code of the language.
    say
        What translates a template, in the words of a city (``city.phrases(lang).say``); the
        program's own without it.
    """
    # Values are written first: an error or a phrase among them has a template of its own.
    written = {key: _write_value(value, lang, say) for key, value in values.items()}
    translate = say or translator(lang).gettext
    return fill(translate(template), written) if template else ""


def write_error(error: MapserverError, lang: str, say: Say | None = None) -> str:
    """Write an error in a language on one line: where, what, and how to mend it."""
    what, mend = (write_message(text, error.values, lang, say) for text in (error.what, error.mend))
    return one_line(what, _write_where(error.where, lang), mend, {})


def _write_where(where: str, lang: str) -> str:
    """Write the place of an error in a language: the line or row that it ends with, if it does."""
    file, comma, place = where.rpartition(", ")
    return f"{file}{comma}{write_place(place, lang)}"


def parse_place(place: str) -> Phrase | str:
    """Parse a place in a file, as ``line 484``, into a phrase; ids of features stay as they are."""
    match = re.fullmatch(r"(line|row|number) (\d+)", place)
    return Phrase(PLACES[match[1]], number=match[2]) if match else place


def write_place(place: str, lang: str) -> str:
    """Write a place in a file in a language: ``line 484`` is ``484행``."""
    return str(_write_value(parse_place(place), lang, None))


def _write_value(value: object, lang: str, say: Say | None) -> object:
    if isinstance(value, MapserverError):
        return write_error(value, lang, say)
    return (
        write_message(value.what, value.values, lang, say) if isinstance(value, Phrase) else value
    )


def is_written_in(text: str, lang: str) -> bool:
    """Return whether readers of a language know the letters of a text.

    Examples
    --------
    >>> [is_written_in("벤치 2", "ko"), is_written_in("Bench", "ko"), is_written_in("Bench", "en")]
    [True, False, True]
    """
    # The name of a letter begins with its script: HANGUL SYLLABLE GA, LATIN SMALL LETTER A.
    scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in text if letter.isalpha()}
    row = LANGUAGES[lang]
    # Korean takes in foreign words as they are; readers of English know no other letters.
    return bool(scripts & row.scripts) if row.allows_other_scripts else scripts <= row.scripts


def negotiate(requested: str | None, accepted: Iterable[str], offered: Sequence[str]) -> str:
    """Choose the language of a page.

    Parameters
    ----------
    requested
        The language in the address, if there is one.
    accepted
        What the browser accepts, best first (``en-GB``, ``ko``).
    offered
        The languages of the pages, the default first.
    """
    if requested is not None and requested in offered:
        return requested
    wanted = [code.replace("-", "_") for code in accepted]
    return babel.negotiate_locale(wanted, offered) or offered[0]


def read_translated_cell(row: Mapping[str, object], column: str, lang: str) -> str:
    """Read a column in a reader's language (``name_en``) or, where that says nothing, as it is."""
    return read_cell_text(row.get(f"{column}_{lang}")) or read_cell_text(row.get(column))


def find_language(text: str, languages: Sequence[str], default: str) -> str:
    """Find the language of a name out of the data: the first of a city's that has its letters.

    Parameters
    ----------
    text
        A name, as it stands in a column without a language in its name.
    languages
        Codes of the city's languages, its first one first; the letters of one that the program
        does not speak are not known, and taken to be these.
    default
        Where none of them has its letters.

    Examples
    --------
    >>> find_language("금당산", ("ko", "en"), "en"), find_language("GS25", ("ko", "en"), "en")
    ('ko', 'en')
    """
    if not any(letter.isalpha() for letter in text):
        return default  # "518" is read in any
    fitting = (code for code in languages if code not in LANGUAGES or is_written_in(text, code))
    return next(fitting, default)


def _find_locale(lang: str) -> str | babel.Locale:
    return LANGUAGES[lang].cldr if lang in LANGUAGES else lang


def number(value: float, lang: str, digits: int = 0) -> str:
    """Write a number with the separators of a language."""
    # Rounded before it is formatted: the pattern of a language shows three decimals otherwise.
    return babel.numbers.format_decimal(round(value, digits), locale=_find_locale(lang))


def measure(value: float, unit: str, lang: str, digits: int = 0) -> str:
    """Write a number with its unit, from which no end of a line parts it: ``350 m``."""
    return _keep_order(f"{number(value, lang, digits)}\N{NO-BREAK SPACE}{unit}", lang)


def _keep_order(text: str, lang: str) -> str:
    """Return a number with a Latin unit that is not turned to ``m 350`` from right to left."""
    is_turned = lang in LANGUAGES and LANGUAGES[lang].direction == "rtl"
    return f"\N{LEFT-TO-RIGHT MARK}{text}" if is_turned else text


def join_units(text: str) -> str:
    """Put a space that does not break between numbers and units of a text for people.

    Parameters
    ----------
    text
        Of the program, in any language; its numbers may still be places such as ``{minutes}``.
    """
    return _BEFORE_UNIT.sub("\N{NO-BREAK SPACE}", text)


def distance(metres: float, lang: str) -> str:
    """Write a length for people: metres below a kilometre, else kilometres with one decimal."""
    if math.isnan(metres):
        return UNKNOWN_NUMBER
    # From 999.5 m on the rounded number would be 1,000 m; it is written as 1.0 km.
    if metres < 999.5:
        return measure(metres, "m", lang)
    # The decimal is written also where it is 0.
    locale = _find_locale(lang)
    figure = babel.numbers.format_decimal(metres / 1000, format="#,##0.0", locale=locale)
    return _keep_order(f"{figure}\N{NO-BREAK SPACE}km", lang)


def duration(minutes: int, lang: str) -> str:
    """Write a time for people: ``6분``, ``1시간 30분``; a number stays beside its unit."""
    hours, rest = divmod(minutes, 60)
    parts = [(hours, "duration-hour")] * bool(hours) + [(rest, "duration-minute")] * bool(
        rest or not hours
    )
    locale = _find_locale(lang)
    words = [babel.units.format_unit(n, unit, "short", locale=locale) for n, unit in parts]
    return " ".join(word.replace(" ", "\N{NO-BREAK SPACE}") for word in words)


def total_distance(metres: Iterable[float], lang: str) -> str:
    """Write the sum of lengths, and of how many nobody knows it (NaN)."""
    all_lengths = list(metres)
    known_lengths = [length_m for length_m in all_lengths if not math.isnan(length_m)]
    if len(known_lengths) == len(all_lengths):
        return distance(sum(known_lengths), lang)
    if not known_lengths:
        return UNKNOWN_NUMBER
    text = translator(lang).gettext(N_("{total} without {count} of unknown length"))
    count = number(len(all_lengths) - len(known_lengths), lang)
    return fill(text, {"total": distance(sum(known_lengths), lang), "count": count})


def percent(share: float, lang: str, digits: int = 0) -> str:
    """Write a share of one in per cent."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return babel.numbers.format_percent(share, format=pattern, locale=_find_locale(lang))
