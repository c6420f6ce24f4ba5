"""The state of each trail on a day, as the API adds it to the trails' properties."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Any

import pandas as pd

from mapserver.errors import N_, QueryError
from mapserver.model import Role, Snapshot, plain_records
from mapserver.text.dates import read_day
from mapserver.text.languages import LANGUAGES
from mapserver.web.api.parameters import Parameters

DATES = ("closed_from", "closed_to", "open_until", "opens_on")
OPEN_ENDS = ("", "..")
DATETIME = re.compile(r"\d{4}-\d{2}-\d{2}(?:[Tt ].+)?")


DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})", re.ASCII | re.IGNORECASE
)


def list_state_columns() -> list[str]:
    """List the columns of a trail's state, with its reason and notice in every language."""
    texts = (f"{name}_{lang}" for name in ("reason", "notice") for lang in LANGUAGES)
    return ["state", *texts, *DATES]


def read_datetime(parameters: Parameters, city: Snapshot) -> dt.date:
    """Read the day that a question is about from ``datetime``; today in the city by default.

    An interval is about its first day that is known: the features have no time of their own, so
    they match any, and a state holds on a day.

    Raises
    ------
    QueryError
        It is not a day, a time or an interval of RFC 3339.
    """
    text = parameters.optional_text("datetime")
    if text is None:
        return city.today()
    parts = text.split("/")
    if len(parts) == 1:
        return _read_moment(text, text, city)
    if len(parts) != 2:
        raise _refuse(text)
    # An open end is two dots or nothing (17-069r4, 7.15.4).
    days = [_read_moment(part, text, city) for part in parts if part not in OPEN_ENDS]
    if len(days) == 2 and days[0] > days[1]:
        raise QueryError(
            N_("the interval ends before it begins"),
            parameter="datetime",
            mend=N_("Write the earlier day first"),
        )
    return days[0] if days else city.today()


def _read_moment(part: str, text: str, city: Snapshot) -> dt.date:
    """Read a day or a time; messages quote the whole text."""
    try:
        if not DATETIME.fullmatch(part):
            raise ValueError(part)
        # A plus that was not quoted in an address has become a space.
        plain = part.replace(" ", "+") if "T" in part.upper() else part
        # Any year of RFC 3339: clients write an open end as the last day that they know.
        if DAY.fullmatch(plain):
            return dt.date.fromisoformat(plain)
        if MOMENT.fullmatch(plain):
            return _find_day(dt.datetime.fromisoformat(plain.upper()), city.catalog.zone)
        return read_day(plain, zone=city.catalog.zone)
    except ValueError as error:
        raise _refuse(text) from error


def _find_day(moment: dt.datetime, zone: dt.tzinfo) -> dt.date:
    """Return the day of a moment in a zone; at an end of the calendar, the written one."""
    try:
        return moment.astimezone(zone).date()
    except OverflowError:
        return moment.date()


def _refuse(text: str) -> QueryError:
    return QueryError(
        N_("{value} is not a day"),
        parameter="datetime",
        mend=N_("Write it as 2026-12-20"),
        value=repr(text[:60]),
    )


def states_on(city: Snapshot, collection: str, day: dt.date) -> list[dict[str, Any]] | None:
    """Return what to add to each feature of a collection; None where it holds no trails."""
    return _write_states(city, day) if city.layer_of(Role.TRAILS) == collection else None


@lru_cache(maxsize=4)
def _write_states(city: Snapshot, day: dt.date) -> list[dict[str, Any]]:
    trails = city.trails_on(day)
    records = [] if trails is None else plain_records(pd.DataFrame(trails[list_state_columns()]))
    return [record | _as_text(record) | {"state_on": str(day)} for record in records]


def _as_text(record: dict[str, Any]) -> dict[str, Any]:
    return {name: record[name] and str(record[name]) for name in DATES}
