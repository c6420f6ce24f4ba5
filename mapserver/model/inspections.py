"""Inspections of trails: who looked when, what closes a trail, and what is to be repaired.

The newest look at an item counts: what was found wrong with it lasts until the day on which it was
fixed, or until somebody looks at the same item again, whatever is found then. Looks at other items
end nothing, nor does a look at the trail as a whole.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Any

import geopandas as gpd
import pandas as pd

from mapserver.errors import N_
from mapserver.model.inspected_items import (
    FILE,
    GRADE_UNCLEAR,
    SEVERITY,
    Check,
    Fault,
    list_faults,
    list_unordered_checks,
    may_close,
)
from mapserver.model.prohibitions import list_prohibited_days
from mapserver.model.reasons import Reason, write_reason
from mapserver.model.state_facts import DatedReason, StateFacts
from mapserver.model.words import OWN_WORDS, Words, find_phrases
from mapserver.text.cell_text import convert_day, read_cell_text
from mapserver.text.findings import Finding
from mapserver.text.grades import Grade
from mapserver.text.inspection_words import translate_item
from mapserver.text.languages import LANGUAGES
from mapserver.text.mentions import find_trails_in_doubt
from mapserver.text.role_words import is_role

COLUMNS = ("trail_id", "checked_on", "item", "grade", "finding", "fixed_on", "by", "unclear")
TO_REPAIR = N_("To be repaired: {what}")
SOMETHING_TO_REPAIR = N_("Something is to be repaired")
SIMILAR_INSPECTED = N_("{file}: an inspection names “{value}”, which may be this trail")


@dataclass(frozen=True, slots=True)
class Look:
    """All that was looked at on one day: the worst of it, and by whom."""

    day: dt.date
    grade: str | None
    by: str = ""


@dataclass(slots=True)
class TrailChecks:
    """The inspections of one trail.

    Attributes
    ----------
    looks
        One for each day on which somebody looked, in their order.
    faults
        What was found wrong, in the order of its first day.
    doubts
        Rows of which nobody knows on which day, or of which trail they are.
    unordered_lines
        The lines of what may close it and was found on a day on which the same item was fixed:
        nobody knows which came first.
    """

    looks: list[Look] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    doubts: list[DatedReason] = field(default_factory=list)
    unordered_lines: list[int] = field(default_factory=list)

    def find_last_look(self, day: dt.date) -> Look | None:
        """Find the last look that was taken on a day or before; None where nobody has looked."""
        place = bisect_right(self.looks, day, key=lambda look: look.day)
        return self.looks[place - 1] if place else None

    def list_open_faults(self, day: dt.date) -> list[Fault]:
        """List what is to be repaired on a day, what closes the trail first, the oldest first."""
        holding = (fault for fault in self.faults if fault.grade and fault.covers_day(day))
        return sorted(holding, key=lambda fault: (-SEVERITY[fault.grade], fault.first_day))

    def list_fixed_faults(self, first_day: dt.date, day: dt.date) -> list[Fault]:
        """List what held on a first day and has been fixed by another."""
        return [
            fault
            for fault in self.faults
            if fault.covers_day(first_day) and fault.fixed_on and fault.fixed_on <= day
        ]


def gather_checks(
    trails: gpd.GeoDataFrame,
    rows: pd.DataFrame,
    words: Words = OWN_WORDS,
    places: frozenset[str] = frozenset(),
) -> dict[str, TrailChecks]:
    """Gather the inspections of each trail.

    Parameters
    ----------
    trails
        Trails in EPSG:4326, with their ``name`` if there is one.
    rows
        The ledger of inspections, as it was read.
    words
        What the city calls its trails, for the reasons.
    places
        Names of its neighbourhoods, which may stand before the office that has looked.

    Returns
    -------
    dict
        By the id of each trail; one at which nobody has looked is there, too.
    """
    by_trail: dict[str, list[Check]] = defaultdict(list)
    checks = {str(trail): TrailChecks() for trail in trails.index}
    table = rows[list(COLUMNS)].astype(object)
    # An office writes a trail in one way again and again: each way is looked up once.
    for text, group in table.groupby(table["trail_id"].fillna(""), sort=False):
        named, similar = find_trails_in_doubt(trails, {"trail_id": text})
        own = [
            _read_check(line, row, places)
            for line, row in zip(group.index, group.to_dict("records"), strict=True)
        ]
        for trail in named:
            by_trail[trail] += own
        # Nobody knows whose these are: those that may be meant are in doubt.
        unsure = similar if str(text).strip() else list(checks)
        template = SIMILAR_INSPECTED if str(text).strip() else GRADE_UNCLEAR
        reason = write_reason(template, {"file": FILE, "value": str(text).strip()}, words)
        for trail in unsure:
            checks[trail].doubts += _list_unsure_days(own, reason, words)
    for trail, own in by_trail.items():
        checks[trail].doubts += [_doubt_undated(check, words) for check in own if _is_lost(check)]
        checks[trail].looks = _list_looks(own)
        checks[trail].faults = list_faults(own, words)
        checks[trail].unordered_lines = [each.line for each in list_unordered_checks(own)]
    return checks


def add_checks(facts: Iterable[StateFacts], checks: Iterable[TrailChecks]) -> None:
    """Add what inspections say to the facts of trails, which are in the same order."""
    for each, own in zip(facts, checks, strict=True):
        each.doubts += own.doubts
        is_sure = [fault.grade == Grade.FORBIDDEN and fault.doubt is None for fault in own.faults]
        each.prohibitions += list_prohibited_days([*compress(own.faults, is_sure)])
        for fault in own.faults:
            _add_fault(each, fault)


def _add_fault(facts: StateFacts, fault: Fault) -> None:
    days = fault.first_day, fault.last_day
    if fault.doubt is not None:
        facts.doubts.append(DatedReason(*days, fault.doubt))
    elif fault.grade != Grade.FORBIDDEN:
        # What is wrong in detail stands on the trail's page; a notice has a few words.
        what = {
            lang: translate_item(fault.item, lang, find_phrases(OWN_WORDS, lang).say) or fault.text
            for lang in LANGUAGES
        }
        template = TO_REPAIR if any(what.values()) else SOMETHING_TO_REPAIR
        facts.notices.append(DatedReason(*days, write_reason(template, {"what": what})))


def _read_check(line: int, row: dict[Any, Any], places: frozenset[str]) -> Check:
    # What is no known role may be a name, and pages say it nowhere.
    grade, fault = row["grade"], row["unclear"]
    return Check(
        convert_day(row["checked_on"]),
        read_cell_text(row["item"]),
        str(grade) if isinstance(grade, str) else None,
        read_cell_text(row["finding"]),
        convert_day(row["fixed_on"]),
        fault if isinstance(fault, Finding) else None,
        role if is_role(role := read_cell_text(row["by"]), places) else "",
        int(line),
    )


def _is_lost(check: Check) -> bool:
    """Return whether a row may close a trail on days that nobody knows."""
    return check.day is None and may_close(check)


def _doubt_undated(check: Check, words: Words) -> DatedReason:
    # It may have been found on any day; from the day after it was fixed on it is past.
    return DatedReason(None, check.fixed_on, write_reason(GRADE_UNCLEAR, {"file": FILE}, words))


def _list_unsure_days(
    checks: Sequence[Check], reason: Reason, words: Words
) -> Iterator[DatedReason]:
    """List the days on which rows close a trail, or may do so, of which nobody knows which."""
    for check in checks:
        if _is_lost(check):
            yield replace(_doubt_undated(check, words), reason=reason)
    for fault in list_faults(checks, words):
        if fault.grade != Grade.REPAIR:
            yield DatedReason(fault.first_day, fault.last_day, reason)


def _list_looks(checks: Iterable[Check]) -> list[Look]:
    by_day: dict[dt.date, list[Check]] = defaultdict(list)
    for check in checks:
        if check.day is not None:
            by_day[check.day].append(check)
    looks = []
    for day in sorted(by_day):
        worst = max(by_day[day], key=lambda check: SEVERITY[check.grade])
        looks.append(Look(day, worst.grade, worst.by))
    return looks
