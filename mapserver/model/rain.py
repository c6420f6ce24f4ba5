"""Rain and what follows for trails: a notice or a closure by the office's own rule for a surface.

No threshold in millimetres is known that holds for all clay paths, so there is none by default:
without a rule in the catalogue nothing is said. What nobody has measured is never rain, nor dry.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mapserver.errors import N_, fill
from mapserver.model.catalog import Rain, RainRule
from mapserver.model.day_state import DayState, State
from mapserver.model.reasons import Reason
from mapserver.model.state_facts import DatedReason, StateFacts
from mapserver.model.undated_rain import doubt_undated_rows, find_undated_rows
from mapserver.model.words import OWN_WORDS, Words, find_phrases
from mapserver.text import language
from mapserver.text.cell_text import convert_day, read_cell_text
from mapserver.text.dates import normalize_text
from mapserver.text.findings import Finding
from mapserver.text.languages import LANGUAGES

AFTER_RAIN = N_("After rain: {rain} on {day}")
CLOSED_AFTER_RAIN = N_("Closed after rain: {rain} on {day}")
CLOSED_UNLESS_RAIN = N_(
    "Closed after rain: {rain} on {day}; until {last} if it does not rain again"
)
UNKNOWN_RAIN = N_("How much it rained on {day} is not known")
MISSING_HOURS = N_("How much it rained on {day} is not known for {count} hours")
ONE_DAY = dt.timedelta(days=1)
LAST_HOUR = 24
"""So many hours a day has by the clock of a station, which has no summer time."""
SURFACE_CLASSES = {
    # By how much care a surface asks for; a mixture has the rule of its most delicate part.
    "high": ("고관리형", "황토", "clay"),
    "low": ("저관리형", "마사", "granite", "sand"),
    "natural": ("자연형", "흙", "자연", "soil", "earth"),
}
"""Words of surfaces by the classes of Seoul's guideline of October 2024."""


def choose_surface_class(surface: str) -> str:
    """Choose the class of a surface: ``high``, ``low`` or ``natural``; empty where it has none."""
    text = surface.casefold()
    for name, words in SURFACE_CLASSES.items():
        if any(word in text for word in words):
            return name
    return ""


def simplify_station(cell: object) -> str:
    """Return the number of a station in the one way in which two of them are compared.

    Spreadsheets write a whole number as 156.0 once a column has an empty cell, and offices pad it.

    Examples
    --------
    >>> [simplify_station(cell) for cell in (156, "156.0", "0156", "Gwangju ", None)]
    ['156', '156', '156', 'gwangju', '']
    """
    text = re.sub(r"(?<=\d)\.0+$", "", normalize_text(read_cell_text(cell)))
    return re.sub(r"^0+(?=\d)", "", text.strip().casefold())


def choose_station(rows: pd.DataFrame, rain: Rain) -> str | None:
    """Choose the station whose rows count: that of the catalogue, or the only one that there is.

    Returns
    -------
    str or None
        As :func:`simplify_station` writes it, empty where no row names one. None where nobody knows
        which rows count: none is of the station that is asked for, or there are several.
    """
    stations = {simplify_station(cell) for cell in rows["station"].unique()} - {""}
    wanted = simplify_station(rain.station)
    if wanted:
        return wanted if wanted in stations else None
    # Rain falls here and not there: days of two stations must not be mixed without being told.
    return None if len(stations) > 1 else next(iter(stations), "")


@dataclass(frozen=True, slots=True)
class RainDay:
    """What is known of the rain of a day.

    Attributes
    ----------
    day
        The day, by the clock of the station.
    rain_mm
        How much surely fell, of the hours that are known; None where nobody knows of any.
    missing_hours
        Of so many of its hours nobody knows; 24 where the whole day is not known.
    fault
        The finding, where a cell was not understood.
    """

    day: dt.date
    rain_mm: float | None
    missing_hours: int
    fault: Any


def list_rain_days(rows: pd.DataFrame, rain: Rain) -> list[RainDay]:
    """List the days of a station with their rain, in their order.

    Parameters
    ----------
    rows
        The ledger of rain, as it was read.
    rain
        What the catalogue says of it.

    Returns
    -------
    list of RainDay
        Hours of a day are summed. Of several rows of an hour, or of a whole day, the largest
        counts. A day of which all rows lack the station that the others have is not known. No days
        at all where nobody knows which station counts (:func:`choose_station`).
    """
    station = choose_station(rows, rain)
    if station is None:
        return []
    columns = rows[["date", "hour", "station", "rain_mm", "unclear"]].astype(object)
    keys = rows["station"].map(simplify_station)
    records = columns[keys == station].to_dict("records")
    # A spreadsheet writes 00:00 beside days: where there is no other hour, rows are of whole days.
    is_hourly = _has_hours(row["hour"] for row in records)
    days: dict[dt.date, dict[int | None, float | None]] = {}
    faults: dict[dt.date, Any] = {}
    for row in records:
        day, hour = convert_day(row["date"]), row["hour"] if is_hourly else None
        if day is None:
            continue
        if rain.hours_end and hour == 0:
            day, hour = day - ONE_DAY, LAST_HOUR
        amounts = days.setdefault(day, {})
        faults[day] = faults.get(day) or row["unclear"]
        if is_hourly and hour is None and isinstance(row["unclear"], Finding):
            continue  # of an hour that was not understood, not of the whole day
        rain_mm, before_mm = _read_amount(row, rain), amounts.get(hour)
        known = [mm for mm in (before_mm, rain_mm) if mm is not None]
        amounts[hour] = max(known, default=None)
    # Where it was measured that a row without a station says, nobody knows.
    for cell in columns.loc[keys == "", "date"] if station else ():
        day = convert_day(cell)
        if day is not None:
            days.setdefault(day, {})
            faults.setdefault(day, None)
    return [_sum_day(day, days[day], faults[day]) for day in sorted(days)]


def _has_hours(cells: Iterable[object]) -> bool:
    """Return whether rows are of hours: some hour is not the midnight that a spreadsheet writes."""
    return any(isinstance(cell, int) and cell for cell in cells)


def _read_amount(row: dict[Any, Any], rain: Rain) -> float | None:
    """Read the amount of a row; None where nobody knows it."""
    if not pd.isna(row["rain_mm"]):
        return float(row["rain_mm"])
    # A cell that was not understood is not empty, whatever empty cells mean.
    return 0.0 if rain.blank_is_none and not isinstance(row["unclear"], Finding) else None


def _sum_day(day: dt.date, amounts: dict[int | None, float | None], fault: Any) -> RainDay:
    """Sum the hours of a day; the amount of the whole day stands under None."""
    hours = [mm for hour, mm in amounts.items() if hour is not None and mm is not None]
    # Tenths that are added are no longer tenths: 29.9 + 0.1 must reach 30.
    known = [round(math.fsum(hours), 3)] if hours else []
    whole_mm = amounts.get(None)
    if whole_mm is not None:
        return RainDay(day, max([*known, whole_mm]), 0, fault)
    return RainDay(day, max(known, default=None), max(LAST_HOUR - len(hours), 0), fault)


@dataclass(frozen=True, slots=True)
class RainSpan(DatedReason):
    """The days on which a rule holds after rain, and why.

    Attributes
    ----------
    is_unsure
        Whether a closure may go on, since nobody knows of the rain until its end and a day after.
    """

    is_unsure: bool = False


def add_rain(
    facts: Iterable[StateFacts],
    surfaces: Iterable[str],
    rows: pd.DataFrame,
    rain: Rain,
    words: Words = OWN_WORDS,
) -> None:
    """Add what follows from rain to the facts of trails.

    Parameters
    ----------
    facts, surfaces
        The facts of trails, and their surfaces as the register has them, in the same order.
    rows, rain
        As of :func:`list_rain_days`.
    words
        What the city calls its trails, for the reasons.
    """
    days = list_rain_days(rows, rain)
    # Of days that are written, without anybody knowing which rows count, none is called dry.
    unsure_days = days if choose_station(rows, rain) is not None else _list_unsure_days(rows)
    rules = _name_rules(rain)
    own_rules = {name: rule for name, rule in rules.items() if rule is not None}
    undated = _list_undated(rows, days, rain, words)
    spans = {name: _apply_rule(days, rule, words) for name, rule in own_rules.items()}
    unknown = {
        name: _list_unknown(unsure_days if rule.closes else days, rule, words)
        for name, rule in own_rules.items()
    }
    for each, surface in zip(facts, surfaces, strict=True):
        name = choose_surface_class(surface)
        rule = rules.get(name)
        if rule is None:
            continue
        if rule.closes:
            each.doubts += [*unknown[name], *undated[name]]
            each.closures += [
                DayState(State.CLOSED, span.reason, span.first_day, span.last_day)
                for span in spans[name]
            ]
            each.unsure_ends += [
                span.last_day for span in spans[name] if span.is_unsure and span.last_day
            ]
        else:
            each.notices += [*spans[name], *unknown[name]]


def _name_rules(rain: Rain) -> dict[str, RainRule | None]:
    """Return the rules of a city by the class of a surface; None where a class has none."""
    return {"natural": rain.natural, "low": rain.low, "high": rain.high}


def _list_undated(
    rows: pd.DataFrame, days: Iterable[RainDay], rain: Rain, words: Words
) -> dict[str, list[DatedReason]]:
    """List the days in doubt for rows of which nobody knows the day, by the class of a surface."""
    station = choose_station(rows, rain)
    rows = rows.assign(station=rows["station"].map(simplify_station))
    undated = find_undated_rows(rows, rain, station)
    known_days = [each.day for each in days if _is_whole(each)]
    is_hourly = _has_hours(rows["hour"][rows["station"] == (station or "")])
    return {
        name: doubt_undated_rows(undated, known_days, rule, words, is_hourly=is_hourly)
        for name, rule in _name_rules(rain).items()
        if rule is not None and rule.closes
    }


def _is_whole(each: RainDay) -> bool:
    """Return whether the rain of a day is known as a whole."""
    return (
        each.rain_mm is not None and not each.missing_hours and not isinstance(each.fault, Finding)
    )


def _list_unsure_days(rows: pd.DataFrame) -> list[RainDay]:
    """List the days of all rows, whichever station they are of, as not known."""
    days = {convert_day(cell) for cell in rows["date"].astype(object)} - {None}
    return [RainDay(day, None, LAST_HOUR, None) for day in sorted(filter(None, days))]


def _apply_rule(days: list[RainDay], rule: RainRule, words: Words) -> list[RainSpan]:
    """List the days on which a rule holds: that of the rain, and some after it."""
    wet = [
        (each.day, each.rain_mm)
        for each in days
        if each.rain_mm is not None and each.rain_mm >= rule.mm
    ]
    # Nobody promises a day after rain as long as it may rain until then; a dry day is measured.
    dry_days = {
        each.day
        for each in days
        if _is_whole(each) and each.rain_mm is not None and each.rain_mm < rule.mm
    }
    spans = []
    for n, (day, rain_mm) in enumerate(wet):
        last_day = day + rule.days * ONE_DAY
        is_cut = n + 1 < len(wet) and wet[n + 1][0] - ONE_DAY <= last_day
        if is_cut:
            last_day = wet[n + 1][0] - ONE_DAY
        following = {day + count * ONE_DAY for count in range(1, (last_day - day).days + 2)}
        is_unsure = rule.closes and not is_cut and not following <= dry_days
        template = CLOSED_AFTER_RAIN if rule.closes else AFTER_RAIN
        template = CLOSED_UNLESS_RAIN if is_unsure else template
        reason = _write_rain(template, day, rain_mm, last_day, words)
        spans.append(RainSpan(day, last_day, reason, is_unsure))
    return spans


def _list_unknown(days: list[RainDay], rule: RainRule, words: Words) -> list[DatedReason]:
    """List the days on which a rule would hold, had it rained enough when nobody knows of it."""
    unknown = [
        (each.day, _write_unknown(each, words))
        for each in days
        # Where enough has fallen in the hours that are known, the others change nothing.
        if each.rain_mm is None or each.rain_mm < rule.mm
        if each.missing_hours or isinstance(each.fault, Finding)
    ]
    return _spread(unknown, rule)


def _spread(reasons: list[tuple[dt.date, Reason]], rule: RainRule) -> list[DatedReason]:
    """Spread reasons over the days after theirs; of days in a row the last is told."""
    spans = []
    for n, (day, reason) in enumerate(reasons):
        last_day = day + rule.days * ONE_DAY
        if n + 1 < len(reasons):
            last_day = min(last_day, reasons[n + 1][0] - ONE_DAY)
        spans.append(DatedReason(day, last_day, reason))
    return spans


def _write_unknown(each: RainDay, words: Words) -> Reason:
    """Write why nobody knows how much it rained on a day."""
    # A cell that was not understood, or of a whole day, leaves more open than some of its hours.
    is_partial = 0 < each.missing_hours < LAST_HOUR
    template = MISSING_HOURS if is_partial else UNKNOWN_RAIN
    return {
        lang: fill(
            find_phrases(words, lang).say(template),
            {
                "count": language.number(each.missing_hours, lang),
                "day": LANGUAGES[lang].write_day(each.day),
            },
        )
        for lang in LANGUAGES
    }


def _write_rain(
    template: str, day: dt.date, rain_mm: float, last_day: dt.date, words: Words
) -> Reason:
    return {
        lang: fill(
            find_phrases(words, lang).say(template),
            {
                "last": LANGUAGES[lang].write_day(last_day),
                "rain": language.measure(rain_mm, "mm", lang, 1),
                "day": LANGUAGES[lang].write_day(day),
            },
        )
        for lang in LANGUAGES
    }
