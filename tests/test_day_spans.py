"""Spans of days: the same as going through all of them, and quick where there are thousands."""

from __future__ import annotations

import datetime as dt
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from mapserver.model import status
from mapserver.model.day_spans import DayRuns, LongestSpans
from mapserver.model.day_state import DayState, State
from mapserver.model.reasons import write_reason
from mapserver.model.state_facts import DatedReason, StateFacts

START = dt.date(2026, 1, 1)
ONE_DAY = dt.timedelta(days=1)


def day(number):
    return START + number * ONE_DAY


SIDES = st.one_of(
    st.none(), st.sampled_from([dt.date.min, dt.date.max]), st.integers(0, 40).map(day)
)


def covers(first, last, date):
    return (first or dt.date.min) <= date <= (last or dt.date.max)


@given(st.lists(st.tuples(SIDES, SIDES, SIDES), max_size=12))
def test_each_day_has_the_span_that_lasts_longest_and_the_first_of_equal_ones(rows):
    spans = [((first, last), end, n) for n, (first, last, end) in enumerate(rows)]
    longest, runs = LongestSpans(spans), DayRuns((first, last) for first, last, _ in rows)
    for date in [dt.date.min, dt.date.max, *(day(n) for n in range(-2, 44))]:
        holding = [(end, n) for (first, last), end, n in spans if covers(first, last, date)]
        best = max(holding, key=lambda each: each[0] or dt.date.max, default=(None, None))[1]
        assert longest.find(date) == best
        assert (runs.find_end(date) is not None) == bool(holding)
    for number in range(40):
        end = runs.find_end(day(number))
        if end is not None and end < dt.date.max:
            assert runs.find_end(end) == end
            assert not any(covers(first, last, end + ONE_DAY) for first, last, _ in rows)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6), st.booleans()), max_size=8),
    st.sampled_from(["", "02-01/02-20"]),
)
def test_a_trail_opens_on_the_first_day_that_is_open_and_known(rows, season):
    facts = StateFacts({"season": season, "in_register": []})
    for first, length, is_doubt in rows:
        days = day(first), day(first + length)
        if is_doubt:
            facts.doubts.append(DatedReason(*days, write_reason("not known")))
        else:
            facts.closures.append(DayState(State.CLOSED, write_reason("shut"), *days))
    states = [status.find_state(facts, day(n)).state for n in range(420)]
    for number in range(0, 35, 3):
        if states[number] is not State.CLOSED:
            continue
        turn = next((n for n in range(number, 420) if states[n] is not State.CLOSED), None)
        is_known = turn is not None and states[turn] is State.OPEN
        opens_on = status.find_state(facts, day(number)).opens_on
        assert opens_on == (day(turn) if is_known else None)


def test_what_is_gathered_later_counts():
    facts = StateFacts({"in_register": []})
    assert status.find_state(facts, START).state is State.OPEN
    facts.closures.append(DayState(State.CLOSED, write_reason("shut"), START, START))
    assert status.find_state(facts, START).state is State.CLOSED
    facts.doubts.append(DatedReason(day(1), day(1), write_reason("not known")))
    assert status.find_state(facts, day(1)).state is State.UNKNOWN


def test_thousands_of_closures_of_one_trail_take_no_minutes():
    """Each day of a year took the square of their number, and those that overlap its cube."""
    for length in (0, 400):
        closures = [
            DayState(State.CLOSED, write_reason("shut"), day(2 * n), day(2 * n + length))
            for n in range(5000)
        ]
        facts = StateFacts({"in_register": []}, closures)
        start = time.perf_counter()
        changes = status.find_changes(facts, day(3650), day(4014))
        assert time.perf_counter() - start < 1
        assert len(changes) >= 182
