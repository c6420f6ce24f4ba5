"""The contestants: ours and what a planner could install instead, each with a build and an ask.

Every contestant gets a scene and a number of threads, and returns for each point either the
distance to the nearest line, or the pairs of points and polygons that contain them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.index.scenes import Scene

Ask = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Contestant:
    """One index that answers a question (``nearest`` or ``within``).

    Attributes
    ----------
    build
        Called with a scene and a number of threads; returns the function that answers for x and y.
    share
        The share of the points that it answers: a slow one gets fewer, so that a run takes minutes.
    exact
        Whether its answers must equal ours.
    """

    name: str
    question: str
    build: Callable[[Scene, int], Ask]
    share: float = 1.0
    exact: bool = True


def ask_in_threads(ask: Ask, threads: int) -> Ask:
    """Ask in chunks on several threads."""
    if threads == 1:
        return ask

    def ask_sorted(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        cuts = np.linspace(0, len(x), 4 * threads + 1).astype(int)
        with ThreadPoolExecutor(threads) as pool:
            parts = pool.map(lambda a, b: ask(x[a:b], y[a:b]), cuts[:-1], cuts[1:])
            return np.concatenate(list(parts))

    return ask_sorted


def ask_in_space(ask: Ask) -> Ask:
    """Ask for points that are near one another together; return the answers in the order given."""

    def ask_sorted(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        side = max(int(np.sqrt(len(x) / 64)), 1)
        row = np.floor((y - y.min()) / (np.ptp(y) + 1e-9) * side)
        order = np.lexsort((x, row))
        answer = np.empty(len(x))
        answer[order] = ask(x[order], y[order])
        return answer

    return ask_sorted


# -- nearest -------------------------------------------------------------------------------------


def ours_nearest(scene: Scene, threads: int) -> Ask:
    from mapserver.geo.threads import use_threads
    from mapserver.index import PlaneIndex

    index = PlaneIndex.of(scene.lines)

    def ask(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        with use_threads(threads):
            return index.query(x, y).distance

    return ask


def shapely_lines(scene: Scene, threads: int) -> Ask:
    tree = shapely.STRtree(scene.lines)
    return ask_in_threads(_query_nearest(tree), threads)


def shapely_segments(scene: Scene, threads: int) -> Ask:
    tree = shapely.STRtree(split_segments(scene.lines))
    return ask_in_space(ask_in_threads(_query_nearest(tree), threads))


def _query_nearest(tree: shapely.STRtree) -> Ask:
    def ask(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        points = shapely.points(x, y)
        return tree.query_nearest(points, return_distance=True, all_matches=False)[1]

    return ask


def split_segments(lines: np.ndarray) -> np.ndarray:
    parts = shapely.get_parts(lines)
    corners, line = shapely.get_coordinates(parts, return_index=True)
    same = line[1:] == line[:-1]
    return shapely.linestrings(np.stack([corners[:-1][same], corners[1:][same]], axis=1))


def geopandas_nearest(scene: Scene, threads: int) -> Ask:  # noqa: ARG001 -- it has one
    lines = gpd.GeoDataFrame(geometry=scene.lines, crs=5186)

    def ask(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=5186)
        joined = points.sjoin_nearest(lines, distance_col="distance")
        return joined.loc[~joined.index.duplicated(), "distance"].to_numpy()

    return ask


def rtree_nearest(scene: Scene, threads: int) -> Ask:  # noqa: ARG001 -- it has one
    from rtree import index

    boxes = shapely.bounds(scene.lines)
    tree = index.Index((np.arange(len(boxes)), boxes[:, :2], boxes[:, 2:]))

    def ask(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        distances = np.empty(len(x))
        for i, (px, py) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
            point = shapely.Point(px, py)
            # The line of the nearest box bounds the distance; any nearer line has a box within it.
            line = next(tree.nearest((px, py, px, py), 1))
            reach = point.distance(scene.lines[line])
            lines = list(tree.intersection((px - reach, py - reach, px + reach, py + reach)))
            distances[i] = shapely.distance(point, scene.lines[lines]).min(initial=reach)
        return distances

    return ask


def ckdtree_nearest(scene: Scene, threads: int) -> Ask:
    from scipy.spatial import cKDTree

    dense = shapely.get_coordinates(shapely.segmentize(scene.lines, 5.0))
    tree = cKDTree(dense)
    return lambda x, y: tree.query(np.column_stack([x, y]), workers=threads)[0]


def sedona_nearest(scene: Scene, threads: int) -> Ask:
    engine = _sedona(scene.lines, threads)

    def ask(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        _sedona_points(engine, x, y)
        table = engine.sql(
            "SELECT p.i, ST_Distance(p.geometry, s.geometry) AS d "
            "FROM p JOIN s ON ST_KNN(p.geometry, s.geometry, 1, false)"
        ).to_pandas()
        return table.groupby("i")["d"].min().to_numpy()

    return ask


# -- within --------------------------------------------------------------------------------------


def ours_within(scene: Scene, threads: int) -> Ask:
    from mapserver.index import WithinIndex

    index = WithinIndex.of(scene.polygons)
    return lambda x, y: encode_pairs(*index.query(x, y, threads=threads))


def shapely_within(scene: Scene, threads: int) -> Ask:
    shapely.prepare(scene.polygons)
    tree = shapely.STRtree(scene.polygons)

    def ask(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        cuts = np.linspace(0, len(x), 4 * threads + 1).astype(int)

        def chunk(a: int, b: int) -> np.ndarray:
            point, area = tree.query(shapely.points(x[a:b], y[a:b]), predicate="intersects")
            return encode_pairs(point + a, area)

        with ThreadPoolExecutor(threads) as pool:
            return np.concatenate(list(pool.map(chunk, cuts[:-1], cuts[1:])))

    return ask


def geopandas_within(scene: Scene, threads: int) -> Ask:  # noqa: ARG001 -- it has one
    areas = gpd.GeoDataFrame(geometry=scene.polygons, crs=5186)

    def ask(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(x, y), crs=5186)
        joined = points.sjoin(areas, predicate="intersects")
        return encode_pairs(joined.index.to_numpy(), joined["index_right"].to_numpy())

    return ask


def duckdb_within(scene: Scene, threads: int) -> Ask:
    connection = _duckdb(scene.polygons, threads)

    def ask(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        _duckdb_points(connection, x, y)
        table = connection.execute(
            "SELECT p.i, s.i AS j FROM p JOIN s ON ST_Intersects(s.g, p.g)"
        ).fetchnumpy()
        return encode_pairs(table["i"], table["j"])

    return ask


def sedona_within(scene: Scene, threads: int, *, ready: bool = False) -> Ask:
    engine = _sedona(scene.polygons, threads)
    if ready:  # the points are a table before the clock starts
        _sedona_points(engine, scene.x, scene.y)

    def ask(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        if not ready:
            _sedona_points(engine, x, y)
        table = engine.sql(
            "SELECT p.i, s.j FROM p JOIN s ON ST_Intersects(s.geometry, p.geometry)"
        ).to_arrow_table()
        return encode_pairs(table["i"].to_numpy(), table["j"].to_numpy())

    return ask


def postgis_nearest(scene: Scene, threads: int) -> Ask:
    connections = _postgis(scene.lines, threads)
    query = (
        "SELECT p.i, s.d FROM {asked} p CROSS JOIN LATERAL "
        "(SELECT g <-> p.g AS d FROM shapes ORDER BY g <-> p.g LIMIT 1) s ORDER BY p.i"
    )
    return lambda x, y: _postgis_ask(connections, query, x, y)[:, 1]


def postgis_within(scene: Scene, threads: int) -> Ask:
    connections = _postgis(scene.polygons, threads)
    query = "SELECT p.i, s.i FROM {asked} p JOIN shapes s ON ST_Intersects(s.g, p.g)"

    def ask(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return encode_pairs(*_postgis_ask(connections, query, x, y).T.astype(np.int64))

    return ask


def encode_pairs(point: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Return pairs as one number each, so that sets of pairs can be compared."""
    return np.asarray(point, np.int64) * 1_000_000 + np.asarray(area, np.int64)


# -- engines -------------------------------------------------------------------------------------


def _duckdb(shapes: np.ndarray, threads: int):
    import duckdb
    import duckdb_extensions
    import pyarrow as pa

    connection = duckdb.connect(config={"threads": threads})
    duckdb_extensions.import_extension("spatial", con=connection)
    connection.execute("LOAD spatial")
    table = pa.table({"i": np.arange(len(shapes)), "w": pa.array(shapely.to_wkb(shapes))})
    connection.register("raw", table)
    connection.execute("CREATE TABLE s AS SELECT i, ST_GeomFromWKB(w) AS g FROM raw")
    return connection


def _duckdb_points(connection, x: np.ndarray, y: np.ndarray):
    import pyarrow as pa

    connection.register("asked", pa.table({"i": np.arange(len(x)), "x": x, "y": y}))
    connection.execute("CREATE OR REPLACE TABLE p AS SELECT i, ST_Point(x, y) AS g FROM asked")
    return connection


def _sedona(shapes: np.ndarray, threads: int):
    import sedona.db

    engine = sedona.db.connect()
    engine.sql(f"SET datafusion.execution.target_partitions = {threads}").execute()
    frame = gpd.GeoDataFrame({"j": np.arange(len(shapes))}, geometry=shapes)
    engine.create_data_frame(frame).to_memtable().to_view("s")
    return engine


def _sedona_points(engine, x: np.ndarray, y: np.ndarray) -> None:
    frame = gpd.GeoDataFrame({"i": np.arange(len(x))}, geometry=gpd.points_from_xy(x, y))
    engine.create_data_frame(frame).to_memtable().to_view("p", overwrite=True)


def _postgis(shapes: np.ndarray, connections: int):
    """Write the shapes into a table of their own, in the database of MAPSERVER_TEST_POSTGIS."""
    import psycopg

    address = os.environ["MAPSERVER_TEST_POSTGIS"]
    pool = [psycopg.connect(address, autocommit=True) for _ in range(connections)]
    connection = pool[0]
    connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    connection.execute("DROP TABLE IF EXISTS shapes")
    connection.execute("CREATE TABLE shapes (i int, g geometry)")
    with connection.cursor().copy("COPY shapes FROM STDIN") as rows:
        for i, shape in enumerate(shapely.to_wkb(shapes, hex=True).tolist()):
            rows.write_row((i, shape))
    connection.execute("CREATE INDEX ON shapes USING gist (g)")
    connection.execute("ANALYZE shapes")
    return pool


def _postgis_ask(connections: list, query: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Ask in one part a connection; the points travel there, and the answers back, in binary."""
    cuts = np.linspace(0, len(x), len(connections) + 1).astype(int)

    def ask_part(number: int) -> np.ndarray:
        start, end = cuts[number], cuts[number + 1]
        cursor = connections[number].cursor()
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS asked (i int, g geometry)")
        cursor.execute("TRUNCATE asked")
        points = shapely.to_wkb(shapely.points(x[start:end], y[start:end]), hex=True)
        with cursor.copy("COPY asked FROM STDIN") as rows:
            rows.write(
                "".join(f"{start + n}\t{point}\n" for n, point in enumerate(points.tolist()))
            )
        rows = cursor.execute(query.format(asked="asked")).fetchall()
        return np.array(rows, float).reshape(-1, 2)

    with ThreadPoolExecutor(len(connections)) as pool:
        return np.concatenate(list(pool.map(ask_part, range(len(connections)))))


CONTESTANTS = [
    Contestant("mapserver", "nearest", ours_nearest),
    Contestant("shapely, segments", "nearest", shapely_segments, 0.2),
    Contestant("shapely, lines", "nearest", shapely_lines, 0.05),
    Contestant("geopandas", "nearest", geopandas_nearest, 0.05),
    Contestant("rtree + shapely", "nearest", rtree_nearest, 0.005),
    Contestant("SedonaDB", "nearest", sedona_nearest, 0.05),
    Contestant("PostGIS", "nearest", postgis_nearest, 0.02),
    Contestant("scipy, points each 5 m", "nearest", ckdtree_nearest, 0.2, exact=False),
    Contestant("mapserver", "within", ours_within),
    Contestant("SedonaDB", "within", sedona_within),
    Contestant("SedonaDB, table ready", "within", partial(sedona_within, ready=True)),
    Contestant("shapely", "within", shapely_within, 0.2),
    Contestant("geopandas", "within", geopandas_within, 0.2),
    Contestant("DuckDB spatial", "within", duckdb_within, 0.2),
    Contestant("PostGIS", "within", postgis_within, 0.05),
]
