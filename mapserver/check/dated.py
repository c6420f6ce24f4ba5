"""Checks of the dated tables: closures of trails, and benefits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from mapserver.check.survey import Survey
from mapserver.errors import N_
from mapserver.geo import extent
from mapserver.model import FILE, SUFFIXES, State, find_nearest_zone, is_in_korea
from mapserver.readers.register import BENEFITS
from mapserver.text.findings import Finding, Severity
from mapserver.text.languages import ENGLISH
from mapserver.text.mentions import PARTLY_NAMED, SHOWN_SIMILAR, find_closed_trails
from mapserver.text.register_words import STATE_COLUMNS

if TYPE_CHECKING:
    from mapserver.model import Snapshot

Row = dict[Any, Any]


def check_dated_tables(survey: Survey) -> Iterator[Finding]:
    """Examine closures and benefits by themselves and against the trails."""
    city = survey.city
    if city.closures is not None:
        yield from _check_closed_trails(city, city.closures)
        yield from _check_closed_twice(city, city.closures)
    if city.benefits is not None:
        yield from _check_offered_twice(city.benefits)
        yield from _check_checking_days(city, city.benefits)
    yield from _check_unknown_states(city)
    yield from _check_missing_time_zone(city)


def _check_missing_time_zone(city: Snapshot) -> Iterator[Finding]:
    """Report a city far from Korea that has Korea's days, where anything depends on the day."""
    trails = city.trails
    has_states = trails is not None and any(column in trails for column in STATE_COLUMNS)
    tables = (city.closures, city.benefits, city.checks)
    is_dated = has_states or any(table is not None for table in tables)
    if city.catalog.time_zone is not None or city.bounds is None or not is_dated:
        return
    # The middle of all features says where it lies; Korea's days need no word in the catalogue.
    lon, lat = extent.find_frame_middle(city.layers.values())
    if is_in_korea(lon, lat):
        return
    yield Finding(
        Severity.WARNING,
        "time-zone-missing",
        FILE,
        N_("it lies outside Korea, and its days are those of {zone}: no time zone is given"),
        N_('Write time_zone = "{nearest}", or the zone in which it lies, into {file}'),
        values={
            "zone": city.catalog.zone.key,
            "nearest": find_nearest_zone(lon, lat),
            "file": FILE,
        },
    )


def _check_closed_trails(city: Snapshot, closures: pd.DataFrame) -> Iterator[Finding]:
    """Report closures that close nothing: people would walk where they must not."""
    trails = city.trails
    for closure, row in _list_rows(closures):
        trail, geometry = row.get("trail_id"), row.get("geometry")
        if not pd.isna(trail):
            closed, similar = ([], []) if trails is None else find_closed_trails(trails, row)
            if not closed or similar:
                what = N_("there is no trail {trail}, so any may be closed: all are in doubt")
                if similar:
                    what = N_("there is no trail {trail}, so nothing is closed; is it {similar}?")
                if closed:
                    what = PARTLY_NAMED
                yield Finding(
                    Severity.ERROR,
                    "closure-unknown-trail",
                    _find_closures_file(city),
                    what,
                    N_("Write the name of the GPX file without .gpx in the column trail_id"),
                    str(closure),
                    {
                        "trail": repr(trail),
                        "similar": " / ".join(similar[:SHOWN_SIMILAR]),
                        "count": 1,
                    },
                )
        elif geometry is not None and (trails is None or not trails.intersects(geometry).any()):
            yield Finding(
                Severity.WARNING,
                "closure-touches-no-trail",
                _find_closures_file(city),
                N_("the closure touches no trail, so nothing is closed"),
                N_("Draw it across the trail, or name the trail in the column trail_id"),
                str(closure),
            )


def _check_closed_twice(city: Snapshot, closures: pd.DataFrame) -> Iterator[Finding]:
    rows = [
        row | {"id": str(id_)}
        for id_, row in _list_rows(closures)
        if not isinstance(row.get("unclear"), Finding)
    ]
    for earlier, later in _pair_overlapping(rows, ("trail_id",)):
        yield Finding(
            Severity.NOTE,
            "closures-overlap",
            _find_closures_file(city),
            N_("{other} closes the trail {trail} at the same time"),
            N_("Nothing needs to be done; the one that ends last is shown"),
            later["id"],
            {"trail": repr(later["trail_id"]), "other": earlier["id"]},
        )


def _check_offered_twice(benefits: pd.DataFrame) -> Iterator[Finding]:
    """Report one offer in two rows; offers of different titles may well add up."""
    for _, second in _pair_overlapping(benefits.to_dict("records"), ("title", "payment")):
        offer = [str(second[part]) for part in ("title", "payment") if not pd.isna(second[part])]
        yield Finding(
            Severity.WARNING,
            "benefits-overlap",
            BENEFITS,
            N_("two rows offer the same from {start} on: {offer}"),
            N_("Let one end before the other begins"),
            values={"start": str(second["from"]), "offer": ", ".join(offer)},
        )


def _check_checking_days(city: Snapshot, benefits: pd.DataFrame) -> Iterator[Finding]:
    """Report offers that were checked on a day that has not come."""
    day = city.today()
    for row in benefits.to_dict("records"):
        checked = row.get("checked_on")
        if isinstance(checked, dt.date) and checked > day:
            yield Finding(
                Severity.WARNING,
                "checked-in-the-future",
                BENEFITS,
                N_("an offer says that it was checked on {checked}, which has not come yet"),
                N_("Write the day on which somebody looked"),
                values={"checked": str(checked), "title": str(row.get("title"))},
            )


def _check_unknown_states(city: Snapshot) -> Iterator[Finding]:
    """Report in one line how many trails cannot be called open today, and why the first cannot."""
    trails = city.trails_on(city.today())
    if trails is None:
        return
    unknown = trails[trails["state"] == State.UNKNOWN]
    if not len(unknown):
        return
    ids = [str(id_) for id_ in unknown.index]
    yield Finding(
        Severity.WARNING,
        "state-unknown",
        "gpx/",
        N_("trails that nobody can call open today: {count} ({trails}). {first}: {reason}"),
        N_("Mend what was not understood; until then pages say so"),
        values={
            "count": len(ids),
            "trails": ", ".join(ids[:5]) + (", ..." if len(ids) > 5 else ""),
            "first": ids[0],
            "reason": unknown[f"reason_{ENGLISH.code}"].iloc[0],
        },
    )


def _pair_overlapping(rows: list[Row], same: tuple[str, ...]) -> Iterator[tuple[Row, Row]]:
    """Pair each row with one alike that began before it and has not ended when it begins."""
    # In order of their days, a row can overlap only what has not ended yet: one pass, and of each
    # kind the row that ends last is all that has to be remembered.
    latest: dict[tuple[object, ...], Row] = {}
    for row in sorted(rows, key=lambda row: (_find_first_day(row), _find_last_day(row))):
        if all(pd.isna(row[column]) for column in same):
            continue
        key = tuple(None if pd.isna(row[column]) else row[column] for column in same)
        before = latest.get(key)
        if before is not None and _find_first_day(row) <= _find_last_day(before):
            yield before, row
        if before is None or _find_last_day(row) > _find_last_day(before):
            latest[key] = row


def _find_first_day(row: Row) -> dt.date:
    return row["from"] or dt.date.min


def _find_last_day(row: Row) -> dt.date:
    return row["to"] or dt.date.max


def _list_rows(frame: pd.DataFrame) -> Iterator[tuple[Hashable, Row]]:
    return zip(frame.index, frame.to_dict("records"), strict=True)


def _find_closures_file(city: Snapshot) -> str:
    """Return the file of the closures, or its stem when there are several."""
    names = [f"layers/closures{suffix}" for suffix in SUFFIXES]
    files = [name for name in names if (city.path / name).is_file()]
    return files[0] if len(files) == 1 else "layers/closures"
