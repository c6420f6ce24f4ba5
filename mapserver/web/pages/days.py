"""What holds on each day to come: a table that lets a page be right when it is read weeks later."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from mapserver.drawing import map_legend
from mapserver.drawing.captions import Captions
from mapserver.errors import N_
from mapserver.model import Role, Snapshot, status
from mapserver.settings import limits
from mapserver.web.api.states import list_state_columns
from mapserver.web.pages.benefits import list_benefits


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
        The day on which the pages are written.
    days
        How many days the table covers, the first included; ``limits.DAYS_AHEAD`` by default.

    Returns
    -------
    dict
        ``first`` and ``last`` day (ISO 8601, both inclusive); ``trails`` with, for each id, rows
        of day, state, words and short words; ``offers`` with rows of day and offers. A row holds
        from its day to the day before the next row. ``legend`` and ``words`` are what the script
        says (frontend/days/table.js).
    """
    every_day = [first_day + dt.timedelta(days=n) for n in range(days or limits.DAYS_AHEAD)]
    trails: dict[str, list[list[str]]] = {}
    for day in _find_state_changes(city, first_day, len(every_day)):
        for id_, row in _captions_on(city, lang, day):
            rows = trails.setdefault(id_, [])
            if not rows or rows[-1][1:] != row:
                rows.append([day.isoformat(), *row])
    # As text: an empty cell is a NaN, which does not equal itself.
    offers = [repr(status.benefits_on(city.benefits, day)) for day in every_day]
    return {
        "first": first_day.isoformat(),
        "last": every_day[-1].isoformat(),
        "zone": city.catalog.zone.key,
        "lang": lang,
        "trails": trails,
        "offers": [
            [day.isoformat(), _offers_on(city, lang, day)]
            for day in _find_changes(offers, every_day)
        ],
        "legend": map_legend.describe_states(city, lang),
        "words": _list_state_words(city, lang),
    }


@lru_cache(maxsize=2)
def _find_state_changes(city: Snapshot, first_day: dt.date, days: int) -> list[dt.date]:
    """Find the days on which a trail has another state than before; the same in every language."""
    every_day = [first_day + dt.timedelta(days=n) for n in range(days)]
    return _find_changes([_states_on(city, day) for day in every_day], every_day)


def _offers_on(city: Snapshot, lang: str, day: dt.date) -> list[list[str]]:
    """Return title, rate and facts of each offer of a day."""
    return [[offer.title, offer.rate, offer.facts] for offer in list_benefits(city, lang, day)]


def _states_on(city: Snapshot, day: dt.date) -> list[tuple[Any, ...]]:
    """Return the state of every trail on a day, to be compared with another day's."""
    trails = city.trails_on(day)
    return (
        []
        if trails is None
        else list(trails[list_state_columns()].itertuples(index=False, name=None))
    )


def _captions_on(city: Snapshot, lang: str, day: dt.date) -> list[tuple[str, list[str]]]:
    """Return the id of each trail with its state, the words for it, and the short words."""
    layer = city.layer_of(Role.TRAILS)
    if layer is None:
        return []
    ids = [str(id_) for id_ in city.layers[layer].index]
    captions = Captions(city, lang, day).of(layer)
    texts = ([caption.state, caption.state_text, caption.state_short] for caption in captions)
    return list(zip(ids, texts, strict=True))


def _find_changes(values: list[Any], days: list[dt.date]) -> list[dt.date]:
    """Find the days whose value is another than that of the day before; the first is one."""
    before = [None, *values[:-1]]
    return [
        day for day, old, new in zip(days, before, values, strict=True) if old is None or old != new
    ]


def _list_state_words(city: Snapshot, lang: str) -> dict[str, str]:
    say = city.phrases(lang).say
    return {
        "status": say(N_("Status on {day}")),
        "late": say(
            N_("Not certain: these pages were written on {day} and do not know about today.")
        ),
        "unknown": say(N_("Not certain")),
        "no_offer": say(N_("No confirmed offer today.")),
    }
