"""The state of a trail in words: what is drawn of it, until when, when it opens again, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mapserver.errors import N_, fill
from mapserver.model import State, leave_out_files
from mapserver.text.cell_text import read_cell_text
from mapserver.text.conditions import read_conditions
from mapserver.text.languages import DEFAULT, LANGUAGES

if TYPE_CHECKING:
    from mapserver.model import Snapshot

LAST_DAYS = 14
"""So many days before a trail closes, and on the last day itself, pages announce it."""
NEAR_DAYS = 365
"""A day to come that is nearer than this is written without its year: there is only one such."""


class Kind(StrEnum):
    """How a state is drawn: that of an open trail has three."""

    OPEN = "open"
    LAST = "last"
    CONDITION = "cond"
    SHUT = "shut"
    PLANNED = "planned"
    UNKNOWN = "unknown"


KINDS = {State.CLOSED: Kind.SHUT, State.PLANNED: Kind.PLANNED, State.UNKNOWN: Kind.UNKNOWN}


@dataclass(frozen=True, slots=True)
class StateWords:
    """What is said of the state of a trail on a day, in one language.

    Attributes
    ----------
    state
        ``open``, ``closed``, ``planned`` or ``unknown``.
    kind
        What is drawn.
    short
        A few words: ``Open until 30 November``.
    follows
        What one wants to know next, as of a panel: when it opens again, why it is closed, and what
        there is to mind.
        Empty where nothing is known.
    until
        The last day on which it is surely open, ISO 8601; empty where that is not known.
    opens
        The first day on which it is open again, ISO 8601; empty where that is not known.
    why
        Why it is not open; empty when it is.
    again
        When a trail that is not open opens, as a card says it; empty where that is not known.
    """

    state: str
    kind: str
    short: str
    follows: str = ""
    until: str = ""
    opens: str = ""
    why: str = ""
    again: str = ""

    @property
    def long(self) -> str:
        """All of it in one line."""
        return " · ".join(filter(None, (self.short, self.follows)))


class StateWriter:
    """Writes states of trails in one language, in a city's words.

    Parameters
    ----------
    city
        The city.
    lang
        Code of the language.
    """

    def __init__(self, city: Snapshot, lang: str) -> None:
        self._lang = lang
        self._say: Callable[[str], str] = city.phrases(lang).say
        self._is_own_language = lang == city.catalog.default_language

    def write(self, row: Mapping[str, Any], day: dt.date) -> StateWords:
        """Write the state of a trail.

        Parameters
        ----------
        row
            The trail with its state, as ``status.trails_on`` answers it.
        day
            The day that it is of; days of the year that follows are written without their year.
        """
        state, until, opens = State(row["state"]), row.get("open_until"), row.get("opens_on")
        until = until if isinstance(until, dt.date) else None
        opens = opens if isinstance(opens, dt.date) else None
        why = self._read_reason(row)
        texts = {
            State.OPEN: self._write_open,
            State.CLOSED: self._write_closed,
            State.PLANNED: self._write_planned,
            State.UNKNOWN: self._write_unknown,
        }
        kind = self._choose_kind(state, row, day, until)
        short, follows = texts[state](row, day, until, opens)
        # What is to be minded closes nothing, so it is said last, and of an open trail alone.
        follows = [*follows, leave_out_files(read_cell_text(row.get(f"notice_{self._lang}")))]
        # What follows begins with the day on which it opens, where that is known.
        is_awaited = state in {State.CLOSED, State.PLANNED} and opens is not None
        return StateWords(
            state=str(state),
            kind=str(kind),
            short=short,
            follows=" · ".join(filter(None, follows)),
            until=until.isoformat() if until else "",
            opens=opens.isoformat() if opens else "",
            why=why,
            again=follows[0] if is_awaited else "",
        )

    def _choose_kind(
        self, state: State, row: Mapping[str, Any], day: dt.date, until: dt.date | None
    ) -> Kind:
        if state in KINDS:
            return KINDS[state]
        if _list_conditions(row):
            return Kind.CONDITION
        return Kind.LAST if is_last(day, until) else Kind.OPEN

    def _write_open(
        self, row: Mapping[str, Any], day: dt.date, until: dt.date | None, opens: dt.date | None
    ) -> tuple[str, list[str]]:
        again = [self._write_day(N_("Opens again on {day}"), opens, day)]
        if conditions := _list_conditions(row):
            times = ", ".join(self._say(words) for words in conditions)
            short = fill(self._say(N_("Open except {times}")), {"times": times})
            return short, [self._write_day(N_("until {day}"), until, day)]
        if is_last(day, until):
            return self._write_day(N_("Open until {day}"), until, day), again
        return self._say(N_("Open")), [self._write_day(N_("until {day}"), until, day)]

    def _write_closed(
        self, row: Mapping[str, Any], day: dt.date, _: dt.date | None, opens: dt.date | None
    ) -> tuple[str, list[str]]:
        # The date of reopening comes first, since that is what one asks; then the reason.
        again = self._write_day(N_("Opens again on {day}"), opens, day)
        return self._say(N_("Closed")), [again, self._read_reason(row)]

    def _write_planned(
        self, row: Mapping[str, Any], day: dt.date, _: dt.date | None, opens: dt.date | None
    ) -> tuple[str, list[str]]:
        return self._read_reason(row), [self._write_day(N_("Opens on {day}"), opens, day)]

    def _write_unknown(
        self, row: Mapping[str, Any], _: dt.date, __: dt.date | None, ___: dt.date | None
    ) -> tuple[str, list[str]]:
        nobody_knows = self._say(N_("Whether it is open is not known."))
        return self._say(N_("Not certain")), [f"{nobody_knows} {self._read_reason(row)}".rstrip()]

    def _read_reason(self, row: Mapping[str, Any]) -> str:
        """Read why a trail is not open; empty when it is."""
        reason = read_cell_text(row.get(f"reason_{self._lang}"))
        if not reason and self._is_own_language:
            # The office's own language may be another than that of the city's pages.
            reason = read_cell_text(row.get(f"reason_{DEFAULT}"))
        # Planners find the file in the check, the API and notebooks; residents have none.
        plain = leave_out_files(reason)
        return reason if plain == reason else plain[:1].upper() + plain[1:]

    def _write_day(self, template: str, day: dt.date | None, today: dt.date) -> str:
        """Write a sentence with a day; nothing where the day is not known."""
        if day is None:
            return ""
        is_near = 0 <= (day - today).days < NEAR_DAYS
        text = LANGUAGES[self._lang].write_day(day, day if is_near else today)
        return fill(self._say(template), {"day": text})


def is_last(day: dt.date, until: dt.date | None) -> bool:
    """Return whether a trail that is open on a day closes soon."""
    return until is not None and (until - day).days <= LAST_DAYS


def _list_conditions(row: Mapping[str, Any]) -> tuple[str, ...]:
    """List when the trail cannot be used although it is open, as its notes say."""
    notes = [read_cell_text(row.get(column)) for column in ("notes", "notes_ko", "notes_en")]
    return tuple(dict.fromkeys(words for note in notes for words in read_conditions(note)))
