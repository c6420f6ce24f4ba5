"""Rain and what follows for trails: a notice or a closure by the office's own rule for a surface.

No threshold in millimetres is known that holds for all clay paths, so there is none by default:
without a rule in the catalogue nothing is said. What nobody has measured is never rain, nor dry.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pandas as pd

from mapserver.errors import N_, fill
from mapserver.model.catalog import Rain, RainRule
from mapserver.model.day_state import DayState, State
from mapserver.model.reasons import Reason, quote_finding
from mapserver.model.state_facts import DatedReason, StateFacts
from mapserver.model.words import OWN_WORDS, Words, find_phrases
from mapserver.text import language
from mapserver.text.cell_text import convert_day, read_cell_text
from mapserver.text.findings import Finding
from mapserver.text.languages import LANGUAGES

AFTER_RAIN = N_("After rain: {rain} on {day}")
CLOSED_AFTER_RAIN = N_("Closed after rain: {rain} on {day}")
ONE_DAY = dt.timedelta(days=1)
SURFACE_CLASSES = {
    # By how much care a surface asks for; a mixture has the rule of its most delicate part.
    "high": ("고관리형", "황토", "clay"),
    "low": ("저관리형", "마사", "granite", "sand"),
    "natural": ("자연형", "흙", "자연", "soil", "earth"),
}
"""Words of surfaces by the classes of Seoul's guideline of October 2024."""


def choose_surface_class(surface: str) -> str:
    """Choose the class of a surface: ``high``, ``low`` or ``natural``; empty where it has none."""
    text = surface.casefold()
    for name, words in SURFACE_CLASSES.items():
        if any(word in text for word in words):
            return name
    return ""


def list_rain_days(rows: pd.DataFrame, rain: Rain) -> list[tuple[dt.date, float | None, Any]]:
    """List the days of a station with their rain in millimetres, in their order.

    Parameters
    ----------
    rows
        The ledger of rain, as it was read.
    rain
        What the catalogue says of it.

    Returns
    -------
    list of (day, millimetres, fault)
        None where nobody knows how much it was, as of an empty cell; the fault where a cell was
        not understood. Of several rows of a day the largest counts. No days at all where the file
        has several stations and the catalogue names none of them.
    """
    # Rain falls here and not there: days of two stations must not be mixed without being told.
    stations = {read_cell_text(cell) for cell in rows["station"]}
    if not rain.station and len(stations) > 1:
        return []
    days: dict[dt.date, tuple[float | None, Any]] = {}
    for row in rows[["date", "station", "rain_mm", "unclear"]].astype(object).to_dict("records"):
        day, fault = convert_day(row["date"]), row["unclear"]
        if day is None or (rain.station and read_cell_text(row["station"]) != rain.station):
            continue
        rain_mm = None if pd.isna(row["rain_mm"]) else float(row["rain_mm"])
        before_mm, before_fault = days.get(day, (None, None))
        known = [mm for mm in (before_mm, rain_mm) if mm is not None]
        days[day] = (max(known, default=None), before_fault or fault)
    return [(day, *days[day]) for day in sorted(days)]


def add_rain(
    facts: Iterable[StateFacts],
    surfaces: Iterable[str],
    rows: pd.DataFrame,
    rain: Rain,
    words: Words = OWN_WORDS,
) -> None:
    """Add what follows from rain to the facts of trails.

    Parameters
    ----------
    facts, surfaces
        The facts of trails, and their surfaces as the register has them, in the same order.
    rows, rain
        As of :func:`list_rain_days`.
    words
        What the city calls its trails, for the reasons.
    """
    days = list_rain_days(rows, rain)
    rules = {"natural": rain.natural, "low": rain.low, "high": rain.high}
    spans = {
        name: _apply_rule(days, rule, words) for name, rule in rules.items() if rule is not None
    }
    doubts = {
        name: _doubt_unread(days, rule, words)
        for name, rule in rules.items()
        if rule is not None and rule.closes
    }
    for each, surface in zip(facts, surfaces, strict=True):
        name = choose_surface_class(surface)
        rule = rules.get(name)
        if rule is None:
            continue
        each.doubts += doubts.get(name, [])
        if rule.closes:
            each.closures += [
                DayState(State.CLOSED, span.reason, span.first_day, span.last_day)
                for span in spans[name]
            ]
        else:
            each.notices += spans[name]


def _apply_rule(
    days: list[tuple[dt.date, float | None, Any]], rule: RainRule, words: Words
) -> list[DatedReason]:
    """List the days on which a rule holds: that of the rain, and some after it."""
    template = CLOSED_AFTER_RAIN if rule.closes else AFTER_RAIN
    wet = [(day, mm) for day, mm, _ in days if mm is not None and mm >= rule.mm]
    spans: list[DatedReason] = []
    for n, (day, mm) in enumerate(wet):
        last_day = day + rule.days * ONE_DAY
        # Of rain on several days in a row the last is told.
        if n + 1 < len(wet):
            last_day = min(last_day, wet[n + 1][0] - ONE_DAY)
        spans.append(DatedReason(day, last_day, _write_rain(template, day, mm, words)))
    return spans


def _doubt_unread(
    days: list[tuple[dt.date, float | None, Any]], rule: RainRule, words: Words
) -> list[DatedReason]:
    """List the days that a rule would close if the rain that was not understood was enough."""
    return [
        DatedReason(day, day + rule.days * ONE_DAY, quote_finding(fault, words))
        for day, mm, fault in days
        if isinstance(fault, Finding) and (mm is None or mm < rule.mm)
    ]


def _write_rain(template: str, day: dt.date, rain_mm: float, words: Words) -> Reason:
    return {
        lang: fill(
            find_phrases(words, lang).say(template),
            {
                "rain": language.measure(rain_mm, "mm", lang, 1),
                "day": LANGUAGES[lang].write_day(day),
            },
        )
        for lang in LANGUAGES
    }
