"""What holds on each day to come: a table that lets a page be right when it is read weeks later."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple
from typing import Any

from mapserver.drawing import map_legend
from mapserver.drawing.captions import list_records
from mapserver.drawing.state_words import LAST_DAYS, NEAR_DAYS, StateWords, StateWriter
from mapserver.errors import N_, fill
from mapserver.model import Snapshot, State, encode, offers, status
from mapserver.settings import limits
from mapserver.text.languages import LANGUAGES
from mapserver.web.pages.benefits import check_benefits, list_benefits
from mapserver.web.responses import IMMUTABLE, Body

Changes = list[tuple[dt.date, status.DayState]]
ONE_DAY = dt.timedelta(days=1)
DAY_S = ONE_DAY // dt.timedelta(seconds=1)


def write_days(city: Snapshot, lang: str, first_day: dt.date) -> Body:
    """Write what holds on each of many days as a script, which pages load deferred."""
    # The file that one takes along has it within an element, where a sign of markup would act.
    table = encode(tabulate_days(city, lang, first_day)).decode().replace("<", "\\u003c")
    text = f"maenballoDays.use({table});\n"
    return Body(text.encode(), "text/javascript; charset=utf-8", IMMUTABLE)


def name_days(days: Body, lang: str) -> str:
    """Return the address of such a script below the root of the site, with its first day.

    Examples
    --------
    >>> days = Body(b'maenballoDays.use({"first":"2026-11-01"})', "")
    >>> name_days(days, "ko") == f"days-20261101-{days.digest}.ko.js"
    True
    """
    first_day = days.data.partition(b'"first":"')[2][:10].decode().replace("-", "")
    return f"days-{first_day}-{days.digest}.{lang}.js"


def tabulate_days(
    city: Snapshot, lang: str, first_day: dt.date, days: int | None = None
) -> dict[str, Any]:
    """Find what the pages say of trails and offers on each of many days.

    Parameters
    ----------
    city
        A snapshot.
    lang
        ``ko`` or ``en``.
    first_day
        The first day of the table.
    days
        How many days the table covers, the first included; ``limits.DAYS_AHEAD`` by default.

    Returns
    -------
    dict
        ``first`` and ``last`` day (ISO 8601, both inclusive). ``offsets`` are those of the time
        zone (:func:`list_offsets`). ``trails`` has for each id the
        number of its run in ``runs``: for each change the days since the first and the number of
        what then holds in ``states``, until the next change. A state is written as the fields of
        :class:`mapserver.drawing.state_words.StateWords`. ``offers`` are rows of days since the
        first, offers, and what is said where there are none. ``words``, ``left``
        and ``legend`` are what the scripts say (frontend/days/table.js).
    """
    # The calendar of computers ends with the year 9999.
    ahead = min((days or limits.DAYS_AHEAD) - 1, (dt.date.max - first_day).days)
    last_day = first_day + dt.timedelta(days=ahead)
    states: dict[tuple[str, ...], int] = {}
    runs: dict[tuple[int, ...], int] = {}
    trails: dict[str, int] = {}
    for id_, words in _write_trails(city, lang, first_day, last_day):
        run: list[int] = []
        for day, text in words:
            number = states.setdefault(astuple(text), len(states))
            if not run or run[-1] != number:
                run += [(day - first_day).days, number]
        trails[id_] = runs.setdefault(tuple(run), len(runs))
    return {
        "first": first_day.isoformat(),
        "last": last_day.isoformat(),
        "zone": city.catalog.zone.key,
        "offsets": list_offsets(city.catalog.zone, first_day, last_day),
        "lang": lang,
        "locale": (LANGUAGES[lang].day_locale or lang).replace("_", "-"),
        "states": list(states),
        "runs": list(runs),
        "trails": trails,
        "offers": [
            [(day - first_day).days, *_write_offers(city, lang, day)]
            for day in offers.list_turns(city.benefits, first_day, last_day)
            if city.benefits is not None
        ],
        "legend": map_legend.describe_states(city, lang),
        "words": _list_state_words(city, lang),
        "left": list_days_left(city, lang),
    }


def list_offsets(
    zone: dt.tzinfo, first_day: dt.date, last_day: dt.date
) -> list[tuple[int, int | None]]:
    """List the offsets of a time zone from UTC over some days.

    Parameters
    ----------
    zone
        A time zone.
    first_day, last_day
        Both inclusive.

    Returns
    -------
    list
        Seconds since 1970, and the offset (seconds) that holds from then on. The last row has
        ``None``: beyond it nothing was looked up.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> list_offsets(ZoneInfo("Asia/Seoul"), dt.date(2026, 11, 1), dt.date(2026, 11, 2))
    [(1793404800, 32400), (1793750400, None)]
    """
    # A day of the zone begins up to 14 hours before that of UTC, and ends up to 12 hours after it.
    # The calendar of computers goes from the year 1 to 9999.
    earliest_s, latest_s = _count_seconds(dt.date.min), _count_seconds(dt.date.max)
    first_s = max(_count_seconds(first_day) - DAY_S, earliest_s + DAY_S)
    end_s = min(_count_seconds(last_day) + 2 * DAY_S, latest_s - DAY_S)
    rows: list[tuple[int, int | None]] = [(first_s, _find_offset(zone, first_s))]
    for day_s in range(first_s, end_s - DAY_S + 1, DAY_S):
        after, before = _find_offset(zone, day_s + DAY_S), rows[-1][1]
        if after == before:
            continue
        rows.append((_find_change(zone, day_s, after), after))
    return [*rows, (end_s, None)]


def _count_seconds(day: dt.date) -> int:
    """Count the seconds from 1970 to the beginning of a day in UTC."""
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())


def _find_offset(zone: dt.tzinfo, time_s: int) -> int:
    """Return the offset of a zone from UTC at a time (seconds since 1970), in seconds."""
    offset = dt.datetime.fromtimestamp(time_s, zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())


def _find_change(zone: dt.tzinfo, day_s: int, after_s: int) -> int:
    """Return the second of a day from which on a zone has another offset, by halving the day."""
    seconds = range(day_s, day_s + DAY_S)
    return day_s + bisect_left(
        seconds, 1, key=lambda each: int(_find_offset(zone, each) == after_s)
    )


def _write_trails(
    city: Snapshot, lang: str, first_day: dt.date, last_day: dt.date
) -> Iterator[tuple[str, list[tuple[dt.date, StateWords]]]]:
    """Write the states of each trail, each from its day to the day before the next one's."""
    trails = city.trails
    if trails is None:
        return
    writer = StateWriter(city, lang)
    known: dict[str, list[tuple[dt.date, StateWords]]] = {}
    changes = city.find_changes(first_day, last_day)
    for (id_, states), row in zip(changes.items(), list_records(city, trails), strict=True):
        notes = {column: row[column] for column in row if column.startswith("notes")}
        # Trails that change together and have the same notes are written once.
        key = repr((states, notes))
        if key not in known:
            known[key] = [
                (day, writer.write(notes | status.tabulate_state(state), day))
                for day, state in _divide_runs(states, last_day)
            ]
        yield id_, known[key]


def _divide_runs(states: Changes, last_day: dt.date) -> Iterator[tuple[dt.date, status.DayState]]:
    """Divide runs of one state where its words change: at New Year, and as its end comes near.

    A day that comes near loses its year, and of the last days of being open pages speak.
    """
    ends = [day - ONE_DAY for day, _ in states[1:]] + [last_day]
    for (day, state), end in zip(states, ends, strict=True):
        divisions = {day, *(dt.date(year, 1, 1) for year in range(day.year + 1, end.year + 1))}
        if state.open_until is not None:
            divisions.add(state.open_until - dt.timedelta(days=LAST_DAYS))
        for turn in filter(None, (state.open_until, state.opens_on)):
            divisions.add(turn - dt.timedelta(days=NEAR_DAYS - 1))
        yield from ((each, state) for each in sorted(divisions) if day <= each <= end)


def _write_offers(city: Snapshot, lang: str, day: dt.date) -> tuple[list[list[str]], str]:
    """Return title, rate and facts of each offer of a day; where there is none, who looked when."""
    rows = [[offer.title, offer.rate, offer.facts] for offer in list_benefits(city, lang, day)]
    check = None if rows else check_benefits(city, lang, day)
    return rows, "" if check is None else check.words


def write_season_end(city: Snapshot, lang: str, day: dt.date) -> str:
    """Write until when most trails are open, where they close for the season soon; else nothing.

    The browser finds the same for other days (frontend/days/quick.js).
    """
    trails = city.trails_on(day)
    if trails is None:
        return ""
    ends = trails.loc[trails["state"] == State.OPEN, "open_until"]
    near = Counter(end for end in ends if end is not None and (end - day).days <= LAST_DAYS)
    season = status.write_reason(status.CLOSED_FOR_SEASON)[lang]
    for end in list(near):
        # Of those that are open until that day, the ones that then close for the season.
        later = city.trails_on(end + ONE_DAY)
        assert later is not None  # noqa: S101 -- the city has trails
        is_season = later[f"reason_{lang}"] == season
        near[end] = int((is_season & (trails["open_until"] == end)).sum())
    if not near:
        return ""
    last_day, count = near.most_common(1)[0]
    if count * 2 <= len(ends):
        return ""
    words = _list_state_words(city, lang)
    text = words["all_end"] if count == len(ends) else words["most_end"]
    left = list_days_left(city, lang)[(last_day - day).days]
    return f"{fill(text, {'day': LANGUAGES[lang].write_day(last_day, day)})} {left}."


def list_days_left(city: Snapshot, lang: str) -> list[str]:
    """List what is said of the days that a trail is open yet: on the last of them, and before."""
    phrases = city.phrases(lang)
    ngettext = phrases.say_counted  # texts are collected by this name
    counted = [
        ngettext("%(num)s day left", "%(num)s days left", count) % {"num": count}
        for count in range(1, LAST_DAYS + 1)
    ]
    return [phrases.say(N_("Last day")), *counted]


def _list_state_words(city: Snapshot, lang: str) -> dict[str, str]:
    say = city.phrases(lang).say
    return {
        "status": say(N_("Status on {day}")),
        "late": say(N_("These pages hold the days from {day} to {last}, and not this one.")),
        "unknown": say(N_("Not certain")),
        "no_offer": say(N_("No confirmed offer on this day.")),
        "no_offer_today": say(N_("No confirmed offer today.")),
        "today": say(N_("Today")),
        "tomorrow": say(N_("Tomorrow")),
        "saturday": say(N_("This Saturday")),
        "opening": say(N_("First day open again")),
        "season": say(status.CLOSED_FOR_SEASON),
        "all_end": say(N_("The trails are open until {day} and then closed until next season.")),
        "most_end": say(N_("Most trails are open until {day} and then closed until next season.")),
    }
