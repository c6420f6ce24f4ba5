"""What inspections found wrong with one item, from look to look, until it is fixed."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from mapserver.errors import N_
from mapserver.model.reasons import Reason, write_reason
from mapserver.model.words import Words
from mapserver.text.findings import Finding
from mapserver.text.grades import Grade
from mapserver.text.inspection_words import recognise_item

FILE = "layers/inspections.csv"
ONE_DAY = dt.timedelta(days=1)
FIXED_UNCLEAR = N_("{file}: nobody can tell on which day it was fixed")
GRADE_UNCLEAR = N_("{file}: nobody can tell what an inspection found")
SEVERITY: dict[str | None, int] = {
    Grade.GOOD: 0,
    Grade.WATCH: 1,
    Grade.REPAIR: 2,
    # A grade that was not understood may be any; only what is surely forbidden is worse.
    None: 3,
    Grade.FORBIDDEN: 4,
}


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the ledger, as far as it was understood.

    Attributes
    ----------
    day
        The day of the look; None where it was not understood.
    item
        What was looked at, as it is written; empty for the trail as a whole.
    grade
        A value of :class:`mapserver.text.ledger_words.Grade`; None where it was not understood.
    text
        What was found, in the words of the office.
    fixed_on
        The day on which it was fixed; None where nobody has written one.
    fault
        Why a cell of the row is not certain; None where all of them were understood.
    by
        The role of who looked.
    line
        The line of the file.
    """

    day: dt.date | None
    item: str
    grade: str | None
    text: str
    fixed_on: dt.date | None
    fault: Finding | None
    by: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What an inspection found wrong with one item, from day to day.

    Attributes
    ----------
    item, text
        What was looked at and what was found, as the office wrote them; either may be empty.
    grade
        ``repair`` or ``forbidden``; None where it may be any.
    first_day, last_day
        The days on which it holds, both included; it lasts until further notice where the last is
        None. The day on which it is fixed is the last: work goes on then.
    fixed_on
        The day on which it was fixed; None where another look has ended it, or nothing has.
    doubt
        Why nobody knows whether it holds; None where it surely does.
    """

    item: str
    text: str
    grade: str | None
    first_day: dt.date
    last_day: dt.date | None
    fixed_on: dt.date | None = None
    doubt: Reason | None = None

    def covers_day(self, day: dt.date) -> bool:
        """Return whether it holds on a day."""
        return self.first_day <= day <= (self.last_day or dt.date.max)


@dataclass(frozen=True, slots=True)
class _ItemDay:
    """The rows of one day about one item.

    Attributes
    ----------
    day, last_day
        Their day, and the last before somebody looked at the item again; None where nobody did.
    checks
        The rows.
    is_repaired
        Whether some row says that the item was fixed on this day.
    fixed_later
        The last day after this one on which it was fixed, which settles all that these rows found;
        None where there is none.
    """

    day: dt.date
    last_day: dt.date | None
    checks: list[Check]
    is_repaired: bool
    fixed_later: dt.date | None

    @property
    def is_mended(self) -> bool:
        """Whether a row that found something wrong says that it was fixed on the same day."""
        return any(is_wrong(check) and check.fixed_on == self.day for check in self.checks)

    def list_open_checks(self) -> list[Check]:
        """List what was found wrong and may last beyond the day.

        A repair of the same day ends what is to be repaired. What closes a trail may have been
        found after it, unless its own row says that it was fixed.
        """
        is_mended = self.is_mended
        return [
            check
            for check in self.checks
            if is_wrong(check) and check.fixed_on != self.day
            if may_close(check) or not is_mended
        ]


def is_wrong(check: Check) -> bool:
    """Return whether a row finds something that is to be repaired, or may have found it."""
    return SEVERITY[check.grade] >= SEVERITY[Grade.REPAIR]


def may_close(check: Check) -> bool:
    """Return whether a row closes a trail, or may do so: its grade was not understood."""
    return check.grade is None or check.grade == Grade.FORBIDDEN


def list_faults(checks: Iterable[Check], words: Words) -> list[Fault]:
    """List what was found wrong with each item, in the order of its first day."""
    faults = [fault for own in _gather_item_days(checks) for fault in _follow_item(own, words)]
    return sorted(faults, key=lambda fault: fault.first_day)


def list_unordered_checks(checks: Iterable[Check]) -> list[Check]:
    """List what may close a trail and was found on a day on which the same item was fixed.

    Nobody knows whether it was found before the repair or after it. A row that says of itself that
    it was fixed on its day is not among them, nor one of an item that was fixed on a later day.
    """
    return [
        check
        for own in _gather_item_days(checks)
        for each in own
        if each.is_repaired and each.fixed_later is None
        for check in each.list_open_checks()
        if may_close(check)
    ]


def _gather_item_days(checks: Iterable[Check]) -> list[list[_ItemDay]]:
    """Gather for each item the days on which somebody looked at it, in their order."""
    by_item: dict[str, dict[dt.date, list[Check]]] = defaultdict(lambda: defaultdict(list))
    for check in checks:
        if check.day is not None:
            by_item[recognise_item(check.item)][check.day].append(check)
    items = []
    for by_day in by_item.values():
        days = sorted(by_day)
        own_days = []
        # The last day of fixing that rows of days before say: a row is filled in when its item is
        # fixed, which may be after a second look found the same.
        latest_fix = dt.date.min
        for day, next_day in zip(days, [*days[1:], None], strict=True):
            fixes = [check.fixed_on for check in by_day[day] if check.fixed_on is not None]
            # A row that found nothing wrong speaks of earlier days: an item that somebody repaired
            # in the morning may have been forbidden in the evening.
            settling = [
                check.fixed_on for check in by_day[day] if check.fixed_on and is_wrong(check)
            ]
            fixed_later = max([latest_fix, *settling])
            own_days.append(
                _ItemDay(
                    day,
                    None if next_day is None else next_day - ONE_DAY,
                    by_day[day],
                    day in {latest_fix, *fixes},
                    fixed_later if fixed_later > day else None,
                )
            )
            latest_fix = max([latest_fix, *fixes])
        items.append(own_days)
    return items


def _follow_item(days: Iterable[_ItemDay], words: Words) -> list[Fault]:
    """Follow one item from look to look; what two looks in a row find alike is one fault."""
    faults: list[Fault] = []
    for each in days:
        for fault in _follow_day(each, words):
            before = faults[-1] if faults else None
            if before is not None and _goes_on(before, fault):
                text = fault.text or before.text
                faults[-1] = replace(fault, first_day=before.first_day, text=text)
            else:
                faults.append(fault)
    return faults


def _follow_day(each: _ItemDay, words: Words) -> Iterator[Fault]:
    """Follow what the rows of one day found wrong with an item, until somebody looks again.

    Nobody knows the order of rows within a day: the worst of them counts, and a row that says that
    it was fixed on its own day speaks for itself alone. What another row found may have come after
    that repair, so it lasts until a later day says something else.
    """
    wrong = [check for check in each.checks if is_wrong(check)]
    open_checks = each.list_open_checks()
    open_ids = {id(check) for check in open_checks}

    def rank(check: Check) -> tuple[int, bool, bool]:
        # Of equally bad ones first what is certain, then what nobody has fixed.
        return SEVERITY[check.grade], _find_doubt(check, words) is None, id(check) in open_ids

    if not wrong:
        return
    first_day, worst = each.day, max(wrong, key=rank)
    if each.fixed_later is None and id(worst) not in open_ids:
        yield _write_fault(worst, (first_day, each.last_day), first_day, words)
        first_day += ONE_DAY
        if not open_checks or (each.last_day is not None and each.last_day < first_day):
            return
        worst = max(open_checks, key=rank)
    yield _write_fault(worst, (first_day, each.last_day), each.fixed_later, words)


def _write_fault(
    check: Check,
    days: tuple[dt.date, dt.date | None],
    fixed_on: dt.date | None,
    words: Words,
) -> Fault:
    """Write what a row found: until the day on which it is fixed, or the last before a look."""
    first_day, last_day = days
    end = min(filter(None, (fixed_on, last_day)), default=None)
    is_fixed = fixed_on is not None and end == fixed_on
    doubt = _find_doubt(check, words)
    own_fix = fixed_on if is_fixed else None
    return Fault(check.item, check.text, check.grade, first_day, end, own_fix, doubt)


def _goes_on(before: Fault, fault: Fault) -> bool:
    """Return whether a look finds what the look before had found and nobody had fixed."""
    return (
        before.fixed_on is None
        and before.last_day == fault.first_day - ONE_DAY
        and (before.grade, before.doubt) == (fault.grade, fault.doubt)
    )


def _find_doubt(check: Check, words: Words) -> Reason | None:
    """Find why nobody knows whether a row closes its trail; None where it does, or does not."""
    if check.grade is None:
        return write_reason(GRADE_UNCLEAR, {"file": FILE}, words)
    if check.grade != Grade.FORBIDDEN:
        return None
    is_reversed = (
        check.fixed_on is not None and check.day is not None and check.fixed_on < check.day
    )
    # The cell of the fixing day says something, and what it says cannot be.
    if check.fault is not None or is_reversed:
        return write_reason(FIXED_UNCLEAR, {"file": FILE}, words)
    return None
