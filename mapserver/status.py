"""What holds on a day: whether a trail is open, and if not, why and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import geopandas as gpd
import pandas as pd

from mapserver.errors import N_


class State(StrEnum):
    """Whether one can walk a trail."""

    OPEN = "open"
    CLOSED = "closed"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class DayState:
    """The state of a trail on one day.

    Attributes
    ----------
    state
        ``open``, ``closed`` or ``planned``.
    reason_ko, reason_en
        Why it is not open; empty when it is.
    closed_from, closed_to
        First and last day of the closure, where they are known.
    """

    state: State
    reason_ko: str = ""
    reason_en: str = ""
    closed_from: dt.date | None = None
    closed_to: dt.date | None = None


OPEN = DayState(State.OPEN)
UNTIL_FURTHER_NOTICE = DayState(
    State.CLOSED, "별도 안내 때까지 닫힘", "Closed until further notice"
)
NOT_YET_OPEN = DayState(State.PLANNED, "아직 열리지 않은 길", "Not open yet")
# Korea has one time and no daylight saving, and a server's own clock is often set to UTC.
KOREA = dt.timezone(dt.timedelta(hours=9), "KST")
WINTER_REASON = ("계절 휴장", N_("Closed for the season"))


def today() -> dt.date:
    """Give the day that it is in Korea."""
    return dt.datetime.now(KOREA).date()


def trails_on(
    trails: gpd.GeoDataFrame, closures: pd.DataFrame | None, day: dt.date
) -> gpd.GeoDataFrame:
    """Tell for each trail whether it is open on a day.

    What comes first decides: the trail's own ``status``, then a dated closure that names the
    trail or whose geometry touches it, then its ``season``. A trail of which nothing is known is
    open.

    Parameters
    ----------
    trails
        Trails in EPSG:4326; the columns ``status``, ``season`` and ``opened`` are used if there.
    closures
        Rows with ``from``, ``to`` (dates, both inclusive, either may be missing), ``reason_ko``,
        ``reason_en``, and ``trail_id`` or ``geometry``.
    day
        The day asked for.

    Returns
    -------
    GeoDataFrame
        A copy of the trails with ``state``, ``reason_ko``, ``reason_en``, ``closed_from`` and
        ``closed_to``.
    """
    closed = _closures_on(trails, closures, day)
    states = [
        _state(
            status=_text(row.get("status")),
            opened=_text(row.get("opened")),
            season=_text(row.get("season")),
            closure=closed.get(trail),
            day=day,
        )
        for trail, row in _rows(trails, ["status", "opened", "season"])
    ]
    return trails.assign(
        state=pd.array([s.state.value for s in states], dtype="str"),
        reason_ko=pd.array([s.reason_ko for s in states], dtype="str"),
        reason_en=pd.array([s.reason_en for s in states], dtype="str"),
        closed_from=pd.Series([s.closed_from for s in states], trails.index, dtype=object),
        closed_to=pd.Series([s.closed_to for s in states], trails.index, dtype=object),
    )


def benefits_on(benefits: pd.DataFrame | None, day: dt.date) -> list[dict[Any, Any]]:
    """Give the benefits that the dated table confirms for a day; none is none.

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
        if (_day(row.get("from")) or dt.date.min) <= day <= (_day(row.get("to")) or dt.date.max)
    ]
    return sorted(holding, key=lambda row: -(row.get("rate") or 0.0))


def season_state(season: str, day: dt.date) -> DayState:
    """Tell whether a season ``MM-DD/MM-DD`` (first and last open day) includes a day.

    A season may run over the new year (``10-01/04-30``). The closure lasts from the day after
    the season to the day before the next.
    """
    first, last = (_month_day(part) for part in season.split("/"))
    today = (day.month, day.day)
    is_open = first <= today <= last if first <= last else today >= first or today <= last
    if is_open:
        return OPEN
    start = _on(day.year if today > last else day.year - 1, (last[0], last[1] + 1))
    end = _on(day.year if today < first else day.year + 1, first) - dt.timedelta(days=1)
    return DayState(State.CLOSED, *WINTER_REASON, start, end)


def _state(
    *, status: str, opened: str, season: str, closure: DayState | None, day: dt.date
) -> DayState:
    if status == State.PLANNED or _first_day(opened) > day:
        return NOT_YET_OPEN
    if status == State.CLOSED:
        return closure or UNTIL_FURTHER_NOTICE
    if closure:
        return closure
    return season_state(season, day) if season else OPEN


def _closures_on(
    trails: gpd.GeoDataFrame, closures: pd.DataFrame | None, day: dt.date
) -> dict[str, DayState]:
    """Find the closure of each trail that holds on a day; the one that ends last wins."""
    found: dict[str, DayState] = {}
    if closures is None:
        return found
    for row in closures.to_dict("records"):
        start, end = _day(row.get("from")), _day(row.get("to"))
        if (start and day < start) or (end and day > end):
            continue
        state = DayState(
            State.CLOSED, _text(row.get("reason_ko")), _text(row.get("reason_en")), start, end
        )
        for trail in _touched(trails, row):
            known = found.get(trail)
            if known is None or (end or dt.date.max) > (known.closed_to or dt.date.max):
                found[trail] = state
    return found


def _touched(trails: gpd.GeoDataFrame, row: dict[Any, Any]) -> Iterable[str]:
    trail = _text(row.get("trail_id"))
    if trail:
        return [trail]
    geometry = row.get("geometry")
    if geometry is None or geometry.is_empty:
        return []
    return list(trails.index[trails.intersects(geometry)])


def _rows(frame: pd.DataFrame, columns: list[str]) -> Iterable[tuple[str, dict[Any, Any]]]:
    there = [column for column in columns if column in frame]
    return zip(frame.index, frame[there].to_dict("records"), strict=True)


def _text(value: object) -> str:
    return "" if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]


def _day(value: object) -> dt.date | None:
    if isinstance(value, dt.datetime):  # a pandas Timestamp is one too
        return None if pd.isna(value) else value.date()
    return value if isinstance(value, dt.date) else None


def _first_day(opened: str) -> dt.date:
    """First day of a year, month or day written as ``2023``, ``2023-10`` or ``2023-10-04``."""
    year, month, day = (*(int(part) for part in opened.split("-") if part.isdecimal()), 1, 1, 1)[:3]
    try:
        return dt.date(year, month, day)
    except ValueError:
        return dt.date.min


def _month_day(text: str) -> tuple[int, int]:
    month, day = text.split("-")
    return int(month), int(day)


def _on(year: int, month_day: tuple[int, int]) -> dt.date:
    """Give a day of a year; one past the end of its month is the first of the next."""
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return dt.date.min if year < dt.MINYEAR else dt.date.max
    month, day = month_day
    try:
        return dt.date(year, month, day)
    except ValueError:  # also 29 February of a common year
        return dt.date(year + month // 12, month % 12 + 1, 1)
