"""The time zone of a city: where its days begin and end."""

from __future__ import annotations

import difflib
import re
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo, available_timezones

import numpy as np

from mapserver.geo import geodesy

DEFAULT_ZONE = "Asia/Seoul"
"""The zone of a city whose catalogue gives none."""

KOREA = (124.0, 33.0, 132.0, 43.5)
"""West, south, east and north of Korea in degrees."""

PLACE = re.compile(r"[+-]\d+")
"""A latitude or a longitude of the zone table: ``+4050``, ``-0740023``."""


def is_zone(name: str) -> bool:
    """Return whether the database of time zones has a name, in this very spelling.

    Examples
    --------
    >>> [is_zone(name) for name in ("America/New_York", "america/new_york", "EST5", "+09:00")]
    [True, False, False, False]
    """
    # The list is asked first: a name is a path below a folder, and must not lead out of it.
    return name in available_timezones()


@lru_cache(maxsize=64)
def find_zone(name: str | None) -> ZoneInfo:
    """Return a zone by its name; the default for none, or for one that there is not.

    Every request asks for the city's day, and the list of names is read from the disk each time.
    """
    return ZoneInfo(name if name is not None and is_zone(name) else DEFAULT_ZONE)


def suggest_zone(name: str) -> str:
    """Return the name that was probably meant; the default where none is alike.

    Examples
    --------
    >>> suggest_zone("America/NewYork"), suggest_zone("new york"), suggest_zone("Vienna")
    ('America/New_York', 'America/New_York', 'Europe/Vienna')
    """
    names = {_simplify(zone): zone for zone in sorted(available_timezones(), reverse=True)}
    # People write the city alone, so that the names are also searched without the continent.
    cities = {zone.rpartition("/")[2]: full for zone, full in names.items() if "/" in zone}
    for choices in (names, cities):
        if alike := difflib.get_close_matches(_simplify(name), choices, n=1, cutoff=0.75):
            return choices[alike[0]]
    return DEFAULT_ZONE


def _simplify(name: str) -> str:
    return re.sub(r"[ _-]", "", name).casefold()


def is_in_korea(lon: float, lat: float) -> bool:
    """Return whether a place lies in the box around Korea."""
    west, south, east, north = KOREA
    return west <= lon <= east and south <= lat <= north


def find_nearest_zone(lon: float, lat: float) -> str:
    """Find the zone of the place nearest to a point among those that the zone table names.

    It is likely and not certain: a border may lie between. So it is proposed, and never followed.

    Parameters
    ----------
    lon, lat
        Degrees on WGS 84.

    Returns
    -------
    str
        As the IANA database has it.

    Examples
    --------
    >>> find_nearest_zone(-71.06, 42.36), find_nearest_zone(-179.98, -16.8)
    ('America/New_York', 'Pacific/Fiji')
    """
    names, lons, lats = _read_zone_places()
    # Geodesic distances, which know nothing of an edge at 180 degrees.
    here = np.full(len(names), lon), np.full(len(names), lat)
    return names[int(np.argmin(geodesy.distance_m(*here, lons, lats)))]


@lru_cache(maxsize=1)
def _read_zone_places() -> tuple[list[str], geodesy.Floats, geodesy.Floats]:
    """Read names, longitudes and latitudes from ``zone.tab`` of the IANA database."""
    table = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and line[0] != "#"]
    names = [row[2] for row in rows]
    places = np.array([[_read_degrees(part) for part in PLACE.findall(row[1])] for row in rows])
    return names, places[:, 1], places[:, 0]


def _read_degrees(text: str) -> float:
    """Compute degrees from a sign, degrees, two digits of minutes, and perhaps two of seconds."""
    sign, digits = text[0], text[1:]
    # Latitudes have two digits of degrees and longitudes three: the number of digits says which.
    split = 2 + len(digits) % 2
    minutes = int(digits[split : split + 2]) + int(digits[split + 2 :] or 0) / 60
    value = int(digits[:split]) + minutes / 60
    return -value if sign == "-" else value
