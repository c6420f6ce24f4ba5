"""Answers as plain values, rounded once for everybody: the API and the command line give these."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from msgspec import structs

from mapserver.errors import N_
from mapserver.geo import extent, geodesy
from mapserver.geo.outside import distance_outside_m
from mapserver.index import Nearest, Snap
from mapserver.model import Features, Location, Snapshot
from mapserver.text.findings import Finding, Severity

# Metres to the millimetre, degrees to a centimetre, bearings and minutes to a tenth: finer
# digits would promise what neither GPS nor a walker has.
DIGITS = {"distance_m": 3, "nearest_lon": 7, "nearest_lat": 7, "bearing_deg": 1, "walk_min": 1}

THOUSAND = 10.0 ** DIGITS["distance_m"]
TEN_MILLION = 10.0 ** DIGITS["nearest_lon"]
TEN = 10.0 ** DIGITS["bearing_deg"]
WHOLE = 1.5 * 2.0**52
"""From here on floats are whole numbers."""

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
    _, metres, bearing, lon, lat = snap
    minutes = metres / geodesy.WALKING_M_PER_MIN
    # Each is rounded as NumPy rounds arrays: half to even. A sum with 1.5 * 2^52 has no room for a
    # fraction, so the processor rounds it; this takes a tenth of the time of round(). The numbers
    # are below 2^51: at most 1.8e9 for degrees, and 2e10 for metres.
    distance_m = ((metres * THOUSAND + WHOLE) - WHOLE) / THOUSAND
    # What is written as 0 m away has no bearing: that of nanometres would be one of rounding alone.
    if not distance_m:
        bearing = math.nan
    return {
        "distance_m": distance_m,
        "nearest_lon": ((lon * TEN_MILLION + WHOLE) - WHOLE) / TEN_MILLION,
        "nearest_lat": ((lat * TEN_MILLION + WHOLE) - WHOLE) / TEN_MILLION,
        "bearing_deg": ((bearing * TEN + WHOLE) - WHOLE) / TEN,
        "walk_min": ((minutes * TEN + WHOLE) - WHOLE) / TEN,
    }


def round_answers(table: pd.DataFrame) -> pd.DataFrame:
    """Round the numbers of a table of answers as everywhere."""
    rounded = table.round({name: DIGITS[name] for name in table.columns if name in DIGITS})
    if {"distance_m", "bearing_deg"} <= set(table.columns):
        rounded["bearing_deg"] = rounded["bearing_deg"].where(rounded["distance_m"] != 0)
    return rounded


def describe_location(place: Location) -> dict[str, Any]:
    """Describe a location in the shape of ``GET /api/locate``."""
    return round_location(place).as_dict()


def round_location(place: Location) -> Location:
    """Return a location with its distances rounded: what ``GET /api/locate`` answers with."""
    metres, district = place.border_distance_m, place.nearest_district
    if metres is not None:
        metres = ((metres * THOUSAND + WHOLE) - WHOLE) / THOUSAND
    if district is not None:
        district_m = ((district.distance_m * THOUSAND + WHOLE) - WHOLE) / THOUSAND
        district = structs.replace(district, distance_m=district_m)
    return structs.replace(place, nearest_district=district, border_distance_m=metres)


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
