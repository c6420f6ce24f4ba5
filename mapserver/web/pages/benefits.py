"""What an Onnuri certificate saves on a day, as pages write it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

import pandas as pd

from mapserver.errors import N_, fill
from mapserver.model import Snapshot, offers
from mapserver.text import language
from mapserver.text.cell_text import read_cell_text
from mapserver.text.languages import DEFAULT, LANGUAGES

PAYMENT_WORDS = {"paper": N_("paper"), "card": N_("card"), "mobile": N_("mobile"), "": ""}


@dataclass(frozen=True, slots=True)
class Benefit:
    """What an Onnuri certificate saves on this day, and who says so."""

    title: str
    payment: str
    rate: str
    cap: str
    until: str
    source: str
    checked_on: str
    facts: str
    """All that is said below its title, in one line."""


@dataclass(frozen=True, slots=True)
class BenefitCheck:
    """What is said where no benefit is confirmed for a day.

    Attributes
    ----------
    checked_on
        The last day on which anybody looked; empty where nobody has written one.
    last
        The benefit that ended last before the day; None where there was none.
    words
        All of it in sentences, for pages and for the browser.
    """

    checked_on: str
    last: Benefit | None
    words: str


def list_benefits(city: Snapshot, lang: str, day: dt.date) -> list[Benefit]:
    """List what the dated table confirms for a day; empty when it confirms nothing.

    Parameters
    ----------
    city
        A snapshot.
    lang
        ``ko`` or ``en``.
    day
        The day.
    """
    return [
        _write_benefit(row, lang, city.phrases(lang).say)
        for row in offers.benefits_on(city.benefits, day)
    ]


def check_benefits(city: Snapshot, lang: str, day: dt.date) -> BenefitCheck | None:
    """Return when benefits were last looked for, and the last that there was before a day.

    Parameters
    ----------
    city
        A snapshot.
    lang
        ``ko`` or ``en``.
    day
        The day.

    Returns
    -------
    BenefitCheck or None
        None where the city has no table of benefits: then nobody knows whether there is one.
    """
    if city.benefits is None:
        return None
    rows = city.benefits.to_dict("records")
    checks = [value for row in rows if (value := row.get("checked_on")) and _is_day(value)]
    ended = [row for row in rows if _is_day(row.get("to")) and row["to"] < day]
    say = city.phrases(lang).say
    row = max(ended, key=lambda row: row["to"], default=None)
    last = None if row is None else _write_benefit(row, lang, say)
    checked_on = write_date(max(checks), lang) if checks else ""
    return BenefitCheck(checked_on, last, _write_check(checked_on, last, say))


def _write_check(checked_on: str, last: Benefit | None, say: Callable[[str], str]) -> str:
    """Write when offers were last looked for, which was the last, and where to find a new one."""
    sentences = []
    if checked_on:
        sentences.append(fill(say(N_("Last looked for on {day}.")), {"day": checked_on}))
    if last is not None:
        words = {"title": last.title, "rate": last.rate, "day": last.until}
        text = say(N_("The last one: {title} {rate}, until {day}."))
        # A row may lack its title or its rate.
        sentences.append(" ".join(fill(text, words).replace(" ,", ",").split()))
    return " ".join([*sentences, say(N_("A new one will stand here."))])


def _write_benefit(row: Mapping[Any, Any], lang: str, say: Callable[[str], str]) -> Benefit:
    payment = say(PAYMENT_WORDS.get(read_cell_text(row.get("payment")), "")) or ""
    has_rate, has_cap = _is_number(row.get("rate")), _is_number(row.get("cap_won"))
    won = language.number(int(row["cap_won"]), lang) if has_cap else ""
    cap = fill(say(N_("up to {won} won")), {"won": won}) if has_cap else ""
    until, checked_on = write_date(row.get("to"), lang), write_date(row.get("checked_on"), lang)
    source = read_cell_text(row.get("source"))
    last_day = fill(say(N_("until {date}")), {"date": until}) if until else ""
    checked = fill(say(N_("checked on {date}")), {"date": checked_on})
    facts = (payment, cap, last_day, source, checked if checked_on else "")
    return Benefit(
        title=_choose_half(read_cell_text(row.get("title")), lang),
        payment=payment,
        rate=language.percent(float(row["rate"]), lang) if has_rate else "",
        cap=cap,
        until=until,
        source=source,
        checked_on=checked_on,
        facts=" · ".join(filter(None, facts)),
    )


def _choose_half(text: str, lang: str) -> str:
    """Return the reader's half of a title in two languages (``한국어 / English``)."""
    korean, slash, english = text.partition(" / ")
    return english if slash and lang != DEFAULT else korean


def write_date(value: object, lang: str) -> str:
    """Write a day as readers do; what is no day as it stands there, empty when there is none."""
    if not _is_day(value):
        return read_cell_text(value)
    return LANGUAGES[lang].write_day(value)


def _is_day(value: object) -> TypeGuard[dt.date]:
    return isinstance(value, dt.date) and not pd.isna(value)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not pd.isna(value)
