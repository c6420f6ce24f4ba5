"""The trails of the first page: those that are open first, the nearest to a named place first."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mapserver.geo import geodesy
from mapserver.model import Role, Snapshot
from mapserver.settings import limits
from mapserver.web.pages.listed import ListedFeature, ListedTrail

RANKED_TRAILS = 3
"""So many trails are the answer; all others stand below them."""
BESIDE_M = 8.0
"""So near to a trail one stands on it: there is no way to walk."""


@dataclass(frozen=True, slots=True)
class Start:
    """A named place from which ways are measured.

    Attributes
    ----------
    id, name
        Of the neighbourhood; both are empty for the middle of a city that has none.
    lon, lat
        A place inside of it, in degrees.
    """

    id: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class NearTrail:
    """A trail with the way to it.

    Attributes
    ----------
    trail
        The trail.
    distance_m
        Metres in a straight line from the start to its nearest point; NaN where it is not drawn.
    minutes
        Minutes on foot; None where it is not drawn.
    """

    trail: ListedTrail
    distance_m: float

    @property
    def minutes(self) -> int | None:
        """Minutes on foot, at least one; None where the trail is not drawn."""
        if math.isnan(self.distance_m):
            return None
        return max(1, round(self.distance_m / geodesy.WALKING_M_PER_MIN))

    @property
    def is_beside(self) -> bool:
        """Whether the start lies on the trail or beside it."""
        return self.distance_m < BESIDE_M


def list_starts(areas: Iterable[ListedFeature]) -> list[Start]:
    """List the neighbourhoods from which one can ask: those that have a place."""
    return [
        Start(area.id, area.name, area.lon, area.lat) for area in areas if not math.isnan(area.lon)
    ]


def choose_start(trails: list[ListedTrail], starts: list[Start], wanted: str = "") -> Start | None:
    """Choose the place from which the first page counts, before a position is known.

    Parameters
    ----------
    trails
        All trails of the city.
    starts
        Its neighbourhoods.
    wanted
        Id of the neighbourhood that somebody has chosen; an unknown one is as if it were empty.

    Returns
    -------
    Start or None
        The neighbourhood wanted, else the one in the middle of the trails: the sum of its
        distances to all of them is the smallest. In a city without neighbourhoods it is the trail
        in the middle, without a name. None where no trail has a place.
    """
    places = [trail.place for trail in trails if not math.isnan(trail.place.lon)]
    for start in starts:
        if start.id == wanted:
            return start
    if not places:
        return starts[0] if starts else None
    candidates = starts or [Start("", "", place.lon, place.lat) for place in places]
    # Very many trails are sampled: the middle of every tenth lies where that of all does.
    step = math.ceil(len(places) / limits.MAX_K)
    return candidates[_find_middle(candidates, places[::step])]


def _find_middle(candidates: list[Start], places: list[ListedFeature]) -> int:
    """Find the position of the candidate whose distances to all places have the smallest sum."""
    # A degree of longitude is shorter by the cosine of the latitude; that is exact enough to
    # compare sums within a city. Across the 180th meridian the shorter way counts.
    lon, lat = np.array([(place.lon, place.lat) for place in places]).T
    sums = []
    for start in candidates:
        east_deg = ((lon - start.lon + 180) % 360 - 180) * math.cos(math.radians(start.lat))
        sums.append(float(np.hypot(east_deg, lat - start.lat).sum()))
    return int(np.argmin(sums))


def list_near_trails(
    city: Snapshot, trails: list[ListedTrail], start: Start | None
) -> list[NearTrail]:
    """List all trails: those that are open first, and of these and the others the nearest first."""
    distances_m = {} if start is None else _measure_distances(city, start)
    near = [NearTrail(trail, distances_m.get(trail.place.id, math.nan)) for trail in trails]
    return sorted(near, key=_rank_trail)


def _rank_trail(near: NearTrail) -> tuple[bool, float, str]:
    """Return what a trail is sorted by; one without a place comes last."""
    distance_m = math.inf if math.isnan(near.distance_m) else near.distance_m
    return not near.trail.is_open, distance_m, near.trail.place.name.casefold()


def _measure_distances(city: Snapshot, start: Start) -> dict[str, float]:
    """Measure how far the trails are from a place, in geodesic metres by id."""
    layer = city.layer_of(Role.TRAILS)
    if layer is None or city.layers[layer].empty:
        return {}
    frame = city.layers[layer]
    pairs = city.find_nearest(start.lon, start.lat, layer=layer, k=min(len(frame), limits.MAX_K))
    ids = frame.index[pairs.feature]
    return {str(id_): float(m) for id_, m in zip(ids, pairs.distance_m, strict=True)}
