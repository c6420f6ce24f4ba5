"""Checks of the ledger of programmes: what nobody can act on, and what nobody has looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from urllib.parse import urlsplit

from mapserver.check.survey import Survey
from mapserver.errors import N_
from mapserver.model import LEDGERS, Programme, list_programmes
from mapserver.settings import limits
from mapserver.text.cell_text import read_cell_text
from mapserver.text.findings import Finding, Severity
from mapserver.text.welfare_words import LIVES, NEEDS, Running


def check_programmes(survey: Survey) -> Iterator[Finding]:
    """Examine programmes one by one, and whether two have one id."""
    city = survey.city
    today = city.today()
    ids: set[str] = set()
    for programme in list_programmes(city.ledgers.get("programmes"), city.catalog.zone):
        yield from _check_words(programme)
        yield from _check_proof(programme, today)
        yield from _check_term(programme, today)
        # A row without an id has a page by its line, so any number of rows may have none.
        id_ = read_cell_text(programme.row.get("id"))
        if id_ and id_ in ids:
            yield _report(
                programme,
                Severity.WARNING,
                "programme-id-twice",
                N_("another programme has the id {id}"),
                N_("Give each its own; addresses of pages depend on it"),
                id=repr(id_),
            )
        ids.add(id_)


def _check_words(programme: Programme) -> Iterator[Finding]:
    """Report needs and parts of life that no list has: nobody finds the programme by them."""
    for themes, column, words in (
        (programme.needs, "need", NEEDS),
        (programme.lives, "life", LIVES),
    ):
        # Words that are not known are a fault; a column that says nothing may be meant so.
        if themes.unknown:
            yield _report(
                programme,
                Severity.WARNING,
                "programme-unknown-word",
                N_("{column} has words that are not known: {words}"),
                N_("Write some of {known}, with commas between them"),
                column=column,
                words=", ".join(map(repr, themes.unknown)),
                known=", ".join(theme.words[0] for theme in words.values()),
            )
        elif not themes.codes:
            yield _report(
                programme,
                Severity.NOTE,
                "programme-not-sorted",
                N_("{column} is empty, so nobody finds the programme by it"),
                N_("Write some of {known}, with commas between them"),
                column=column,
                known=", ".join(theme.words[0] for theme in words.values()),
            )


def _check_proof(programme: Programme, today: dt.date) -> Iterator[Finding]:
    """Report programmes of which nobody says so, or at which nobody has looked for long."""
    if not read_cell_text(programme.row.get("source")):
        yield _report(
            programme,
            Severity.WARNING,
            "programme-source-missing",
            N_("it says not who says so"),
            N_("Write the office or the page in the column source"),
        )
    checked_on = programme.row.get("checked_on")
    if not isinstance(checked_on, dt.date):
        yield _report(
            programme,
            Severity.NOTE,
            "programme-not-checked",
            N_("it says not when somebody checked it"),
            N_("Write the day on which somebody looked"),
        )
    elif checked_on > today:
        yield _report(
            programme,
            Severity.WARNING,
            "checked-in-the-future",
            N_("it says that it was checked on {checked}, which has not come yet"),
            N_("Write the day on which somebody looked"),
            checked=str(checked_on),
        )
    elif (today - checked_on).days > limits.MAX_UNCHECKED_DAYS:
        yield _report(
            programme,
            Severity.WARNING,
            "programme-checked-long-ago",
            N_("nobody has checked it for {days} days"),
            N_("Look whether it still holds, and write the day"),
            days=(today - checked_on).days,
        )
    url = read_cell_text(programme.row.get("url"))
    if url and not _is_safe(url):
        yield _report(
            programme,
            Severity.WARNING,
            "programme-url-unsafe",
            N_("its address does not begin with https://: {url}"),
            N_("Write the whole address of a page, with https://"),
            url=repr(url),
        )


def _check_term(programme: Programme, today: dt.date) -> Iterator[Finding]:
    """Report terms that are over, and those of which nobody can tell."""
    period = read_cell_text(programme.row.get("period"))
    state = programme.find_state(today)
    if state is Running.OVER:
        yield _report(
            programme,
            Severity.NOTE,
            "programme-over",
            N_("one could apply until {last}; pages say so"),
            N_("Write the next term, or remove the row"),
            last=str(programme.term and programme.term.last),
        )
    # A period that is empty says nothing, and nothing is wrong with that.
    elif state is Running.UNKNOWN and period:
        yield _report(
            programme,
            Severity.NOTE,
            "programme-term-unclear",
            N_("when one can apply is not understood: {period}"),
            N_("Write 상시, or days as YYYY-MM-DD ~ YYYY-MM-DD"),
            period=repr(period),
        )


def _is_safe(url: str) -> bool:
    try:
        return urlsplit(url).scheme == "https" and bool(urlsplit(url).netloc)
    except ValueError:
        return False


def _report(
    programme: Programme, severity: Severity, code: str, what: str, mend: str, **values: object
) -> Finding:
    file = LEDGERS["programmes"].file
    return Finding(severity, code, file, what, mend, f"line {programme.line}", values)
