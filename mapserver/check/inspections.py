"""Checks of inspections, soil and rain: rows that say what cannot be, or reach no trail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from mapserver.check.survey import Survey
from mapserver.errors import N_
from mapserver.model import (
    FILE,
    LAST_HOUR,
    LEDGERS,
    choose_station,
    find_undated_rows,
    list_rain_days,
    simplify_station,
)
from mapserver.text.findings import Finding, Severity
from mapserver.text.mentions import PARTLY_NAMED, SHOWN_SIMILAR, find_closed_trails

if TYPE_CHECKING:
    from mapserver.model import Snapshot


def check_inspections(survey: Survey) -> Iterator[Finding]:
    """Examine inspections and soil against trails and days, and days and stations of the rain."""
    city = survey.city
    yield from _check_station(city)
    yield from _check_rain_gaps(city)
    for ledger, what, similar_what in (
        (
            "inspections",
            N_(
                "there is no trail {trail}, so its inspections ({count}) are said nowhere; what "
                "they forbid leaves every trail in doubt"
            ),
            N_("there is no trail {trail} ({count} inspections); is it {similar}?"),
        ),
        (
            "soil",
            N_("there is no trail {trail}, so its soil tests ({count}) are said nowhere"),
            N_("there is no trail {trail} ({count} soil tests); is it {similar}?"),
        ),
    ):
        if ledger in city.ledgers:
            yield from _check_trails(city, ledger, what, similar_what)
    if "inspections" in city.ledgers:
        yield from _check_days(city, city.ledgers["inspections"])
        yield from _check_order(city)
    yield from _check_measuring_days(city)


def _check_station(city: Snapshot) -> Iterator[Finding]:
    """Report rain of several stations or of none, where nobody can tell which rows count."""
    rows, rain = city.ledgers.get("rain"), city.catalog.rain
    if rows is None or not rain.has_rules:
        return
    stations = sorted({str(cell) for cell in rows["station"].dropna()})
    is_bare = rows["station"].map(simplify_station) == ""
    values = {
        "station": repr(str(rain.station)),
        "stations": ", ".join(stations[:5]),
        "catalog": FILE,
        "count": int(is_bare.sum()),
    }
    if choose_station(rows, rain) is None:
        what = N_(
            "it has several stations ({stations}), so nothing follows from rain; where a rule "
            "closes, its days are not known"
        )
        if rain.station:
            what = N_(
                "there is no row of the station {station}, so nothing follows from rain; where a "
                "rule closes, its days are not known"
            )
        mend = N_('Write the number of the station into {catalog}: [rain] station = "..."')
        file = LEDGERS["rain"].file
        yield Finding(Severity.WARNING, "rain-station-missing", file, what, mend, values=values)
    elif stations and is_bare.any():
        yield Finding(
            Severity.WARNING,
            "rain-row-without-station",
            LEDGERS["rain"].file,
            N_("rows without a station among others that have one: {count}; they do not count"),
            N_("Write the station into them; until then a day that has no other row is not known"),
            f"line {rows.index[is_bare][0]}",
            values,
        )


def _check_rain_gaps(city: Snapshot) -> Iterator[Finding]:
    """Report days of which the rain is not known, once for those without a cell and of hours."""
    rows, rain = city.ledgers.get("rain"), city.catalog.rain
    if rows is None or not rain.has_rules:
        return
    days = [each for each in list_rain_days(rows, rain) if each.missing_hours]
    partial = [each for each in days if each.missing_hours < LAST_HOUR]
    is_blank = rows["rain_mm"].isna() & rows["unclear"].isna()
    if is_blank.any() and not rain.blank_is_none:
        yield Finding(
            Severity.WARNING,
            "rain-blank",
            LEDGERS["rain"].file,
            N_("amounts of rain that are empty, so nobody knows whether it rained: {count}"),
            N_(
                "If the weather service says that empty means no rain, set blank_is_none below "
                "[rain] in {catalog} to true"
            ),
            f"line {rows.index[is_blank][0]}",
            {"count": int(is_blank.sum()), "catalog": FILE},
        )
    station = choose_station(rows, rain)
    own = rows.assign(station=rows["station"].map(simplify_station))
    undated = find_undated_rows(own, rain, station)
    if len(undated):
        yield Finding(
            Severity.WARNING,
            "rain-undated",
            LEDGERS["rain"].file,
            N_(
                "rows with rain of which nobody can tell the day: {count}; where a rule closes, "
                "days of which the rain is not known as a whole are in doubt"
            ),
            N_("Write their days as YYYY-MM-DD, or remove rows that are of no day, such as sums"),
            f"line {undated.index[0]}",
            {"count": len(undated)},
        )
    if partial:
        yield Finding(
            Severity.WARNING,
            "rain-hours-missing",
            LEDGERS["rain"].file,
            N_("days of which the rain of some hours is not known: {count}; the first is {day}"),
            N_("Bring in the hours that are missing; until then such a day is never called dry"),
            values={"count": len(partial), "day": str(partial[0].day)},
        )


def _check_trails(city: Snapshot, ledger: str, what: str, similar_what: str) -> Iterator[Finding]:
    """Report names of trails that there are not: what was found there is said nowhere."""
    trails, rows = city.trails, city.ledgers[ledger]
    # Each way of writing a trail is reported once, at the first of its rows.
    for text, group in rows.groupby("trail_id", sort=False):
        named, similar = (
            ([], []) if trails is None else find_closed_trails(trails, {"trail_id": text})
        )
        if named and not similar:
            continue
        template = similar_what if similar else what
        yield Finding(
            Severity.ERROR,
            "soil-unknown-trail" if ledger == "soil" else "inspection-unknown-trail",
            LEDGERS[ledger].file,
            PARTLY_NAMED if named else template,
            N_("Write the name of the GPX file without .gpx in the column trail_id"),
            f"line {group.index[0]}",
            {
                "trail": repr(text),
                "similar": " / ".join(similar[:SHOWN_SIMILAR]),
                "count": len(group),
            },
        )


def _check_days(city: Snapshot, rows: pd.DataFrame) -> Iterator[Finding]:
    """Report looks on a day that has not come, and repairs from before they were needed."""
    today = city.today()
    for line, checked_on, fixed_on in rows[["checked_on", "fixed_on"]].itertuples(name=None):
        if not isinstance(checked_on, dt.date):
            continue
        if checked_on > today:
            yield Finding(
                Severity.WARNING,
                "checked-in-the-future",
                LEDGERS["inspections"].file,
                N_("it was checked on {checked}, which has not come yet; it counts from then on"),
                N_("Write the day on which somebody looked"),
                f"line {line}",
                {"checked": str(checked_on)},
            )
        if isinstance(fixed_on, dt.date) and fixed_on < checked_on:
            yield Finding(
                Severity.ERROR,
                "fixed-before-found",
                LEDGERS["inspections"].file,
                N_("it was fixed on {fixed}, before it was found on {checked}"),
                N_("Correct one of the days; until then it is not counted as fixed"),
                f"line {line}",
                {"fixed": str(fixed_on), "checked": str(checked_on)},
            )


def _check_order(city: Snapshot) -> Iterator[Finding]:
    """Report what may close a trail and stands on a day on which the same item was fixed."""
    checks = (city.checks or {}).values()
    # A row that names several trails is reported once.
    for line in sorted({line for each in checks for line in each.unordered_lines}):
        yield Finding(
            Severity.WARNING,
            "inspection-order-unknown",
            LEDGERS["inspections"].file,
            N_(
                "the same item was fixed on the day of this row, and nobody knows which came first;"
                " its trail stays closed, or in doubt, until a later day says that it is fixed or "
                "better"
            ),
            N_(
                "Write into fixed_on of this row on which day it was fixed, or add a row of a "
                "later day"
            ),
            f"line {line}",
        )


def _check_measuring_days(city: Snapshot) -> Iterator[Finding]:
    """Report soil and rain of a day that has not come: nobody can have measured them."""
    today = city.today()
    for ledger, column, what in (
        (
            "soil",
            "sampled_on",
            N_("soil tests of a day that has not come yet: {count}; pages show them from then on"),
        ),
        (
            "rain",
            "date",
            N_("rows with rain of a day that has not come yet: {count}; the first is of {day}"),
        ),
    ):
        rows = city.ledgers.get(ledger)
        if rows is None:
            continue
        is_future = [isinstance(day, dt.date) and day > today for day in rows[column]]
        future = rows[is_future]
        if len(future):
            yield Finding(
                Severity.WARNING,
                "measured-in-the-future",
                LEDGERS[ledger].file,
                what,
                N_("Write the day on which it was measured"),
                f"line {future.index[0]}",
                {"count": len(future), "day": str(future[column].iloc[0])},
            )
