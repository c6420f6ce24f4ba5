"""Points by the thousand, the city that they are joined with, and how answers are compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from click.testing import CliRunner
from shapely.geometry import box

import mapserver
from mapserver.commands.cli import main

CITY = (126.80, 35.10, 126.90, 35.20)


def make_points(rows: int, seed: int = 0) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(seed)
    west, south, east, north = CITY
    places = gpd.points_from_xy(rng.uniform(west, east, rows), rng.uniform(south, north, rows))
    return gpd.GeoDataFrame({"id": np.arange(rows)}, geometry=places, crs=4326)


def make_joining_city(folder: Path) -> mapserver.City:
    """Open a city of two overlapping districts, one of them without a name, and three trails."""
    (folder / "gpx").mkdir(parents=True)
    (folder / "layers").mkdir()
    gpd.GeoDataFrame(
        {"id": ["a", "b", "c"], "name": ["가나", None, "다라"]},
        geometry=[
            box(126.81, 35.11, 126.85, 35.15),
            box(126.84, 35.14, 126.87, 35.17),
            box(126.88, 35.18, 126.90, 35.20),
        ],
        crs=4326,
    ).to_file(folder / "layers" / "districts.geojson")
    for name, (x, y) in {
        "t1": (126.82, 35.12),
        "t2": (126.86, 35.16),
        "t3": (126.89, 35.11),
    }.items():
        points = "".join(f'<trkpt lat="{y + i / 1000}" lon="{x + i / 1500}"/>' for i in range(10))
        (folder / "gpx" / f"{name}.gpx").write_text(
            '<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>'
            f"{name}</name><trkseg>{points}</trkseg></trk></gpx>",
            "utf-8",
        )
    return mapserver.open_city(folder)


def as_columns(points: gpd.GeoDataFrame) -> pa.Table:
    return pa.table(
        {"id": points["id"].to_numpy(), "lon": points.geometry.x, "lat": points.geometry.y}
    )


def write_parts(folder: Path, points: gpd.GeoDataFrame, parts: int = 3) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, rows in enumerate(np.array_split(np.arange(len(points)), parts)):
        pq.write_table(as_columns(points.iloc[rows]), folder / f"{number}.parquet")
    return folder


def hash_parts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}


def assert_same_answers(answers: pd.DataFrame, frame: pd.DataFrame) -> None:
    assert len(answers) == len(frame)
    for column in frame.columns.drop("geometry"):
        left, right = answers[column], frame[column]
        assert (left.isna().to_numpy() == right.isna().to_numpy()).all(), column
        is_there = right.notna().to_numpy()
        if right.dtype.kind == "f":
            # Few points are measured by PROJ and many by compiled code: nanometres apart.
            np.testing.assert_allclose(left[is_there], right[is_there], rtol=1e-9, err_msg=column)
        else:
            assert left[is_there].tolist() == right[is_there].tolist(), column


def rewrite_geo(path: Path, change: Callable[[dict], None]) -> None:
    table = pq.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    change(geo["columns"]["geometry"])
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)


def run_join(city, *words: object):
    return CliRunner().invoke(main, ["join", *map(str, words), "--city", str(city.path)])
