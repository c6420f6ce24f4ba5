"""Of features equally near, the same ones are answered from a database as from files."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pytest
import shapely
from gpxtext import gpx
from test_stores import load

from mapserver.settings import Settings
from mapserver.web import create_app

LON, LAT = 126.84, 35.13
COUNT = 300


@pytest.fixture(scope="module")
def apps(database_server, tmp_path_factory):
    """The same city from files and from a database: points in a lattice, each there twice."""
    folder = tmp_path_factory.mktemp("ties") / "city"
    for part in ("gpx", "layers"):
        (folder / part).mkdir(parents=True)
    (folder / "gpx" / "a.gpx").write_text(gpx())
    steps = np.arange(COUNT) * 7 % (COUNT // 2)  # the twins are far apart in the file
    shapes = list(shapely.points(LON + steps % 15 / 1000, LAT + steps // 15 / 1000))
    shapes[3::9] = [shapely.box(p.x, p.y, p.x + 0.003, p.y + 0.002) for p in shapes[3::9]]
    frame = gpd.GeoDataFrame({"id": [f"n{n}" for n in range(COUNT)]}, geometry=shapes, crs=4326)
    frame.to_file(folder / "layers" / "lattice.geojson")
    url = database_server.make_database()
    load(folder, f"{url}?schema=c")
    yield [
        create_app(Settings(city=folder, tile_url="")),
        create_app(Settings(store=url, large_rows=100, tile_url="")),
    ]
    database_server.drop_database(url)


@pytest.mark.slow
@pytest.mark.parametrize("limit", [2, 3, 5, 10, 40])
@pytest.mark.parametrize("turn", [(0, 0), (0.5, 0), (0.5, 0.5), (3, 4), (7.5, 9.5)])
def test_of_ties_at_the_limit_the_same_are_answered(apps, limit, turn):
    lon, lat = LON + turn[0] / 1000, LAT + turn[1] / 1000
    path = f"/api/nearest?collection=lattice&lon={lon:.4f}&lat={lat:.4f}&limit={limit}"
    answers = [json.loads(app.test_client().get(path).data) for app in apps]
    first, second = ([(f["id"], f["properties"]) for f in each["features"]] for each in answers)
    assert first == second


@pytest.mark.slow
def test_what_is_no_metre_away_has_no_bearing(apps):
    nanometre = 1e-12  # degrees
    for lon, lat in ((LON, LAT), (LON + 0.001 + nanometre, LAT), (LON + 0.004, LAT + 0.0001)):
        path = f"/api/nearest?collection=lattice&lon={lon!r}&lat={lat!r}&limit="
        for app in apps:
            for limit in (1, 3):
                for feature in json.loads(app.test_client().get(f"{path}{limit}").data)["features"]:
                    properties = feature["properties"]
                    has_bearing = properties["bearing_deg"] is not None
                    assert has_bearing == (properties["distance_m"] > 0), properties
