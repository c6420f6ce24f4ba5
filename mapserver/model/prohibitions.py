"""Closures of a trail after inspections: from day to day, with all that is wrong on each."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import islice, pairwise
from typing import Protocol

from mapserver.errors import N_, fill
from mapserver.model.day_state import DayState, State
from mapserver.model.reasons import write_reason
from mapserver.model.state_facts import DatedClosure
from mapserver.model.words import OWN_WORDS, find_phrases
from mapserver.settings import limits
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
        What forbids its use, in the order of their first days, in which it is said.

    Returns
    -------
    list of DatedClosure
        For days that do not overlap. The days of the closure itself are those of the fault that
        lasts longest, since the trail stays closed until that one is fixed.
    """
    closures = []
    holding: dict[int, Prohibition] = {}
    # By position: those that are still to begin, those that hold by which ends first, and by which
    # ends last. Each comes and goes once, so many faults of one trail do not take the square.
    to_begin = deque(sorted(range(len(faults)), key=lambda position: faults[position].first_day))
    ending: list[tuple[dt.date, int]] = []
    lasting: list[tuple[int, int]] = []
    for span in _list_spans(faults):
        while to_begin and faults[to_begin[0]].first_day <= span.first_day:
            position = to_begin.popleft()
            holding[position] = faults[position]
            last_day = faults[position].last_day or dt.date.max
            heappush(ending, (last_day, position))
            heappush(lasting, (-last_day.toordinal(), position))
        while ending and ending[0][0] < span.first_day:
            del holding[heappop(ending)[1]]
        while lasting and lasting[0][1] not in holding:
            heappop(lasting)
        if not holding:
            continue
        longest = holding[lasting[0][1]]
        named = [*islice(holding.values(), limits.MAX_NAMED_FAULTS)]
        count = len(holding) - len(named)
        what = {lang: describe_faults(named, lang, count) for lang in LANGUAGES}
        template = CLOSED_FOR if any(what.values()) else CLOSED_BY_INSPECTION
        reason = write_reason(template, {"what": what})
        state = DayState(State.CLOSED, reason, longest.first_day, longest.last_day)
        closures.append(DatedClosure(span.first_day, span.last_day, state))
    return closures


def describe_faults(faults: Sequence[Prohibition], lang: str, others: int = 0) -> str:
    """Describe faults in a language; what was found of many items is said once.

    What is not one of the usual items, and what was found, stays in the office's own words.

    Parameters
    ----------
    faults
        Those that are named.
    lang
        Code of the language.
    others
        How many there are besides, which are counted.

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
    parts = [part for part in parts if part]
    if parts and others:
        parts.append(fill(say(N_("and {count} more")), {"count": others}))
    return "; ".join(parts)


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
