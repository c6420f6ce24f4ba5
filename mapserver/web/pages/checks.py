"""Who looked at a trail when, what was found, and what is still to be repaired, in words."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from mapserver.errors import N_
from mapserver.model import Fault, Snapshot, TrailChecks, describe_faults
from mapserver.text.grades import GRADE_WORDS, Grade
from mapserver.text.inspection_words import translate_inspector
from mapserver.text.languages import LANGUAGES


@dataclass(frozen=True, slots=True)
class FaultWords:
    """What is to be repaired, in one language.

    Attributes
    ----------
    what
        The item and what was found; empty where the office wrote neither.
    grade
        How bad it is.
    since, since_iso
        The day on which it was found, in words and as ISO 8601.
    ago
        How long that is ago, where the page is about today.
    holds
        First and last day of it, ISO 8601 with a slash between; the last is empty until further
        notice. By it the browser finds whether it is open on another day.
    is_open
        Whether it is open on the day of the page.
    """

    what: str
    grade: str
    since: str
    since_iso: str
    ago: str
    holds: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class CheckWords:
    """The last look at a trail, in one language; empty words where nobody has looked.

    Attributes
    ----------
    day, day_iso
        The day of the look, as a sentence has it, and as ISO 8601.
    day_and_year
        The same with its year, for paper.
    ago
        How long that is ago, where the page is about today.
    grade
        The worst that was found on that day.
    by
        Who looked: a role.
    faults
        What is to be repaired on the day of the page or later.
    """

    day: str = ""
    day_iso: str = ""
    day_and_year: str = ""
    ago: str = ""
    grade: str = ""
    by: str = ""
    faults: tuple[FaultWords, ...] = ()


def describe_checks(city: Snapshot, lang: str, day: dt.date) -> dict[str, CheckWords]:
    """Describe the last look at each trail.

    Parameters
    ----------
    city
        A snapshot.
    lang
        Code of the language.
    day
        The day of the page.

    Returns
    -------
    dict
        By the id of each trail; empty where the city has no ledger of inspections.
    """
    return {id_: _describe_trail(city, lang, day, own) for id_, own in (city.checks or {}).items()}


def _describe_trail(city: Snapshot, lang: str, day: dt.date, checks: TrailChecks) -> CheckWords:
    say, today = city.phrases(lang).say, city.today()
    faults = tuple(
        _describe_fault(city, lang, day, fault)
        for fault in checks.faults
        # What is past on the day of the page is past on every day after it.
        if fault.grade in {Grade.REPAIR, Grade.FORBIDDEN}
        if fault.last_day is None or fault.last_day >= day
    )
    # Nobody has looked on a day that has not come, whatever the page is about.
    look = checks.find_last_look(min(day, today))
    if look is None:
        return CheckWords(faults=faults)
    write_day = LANGUAGES[lang].write_day
    return CheckWords(
        day=write_day(look.day, day),
        day_iso=look.day.isoformat(),
        day_and_year=write_day(look.day),
        ago=write_ago(city, lang, look.day, today) if day == today else "",
        grade=say(GRADE_WORDS[look.grade]),
        by=translate_inspector(look.by, lang, say),
        faults=faults,
    )


def _describe_fault(city: Snapshot, lang: str, day: dt.date, fault: Fault) -> FaultWords:
    today = city.today()
    return FaultWords(
        what=describe_faults([fault], lang),
        grade=city.phrases(lang).say(GRADE_WORDS[fault.grade]),
        since=LANGUAGES[lang].write_day(fault.first_day, day),
        since_iso=fault.first_day.isoformat(),
        ago=write_ago(city, lang, fault.first_day, today) if day == today else "",
        holds=f"{fault.first_day}/{fault.last_day or ''}",
        is_open=fault.covers_day(day),
    )


def write_ago(city: Snapshot, lang: str, day: dt.date, today: dt.date) -> str:
    """Write how long ago a day is; the browser writes the same (frontend/days/checks.js)."""
    phrases = city.phrases(lang)
    count = (today - day).days
    if count < 0:
        return ""
    if count < 2:
        return phrases.say((N_("today"), N_("yesterday"))[count])
    ngettext = phrases.say_counted  # texts are collected by this name
    return ngettext("%(num)s day ago", "%(num)s days ago", count) % {"num": f"{count:,}"}
