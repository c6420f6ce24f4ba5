"""Compare walks along a network with straight ways: the detours of areas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from mapserver.analysis.frames import ALL, make_points
from mapserver.analysis.reach import Reach, lay_axes
from mapserver.geo import geodesy
from mapserver.geo.geodesy import Floats, Geometries

DETOUR_M = 50.0
"""Detours are measured at the places of a lattice of this step."""
DETOURS = ["detour_mean", "detour_median", "median_walk_min", "cut_off_share"]


def compare_detours(names: pd.Index, shapes: Geometries, reach: Reach) -> pd.DataFrame:
    """Compare the walk with the straight way at the places of a lattice in each area.

    Returns
    -------
    DataFrame
        Indexed by the ids of areas and ``all``, with the columns :data:`DETOURS`.
    """
    lattices = [_lay_lattice(shape, DETOUR_M) for shape in shapes]
    xy = np.concatenate([np.empty((0, 2)), *lattices])
    if not len(xy):
        return pd.DataFrame(np.nan, [*names, ALL], DETOURS)
    table = pd.DataFrame(
        {
            "area": np.repeat(np.arange(len(names)), [len(lattice) for lattice in lattices]),
            "walk": reach.measure_distances(xy),
            "straight": shapely.distance(make_points(xy), reach.lines),
        }
    )
    table["cut_off"] = ~np.isfinite(table["walk"])
    # Every place stands once for its area and once for all areas together, the row after the last.
    all_places = pd.concat([table, table.assign(area=len(names))])
    cut_off = all_places.groupby("area")["cut_off"].mean()
    # On a trail both ways are 0 m, and their ratio has no value.
    connected = all_places[~all_places["cut_off"] & (all_places["straight"] > 0)]
    minutes = connected["walk"].groupby(connected["area"]).median() / geodesy.WALKING_M_PER_MIN
    ratio = (connected["walk"] / connected["straight"]).groupby(connected["area"]).median()
    # The mean detour is the ratio of sums: a mean of ratios would be led by places next to trails.
    sums = connected.groupby("area")[["walk", "straight"]].sum()
    columns = (sums["walk"] / sums["straight"], ratio, minutes, cut_off)
    detours = pd.DataFrame(dict(zip(DETOURS, columns, strict=True)))
    return detours.reindex(range(len(names) + 1)).set_axis([*names, ALL])


def _lay_lattice(shape: shapely.Geometry, step_m: float) -> Floats:
    """Return the places of a lattice that lie in a shape, shape (n, 2)."""
    if shape is None or shape.is_empty:
        return np.empty((0, 2))
    xy = np.stack(np.meshgrid(*lay_axes(shape, step_m)), axis=-1).reshape(-1, 2)
    shapely.prepare(shape)
    inner_xy: Floats = xy[shapely.intersects_xy(shape, *xy.T)]
    return inner_xy
