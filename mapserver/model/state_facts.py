"""What the state of a trail follows from, whatever the day: its row, its closures, its doubts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from mapserver.model.day_spans import DayRuns, LongestSpans
from mapserver.model.day_state import DayState, State
from mapserver.model.reasons import SIMILAR_TRAIL, Reason, quote_finding, write_reason
from mapserver.model.words import OWN_WORDS, Words
from mapserver.text.cell_text import convert_day, write_cell
from mapserver.text.findings import Finding
from mapserver.text.languages import LANGUAGES
from mapserver.text.mentions import find_closed_trails, find_trails_in_doubt
from mapserver.text.register_words import STATE_COLUMNS


@dataclass(frozen=True, slots=True)
class DatedReason:
    """Why the state of a trail is not known on some days, or what to mind on them.

    Attributes
    ----------
    first_day, last_day
        The days, both included; None where it is open-ended.
    reason
        What was not understood, or what there is to mind, by code of language.
    """

    first_day: dt.date | None
    last_day: dt.date | None
    reason: Reason

    def covers_day(self, day: dt.date) -> bool:
        """Return whether a day is among them."""
        return (self.first_day or dt.date.min) <= day <= (self.last_day or dt.date.max)


@dataclass(frozen=True, slots=True)
class DatedClosure:
    """A closure whose reason is that of some of its days alone.

    Attributes
    ----------
    first_day, last_day
        The days on which it is said so, both included; the last is None until further notice.
    state
        What is said, with the days of the closure as a whole.
    """

    first_day: dt.date
    last_day: dt.date | None
    state: DayState


@dataclass(slots=True)
class _SortedDays:
    """The days of a trail's closures and doubts, so that those of one day are found quickly.

    Attributes
    ----------
    size
        Of how many closures, prohibitions, doubts and notices they are.
    closures, closed
        The closure of each day, and the days on which there is any.
    in_doubt
        The days on which there is any doubt.
    turns
        What :func:`mapserver.model.turning_days.list_turning_days` has found, by zone and year.
    """

    size: tuple[int, int, int, int]
    closures: LongestSpans[DayState]
    closed: DayRuns
    in_doubt: DayRuns
    turns: dict[tuple[dt.tzinfo, int], list[dt.date]] = field(default_factory=dict)


@dataclass(slots=True)
class StateFacts:
    """What decides the state of one trail on any day.

    Attributes
    ----------
    row
        Its cells ``status``, ``opened``, ``season`` and ``file``, as far as there are any, and
        ``in_register``: the columns that the register says of it.
    closures
        Dated closures that surely close it, in the order of their table.
    prohibitions
        Closures after inspections, for days that do not overlap.
    doubts
        What puts it in doubt, in the order in which it is said.
    notices
        What to mind on it while it is open: what is to be repaired, and the like.
    unsure_ends
        Last days of closures of which nobody knows yet whether they go on: it may rain again.
    """

    row: dict[str, Any]
    closures: list[DayState] = field(default_factory=list)
    prohibitions: list[DatedClosure] = field(default_factory=list)
    doubts: list[DatedReason] = field(default_factory=list)
    notices: list[DatedReason] = field(default_factory=list)
    unsure_ends: list[dt.date] = field(default_factory=list)
    _sorted: _SortedDays | None = field(default=None, repr=False, compare=False)

    def find_closure(self, day: dt.date) -> DayState | None:
        """Find the closure that holds on a day; of several the one that ends last."""
        return self.sort_days().closures.find(day)

    def find_closed_end(self, day: dt.date) -> dt.date | None:
        """Find until when closures hold on each day from one on; None where none holds on it."""
        return self.sort_days().closed.find_end(day)

    def list_doubts(self, day: dt.date) -> list[Reason]:
        """List why the state is in doubt on a day."""
        if self.sort_days().in_doubt.find_end(day) is None:
            return []
        return [doubt.reason for doubt in self.doubts if doubt.covers_day(day)]

    def sort_days(self) -> _SortedDays:
        """Return the days of all that is gathered, sorted once and anew when something came."""
        size = len(self.closures), len(self.prohibitions), len(self.doubts), len(self.notices)
        if self._sorted is None or self._sorted.size != size:
            own = [((each.closed_from, each.closed_to), each) for each in self.closures]
            own += [((each.first_day, each.last_day), each.state) for each in self.prohibitions]
            self._sorted = _SortedDays(
                size,
                # Without an end a closure lasts longest; of equal ones the first counts.
                LongestSpans((days, state.closed_to, state) for days, state in own),
                DayRuns(days for days, _ in own),
                DayRuns((each.first_day, each.last_day) for each in self.doubts),
            )
        return self._sorted

    def list_notices(self, day: dt.date) -> list[Reason]:
        """List what there is to mind on a day."""
        return [notice.reason for notice in self.notices if notice.covers_day(day)]


def gather_facts(
    trails: gpd.GeoDataFrame,
    closures: pd.DataFrame | None,
    findings: Iterable[Finding] = (),
    registered: Container[tuple[str, str]] | None = None,
    words: Words = OWN_WORDS,
) -> list[StateFacts]:
    """Gather what decides the state of each trail; arguments as of ``status.trails_on``.

    Returns
    -------
    list of StateFacts
        One for each trail, in their order.
    """
    columns = [column for column in ("status", "opened", "season", "file") if column in trails]
    facts = {
        trail: StateFacts(row | {"in_register": _list_register_columns(trail, registered)})
        for trail, row in zip(trails.index, trails[columns].to_dict("records"), strict=True)
    }
    # Doubt comes from two sources: closures that may mean a trail, and findings about files.
    for row in [] if closures is None else closures.to_dict("records"):
        _add_closure(facts, trails, row, words)
    for finding in findings:
        _add_doubt(facts, trails, finding, words)
    return list(facts.values())


def _add_closure(
    facts: dict[Any, StateFacts], trails: gpd.GeoDataFrame, row: dict[Any, Any], words: Words
) -> None:
    """Add a closure to the facts of the trails that it closes, or may close."""
    # Both days belong to the closure; a missing one leaves it open on that side.
    first_day, last_day = convert_day(row.get("from")), convert_day(row.get("to"))
    ids, similar_ids = find_trails_in_doubt(trails, row)
    if similar_ids:
        values: dict[str, object] = {"file": "layers/closures"}
        values["value"] = write_cell(row.get("trail_id"))
        doubt = DatedReason(first_day, last_day, write_reason(SIMILAR_TRAIL, values, words))
        for trail in similar_ids:
            facts[trail].doubts.append(doubt)
    fault = row.get("unclear")
    # A row with a fault closes nothing for certain and puts its trails in doubt.
    if isinstance(fault, Finding):
        for trail in ids:
            facts[trail].doubts.append(
                DatedReason(first_day, last_day, quote_finding(fault, words))
            )
        return
    reasons = {lang: write_cell(row.get(f"reason_{lang}")) for lang in LANGUAGES}
    for trail in ids:
        facts[trail].closures.append(DayState(State.CLOSED, reasons, first_day, last_day))


def _add_doubt(
    facts: dict[Any, StateFacts], trails: gpd.GeoDataFrame, finding: Finding, words: Words
) -> None:
    """Add a finding with a doubt to the facts of the trails that it puts in doubt."""
    doubt = finding.doubt
    if doubt is None:
        return
    reason = quote_finding(finding, words)
    doubted: dict[Any, None] = {}
    for text in facts if doubt.trails is None else doubt.trails:
        # A finding may name a trail as closures do: in another spelling, by its name, in part.
        named, near = (
            ([text], []) if text in facts else find_closed_trails(trails, {"trail_id": text})
        )
        doubted |= dict.fromkeys([*named, *near])
    for trail in doubted:
        facts[trail].doubts.append(DatedReason(doubt.first_day, doubt.last_day, reason))


def _list_register_columns(trail: str, registered: Container[tuple[str, str]] | None) -> list[str]:
    """Return the columns of the state that the register says of a trail; all if nobody knows."""
    return [c for c in STATE_COLUMNS if registered is None or (trail, c) in registered]
