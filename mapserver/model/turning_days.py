"""The days on which the state of a trail may change: between two of them it stays what it is."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

from mapserver.model.state_facts import StateFacts
from mapserver.settings import limits
from mapserver.text.cell_text import write_cell
from mapserver.text.dates import KOREA, localize_times, read_period
from mapserver.text.register_words import read_status
from mapserver.text.season_text import read_season

YEARS_OF_SEASONS = 9
"""Years of a season that are looked at: between two leap years lie eight of them at most."""
ONE_DAY = dt.timedelta(days=1)


def list_turning_days(facts: StateFacts, day: dt.date, zone: dt.tzinfo = KOREA) -> list[dt.date]:
    """List the days after a day on which the state of a trail may be another than the day before.

    Parameters
    ----------
    facts
        What decides the state of the trail.
    day
        The day from which one looks ahead.
    zone
        Where a time with an offset becomes a day.

    Returns
    -------
    list of date
        In their order. A season repeats itself: of its days those of nine years are listed, after
        the day and after each day that is written with its year.
    """
    # Whoever asks for each day of a year asks for the same days each time.
    known, key = facts.sort_days().turns, (zone, day.year)
    turns = known.get(key)
    if turns is None:
        turns = known[key] = _sort_turns(facts, day, zone)
    return turns[bisect_right(turns, day) :]


def _sort_turns(facts: StateFacts, day: dt.date, zone: dt.tzinfo) -> list[dt.date]:
    """Sort the turning days before and after a day; a season depends on its year alone."""
    days = set(_list_dated_turns(facts, zone))
    seasons = [text for text in _list_season_texts(facts, zone) if text]
    # A closure may end long after the years that were looked at, in the middle of a season.
    for year in {day.year, *(turn.year for turn in days)} if seasons else ():
        for text in seasons:
            days.update(_list_season_turns(text, year))
    return sorted(days)


def _list_dated_turns(facts: StateFacts, zone: dt.tzinfo) -> Iterator[dt.date]:
    """List the days that are written with their year: closures, doubts, notices, the opening."""
    closures = ((each.closed_from, each.closed_to) for each in facts.closures)
    prohibitions = ((each.first_day, each.last_day) for each in facts.prohibitions)
    reasons = ((each.first_day, each.last_day) for each in (*facts.doubts, *facts.notices))
    for first_day, last_day in (*closures, *prohibitions, *reasons):
        if first_day is not None:
            yield first_day
        if last_day is not None:
            yield from _list_next_days([last_day])
    try:
        opening = read_period(write_cell(facts.row.get("opened")), zone=zone)
    except ValueError:
        return  # no day of any kind
    # Before the first it is planned; between both nobody knows, from the last on it is open.
    yield from (opening.first, opening.last)


def _list_season_texts(facts: StateFacts, zone: dt.tzinfo) -> Iterator[str]:
    """List the seasons of a trail in the city's days: its own, and that of its status."""
    yield localize_times(write_cell(facts.row.get("season")), zone)
    try:
        yield read_status(localize_times(write_cell(facts.row.get("status")), zone)).season
    except ValueError:
        return  # empty, or not understood on any day


@lru_cache(maxsize=limits.MAX_REMEMBERED_TEXTS)
def _list_season_turns(text: str, year: int) -> tuple[dt.date, ...]:
    """List the days on which a season begins or ends, from a year on; none if it never does."""
    try:
        season = read_season(text)
    except ValueError:
        return ()  # not understood on any day
    if season.is_whole_year:
        return ()
    last_year = min(year + YEARS_OF_SEASONS, dt.MAXYEAR)
    middays = [dt.date(each, 7, 1) for each in range(max(year, dt.MINYEAR), last_year + 1)]
    spans = {span for midday in middays for span in season.find_spans(midday)}
    first_days = {day for span in spans for day in (span.first, *(span.sure or ())[:1])}
    last_days = {day for span in spans for day in (span.last, *(span.sure or ())[1:])}
    turns = first_days | set(_list_next_days(last_days))
    if season.is_dated:
        # A season with years says nothing of other years, from one New Year's Day on.
        years = {day.year for day in first_days | last_days}
        new_years = {dt.date(min(years), 1, 1)}
        new_years |= {dt.date(each + 1, 1, 1) for each in years if each < dt.MAXYEAR}
        turns |= new_years
    return tuple(sorted(turns))


def _list_next_days(days: Iterable[dt.date]) -> list[dt.date]:
    """List the day after each; none after the last day of the calendar."""
    return [day + ONE_DAY for day in days if day < dt.date.max]
