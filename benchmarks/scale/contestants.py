"""Who joins: ours, in threads and on Dask, and what a planner could install instead.

Ours is asked in a notebook that has the city open, as the others have the layers; and the command
``mapserver join`` is measured from its start to its end, with opening the city and letting it go.

Each reads points from Parquet, finds districts or the nearest trail, and writes Parquet. The others
are given the layers in memory, and for the nearest points and trails in a plane, projected for
free; theirs are distances in that plane.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import shapely

from benchmarks.scale.memory import run_child

PLANE = 5186
REACH_M = 2_000.0
"""DuckDB has no nearest: what is within so many metres is compared, and farther is not found."""

Run = Callable[[], Any]


@dataclass(frozen=True)
class Contestant:
    """One way to join points.

    Attributes
    ----------
    name, question
        What it is called, and ``district`` or ``nearest``.
    prepare
        Called with the folder of the country, the points and a folder for answers; returns what is
        measured.
    most_rows
        From so many points its time is extrapolated: more would take too long.
    """

    name: str
    question: str
    prepare: Callable[[Path, Path, Path], Run]
    most_rows: int


OPENED = (
    "import sys, pathlib; from mapserver.commands.options import open_wished_city; "
    "c = open_wished_city(pathlib.Path(sys.argv[1]), may_reopen=True); "
)
MADE = {
    "district": OPENED + "c.within_index('districts')",
    "nearest": OPENED + "c.nearest_index('trails')",
}
"""Makes what the first join leaves in the cache folder: the file of an index, and the city as it
was read. In a process of its own, for its memory stays."""
ASKED = {"district": ("--layer", "districts"), "nearest": ("--nearest", "trails")}


def command(question: str) -> Callable[[Path, Path, Path], Run]:
    def prepare(country: Path, points: Path, out: Path) -> Run:
        run_child([sys.executable, "-c", MADE[question], str(country)])
        places = "--city", str(country), "--out", str(out / "answers")
        words = ["join", str(points), *ASKED[question], *places]
        return lambda: run_child([sys.executable, "-m", "mapserver", *words])

    return prepare


def ours(question: str, scheduler: str | None) -> Callable[[Path, Path, Path], Run]:
    def prepare(country: Path, points: Path, out: Path) -> Run:
        import mapserver

        city = mapserver.open_city(country)
        ask = city.join if question == "district" else city.nearest
        # The index is made once for a layer, and then opened from its file.
        if question == "district":
            city.within_index("districts")
        else:
            city.nearest_index("trails")
        return lambda: ask(points, out=out / "answers", progress=False, scheduler=scheduler)

    return prepare


def geopandas_district(country: Path, points: Path, out: Path) -> Run:
    areas = gpd.read_parquet(country / "layers" / "districts.parquet")

    def run() -> None:
        for path in sorted(points.glob("*.parquet")):
            table = pd.read_parquet(path)
            places = gpd.points_from_xy(table["lon"], table["lat"])
            frame = gpd.GeoDataFrame(table, geometry=places, crs=4326)
            joined = frame.sjoin(areas, how="left", predicate="intersects")
            joined.to_parquet(out / path.name)

    return run


def geopandas_nearest(country: Path, points: Path, out: Path) -> Run:
    lines = gpd.read_parquet(country / "layers" / "trails.parquet").to_crs(PLANE)

    def run() -> None:
        for path in sorted(points.glob("*.parquet")):
            table = pd.read_parquet(path)
            places = gpd.points_from_xy(table["lon"], table["lat"], crs=4326).to_crs(PLANE)
            frame = gpd.GeoDataFrame(table, geometry=places)
            frame.sjoin_nearest(lines, distance_col="distance_m").to_parquet(out / path.name)

    return run


def sedona_district(country: Path, points: Path, out: Path) -> Run:
    engine = _open_sedona(country / "layers" / "districts.parquet", None)

    def run() -> None:
        engine.read_parquet(str(points)).to_view("p", overwrite=True)
        engine.sql(
            "SELECT p.id, p.lon, p.lat, s.id AS district_id, s.name AS district_name FROM p JOIN s"
            " ON ST_Intersects(s.geometry, ST_Point(p.lon, p.lat))"
        ).to_parquet(str(out / "answers.parquet"))

    return run


def sedona_nearest(country: Path, points: Path, out: Path) -> Run:
    engine = _open_sedona(country / "layers" / "trails.parquet", PLANE)
    plane = write_plane_points(points, out)

    def run() -> None:
        engine.read_parquet(str(plane)).to_view("p", overwrite=True)
        engine.sql(
            "SELECT p.id, p.lon, p.lat, s.id AS trail_id, s.name AS trail_name,"
            " ST_Distance(ST_Point(p.x, p.y), s.geometry) AS distance_m FROM p JOIN s"
            " ON ST_KNN(ST_Point(p.x, p.y), s.geometry, 1, false)"
        ).to_parquet(str(out / "answers.parquet"))

    return run


def duckdb_district(country: Path, points: Path, out: Path) -> Run:
    connection = _open_duckdb(country / "layers" / "districts.parquet", None)
    query = (
        "COPY (SELECT p.*, s.id AS district_id, s.name AS district_name FROM"
        f" (SELECT *, ST_Point(lon, lat) AS g FROM '{points}/*.parquet') p"
        f" JOIN s ON ST_Intersects(s.g, p.g)) TO '{out}/answers.parquet'"
    )
    return lambda: connection.execute(query)


def duckdb_nearest(country: Path, points: Path, out: Path) -> Run:
    connection = _open_duckdb(country / "layers" / "trails.parquet", PLANE)
    plane = write_plane_points(points, out)
    query = (
        "COPY (SELECT p.id, arg_min(s.id, ST_Distance(s.g, p.g)) AS trail_id,"
        " min(ST_Distance(s.g, p.g)) AS distance_m FROM"
        f" (SELECT *, ST_Point(x, y) AS g FROM '{plane}/*.parquet') p"
        f" JOIN s ON ST_DWithin(s.g, p.g, {REACH_M}) GROUP BY p.id) TO '{out}/answers.parquet'"
    )
    return lambda: connection.execute(query)


def _open_sedona(layer: Path, crs: int | None) -> Any:
    import sedona.db

    engine = sedona.db.connect()
    frame = _read_layer(layer, crs)
    # Without a CRS, as the points are: it compares nothing but numbers.
    frame = frame.set_crs(None, allow_override=True)
    engine.create_data_frame(frame).to_memtable().to_view("s")
    return engine


def _open_duckdb(layer: Path, crs: int | None) -> Any:
    import duckdb
    import duckdb_extensions
    import pyarrow as pa

    connection = duckdb.connect()
    duckdb_extensions.import_extension("spatial", con=connection)
    connection.execute("LOAD spatial")
    frame = _read_layer(layer, crs)
    table = {
        "id": pa.array(frame["id"].astype(object)),
        "name": pa.array(frame["name"].astype(object)),
        "w": pa.array(shapely.to_wkb(frame.geometry.to_numpy())),
    }
    connection.register("raw", pa.table(table))
    connection.execute("CREATE TABLE s AS SELECT id, name, ST_GeomFromWKB(w) AS g FROM raw")
    return connection


def _read_layer(layer: Path, crs: int | None) -> gpd.GeoDataFrame:
    frame = gpd.read_parquet(layer)
    return frame if crs is None else frame.to_crs(crs)


def write_plane_points(points: Path, out: Path) -> Path:
    """Write points with x and y beside lon and lat, before the clock starts."""
    from pyproj import Transformer

    forward = Transformer.from_crs(4326, PLANE, always_xy=True).transform
    folder = out / "plane"
    folder.mkdir()
    for path in sorted(points.glob("*.parquet")):
        table = pq.read_table(path)
        x, y = forward(table["lon"].to_numpy(), table["lat"].to_numpy())
        table = table.append_column("x", [np.asarray(x)]).append_column("y", [np.asarray(y)])
        pq.write_table(table, folder / path.name)
    return folder


CONTESTANTS = [
    Contestant("mapserver", "district", ours("district", None), 10**12),
    Contestant("mapserver, Dask, 2 workers", "district", ours("district", "local"), 10**12),
    Contestant("mapserver join, from start", "district", command("district"), 10**12),
    Contestant("SedonaDB", "district", sedona_district, 20_000_000),
    Contestant("DuckDB", "district", duckdb_district, 6_000_000),
    Contestant("geopandas", "district", geopandas_district, 2_000_000),
    Contestant("mapserver", "nearest", ours("nearest", None), 10**12),
    Contestant("mapserver, Dask, 2 workers", "nearest", ours("nearest", "local"), 10**12),
    Contestant("mapserver join, from start", "nearest", command("nearest"), 10**12),
    Contestant("SedonaDB, ST_KNN, planar", "nearest", sedona_nearest, 1_000_000),
    Contestant("geopandas, planar", "nearest", geopandas_nearest, 400_000),
    Contestant("DuckDB, within 2 km", "nearest", duckdb_nearest, 40_000),
]
