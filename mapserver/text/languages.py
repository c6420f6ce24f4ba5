"""Languages of pages, commands and figures. One row holds all that the program knows of one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import babel
import babel.dates

TRANSLATIONS = Path(__file__).parents[1] / "translations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """What is known of a language that the program speaks.

    Attributes
    ----------
    code
        As addresses (``?lang=en``), ``layers/catalog.toml`` and ``LANG`` of notebooks have it. Its
        numbers, days and plurals are those of the CLDR locale of that code.
    name
        What its readers call it, for the switch between languages.
    scripts
        Scripts whose letters a text in it has, by the first word of their letters' names in
        Unicode: ``HANGUL``, ``LATIN``.
    allows_other_scripts
        A text that has letters of ``scripts`` may have others, too.
    month_day
        CLDR skeleton of a day without its year: ``MMMMd`` is ``November 25``.
    terms
        What the program's own texts call the things for which a city may have a word of its own
        (``model/words``): by noun, regular expressions for one and for many, or one for both.
        Those of English without any.
    day_locale
        CLDR locale in which days are written in sentences, where it is another than that of the
        code: readers of English in Korea come from many countries, and ``25 November`` serves all.
    translations
        The folder with ``CODE/LC_MESSAGES/messages.mo``; a language of a plugin brings its own.
    """

    code: str
    name: str
    scripts: frozenset[str]
    allows_other_scripts: bool = False
    month_day: str = "MMMMd"
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    day_locale: str = ""
    translations: Path = TRANSLATIONS

    @property
    def cldr(self) -> babel.Locale:
        """The locale with its numbers, days, plurals and direction."""
        return babel.Locale.parse(self.code)

    def write_day(self, day: dt.date, today: dt.date | None = None) -> str:
        """Write a day as a sentence has it; with its year, unless it is that of another day."""
        locale = self.day_locale or self.code
        if today is not None and today.year == day.year:
            return str(babel.dates.format_skeleton(self.month_day, day, locale=locale))
        return str(babel.dates.format_date(day, format="long", locale=locale))

    def write_month(self, year: int, month: int) -> str:
        """Write a month with its year."""
        locale = self.day_locale or self.code
        first_day = dt.date(year, month, 1)
        return str(babel.dates.format_skeleton("yMMMM", first_day, locale=locale))

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``, for the attribute ``dir`` of pages."""
        return str(self.cldr.text_direction)


LANGUAGES: dict[str, Language] = {}
"""Every language by its code; the first is the default where a city says nothing."""


def register_language(row: Language) -> Language:
    """Add a language: all pages, commands and figures speak it, where a city lists it."""
    LANGUAGES[row.code] = row
    return row


@contextmanager
def restored_languages() -> Iterator[None]:
    """Restore at the end of a test the languages that there were."""
    before = dict(LANGUAGES)
    try:
        yield
    finally:
        LANGUAGES.clear()
        LANGUAGES.update(before)


KOREAN = register_language(
    Language(
        code="ko",
        name="한국어",
        scripts=frozenset({"HANGUL"}),
        allows_other_scripts=True,
        month_day="MMMd",
        terms={
            "trail": ("맨발길",),
            "district": ("골목형상점가|상점가",),
            "neighborhood": ("행정동",),
            "zone": ("생활권|권역",),
            "certificate": ("온누리상품권|온누리|상품권",),
        },
    )
)
ENGLISH = register_language(
    Language(
        code="en",
        name="English",
        scripts=frozenset({"LATIN"}),
        day_locale="en_GB",
        terms={
            "trail": ("(?:barefoot )?trail", "(?:barefoot )?trails"),
            "district": (
                "(?<!tell the )(?:shopping )?district(?! office)",
                "(?:shopping )?districts",
            ),
            "neighborhood": ("neighbou?rhood", "neighbou?rhoods"),
            "zone": ("(?<!time )zone", "(?<!time )zones"),
            # "Onnuri" alone is what many are, "Taking Onnuri", unless shops or members follow.
            "certificate": (
                "onnuri certificate|certificate|onnuri(?= shops| member)",
                "onnuri certificates|certificates|onnuri",
            ),
        },
    )
)
DEFAULT = KOREAN.code


def is_language_code(code: str) -> bool:
    """Return whether a code is that of a language, of those that CLDR knows: ``ja``, not ``jp``."""
    return code in LANGUAGES or babel.localedata.exists(code.replace("-", "_"))


def choose_page_languages(codes: Sequence[str]) -> tuple[str, ...]:
    """Return those of a city's languages that the program speaks; English where there is none."""
    return tuple(code for code in codes if code in LANGUAGES) or (ENGLISH.code,)


def choose_text(texts: Mapping[str, str], lang: str, preferred: Sequence[str] = ()) -> str:
    """Choose of one text in several languages the one for a reader.

    Where there is none in the reader's language, English is understood by most; else the first
    one serves. An empty text is none.

    Parameters
    ----------
    texts
        By code of language; the key ``""`` is of a text whose language nobody says.
    lang
        The reader's language.
    preferred
        Languages to try before English.
    """
    codes = (lang, *preferred, ENGLISH.code, *texts)
    return next((texts[code] for code in codes if texts.get(code)), "")
