"""Welfare programmes as pages show them: in the reader's language, with what is not known said."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from mapserver.errors import N_, fill
from mapserver.model import Programme, list_programmes
from mapserver.text import language
from mapserver.text.cell_text import read_cell_text
from mapserver.text.hangul import make_search_pattern
from mapserver.text.language import is_written_in
from mapserver.text.languages import LANGUAGES
from mapserver.text.welfare_words import EVERYBODY, LIVES, NEEDS, Running, Term, Theme, read_term
from mapserver.web.pages.site import Site
from mapserver.web.pages.welfare import Phone, read_phones

STATE_KINDS = {
    Running.YES: "open",
    Running.LATER: "planned",
    Running.OVER: "shut",
    Running.UNKNOWN: "unknown",
}
"""How pages mark whether one can apply: as they mark states of trails."""


@dataclass(frozen=True, slots=True)
class ShownProgramme:
    """A programme as its card and its page show it; an empty text is one that nobody knows.

    Attributes
    ----------
    programme
        The row behind it.
    name, who, what, apply_at, papers, papers_office, papers_identity, period, address, source
        Its cells, in the reader's language where somebody has translated them.
    needs, lives
        What it is for and for whom, in plain words.
    phones
        Its telephone numbers.
    url
        Its address in the web where that is one, and what is written where it is none.
    checked_on
        The day on which somebody looked.
    is_sample
        Somebody has made it up.
    state, kind
        Whether one can apply on the day of the page, in a sentence, and as a mark.
    sentences
        The same for any day, by the word that ``frontend/help`` chooses it by.
    """

    programme: Programme
    name: str
    who: str
    what: str
    apply_at: str
    papers: str
    papers_office: str
    papers_identity: str
    period: str
    address: str
    source: str
    needs: tuple[str, ...]
    lives: tuple[str, ...]
    phones: tuple[Phone, ...]
    url: str
    url_text: str
    checked_on: str
    is_sample: bool
    state: str
    kind: str
    sentences: Mapping[str, str]

    @property
    def first(self) -> str:
        """The first day on which one can apply, as the browser reads it; empty for none."""
        term = self.programme.term
        return _write_plain_day(None if term is None else term.first)

    @property
    def last(self) -> str:
        """The last day on which one can apply, as the browser reads it; empty for none."""
        term = self.programme.term
        return _write_plain_day(None if term is None else term.last)

    @property
    def searched(self) -> str:
        """All that one may type to find it."""
        return " ".join((self.name, read_cell_text(self.programme.row.get("name"))))


def find_programmes(site: Site) -> list[Programme]:
    """Return the programmes of a city; they are listed once for each snapshot."""
    city = site.city
    rows = city.ledgers.get("programmes")
    zone = city.catalog.zone
    return city.derived.get("programmes", (rows,), lambda: list_programmes(rows, zone))


def show_programme(site: Site, programme: Programme) -> ShownProgramme:
    """Write a programme in the language and for the day of a site.

    Parameters
    ----------
    site
        The city, in the reader's language.
    programme
        One of its programmes.
    """
    row, lang = programme.row, site.lang

    def read(column: str) -> str:
        return language.read_translated_cell(row, column, lang)

    # An address from a file is a link only where it is one: any other stands as text.
    url = read_cell_text(row.get("url"))
    state = programme.find_state(site.day)
    sentences = _write_sentences(site, programme)
    checked_on = row.get("checked_on")
    return ShownProgramme(
        programme=programme,
        name=read("name"),
        who=read("who"),
        what=read("what"),
        apply_at=read("apply_at"),
        papers=read("papers"),
        papers_office=read("papers_office"),
        papers_identity=read("papers_identity"),
        period=_write_period(read("period"), lang),
        address=read("address"),
        source=read_cell_text(row.get("source")),
        needs=_name_themes(site, programme.needs.codes, NEEDS),
        lives=_name_themes(site, programme.lives.codes, LIVES),
        phones=read_phones(read_cell_text(row.get("phone"))),
        url=url if is_web_address(url) else "",
        url_text=url,
        checked_on=LANGUAGES[lang].write_day(checked_on) if isinstance(checked_on, dt.date) else "",
        is_sample=bool(read_cell_text(row.get("sample"))),
        state=sentences[state],
        kind=STATE_KINDS[state],
        sentences=sentences,
    )


def _write_period(text: str, lang: str) -> str:
    """Write that one can always apply in the reader's language; days and all else stay."""
    is_always = read_term(text) == Term() and "(" not in text
    return language.word("상시", lang) if is_always and not is_written_in(text, lang) else text


def fits_words(shown: ShownProgramme, typed: str) -> bool:
    """Return whether a programme has all words that somebody typed, or their first consonants."""
    return all(make_search_pattern(word).search(shown.searched) for word in typed.split())


def is_web_address(text: str) -> bool:
    """Return whether a text is an address that a page may link to.

    Examples
    --------
    >>> [is_web_address(text) for text in ("https://a.kr/b", "javascript:alert(1)", "http://[")]
    [True, False, False]
    """
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _write_sentences(site: Site, programme: Programme) -> dict[str, str]:
    """Write whether one can apply, for every day that there may be."""
    say = site.say
    unknown = say(N_("When one can apply is not known: ask first"))
    if programme.term is None:
        return {Running.UNKNOWN: unknown}
    # A term may be open at either end: each end that there is adds what holds beyond it.
    first, last = programme.term.first, programme.term.last
    write_day = LANGUAGES[site.lang].write_day
    sentences: dict[str, str] = {Running.YES: say(N_("One can apply at any time"))}
    if first is not None:
        sentences[Running.LATER] = fill(
            say(N_("Not running yet: from {day}")), {"day": write_day(first)}
        )
        sentences[Running.YES] = say(N_("One can apply"))
    if last is not None:
        day = {"day": write_day(last)}
        sentences[Running.OVER] = fill(say(N_("Not running: ended on {day}")), day)
        sentences[Running.YES] = fill(say(N_("One can apply until {day}")), day)
    return sentences


def _name_themes(
    site: Site, codes: tuple[str, ...], themes: Mapping[str, Theme]
) -> tuple[str, ...]:
    everybody = {EVERYBODY: site.say(N_("Everybody"))}
    labels = everybody | {code: site.say(theme.label) for code, theme in themes.items()}
    return tuple(labels[code] for code in codes)


def _write_plain_day(day: dt.date | None) -> str:
    return "" if day is None else day.isoformat()
