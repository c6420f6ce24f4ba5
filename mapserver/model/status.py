"""What holds on a day: whether a trail is open, and if not, why and until when."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, TypeVar

import geopandas as gpd
import pandas as pd

from mapserver.model.day_state import OPEN, DayState, State
from mapserver.model.reasons import (
    CLOSED_FOR_SEASON,
    CLOSED_UNTIL_NOTICE,
    MAY_BE_OPEN,
    NO_SEASON_GIVEN,
    NO_SEASON_KNOWN,
    NOT_UNDERSTOOD,
    NOT_YET_OPEN,
    Reason,
    join_reasons,
    write_reason,
)
from mapserver.model.state_facts import StateFacts, gather_facts
from mapserver.model.turning_days import list_turning_days
from mapserver.model.words import OWN_WORDS, Words
from mapserver.text.cell_text import write_cell
from mapserver.text.dates import KOREA, is_undecided, localize_times, read_period
from mapserver.text.findings import Finding
from mapserver.text.languages import LANGUAGES
from mapserver.text.register_words import REGISTER, read_status
from mapserver.text.season_text import read_season

__all__ = [
    "CLOSED_FOR_SEASON",
    "DayState",
    "State",
    "find_changes",
    "find_season_state",
    "find_state",
    "list_states",
    "tabulate_state",
    "today",
    "trails_on",
    "write_reason",
]

T = TypeVar("T")


def today(zone: dt.tzinfo = KOREA) -> dt.date:
    """Return the day that it is in a time zone; :meth:`CityLayers.today` asks for a city's.

    A server asks for it several times a request. The clock is looked at each time, and the day is
    worked out anew when the clock has left the quarter of an hour for which it was worked out.
    """
    return _find_day(int(time.time() // QUARTER_HOUR), zone)


QUARTER_HOUR = 900
"""Seconds in which a zone has one day: every midnight of a zone of today, and every change of its
clocks, falls on a quarter of an hour of UTC."""


@lru_cache(maxsize=16)
def _find_day(number: int, zone: dt.tzinfo) -> dt.date:
    """Find the day of the slice of a number; a slice for each of the few zones is held."""
    return dt.datetime.fromtimestamp(number * QUARTER_HOUR, zone).date()


def trails_on(  # noqa: PLR0913 -- the state follows from all of them
    trails: gpd.GeoDataFrame,
    closures: pd.DataFrame | None,
    day: dt.date,
    *,
    findings: Iterable[Finding] = (),
    registered: Container[tuple[str, str]] | None = None,
    phone: str = "",
    zone: dt.tzinfo = KOREA,
    words: Words = OWN_WORDS,
) -> gpd.GeoDataFrame:
    """Find for each trail whether it is open on a day.

    What comes first decides: the trail's own ``status`` and the day on which it is ``opened``,
    then a dated closure that names the trail or whose geometry touches it, then its ``season``.
    Where none of them closes it and something was not understood, its state is unknown. A trail of
    which nothing is written is open.

    Parameters
    ----------
    trails
        Trails in EPSG:4326; the columns ``status``, ``season`` and ``opened`` are used if there.
    closures
        Rows with ``from``, ``to`` (dates, both inclusive, either may be missing), ``reason_ko``,
        ``reason_en``, and ``trail_id`` or ``geometry``; where ``unclear`` holds a finding, one
        cannot tell whether the row closes anything on these days.
    day
        The day asked for.
    findings
        What was found wrong in the files; those with a doubt put trails in doubt.
    registered
        Trail and column of the cells that the register says; all others are from the trail's file.
    phone
        Whom one can ask about a trail whose state is unknown.
    zone
        Where a time with an offset becomes a day.
    words
        What the city calls its trails, for the reasons.

    Returns
    -------
    GeoDataFrame
        A copy of the trails with ``state``, ``reason_ko``, ``reason_en``, ``notice_ko``,
        ``notice_en``, ``closed_from``, ``closed_to``, ``open_until`` and ``opens_on``.
    """
    facts = gather_facts(trails, closures, findings, registered, words)
    return list_states(trails, facts, day, phone=phone, zone=zone)


def list_states(
    trails: gpd.GeoDataFrame,
    facts: Sequence[StateFacts],
    day: dt.date,
    *,
    phone: str = "",
    zone: dt.tzinfo = KOREA,
) -> gpd.GeoDataFrame:
    """Find the states of trails whose facts are gathered; as :func:`trails_on` does."""
    states = [tabulate_state(find_state(each, day, phone=phone, zone=zone)) for each in facts]
    columns = tabulate_state(OPEN)
    return trails.assign(
        **{
            # Days are kept as they are; all else is text.
            name: pd.Series(
                [row[name] for row in states],
                trails.index,
                dtype="str" if isinstance(value, str) else object,
            )
            for name, value in columns.items()
        }
    )


def tabulate_state(state: DayState) -> dict[str, Any]:
    """Return a state as the columns of a table: state, reasons and notices by language, days."""
    dates = ("closed_from", "closed_to", "open_until", "opens_on")
    return {
        "state": state.state.value,
        **{f"reason_{lang}": state.reasons.get(lang, "") for lang in LANGUAGES},
        **{f"notice_{lang}": state.notices.get(lang, "") for lang in LANGUAGES},
        **{name: getattr(state, name) for name in dates},
    }


def find_state(
    facts: StateFacts, day: dt.date, *, phone: str = "", zone: dt.tzinfo = KOREA
) -> DayState:
    """Find the state of a trail on a day, until when it is open, and when it opens again.

    Parameters
    ----------
    facts
        What decides it.
    day
        The day asked for.
    phone, zone
        As of :func:`trails_on`.

    Notes
    -----
    The state is that of each day on its own; it can change only on the days that
    :func:`mapserver.model.turning_days.list_turning_days` lists, so looking at these is looking at
    every day. What lies behind days of which nobody knows is not known either, nor is the day after
    a closure that may go on.
    """
    state = _find_state(facts, day, phone=phone, zone=zone)
    # What is to be minded does not close it, and is said of an open trail alone.
    if state.state is State.OPEN and (notices := facts.list_notices(day)):
        state = replace(state, notices=join_reasons(notices))
    if state.closed_to in facts.unsure_ends:
        state = replace(state, closed_to=None)
    if state.state is State.UNKNOWN:
        return state
    open_until = None
    is_open = state.state is State.OPEN
    closed_until = dt.date.min
    for turn in list_turning_days(facts, day, zone):
        # As long as closures follow each other it neither opens nor is in doubt.
        if not is_open and turn <= closed_until:
            continue
        closed_until = facts.find_closed_end(turn) or closed_until
        later = _find_state(facts, turn, phone=phone, zone=zone).state
        if later is State.UNKNOWN:
            return replace(state, open_until=open_until)
        if is_open and later is not State.OPEN:
            open_until, is_open = turn - dt.timedelta(days=1), False
        elif not is_open and later is State.OPEN:
            is_unsure = turn - dt.timedelta(days=1) in facts.unsure_ends
            return replace(state, open_until=open_until, opens_on=None if is_unsure else turn)
    return replace(state, open_until=open_until)


def find_changes(
    facts: StateFacts,
    first_day: dt.date,
    last_day: dt.date,
    *,
    phone: str = "",
    zone: dt.tzinfo = KOREA,
) -> list[tuple[dt.date, DayState]]:
    """Find the states of a trail from day to day.

    Parameters
    ----------
    facts
        What decides them.
    first_day, last_day
        The days asked for, both included.
    phone, zone
        As of :func:`trails_on`.

    Returns
    -------
    list of (date, DayState)
        Each state from its day to the day before the next one's; the first is of ``first_day``.
    """
    turns = [turn for turn in list_turning_days(facts, first_day, zone) if turn <= last_day]
    changes: list[tuple[dt.date, DayState]] = []
    for day in (first_day, *turns):
        state = find_state(facts, day, phone=phone, zone=zone)
        if not changes or changes[-1][1] != state:
            changes.append((day, state))
    return changes


def find_season_state(season: str, day: dt.date) -> DayState:
    """Find whether a season includes a day.

    A season may run over the new year (``10-01/04-30``), and may have several runs of days. The
    closure lasts from the day after one to the day before the next, where these are known. A season
    with years says nothing of other years. Where it begins or ends in a part of a month, the state
    of the days that may be meant is unknown.

    Raises
    ------
    ValueError
        The season is not understood (:func:`mapserver.text.season_text.read_season`).
    """
    read = read_season(season)
    spans = read.find_spans(day)
    # Open for certain only within the days that all readings of the season share.
    if any(span.sure and span.sure[0] <= day <= span.sure[1] for span in spans):
        return OPEN
    years = {end.year for span in spans for end in (span.first, span.last)}
    # A season with years says nothing about a day outside of them.
    is_elsewhen = read.is_dated and not min(years) <= day.year <= max(years)
    if is_elsewhen or any(span.first <= day <= span.last for span in spans):
        return DayState(State.UNKNOWN)
    # The closure lasts from the end of the season before to the beginning of the next.
    before = max((s for s in spans if s.last < day), key=lambda s: s.last, default=None)
    after = min((s for s in spans if s.first > day), key=lambda s: s.first, default=None)
    one_day = dt.timedelta(days=1)
    # The ends of the closure are said where they are exact.
    ends_exactly = before is not None and before.sure is not None and before.sure[1] == before.last
    begins_exactly = after is not None and after.sure is not None and after.sure[0] == after.first
    return DayState(
        State.CLOSED,
        write_reason(CLOSED_FOR_SEASON),
        closed_from=before.last + one_day if before and ends_exactly else None,
        closed_to=after.first - one_day if after and begins_exactly else None,
    )


def _find_state(facts: StateFacts, day: dt.date, *, phone: str, zone: dt.tzinfo) -> DayState:
    """Find the state of one trail: what surely closes it first, then what is not understood."""
    row, closure = facts.row, facts.find_closure(day)
    reasons: list[Reason] = []
    # Every cell is read before anything is decided, so that all reasons for doubt are collected.
    status = _read_cell(
        lambda text: read_status(localize_times(text, zone)), "status", row, reasons
    )
    opened = write_cell(row.get("opened"))
    read_opened = partial(read_period, zone=zone)
    period = None if is_undecided(opened) else _read_cell(read_opened, "opened", row, reasons)
    is_stated_open = status is not None and status.state == State.OPEN and not status.season
    # What surely is not open comes first: a doubt about something else changes nothing.
    is_planned = (status and status.state == State.PLANNED) or (period and day < period.first)
    if is_planned or (is_undecided(opened) and not is_stated_open):
        return DayState(State.PLANNED, write_reason(NOT_YET_OPEN))
    if status and status.state == State.CLOSED:
        return closure or _closed_until_notice(status.reason)
    if closure:
        return closure
    season = _season_on(row, day, reasons, zone)
    dated = find_season_state(status.season, day) if status and status.season else OPEN
    for state in (season, dated):
        if state.state is State.CLOSED:
            return state
    # From here on nothing closes the trail for certain; each doubt makes its state unknown.
    reasons = [*facts.list_doubts(day), *reasons]
    if dated.state is State.UNKNOWN or (status and status.state == State.UNKNOWN):
        reasons.append(_write_cell_reason(NO_SEASON_KNOWN, row, "status"))
    if is_undecided(opened) or (period and day < period.last and not is_stated_open):
        reasons.append(_write_cell_reason(MAY_BE_OPEN, row, "opened"))
    if status and status.is_seasonal and not write_cell(row.get("season")):
        reasons.append(_write_cell_reason(NO_SEASON_GIVEN, row, "status"))
    if not reasons:
        return OPEN
    return DayState(State.UNKNOWN, join_reasons(reasons, phone))


def _season_on(
    row: dict[Any, Any], day: dt.date, reasons: list[Reason], zone: dt.tzinfo
) -> DayState:
    season = _read_cell(
        lambda text: find_season_state(localize_times(text, zone), day), "season", row, reasons
    )
    if season is None:
        return OPEN  # none is given, or it is among the reasons
    if season.state is State.UNKNOWN:
        reasons.append(_write_cell_reason(NO_SEASON_KNOWN, row, "season"))
    return season


def _closed_until_notice(reason: str) -> DayState:
    # What an office wrote itself is shown as it is, whatever the reader's language.
    own_words = dict.fromkeys(LANGUAGES, reason)
    return DayState(State.CLOSED, own_words if reason else write_reason(CLOSED_UNTIL_NOTICE))


def _read_cell(
    read: Callable[[str], T], column: str, row: dict[Any, Any], reasons: list[Reason]
) -> T | None:
    """Read a cell; None where it is empty or not understood, which is then among the reasons."""
    text = write_cell(row.get(column))
    if not text:
        return None
    try:
        return read(text)
    except ValueError:
        reasons.append(_write_cell_reason(NOT_UNDERSTOOD, row, column))
        return None


def _write_cell_reason(template: str, row: dict[Any, Any], column: str) -> Reason:
    file = write_cell(row.get("file"))
    values: dict[str, object] = {
        "file": REGISTER if column in row["in_register"] or not file else file,
        "column": column,
        "value": write_cell(row.get(column)),
    }
    return write_reason(template, values)
