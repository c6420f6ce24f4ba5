"""A country as a city folder, and points by the million as Parquet, made from fixed seeds."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.index.scenes import make_shapes

SEED = 20261125
PART_ROWS = 2_000_000
TOWNS, TOWN_DEG = 400, 0.03
"""Half of the points lie around so many towns, within some three kilometres of their middles."""
WEST, SOUTH, EAST, NORTH = 125.3, 32.7, 128.3, 36.1
"""Of the points, in degrees: the country's middle, so that nearly all have a trail in reach."""
MORTON_BITS = 16
"""Of each axis: cells of five metres in longitude and six in latitude."""


def write_country(folder: Path, trails: int | None = None, districts: int | None = None) -> Path:
    """Write a city folder of the country's trails and districts, or of some all over it.

    Parameters
    ----------
    folder
        Made if it is not there; one that is there is taken as it is.
    trails, districts
        How many; None for all, 100,000 and 15,000.
    """
    if (folder / "layers" / "catalog.toml").exists():
        return folder
    (folder / "layers").mkdir(parents=True)
    (folder / "gpx").mkdir()
    lines, polygons = make_shapes()
    entries = ['title = "Country"']
    for role, shapes in (
        ("trails", _spread(lines, trails)),
        ("districts", _spread(polygons, districts)),
    ):
        ids = [f"{role[0]}{i:06d}" for i in range(len(shapes))]
        names = [f"{role[:-1]} {i}" for i in range(len(shapes))]
        frame = gpd.GeoDataFrame({"id": ids, "name": names}, geometry=shapes, crs=5186)
        frame.to_crs(4326).to_parquet(folder / "layers" / f"{role}.parquet")
        entries += ["[[layers]]", f'id = "{role}"', f'file = "{role}.parquet"', f'role = "{role}"']
    (folder / "layers" / "catalog.toml").write_text("\n".join(entries), "utf-8")
    return folder


def _spread(shapes: np.ndarray, count: int | None) -> np.ndarray:
    """Return so many of some shapes, as far apart in their order as can be."""
    if count is None:
        return shapes
    return shapes[np.linspace(0, len(shapes) - 1, count).astype(int)]


def write_points(folder: Path, rows: int, order: str) -> Path:
    """Write points as Parquet files with the columns id, lon and lat.

    Parameters
    ----------
    folder
        Of the files; one that is there is taken as it is.
    rows
        How many points.
    order
        ``random``, or ``sorted`` by Morton code, as files of a map server's tiles are.
    """
    place = folder / f"{rows}-{order}"
    if place.exists():
        return place
    random = np.random.default_rng(SEED)
    towns = random.uniform((WEST, SOUTH), (EAST, NORTH), (TOWNS, 2))
    half = rows // 2
    at = random.integers(0, TOWNS, half)
    lon = np.concatenate([
        random.normal(towns[at, 0], TOWN_DEG), random.uniform(WEST, EAST, rows - half)
    ])  # fmt: skip
    lat = np.concatenate([
        random.normal(towns[at, 1], TOWN_DEG), random.uniform(SOUTH, NORTH, rows - half)
    ])  # fmt: skip
    order_of_rows = (
        np.argsort(_morton_code(lon, lat)) if order == "sorted" else random.permutation(rows)
    )
    draft = folder / f".{place.name}"
    draft.mkdir(parents=True, exist_ok=True)
    # Four parts at least, so that threads and workers have something to share.
    step = min(PART_ROWS, -(-rows // 4))
    for number, start in enumerate(range(0, rows, step)):
        some = order_of_rows[start : start + step]
        table = pa.table({"id": start + np.arange(len(some)), "lon": lon[some], "lat": lat[some]})
        pq.write_table(table, draft / f"part-{number:05d}.parquet", use_dictionary=False)
    return draft.rename(place)


def _morton_code(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Compute the Morton code of places: the bits of both axes in turns."""
    cells = 1 << MORTON_BITS
    codes = np.zeros(len(lon), np.uint64)
    for shift, values, low, high in ((0, lon, WEST, EAST), (1, lat, SOUTH, NORTH)):
        cell = np.clip((values - low) / (high - low) * cells, 0, cells - 1).astype(np.uint64)
        for bit in range(MORTON_BITS):
            codes |= ((cell >> np.uint64(bit)) & np.uint64(1)) << np.uint64(2 * bit + shift)
    return codes
