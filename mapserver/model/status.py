"""What holds on a day: whether a trail is open, and if not, why and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

import geopandas as gpd
import pandas as pd

from mapserver.model.reasons import (
    CLOSED_FOR_SEASON,
    CLOSED_UNTIL_NOTICE,
    MAY_BE_OPEN,
    NO_SEASON_GIVEN,
    NO_SEASON_KNOWN,
    NOT_UNDERSTOOD,
    NOT_YET_OPEN,
    SIMILAR_TRAIL,
    Reason,
    join_reasons,
    quote_finding,
    write_reason,
)
from mapserver.model.words import OWN_WORDS, Words
from mapserver.text.cell_text import read_cell_text
from mapserver.text.dates import KOREA, is_undecided, read_period
from mapserver.text.findings import Finding
from mapserver.text.header_row import find_similar_ids
from mapserver.text.languages import LANGUAGES
from mapserver.text.mentions import find_closed_trails
from mapserver.text.register_words import REGISTER, STATE_COLUMNS, read_status
from mapserver.text.season_text import read_season

T = TypeVar("T")


class State(StrEnum):
    """Whether one can walk a trail."""

    OPEN = "open"
    CLOSED = "closed"
    PLANNED = "planned"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class DayState:
    """The state of a trail on one day.

    Attributes
    ----------
    state
        ``open``, ``closed``, ``planned`` or ``unknown``.
    reasons
        Why it is not open, by code of language; empty when it is.
    closed_from, closed_to
        First and last day of the closure, where they are known.
    """

    state: State
    reasons: Mapping[str, str] = field(default_factory=dict)
    closed_from: dt.date | None = None
    closed_to: dt.date | None = None


OPEN = DayState(State.OPEN)


def today(zone: dt.tzinfo = KOREA) -> dt.date:
    """Return the day that it is in a time zone; :meth:`CityLayers.today` asks for a city's."""
    return dt.datetime.now(zone).date()


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
        A copy of the trails with ``state``, ``reason_ko``, ``reason_en``, ``closed_from`` and
        ``closed_to``.
    """
    # Doubt comes from two sources: closures that may mean a trail, and findings about files.
    closed, unclear = _find_closures(trails, closures, day, words)
    for trail, reasons in _find_doubts(trails, findings, day, words).items():
        unclear.setdefault(trail, []).extend(reasons)
    states = [
        _find_state(
            row | {"in_register": _columns_in_register(trail, registered)},
            closed.get(trail),
            unclear.get(trail, []),
            day,
            phone=phone,
            zone=zone,
        )
        for trail, row in _iterate_rows(trails, ["status", "opened", "season", "file"])
    ]
    return trails.assign(
        state=pd.array([s.state.value for s in states], dtype="str"),
        **{
            f"reason_{lang}": pd.array([s.reasons.get(lang, "") for s in states], dtype="str")
            for lang in LANGUAGES
        },
        closed_from=pd.Series([s.closed_from for s in states], trails.index, dtype=object),
        closed_to=pd.Series([s.closed_to for s in states], trails.index, dtype=object),
    )


def benefits_on(benefits: pd.DataFrame | None, day: dt.date) -> list[dict[Any, Any]]:
    """Return the benefits that the dated table confirms for a day; none is none.

    Parameters
    ----------
    benefits
        Rows with ``from`` and ``to`` (dates, both inclusive, either may be missing), ``rate``,
        ``cap_won``, ``payment``, ``title``, ``source`` and ``checked_on``.
    day
        The day asked for.

    Returns
    -------
    list of dict
        The rows that hold, the highest rate first.
    """
    rows = [] if benefits is None else benefits.to_dict("records")
    holding = [
        row
        for row in rows
        if (_convert_day(row.get("from")) or dt.date.min)
        <= day
        <= (_convert_day(row.get("to")) or dt.date.max)
    ]
    return sorted(holding, key=lambda row: -(row.get("rate") or 0.0))


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


def _find_state(  # noqa: PLR0913 -- the state follows from all of them
    row: dict[Any, Any],
    closure: DayState | None,
    unclear: list[Reason],
    day: dt.date,
    *,
    phone: str,
    zone: dt.tzinfo,
) -> DayState:
    """Find the state of one trail: what surely closes it first, then what is not understood."""
    reasons = list(unclear)
    # Every cell is read before anything is decided, so that all reasons for doubt are collected.
    status = _read_cell(read_status, "status", row, reasons)
    opened = _write_cell(row.get("opened"))
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
    season = _season_on(row, day, reasons)
    dated = find_season_state(status.season, day) if status and status.season else OPEN
    for state in (season, dated):
        if state.state is State.CLOSED:
            return state
    # From here on nothing closes the trail for certain; each doubt makes its state unknown.
    if dated.state is State.UNKNOWN or (status and status.state == State.UNKNOWN):
        reasons.append(_write_cell_reason(NO_SEASON_KNOWN, row, "status"))
    if is_undecided(opened) or (period and day < period.last and not is_stated_open):
        reasons.append(_write_cell_reason(MAY_BE_OPEN, row, "opened"))
    if status and status.is_seasonal and not _write_cell(row.get("season")):
        reasons.append(_write_cell_reason(NO_SEASON_GIVEN, row, "status"))
    if not reasons:
        return OPEN
    return DayState(State.UNKNOWN, join_reasons(reasons, phone))


def _season_on(row: dict[Any, Any], day: dt.date, reasons: list[Reason]) -> DayState:
    season = _read_cell(lambda text: find_season_state(text, day), "season", row, reasons)
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
    text = _write_cell(row.get(column))
    if not text:
        return None
    try:
        return read(text)
    except ValueError:
        reasons.append(_write_cell_reason(NOT_UNDERSTOOD, row, column))
        return None


def _write_cell_reason(template: str, row: dict[Any, Any], column: str) -> Reason:
    file = _write_cell(row.get("file"))
    values: dict[str, object] = {
        "file": REGISTER if column in row["in_register"] or not file else file,
        "column": column,
        "value": _write_cell(row.get(column)),
    }
    return write_reason(template, values)


def _columns_in_register(trail: str, registered: Container[tuple[str, str]] | None) -> list[str]:
    """Return the columns of the state that the register says of a trail; all if nobody knows."""
    return [c for c in STATE_COLUMNS if registered is None or (trail, c) in registered]


def _find_doubts(
    trails: gpd.GeoDataFrame, findings: Iterable[Finding], day: dt.date, words: Words
) -> dict[str, list[Reason]]:
    """Find the trails that findings put in doubt on a day, with what was found."""
    reasons: dict[str, list[Reason]] = {}
    for finding in findings:
        doubt = finding.doubt
        if doubt is None or not doubt.covers_day(day):
            continue
        # A finding may name a trail in another spelling; similar ids are in doubt, too.
        trail_ids = set(trails.index)
        for text in trails.index if doubt.trails is None else doubt.trails:
            for trail in [text] if text in trail_ids else find_similar_ids(text, trail_ids):
                reasons.setdefault(trail, []).append(quote_finding(finding, words))
    return reasons


def _find_closures(
    trails: gpd.GeoDataFrame, closures: pd.DataFrame | None, day: dt.date, words: Words
) -> tuple[dict[str, DayState], dict[str, list[Reason]]]:
    """Find the closure of each trail that holds on a day, and those that may.

    Of two closures the one that ends last counts.
    """
    closed: dict[str, DayState] = {}
    unclear: dict[str, list[Reason]] = {}
    for row in [] if closures is None else closures.to_dict("records"):
        start, end = _convert_day(row.get("from")), _convert_day(row.get("to"))
        # Both days belong to the closure; a missing one leaves it open on that side.
        if (start and day < start) or (end and day > end):
            continue
        ids, similar = find_closed_trails(trails, row)
        for trail in similar:
            values: dict[str, object] = {"file": "layers/closures"}
            values["value"] = _write_cell(row.get("trail_id"))
            unclear.setdefault(trail, []).append(write_reason(SIMILAR_TRAIL, values, words))
        fault = row.get("unclear")
        # A row with a fault closes nothing for certain and puts its trails in doubt.
        if isinstance(fault, Finding):
            for trail in ids:
                unclear.setdefault(trail, []).append(quote_finding(fault, words))
            continue
        state = DayState(
            State.CLOSED,
            {lang: _write_cell(row.get(f"reason_{lang}")) for lang in LANGUAGES},
            start,
            end,
        )
        for trail in ids:
            earlier = closed.get(trail)
            # Without an end a closure lasts longest, so it replaces every other one.
            if earlier is None or (end or dt.date.max) > (earlier.closed_to or dt.date.max):
                closed[trail] = state
    return closed, unclear


def _iterate_rows(frame: pd.DataFrame, columns: list[str]) -> Iterable[tuple[str, dict[Any, Any]]]:
    known_columns = [column for column in columns if column in frame]
    return zip(frame.index, frame[known_columns].to_dict("records"), strict=True)


def _write_cell(value: object) -> str:
    """Return a cell as text; a day of a typed column without a time that it does not have."""
    day = _convert_day(value)
    is_naive = not isinstance(value, dt.datetime) or value.tzinfo is None
    return day.isoformat() if day is not None and is_naive else read_cell_text(value)


def _convert_day(value: object) -> dt.date | None:
    if isinstance(value, dt.datetime):  # a pandas Timestamp is one too
        return None if pd.isna(value) else value.date()
    return value if isinstance(value, dt.date) else None
