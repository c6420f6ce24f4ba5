"""Questions to a city: what may be asked, checked, and how the columns of an answer are called."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from mapserver.errors import N_, QueryError
from mapserver.geo import geodesy
from mapserver.index import Nearest
from mapserver.model.arguments import is_truth
from mapserver.settings import limits


def nearest_columns(pairs: Nearest) -> dict[str, npt.NDArray[Any]]:
    """Return the numbers of a nearest search, named as the contract does."""
    return {
        "distance_m": pairs.distance_m,
        "nearest_lon": pairs.lon,
        "nearest_lat": pairs.lat,
        "bearing_deg": pairs.bearing_deg,
        "walk_min": pairs.distance_m / geodesy.WALKING_M_PER_MIN,
    }


def rank_within(point: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Count the rows of each point from 1; the rows must be sorted by point."""
    return np.arange(len(point)) - np.searchsorted(point, point) + 1


def require_place(lon: float, lat: float) -> None:
    """Check that a place is one: two numbers, and somewhere on earth."""
    for name, value in (("lon", lon), ("lat", lat)):
        # Most are floats; asking the abstract class takes longer than all else here.
        if not isinstance(value, float) and not isinstance(value, numbers.Real):
            raise QueryError(
                N_("{value} is no number"),
                parameter=name,
                mend=N_("Give a number of degrees"),
                value=repr(value)[:80],
            )
    geodesy.require_lonlat(lon, lat)


def require_areas(layer: str, geometries: npt.NDArray[np.object_]) -> None:
    """Check that a layer has areas, which alone contain points; one without features may be asked.

    Parameters
    ----------
    layer
        Its id.
    geometries
        Its features.
    """
    # 2 is an area, 1 a line, 0 a point; a missing geometry is -1, and a collection its largest.
    dimensions = shapely.get_dimensions(geometries)
    if (dimensions >= 0).any() and not (dimensions == 2).any():
        raise QueryError(
            N_("the layer {layer} has no areas, so no point lies in one of them"),
            parameter="layer",
            mend=N_("Ask what is nearest in it: --nearest {layer}, or city.nearest(...) in Python"),
            layer=layer,
        )


def require_k(k: int) -> None:
    """Check that a number of answers is one that may be asked for."""
    # True is an integer to Python and would be 1; compiled code takes it for none.
    is_count = isinstance(k, numbers.Integral) and not is_truth(k)
    if not is_count or k not in range(1, limits.MAX_K + 1):
        raise QueryError(
            N_("k is {k}"), parameter="k", mend=N_("Ask for 1 to {most}"), k=k, most=limits.MAX_K
        )


def require_distance(max_distance_m: float | None) -> None:
    """Check that a distance is one: metres, 0 or more."""
    if max_distance_m is None:
        return
    is_number = isinstance(max_distance_m, numbers.Real) and not is_truth(max_distance_m)
    if not is_number or not max_distance_m >= 0:
        raise QueryError(
            N_("{metres} is not a distance"),
            parameter="max_distance_m",
            mend=N_("Give metres, 0 or more"),
            metres=max_distance_m,
        )
