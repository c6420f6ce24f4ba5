"""Words of welfare: what one needs, in which part of life one is, and when one can apply."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mapserver.errors import N_
from mapserver.text.dates import KOREA, normalize_text
from mapserver.text.spans import read_span

EVERYBODY = "all"
"""Stands for every part of life: such a programme fits whoever asks."""


@dataclass(frozen=True, slots=True)
class Theme:
    """A need, or a part of life, as the national welfare lists number them.

    Attributes
    ----------
    label
        What residents read, in plain words.
    words
        How lists write it, the official name first.
    """

    label: str
    words: tuple[str, ...]


NEEDS: Mapping[str, Theme] = {
    "010": Theme(N_("Health"), ("신체건강", "건강", "보건·의료", "보건의료", "의료")),
    "020": Theme(N_("Mental health"), ("정신건강", "마음건강")),
    "030": Theme(N_("Daily life"), ("생활지원", "생활안정", "생계")),
    "040": Theme(N_("A home"), ("주거", "주거·자립", "집")),
    "050": Theme(N_("Work"), ("일자리", "고용·창업", "고용")),
    "060": Theme(N_("Culture and leisure"), ("문화·여가", "문화·환경", "문화")),
    "070": Theme(N_("Danger and crisis"), ("안전·위기", "행정·안전", "안전")),
    "080": Theme(N_("Having a baby"), ("임신·출산",)),
    "090": Theme(N_("Childcare"), ("보육",)),
    "100": Theme(N_("School and learning"), ("교육",)),
    "110": Theme(N_("Adoption and foster care"), ("입양·위탁",)),
    "120": Theme(N_("Care"), ("보호·돌봄", "돌봄")),
    "130": Theme(N_("Money and debts"), ("서민금융", "금융")),
    "140": Theme(N_("Legal help"), ("법률",)),
}
"""Needs by the code of the national lists (``intrsThemaArray``), in their order."""

LIVES: Mapping[str, Theme] = {
    "001": Theme(N_("Babies and toddlers"), ("영유아",)),
    "002": Theme(N_("Children"), ("아동",)),
    "003": Theme(N_("Teenagers"), ("청소년",)),
    "004": Theme(N_("Young adults"), ("청년",)),
    "005": Theme(N_("Middle age"), ("중장년", "장년", "중년")),
    "006": Theme(N_("Older people"), ("노년", "노인", "어르신")),
    "007": Theme(N_("Having a baby"), ("임신·출산",)),
}
"""Parts of life by the code of the national lists (``lifeArray``), in their order."""

TWO_NEEDS: dict[str, tuple[str, ...]] = {"보육교육": ("090", "100")}
"""A field of another list (``서비스분야`` of 보조금24) that is two needs here."""
EVERYBODY_WORDS = frozenset(
    ("전체", "전생애", "전연령", "누구나", "모두", "해당없음", "all", "everybody")
)
BETWEEN = re.compile(r"[,;、，|\n]|\|\|")
"""Between two of them; the point stands within one: 문화·여가."""
FILLER = re.compile(r"[\s·ㆍ\u119e‧・･.]+")
"""Points and blanks within a word, which every list writes in another way."""

ALWAYS = frozenset(
    (
        *("상시", "상시신청", "상시접수", "수시", "수시신청", "수시접수", "연중", "연중상시"),
        *("연중수시", "연중접수", "always", "anytime", "allyear", "allyearround"),
    )
)


class Running(StrEnum):
    """Whether one can apply on a day."""

    YES = "yes"
    LATER = "later"
    OVER = "over"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Term:
    """When one can apply: from one day to another, both included; None where it is open-ended."""

    first: dt.date | None = None
    last: dt.date | None = None

    def find_state(self, day: dt.date) -> Running:
        """Return whether one can apply on a day."""
        if self.first is not None and day < self.first:
            return Running.LATER
        return Running.OVER if self.last is not None and day > self.last else Running.YES


@dataclass(frozen=True, slots=True)
class Themes:
    """Codes that a cell names, in the order of the list, and its words that are none."""

    codes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def read_needs(text: str) -> Themes:
    """Read needs, as codes or as names with commas between them.

    Examples
    --------
    >>> read_needs("보호ㆍ돌봄, 030,우주여행")
    Themes(codes=('030', '120'), unknown=('우주여행',))
    """
    return _read_themes(text, _list_words(NEEDS) | TWO_NEEDS, NEEDS)


def read_lives(text: str) -> Themes:
    """Read parts of life, as codes or as names; everybody is all of them.

    Examples
    --------
    >>> read_lives("노년,청년"), read_lives("전체").codes
    (Themes(codes=('004', '006'), unknown=()), ('all',))
    """
    everybody: dict[str, tuple[str, ...]] = dict.fromkeys(EVERYBODY_WORDS, (EVERYBODY,))
    words = _list_words(LIVES) | everybody
    return _read_themes(text, words, LIVES)


def read_term(text: str, zone: dt.tzinfo = KOREA) -> Term | None:
    """Read when one can apply; None where the text does not say it, as 예산 소진 시까지.

    Examples
    --------
    >>> read_term("상시신청")
    Term(first=None, last=None)
    >>> read_term("2026.3.2 ~ 9.30").last
    datetime.date(2026, 9, 30)
    >>> read_term("접수기관 별 상이"), read_term("")
    (None, None)
    """
    # What stands in brackets explains: 상시 (주말 제외).
    plain = FILLER.sub("", re.sub(r"\([^()]*\)", "", normalize_text(text)))
    if plain in ALWAYS:
        return Term()
    try:
        span = read_span(text, zone)
    except ValueError:
        return None
    first, last = span.first, span.last
    term = Term(None if first is None else first.first, None if last is None else last.last)
    # A day after which nothing comes, or a span that ends before it begins, says nothing.
    is_turned = term.first is not None and term.last is not None and term.last < term.first
    return None if is_turned else term


def _list_words(themes: Mapping[str, Theme]) -> dict[str, tuple[str, ...]]:
    """List the words for themes, as they are compared, with the codes that each means."""
    words: dict[str, tuple[str, ...]] = {
        _fold_word(word): (code,) for code, theme in themes.items() for word in theme.words
    }
    # Spreadsheets take the zeros from a code that looks like a number: 010 becomes 10.
    return words | {form: (code,) for code in themes for form in (code, code.lstrip("0"))}


def _read_themes(
    text: str, words: Mapping[str, tuple[str, ...]], themes: Mapping[str, Theme]
) -> Themes:
    parts = [part.strip() for part in BETWEEN.split(text) if part.strip()]
    named = {code for part in parts for code in words.get(_fold_word(part), ())}
    order = [EVERYBODY, *themes]
    unknown = [part for part in parts if _fold_word(part) not in words]
    return Themes(tuple(sorted(named, key=order.index)), tuple(unknown))


def _fold_word(text: str) -> str:
    return FILLER.sub("", normalize_text(text))
