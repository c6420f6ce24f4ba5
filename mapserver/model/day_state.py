"""The state of a trail on one day, and until when it is so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


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
    open_until
        Of an open trail: the last day on which it is surely open without a break; None where that
        is not known, or it never closes.
    opens_on
        The first day on which it is surely open again, after the day or after ``open_until``; None
        where nobody knows, or it does not close.
    notices
        What to mind while it is open, by code of language; empty where there is nothing.
    """

    state: State
    reasons: Mapping[str, str] = field(default_factory=dict)
    closed_from: dt.date | None = None
    closed_to: dt.date | None = None
    open_until: dt.date | None = None
    opens_on: dt.date | None = None
    notices: Mapping[str, str] = field(default_factory=dict)


OPEN = DayState(State.OPEN)
