"""Answers as plain values, rounded once for everybody: the API and the command line give these."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapserver.errors import N_
from mapserver.geo import extent, geodesy
from mapserver.geo.outside import distance_outside_m
from mapserver.index import Nearest, Snap
from mapserver.model import Features, Location, Snapshot
from mapserver.text.findings import Finding, Severity

# Metres to the millimetre, degrees to a centimetre, bearings and minutes to a tenth: finer
# digits would promise what neither GPS nor a walker has.
DIGITS = {"distance_m": 3, "nearest_lon": 7, "nearest_lat": 7, "bearing_deg": 1, "walk_min": 1}

SCALES = [10.0**digits for digits in range(8)]

FAR_M = 20_000
"""Whoever asks about a place so far outside of the city's bounds may mean another place."""


def describe_nearest(features: Features, nearest: Nearest) -> list[dict[str, Any]]:
    """Describe the features nearest to a point, with the numbers of the search as properties.

    Parameters
    ----------
    features
        The layer that was searched.
    nearest
        The features that are nearest to one point.
    """
    return [features.feature(snap.feature, describe_snap(snap)) for snap in nearest.list_snaps()]


def describe_snap(snap: Snap) -> dict[str, float]:
    """Describe the nearest place of a feature by its numbers, named as the contract does."""
    return {
        "distance_m": _round(snap.distance_m, DIGITS["distance_m"]),
        "nearest_lon": _round(snap.lon, DIGITS["nearest_lon"]),
        "nearest_lat": _round(snap.lat, DIGITS["nearest_lat"]),
        "bearing_deg": _round(snap.bearing_deg, DIGITS["bearing_deg"]),
        "walk_min": _round(snap.distance_m / geodesy.WALKING_M_PER_MIN, DIGITS["walk_min"]),
    }


def _round(value: float, digits: int) -> float:
    """Round as NumPy rounds arrays, in a tenth of the time for one number."""
    scale = SCALES[digits]
    return round(value * scale, 0) / scale


def round_answers(table: pd.DataFrame) -> pd.DataFrame:
    """Round the numbers of a table of answers as everywhere."""
    return table.round({name: DIGITS[name] for name in table.columns if name in DIGITS})


def describe_location(place: Location) -> dict[str, Any]:
    """Describe a location in the shape of ``GET /api/locate``."""
    answer = place.as_dict()
    if answer["border_distance_m"] is not None:
        answer["border_distance_m"] = round(answer["border_distance_m"], DIGITS["distance_m"])
    district = answer["nearest_district"]
    if district is not None:
        district["distance_m"] = round(district["distance_m"], DIGITS["distance_m"])
    return answer


def find_far_places(
    city: Snapshot, lons: npt.ArrayLike, lats: npt.ArrayLike, file: str = ""
) -> Finding | None:
    """Find places far outside of a city: they may be meant elsewhere, or lon and lat exchanged.

    Parameters
    ----------
    city
        Its bounds are those of everything in it.
    lons, lats
        Degrees on WGS 84, shape (n,).
    file
        Where they come from, for messages.

    Returns
    -------
    Finding or None
        A note with their count and the distance of the farthest; None where all are near.
    """
    lons, lats = np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64)
    if city.bounds is None or not len(lons):
        return None
    outside_m = distance_outside_m(lons, lats, city.bounds)
    is_far = outside_m > FAR_M
    if not is_far.any():
        return None
    # Latitude and longitude of one place rarely both lie in a city the other way round by chance.
    is_exchanged = extent.is_within(lats[is_far], lons[is_far], city.bounds).all()
    one_place_text, many_places_text = (
        N_("the place lies {km} km outside of the city"),
        N_("places over {limit} km outside of the city: {count} of {all}, up to {km} km"),
    )
    return Finding(
        Severity.NOTE,
        "far-away",
        file,
        one_place_text if len(lons) == 1 else many_places_text,
        N_("LON and LAT seem to be exchanged") if is_exchanged else N_("Look whether it is meant"),
        values={
            "km": f"{outside_m.max() / 1000:,.0f}",
            "count": int(is_far.sum()),
            "all": len(lons),
            "limit": FAR_M // 1000,
        },
    )
