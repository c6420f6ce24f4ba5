"""Closures of a trail after inspections: from day to day, with all that is wrong on each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from mapserver.errors import N_
from mapserver.model.day_state import DayState, State
from mapserver.model.reasons import write_reason
from mapserver.model.state_facts import DatedClosure
from mapserver.model.words import OWN_WORDS, find_phrases
from mapserver.text.inspection_words import translate_item
from mapserver.text.languages import LANGUAGES

ONE_DAY = dt.timedelta(days=1)
CLOSED_BY_INSPECTION = N_("Closed after an inspection")
CLOSED_FOR = N_("Closed after an inspection: {what}")


class Prohibition(Protocol):
    """What must not be used from day to day: its item, what was found, and both its days."""

    @property
    def item(self) -> str:
        """What was looked at."""

    @property
    def text(self) -> str:
        """What was found."""

    @property
    def first_day(self) -> dt.date:
        """The first day."""

    @property
    def last_day(self) -> dt.date | None:
        """The last day; None until further notice."""


@dataclass(frozen=True, slots=True)
class _Span:
    """Days on which the same things are wrong; ``last_day`` is None until further notice."""

    first_day: dt.date
    last_day: dt.date | None


def list_prohibited_days(faults: Sequence[Prohibition]) -> list[DatedClosure]:
    """List the closures of a trail: between two changes of what is wrong one closure holds.

    Parameters
    ----------
    faults
        What forbids its use, in the order in which it is said.

    Returns
    -------
    list of DatedClosure
        For days that do not overlap. The days of the closure itself are those of the fault that
        lasts longest, since the trail stays closed until that one is fixed.
    """
    closures = []
    for span in _list_spans(faults):
        holding = [fault for fault in faults if _covers(fault, span)]
        if not holding:
            continue
        longest = max(holding, key=lambda fault: fault.last_day or dt.date.max)
        what = {lang: describe_faults(holding, lang) for lang in LANGUAGES}
        template = CLOSED_FOR if any(what.values()) else CLOSED_BY_INSPECTION
        reason = write_reason(template, {"what": what})
        state = DayState(State.CLOSED, reason, longest.first_day, longest.last_day)
        closures.append(DatedClosure(span.first_day, span.last_day, state))
    return closures


def describe_faults(faults: Sequence[Prohibition], lang: str) -> str:
    """Describe faults in a language; what was found of many items is said once.

    What is not one of the usual items, and what was found, stays in the office's own words.

    Returns
    -------
    str
        As ``배수시설, 낙엽 (물이 고임); 난간``; empty where nothing is written of any.
    """
    say = find_phrases(OWN_WORDS, lang).say
    items_by_text: dict[str, list[str]] = {}
    for fault in faults:
        items_by_text.setdefault(fault.text, []).append(translate_item(fault.item, lang, say))
    parts = []
    for text, items in items_by_text.items():
        # The trail as a whole has no word: where it is among the items, the others stand for it.
        names = ", ".join(dict.fromkeys(item for item in items if item))
        parts.append(f"{names} ({text})" if names and text else names or text)
    return "; ".join(part for part in parts if part)


def _list_spans(faults: Sequence[Prohibition]) -> list[_Span]:
    """List the days between two changes of what holds."""
    turns = {fault.first_day for fault in faults}
    # Nothing begins after the last day of the calendar, and what ends there does not end.
    turns |= {
        fault.last_day + ONE_DAY
        for fault in faults
        if fault.last_day is not None and fault.last_day < dt.date.max
    }
    days = sorted(turns)
    spans = [_Span(first_day, turn - ONE_DAY) for first_day, turn in pairwise(days)]
    return [*spans, _Span(days[-1], None)] if days else []


def _covers(fault: Prohibition, span: _Span) -> bool:
    """Return whether a fault holds on the first of some days, and so on all of them."""
    return fault.first_day <= span.first_day <= (fault.last_day or dt.date.max)
