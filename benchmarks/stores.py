"""How long a city in PostGIS takes to load, open and follow, and what large layers take to ask.

    python -m benchmarks.stores [--rows 300000]

A PostgreSQL of Debian's packages is started on loopback, or ``MAPSERVER_TEST_POSTGIS`` names one.
The sample city is loaded and opened; then one with a layer of made-up parcels that stays in the
database is asked by its API in this process, so a figure is that of the question, not of HTTP.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import geopandas as gpd
import numpy as np
import shapely

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

TILE = "tiles/WebMercatorQuad/14/6476/13963"
FILTERS = {
    "filter, half of all (count by reading)": "floors > 3",
    "filter and box": "floors > 3 AND S_INTERSECTS(geometry, BBOX(126.85,35.15,126.86,35.16))",
    "filter by id": "id = 'p-777'",
}


def main() -> None:
    from databases import run_server

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000)
    options = parser.parse_args()
    with run_server() as server:
        if server is None:
            sys.exit("PostGIS is missing: apt-get install postgresql postgresql-15-postgis-3")
        print(f"{os.cpu_count()} processors; seconds unless said otherwise")
        measure_sample(server.make_database())
        with tempfile.TemporaryDirectory() as place:
            measure_large(server.make_database(), Path(place), options.rows)


def measure_sample(url: str) -> None:
    """Load, open and follow the sample city."""
    import mapserver
    from mapserver.readers.city_folder import read_city
    from mapserver.stores.addresses import read_address
    from mapserver.stores.loading import load_city
    from mapserver.stores.postgis import PostgisStore

    address = read_address(f"{url}?schema=seogu")
    show("sample city: open the folder", lambda: mapserver.open_city(ROOT))
    show("sample city: mapserver load", lambda: load_city(ROOT, address), times=1)
    show("sample city: open from PostGIS", lambda: mapserver.open_city(url))
    store = PostgisStore(address)
    data = read_city(store.folder)
    for status in ("closed", "open"):
        edit(url, status)
        start_s = time.perf_counter()
        while not store.refresh():
            pass
        told_s = time.perf_counter() - start_s
        data = read_city(store.folder, earlier=data)
        whole_s = time.perf_counter() - start_s
        print(f"sample city: an edit is in the folder {told_s:.3f}, and read {whole_s:.3f}")


def edit(url: str, status: str) -> None:
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE seogu.trail_register SET status = %s WHERE id = 'balsan-park'", [status]
        )


def measure_large(url: str, place: Path, rows: int) -> None:
    """Ask a layer that stays in the database."""
    from mapserver.settings import Settings
    from mapserver.stores.addresses import read_address
    from mapserver.stores.loading import load_city
    from mapserver.web import create_app

    folder = place / "city"
    (folder / "layers").mkdir(parents=True)
    make_parcels(rows).to_parquet(folder / "layers" / "parcels.parquet")
    address = read_address(f"{url}?schema=c")
    show(f"{rows:,} parcels: mapserver load", lambda: load_city(folder, address), times=1)
    app = create_app(Settings(store=url, large_rows=1000, tile_url=""))
    client = app.test_client()
    chance = np.random.default_rng(1)
    items = "/api/collections/parcels/items"

    def ask(path: str) -> Callable[[], None]:
        def send() -> None:
            lon, lat = 126.8 + chance.random() / 10, 35.1 + chance.random() / 10
            wide = f"{lon},{lat},{lon + 0.002},{lat + 0.002}"
            answer = client.get(
                path.format(
                    lon=lon, lat=lat, box=wide, n=int(lon * 1e6) % rows, few=int(lat * 1e6) % 9
                )
            )
            if answer.status_code not in {200, 204}:
                raise RuntimeError(answer.text)

        return send

    nearest = "/api/nearest?collection=parcels&lon={lon}&lat={lat}"
    questions = {
        "one item": items + "/p-{n}",
        "items in a box of 200 m": items + "?bbox={box}&limit=1000",
        # Another question each time, since answers are kept.
        "a page of 100 at the beginning": items + "?offset={few}",
        "a page of 100 in the middle": f"{items}?offset={rows // 2}" + "{few}",
        "a page of 100, sorted": items + "?sortby=-area_m2&offset={few}",
        "nearest": nearest,
        "10 nearest": nearest + "&limit=10",
        "tile of level 14 (cut once)": items.replace("items", TILE),
    }
    for name, text in FILTERS.items():
        questions[name] = f"{items}?{urlencode({'filter': text})}" + "&offset={few}"
    for name, path in questions.items():
        show(f"{rows:,} parcels: {name}", ask(path), times=15)
    follow_large(url, rows)


def follow_large(url: str, rows: int) -> None:
    """Edit a layer that stays in the database, and wait for every worker to answer with it."""
    import psycopg

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mapserver", "serve", "--store", f"{url}?schema=c"]
    variables = os.environ | {
        "MAPSERVER_LARGE_ROWS": "1000",
        "MAPSERVER_TILE_URL": "",
        "MAPSERVER_LOG": "errors",
    }
    items = f"http://127.0.0.1:{port}/api/collections/parcels/items"

    def fetch(path: str) -> dict[str, Any]:
        with contextlib.suppress(OSError), urllib.request.urlopen(items + path, timeout=30) as read:
            return json.loads(read.read())
        return {}

    def wait_for_all(path: str, is_shown: Callable[[dict[str, Any]], bool]) -> float:
        start_s = time.perf_counter()
        # Each request has a connection of its own, so twenty in a row are of both workers.
        while not all(is_shown(fetch(path)) for _ in range(20)):
            if time.perf_counter() - start_s > 120:
                raise RuntimeError(f"{path} has not followed an edit in two minutes")
        return time.perf_counter() - start_s

    edits = {
        "a value": (
            "UPDATE c.parcels SET floors = 99 WHERE id = 'p-77'",
            "/p-77",
            lambda answer: answer.get("properties", {}).get("floors") == 99,
        ),
        "a row more": (
            "INSERT INTO c.parcels (id, name, floors, geom) SELECT 'new', name, 1, geom"
            " FROM c.parcels WHERE id = 'p-78'",
            "?limit=1",
            lambda answer: answer.get("numberMatched") == rows + 1,
        ),
    }
    with subprocess.Popen(
        [*command, "--port", str(port), "--workers", "2"],
        env=variables,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for_all("?limit=1", lambda answer: answer.get("numberMatched") == rows)
            time.sleep(5)  # until the pages are made
            for name, (statement, path, is_shown) in edits.items():
                with psycopg.connect(url) as connection:
                    connection.execute(statement)
                took_s = wait_for_all(path, is_shown)
                print(f"{rows:,} parcels: {name} is answered by every worker after {took_s:.2f}")
        finally:
            process.terminate()


def make_parcels(rows: int) -> gpd.GeoDataFrame:
    chance = np.random.default_rng(7)
    lon, lat = 126.8 + chance.random(rows) / 10, 35.1 + chance.random(rows) / 10
    size = 0.0001 + chance.random(rows) / 5000
    return gpd.GeoDataFrame(
        {
            "id": [f"p-{n}" for n in range(rows)],
            "name": [f"필지 {n}" for n in range(rows)],
            "area_m2": chance.random(rows).round(3) * 1000,
            "floors": chance.integers(0, 8, rows),
        },
        geometry=shapely.box(lon, lat, lon + size, lat + size),
        crs=4326,
    )


def show(name: str, run: Callable[[], object], times: int = 3) -> None:
    """Run something some times, and print the median and the largest of its seconds."""
    took_s = []
    for _ in range(times):
        start_s = time.perf_counter()
        run()
        took_s.append(time.perf_counter() - start_s)
    print(f"{name}: {statistics.median(took_s):.4f} (at most {max(took_s):.4f})", flush=True)


if __name__ == "__main__":
    main()
