"""How one gets to a trail: stops, car parks and toilets near its ends, as its page lists them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd

from mapserver.analysis import arrivals
from mapserver.errors import N_, fill
from mapserver.geo import geodesy
from mapserver.geo.geodesy import MAP_DECIMALS
from mapserver.model import LINES, Role
from mapserver.settings import walking
from mapserver.text import language
from mapserver.text.cell_text import read_cell_text
from mapserver.web.pages.directions import link_walk
from mapserver.web.pages.site import Site

SHOWN_PLACES = {Role.STOPS: 4, Role.PARKING: 3, Role.TOILETS: 3}
"""So many of each kind are enough to choose from; they come in this order."""
SIGNS = {Role.STOPS: "bus", Role.PARKING: "park", Role.TOILETS: "wc"}
NOWHERE = {
    Role.STOPS: N_("No stop (within {distance})"),
    Role.PARKING: N_("No car park in the register (within {distance})"),
    Role.TOILETS: N_("No public toilet in the register (within {distance})"),
}
"""What is said of a city that has the layer, where nothing of it is within reach."""
UNPLACED = {
    Role.STOPS: N_(
        "No stop known to be within {distance} (stops whose place the register does not say: "
        "{count})"
    ),
    Role.PARKING: N_(
        "No car park known to be within {distance} (car parks whose place the register does not "
        "say: {count})"
    ),
    Role.TOILETS: N_(
        "No public toilet known to be within {distance} (toilets whose place the register does not "
        "say: {count})"
    ),
}
"""The same where the register has rows without a place: one of them may be near."""
STARTS = {
    "start": N_("{minutes} min on foot from one end ({distance})"),
    "end": N_("{minutes} min on foot from the other end ({distance})"),
    "entrance": N_("{minutes} min on foot from the entrance ({distance})"),
}
ALONE = N_("{minutes} min on foot ({distance})")
"""Where the trail has one place alone at which one comes to it."""
TOWARDS = re.compile(r"\s*(?:방향|방면)$|^(?:towards|toward|to|for)\s+", re.IGNORECASE)
"""What registers write behind the name of a direction, or before it."""
WHOLE_DAYS = frozenset(
    f"{opens}-{closes}" for opens in ("00:00", "0:00") for closes in ("23:59", "24:00", "23:59:59")
)
"""Hours of a day without a pause: registers have no 24:00, and write the minute before."""
HOURS = {
    "weekday_hours": N_("weekdays {hours}"),
    "saturday_hours": N_("Saturdays {hours}"),
    "holiday_hours": N_("holidays {hours}"),
}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A stop, car park or toilet near a trail.

    Attributes
    ----------
    sign
        Its sign in sprite.html.
    name
        What the register calls it; what it is where that says nothing.
    way
        Minutes and metres, from which end.
    facts
        What else is known, each a text; those of the file stand as they are.
    walk
        Address of a map with the way on foot from it; None where no map shows one.
    """

    sign: str
    name: str
    way: str
    facts: list[str]
    walk: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class ArrivalGroup:
    """What there is of one kind; ``nowhere`` says that there is none, and within what distance."""

    role: str
    sign: str
    places: list[Arrival]
    nowhere: str


def list_arrivals(site: Site, trail: str) -> list[ArrivalGroup]:
    """List the places near the ends of a trail by kind; a kind without a layer is left out.

    Parameters
    ----------
    site
        The city in the reader's language.
    trail
        Its id. One without a line has no ends, and no groups.
    """
    trails = site.city.trails
    if trails is None or trail not in trails.index or _has_no_line(trails.geometry.loc[trail]):
        return []
    groups = []
    for role, shown in SHOWN_PLACES.items():
        layer = site.city.layer_of(role)
        if layer is None:
            continue
        places = _describe_places(site, trails, trail, role, layer)[:shown]
        nowhere = "" if places else _write_nowhere(site, role, layer)
        groups.append(ArrivalGroup(str(role), SIGNS[role], places, nowhere))
    return groups


def _write_nowhere(site: Site, role: Role, layer_id: str) -> str:
    """Write that nothing is within reach, and of how many of the register nobody knows."""
    layer = site.city.layers[layer_id]
    count = site.city.derived.get(
        ("without a place", str(role)),
        (layer,),
        lambda: int((layer.geometry.isna() | layer.geometry.is_empty).sum()),
    )
    words = {
        "distance": language.distance(walking.ARRIVAL_REACH_M, site.lang),
        "count": site.number(count),
    }
    return fill(site.say((UNPLACED if count else NOWHERE)[role]), words)


def _has_no_line(line: Any) -> bool:
    return line is None or line.is_empty


def _describe_places(
    site: Site, trails: gpd.GeoDataFrame, trail: str, role: Role, layer_id: str
) -> list[Arrival]:
    city, layer = site.city, site.city.layers[layer_id]
    # Once for all trails of a snapshot: each page asks for its own rows.
    pairs = city.derived.get(
        ("arrivals", str(role), city.metric_crs),
        (trails, layer, city.facilities),
        lambda: arrivals.find_arrivals(trails, layer, city.facilities, city.metric_crs),
    )
    own_pairs = pairs[pairs["trail"] == trail]
    has_one_start = len(arrivals.list_starts(trails.loc[[trail]], city.facilities)) == 1
    # Of several ends from which a place is in reach the nearest counts: pairs come nearest first.
    nearest = own_pairs.drop_duplicates("place")
    rows = layer.loc[nearest["place"]]
    facts = FACTS[role](site, rows)
    return [
        Arrival(
            sign=SIGNS[role],
            name=_write_name(site, role, rows.iloc[position]),
            way=_write_way(site, pair, has_one_start=has_one_start),
            facts=facts[position],
            walk=_link_walk(site, trail, rows.iloc[position], pair)
            if role == Role.STOPS and position == 0
            else None,
        )
        for position, pair in enumerate(nearest.to_dict("records"))
    ]


def _link_walk(
    site: Site, trail: str, stop: pd.Series, pair: Mapping[Any, Any]
) -> dict[str, str] | None:
    """Return a link to the way on foot from a stop to the end of the trail that is nearest."""
    point = stop["geometry"].centroid
    start = _round_place(_write_name(site, Role.STOPS, stop), point.x, point.y)
    name = site.places(Role.TRAILS)[trail].name
    return link_walk(site, start, _round_place(name, pair["lon"], pair["lat"]))


def _round_place(name: str, lon: float, lat: float) -> tuple[str, float, float]:
    return name, round(float(lon), MAP_DECIMALS), round(float(lat), MAP_DECIMALS)


def _write_name(site: Site, role: Role, row: pd.Series) -> str:
    return _read_translated(site, row, "name") or site.say(str(role.row.word))


def _read_translated(site: Site, row: Mapping[Any, Any] | pd.Series, column: str) -> str:
    """Read a cell in the reader's language where the file has one, else as the office wrote it.

    Words that the national registers have again and again are translated.
    """
    own_text = read_cell_text(row.get(f"{column}_{site.lang}"))
    return own_text or language.word(read_cell_text(row.get(column)), site.lang)


def _write_way(site: Site, pair: Mapping[Any, Any], *, has_one_start: bool) -> str:
    # Metres in a straight line at the speed of people in shoes; less than a minute is one.
    minutes = max(1, round(pair["distance_m"] / geodesy.WALKING_M_PER_MIN))
    words = {
        "minutes": site.number(minutes),
        "distance": language.distance(pair["distance_m"], site.lang),
    }
    return fill(site.say(ALONE if has_one_start else STARTS[pair["start"]]), words)


def _list_stop_facts(site: Site, rows: gpd.GeoDataFrame) -> list[list[str]]:
    """List what is on the pole: its number, to where the bus goes, and which lines stop there."""
    return [
        _fill_known(
            site,
            (N_("number on the pole {number}"), {"number": row.get("pole_number")}),
            (N_("towards {direction}"), {"direction": _read_direction(site, row)}),
            (N_("lines: {lines}"), {"lines": row.get(LINES)}),
        )
        for row in rows.to_dict("records")
    ]


def _read_direction(site: Site, row: Mapping[Any, Any]) -> str:
    """Read to where a bus goes, without the word for it that our own text says."""
    text = TOWARDS.sub("", _read_translated(site, row, "direction"))
    # A dash says that nobody has entered it.
    return text if any(map(str.isalnum, text)) else ""


def _write_hours(site: Site, hours: str) -> str:
    """Write hours of a car park; a whole day as people say it, all else as the register does."""
    return site.say(N_("24 hours")) if hours in WHOLE_DAYS else hours


def _list_parking_facts(site: Site, rows: gpd.GeoDataFrame) -> list[list[str]]:
    """List bays for disabled people first, then fee and hours."""
    bays, hours = arrivals.accessible_bays(rows), arrivals.opening_hours(rows)
    words = {
        True: N_("bays for disabled people"),
        False: N_("no bays for disabled people"),
        None: N_("bays for disabled people: not known"),
    }
    return [
        [
            site.say(words[bays.iloc[position]]),
            *_fill_known(
                site,
                (N_("fee: {fee}"), {"fee": _read_translated(site, row, "fee")}),
                *(
                    (text, {"hours": _write_hours(site, hours[column].iloc[position])})
                    for column, text in HOURS.items()
                ),
            ),
        ]
        for position, row in enumerate(rows.to_dict("records"))
    ]


def _list_toilet_facts(site: Site, rows: gpd.GeoDataFrame) -> list[list[str]]:
    """List when it is open, in the office's words, and whether it has a place for wheelchairs."""
    answers = arrivals.accessible_toilets(rows)
    words = {
        True: N_("toilet for disabled people"),
        False: N_("no toilet for disabled people"),
        None: N_("toilet for disabled people: not known"),
    }
    return [
        [
            *(
                _fill_known(
                    site,
                    (N_("open: {hours}"), {"hours": _read_translated(site, row, "hours")}),
                    ("{hours}", {"hours": _read_translated(site, row, "hours_note")}),
                )
                or [site.say(N_("hours not known"))]
            ),
            site.say(words[answers.iloc[position]]),
        ]
        for position, row in enumerate(rows.to_dict("records"))
    ]


def _fill_known(site: Site, *texts: tuple[str, dict[str, Any]]) -> list[str]:
    """Fill the texts whose value is known; what the file says stays as it is."""
    # A text with two values is left out if either is missing: half of it would mislead.
    values = [(text, {name: read_cell_text(cell) for name, cell in v.items()}) for text, v in texts]
    return [
        fill(site.say(text) if text != "{hours}" else text, cells)
        for text, cells in values
        if all(cells.values())
    ]


FACTS: dict[Role, Callable[[Site, gpd.GeoDataFrame], list[list[str]]]] = {
    Role.STOPS: _list_stop_facts,
    Role.PARKING: _list_parking_facts,
    Role.TOILETS: _list_toilet_facts,
}
"""What is said of each kind beside its name and the way; a list of texts for each row."""
