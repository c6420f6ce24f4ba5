"""Rows that cannot be answered: why, how many of each kind, and which is the first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS

from mapserver.errors import N_, DataError
from mapserver.geo import extent, geodesy
from mapserver.geo.extent import Box
from mapserver.geo.geodesy import Floats
from mapserver.geo.outside import is_farther_outside
from mapserver.joining.place_columns import is_lonlat
from mapserver.joining.question import PartResult

FINE, MISSING, NO_PLACE, SWAPPED, OUTSIDE = range(5)
"""Codes of what a row is."""
PROBLEMS = ("", "missing", "no place", "likely swapped", "outside")
"""What the column ``problem`` says, by code; null where a row is fine."""
SENTENCES = {
    "missing": N_("it has no place: a coordinate or the geometry is empty"),
    "no place": N_("{x}, {y} is no place on earth"),
    "likely swapped": N_("{x}, {y} lies in the city with x and y swapped"),
    "outside": N_("{x}, {y} lies far outside of the city"),
}
NO_POINT = N_("it is no point: another geometry, a damaged one, or a number that is infinite")
OUTSIDE_M = 50_000.0
"""What is farther from the box of the city and the layers asked is outside: as far as a plane keeps
the order of distances (docs/searching.md), and farther than a shop at the edge of a country is from
the last district. A search that reaches farther moves it out; none that is within reach is bad."""
EDGE_POINTS = 21
"""Points along each side of a box that are projected: between them it bends by some metres."""
Codes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


class BadRows:
    """Finds rows that cannot be answered.

    Parameters
    ----------
    crs
        Of the places.
    box
        West, south, east, north of the layers that are asked and of the city; None where nothing
        has a place, and then nothing is swapped or outside.
    max_distance_m
        How far the search reaches; infinite where everything on earth is within reach.
    """

    def __init__(self, crs: CRS, box: Box | None, max_distance_m: float) -> None:
        self._to_degrees = (
            None if is_lonlat(crs) else geodesy.build_transformer(crs, geodesy.LONLAT).transform
        )
        self._box = box
        self._reach_m = max(OUTSIDE_M, max_distance_m)
        self._sure = self._find_sure_box(crs)

    def _find_sure_box(self, crs: CRS) -> Box | None:
        """Find a box of x and y that is in or near the city for sure; None where there is none."""
        box = self._box
        if box is None or box[0] > box[2] or is_lonlat(crs):
            return None if box is None or box[0] > box[2] else box
        forward = geodesy.build_transformer(geodesy.LONLAT, crs)
        plane = forward.transform_bounds(*box, densify_pts=EDGE_POINTS)
        if not np.isfinite(plane).all():
            return None
        # A box turns and bends when it is projected, so the box around it reaches a little beyond
        # the city. As long as that is near the city, none of it is outside.
        back = geodesy.build_transformer(crs, geodesy.LONLAT)
        west, south, east, north = back.transform_bounds(*plane, densify_pts=EDGE_POINTS)
        corners = [west, west, east, east], [south, north, south, north]
        if not np.isfinite([*corners[0], *corners[1]]).all():
            return None
        return None if is_farther_outside(*corners, box, OUTSIDE_M).any() else plane

    def classify(self, x: Floats, y: Floats, is_missing: Mask | None) -> Codes | None:
        """Say of each row whether it can be answered.

        Parameters
        ----------
        x, y
            Places in the CRS, east before north.
        is_missing
            Rows that have none at all.

        Returns
        -------
        ndarray of uint8 or None
            A code each; None where all rows are fine.
        """
        doubtful = self._find_doubtful(x, y)
        if not len(doubtful):
            # What is missing is NaN, so it is among the doubtful.
            return None
        codes = np.full(len(doubtful), FINE, np.uint8)
        at_x, at_y = x[doubtful], y[doubtful]
        lon, lat = self._convert(at_x, at_y)
        is_placed = find_places_on_earth(lon, lat)
        codes[~is_placed] = NO_PLACE
        if self._box is not None:
            is_near = np.zeros(len(doubtful), bool)
            is_near[is_placed] = extent.is_within(lon[is_placed], lat[is_placed], self._box)
            others = np.flatnonzero(~is_near)
            is_far = np.ones(len(others), bool)
            placed = is_placed[others]
            at = others[placed]
            if np.isfinite(self._reach_m):
                is_far[placed] = is_farther_outside(lon[at], lat[at], self._box, self._reach_m)
                codes[at[is_far[placed]]] = OUTSIDE
            # Only what is no place, or far away, may be swapped: a neighbour of the city is not.
            far = others[is_far]
            turned = self._convert(at_y[far], at_x[far])
            is_turned = find_places_on_earth(*turned)
            is_turned[is_turned] = extent.is_within(
                turned[0][is_turned], turned[1][is_turned], self._box
            )
            codes[far[is_turned]] = SWAPPED
        if is_missing is not None:
            codes[is_missing[doubtful]] = MISSING
        if not codes.any():
            return None
        everything = np.full(len(x), FINE, np.uint8)
        everything[doubtful] = codes
        return everything

    def _find_doubtful(self, x: Floats, y: Floats) -> npt.NDArray[np.intp]:
        """Find the rows that do not lie in the city for sure; NaN lies nowhere."""
        if self._sure is None:
            return np.arange(len(x))
        west, south, east, north = self._sure
        with np.errstate(invalid="ignore"):
            is_sure = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        return np.flatnonzero(~is_sure)

    def _convert(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        if self._to_degrees is None:
            return x, y
        lon, lat = self._to_degrees(x, y)
        return np.asarray(lon), np.asarray(lat)


def find_places_on_earth(lon: Floats, lat: Floats) -> Mask:
    """Return which pairs of degrees are places on earth."""
    with np.errstate(invalid="ignore"):
        is_place: Mask = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    return is_place


def count_kinds(codes: Codes, first_row: int) -> dict[str, tuple[int, int]]:
    """Count the bad rows of a batch by kind, with the number of the first of each.

    Parameters
    ----------
    codes
        What each row of the batch is.
    first_row
        The number of the batch's first row in its file; rows are counted from 1.
    """
    counts = np.bincount(codes, minlength=len(PROBLEMS))
    return {
        PROBLEMS[code]: (int(counts[code]), int(np.argmax(codes == code)) + first_row)
        for code in range(MISSING, len(PROBLEMS))
        if counts[code]
    }


def add_kinds(
    counts: dict[str, tuple[int, int]], more: dict[str, tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    """Return the counts of two batches of a file, the earlier one first."""
    summed = dict(counts)
    for kind, (count, first) in more.items():
        earlier, row = counts.get(kind, (0, first))
        summed[kind] = (earlier + count, row)
    return summed


def tabulate_bad_rows(results: Iterable[PartResult]) -> pd.DataFrame:
    """Tabulate bad rows of all parts: how many of each kind, and the first of each.

    Parameters
    ----------
    results
        Of the parts, in their order.

    Returns
    -------
    DataFrame
        A row for each kind that there is: ``problem``, ``rows``, ``file`` and ``row`` (counted from
        1) of the first.
    """
    table: dict[str, list[Any]] = {}
    for result in results:
        for kind, (count, first) in result.bad.items():
            line = table.setdefault(kind, [kind, 0, result.name, first])
            line[1] += count
    lines = [table[kind] for kind in PROBLEMS[MISSING:] if kind in table]
    return pd.DataFrame(lines, columns=["problem", "rows", "file", "row"])


def refuse_bad_row(kind: str, name: str, row: int, x: float, y: float) -> DataError:
    """Return the error that ends a join at its first bad row."""
    # A line, or bytes that are no geometry, have no coordinates to be shown.
    is_number = np.isfinite(x) and np.isfinite(y)
    return DataError(
        SENTENCES[kind] if is_number or kind == "missing" else NO_POINT,
        where=f"{name}, row {row}",
        mend=N_('Mend the row, or keep bad rows, marked: --on-bad keep, on_bad="keep" in Python'),
        x=x,
        y=y,
    )
