"""OGC API - Features Part 2, by the ids of its abstract tests, and what lies beside them."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from gpxtext import gpx, track
from pyproj import CRS, Transformer

from mapserver.settings import Settings
from mapserver.web import create_app
from mapserver.web.api.systems import make_system

URI = "http://www.opengis.net/def/crs"
CRS84 = f"{URI}/OGC/1.3/CRS84"
KOREAN = [f"{URI}/EPSG/0/{code}" for code in (5179, 5186, 5174)]


@pytest.fixture
def ask(sample_app):
    client = sample_app.test_client()
    return lambda path, **query: client.get(f"/api/{path}", query_string=query)


def read_crs(uri: str) -> CRS:
    return CRS("OGC:CRS84") if uri == CRS84 else CRS(f"EPSG:{uri.rpartition('/')[2]}")


def shapes_of(answer):
    return [shapely.from_geojson(json.dumps(f["geometry"])) for f in answer.json["features"]]


@pytest.fixture
def uris(ask) -> list[str]:
    return ask("collections/trails").json["crs"]


def test_conf_crs_crs_uri_default_crs_and_storage_crs(ask):
    for each in ask("collections").json["collections"]:
        assert all(uri.startswith(f"{URI}/") for uri in each["crs"])
        assert CRS84 in each["crs"]
        assert each["storageCrs"] in each["crs"]
        assert {*KOREAN, f"{URI}/EPSG/0/4326", f"{URI}/EPSG/0/3857"} <= set(each["crs"])


def test_conf_crs_crs_parameter_default(ask):
    for path in ("collections/trails/items", "collections/districts/items"):
        assert ask(path).headers["Content-Crs"] == f"<{CRS84}>"


@pytest.mark.parametrize("crs", ["EPSG:5187", f"{URI}/EPSG/0/1", "x", "", "5186", "EPSG:99999999"])
def test_conf_crs_crs_parameter_invalid_and_bbox_crs_parameter_invalid(ask, sample_city, crs):
    item = f"collections/trails/items/{sample_city.trails.index[0]}"
    for path in ("collections/trails/items", item):
        answer = ask(path, crs=crs)
        assert answer.status_code == 400
        assert answer.json["detail"].startswith("crs")
    answer = ask("collections/trails/items", **{"bbox": "1,2,3,4", "bbox-crs": crs})
    assert answer.status_code == 400
    assert "bbox-crs" in answer.json["detail"]


def test_conf_crs_crs_parameter_and_crs_parameter_transform(ask, uris):
    for layer in ("trails", "districts"):
        truth = shapes_of(ask(f"collections/{layer}/items", limit=5))
        for uri in uris:
            answer = ask(f"collections/{layer}/items", limit=5, crs=uri)
            assert answer.status_code == 200
            assert answer.headers["Content-Crs"] == f"<{uri}>"
            back = Transformer.from_crs(read_crs(uri), "OGC:CRS84")  # in the authority's axis order
            shapes = shapely.transform(
                shapes_of(answer), lambda xy, back=back: np.column_stack(back.transform(*xy.T))
            )
            for shape, other in zip(shapes, truth, strict=True):
                assert shape.hausdorff_distance(other) < 2e-7
            one = ask(f"collections/{layer}/items/{answer.json['features'][0]['id']}", crs=uri)
            assert one.json["geometry"] == answer.json["features"][0]["geometry"]
            assert one.headers["Content-Crs"] == f"<{uri}>"


def test_conf_crs_bbox_crs_parameter_and_default(ask, uris, sample_city):
    west, south, east, north = 126.84, 35.13, 126.87, 35.16
    plain = ask("collections/districts/items", bbox=f"{west},{south},{east},{north}", limit=1000)
    for uri in uris:
        crs = read_crs(uri)
        (x0, x1), (y0, y1) = Transformer.from_crs("OGC:CRS84", crs).transform(
            [west, east], [south, north]
        )
        answer = ask(
            "collections/districts/items",
            **{"bbox": f"{x0},{y0},{x1},{y1}", "bbox-crs": uri, "limit": 1000},
        )
        to_crs = Transformer.from_crs("OGC:CRS84", crs)
        placed = sample_city.districts.geometry.transform(
            lambda xy, to_crs=to_crs: np.column_stack(to_crs.transform(*xy.T))
        )
        is_match = placed.intersects(shapely.box(x0, y0, x1, y1))
        assert [f["id"] for f in answer.json["features"]] == list(placed.index[is_match])
        if uri == CRS84:
            assert answer.json["features"] == plain.json["features"]


def test_what_has_no_place_matches_a_box_in_any_system(make_folder):
    places = gpd.GeoDataFrame(
        {"id": ["in", "out", "nowhere"]},
        geometry=[shapely.Point(126.85, 35.15), shapely.Point(126.9, 35.2), None],
        crs=4326,
    )
    folder = make_folder({"layers/services.geojson": places, "gpx/a.gpx": gpx()})
    client = create_app(Settings(city=folder, tile_url="")).test_client()
    path = "/api/collections/services"
    for uri in client.get(path).json["crs"]:
        to_crs = Transformer.from_crs("OGC:CRS84", read_crs(uri))
        (x0, x1), (y0, y1) = to_crs.transform([126.84, 126.86], [35.14, 35.16])
        query = {"bbox": f"{x0},{y0},{x1},{y1}", "bbox-crs": uri}
        found = client.get(f"{path}/items", query_string=query).json["features"]
        assert [each["id"] for each in found] == ["in", "nowhere"], uri


def test_a_box_of_a_plane_has_what_lies_just_within_its_sides(make_folder):
    """Its sides are curved in degrees, so what is highest or lowest is at no corner."""
    x0, y0, x1, y1 = 850_000, 1_550_000, 1_250_000, 2_050_000
    x, y, inside = (x0 + x1) / 2, (y0 + y1) / 2, 5
    sides = [(x, y0 + inside), (x, y1 - inside), (x0 + inside, y), (x1 - inside, y)]
    beyond = [(x, y0 - inside), (x, y1 + inside), (x0 - inside, y), (x1 + inside, y)]
    shapes = [shapely.Point(*place) for place in (*sides, *beyond)]
    frame = gpd.GeoDataFrame({"id": [*"12345678"]}, geometry=shapes, crs=5179).to_crs(4326)
    folder = make_folder({"layers/services.geojson": frame, "gpx/a.gpx": gpx()})
    client = create_app(Settings(city=folder, tile_url="")).test_client()
    query = {"bbox": f"{y0},{x0},{y1},{x1}", "bbox-crs": "EPSG:5179"}  # northing first
    found = client.get("/api/collections/services/items", query_string=query).json["features"]
    assert [each["id"] for each in found] == [*"1234"]


def test_the_plane_of_the_catalogue_is_offered(make_folder):
    catalog = 'metric_crs = "EPSG:5187"\n'
    folder = make_folder({"gpx/a.gpx": gpx(), "layers/catalog.toml": catalog})
    client = create_app(Settings(city=folder, tile_url="")).test_client()
    assert f"{URI}/EPSG/0/5187" in client.get("/api/collections/trails").json["crs"]
    answer = client.get("/api/collections/trails/items?crs=EPSG:5187")
    assert answer.headers["Content-Crs"] == f"<{URI}/EPSG/0/5187>"


def test_a_box_whose_axes_are_exchanged_says_so(ask):
    query = {"bbox": "190000,284000,191000,285000", "bbox-crs": "EPSG:5186"}
    exchanged = ask("collections/trails/items", **query)
    assert exchanged.status_code in {200, 400}
    assert exchanged.status_code == 400 or exchanged.json["numberMatched"] == 0
    for box in ("1e30,1e30,2e30,2e30", "285000,190000,284000,191000"):
        answer = ask("collections/trails/items", **{"bbox": box, "bbox-crs": "EPSG:5186"})
        assert answer.status_code == 400
        assert "axis order" in answer.json["detail"]


@pytest.mark.parametrize(
    ("crs", "wrong", "order"),
    [
        ("OGC:CRS84", "35.13,126.84,35.16,126.88", "Write bbox=west,south,east,north in degrees"),
        ("EPSG:4326", "126.84,35.13,126.88,35.16", "Write bbox=south,west,north,east in degrees"),
        (
            "EPSG:5186",
            "284000,190000,283000,191000",
            "Write the box in the axis order of its system",
        ),
    ],
)
def test_a_box_that_is_none_is_told_the_order_of_its_system(ask, crs, wrong, order):
    for box in (wrong, "1,2,3", "1,2,3,4,5"):
        answer = ask("collections/trails/items", **{"bbox": box, "bbox-crs": crs})
        assert answer.status_code == 400
        assert order in answer.json["detail"], box


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("crs", ["EPSG:5186", "EPSG:3857", "EPSG:4326"])
def test_a_box_beyond_all_numbers_is_refused_and_writes_nothing_to_the_log(ask, crs):
    for box in ("-1e308,-1e308,1e308,1e308", "-1.7e308,0,1.7e308,1"):
        answer = ask("collections/trails/items", **{"bbox": box, "bbox-crs": crs})
        assert answer.status_code == 400
        assert answer.json["detail"].startswith("bbox")


def test_korean_systems_agree_with_control_points():
    folder = os.environ.get("MAPSERVER_TEST_DATA")
    if not folder:
        pytest.skip("needs MAPSERVER_TEST_DATA")
    with (Path(folder) / "crs_control_points.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            place = np.array([shapely.Point(float(row["lon"]), float(row["lat"]))], dtype=object)
            for code in (5179, 5186, 5174):
                [point] = make_system(f"EPSG:{code}").project(place)
                assert point.y == pytest.approx(float(row[f"x_{code}"]), abs=0.1)
                assert point.x == pytest.approx(float(row[f"y_{code}"]), abs=0.1)


def test_a_city_abroad_has_no_korean_systems(make_folder):
    path = [(174.76, -36.85), (174.77, -36.86)]
    app = create_app(Settings(city=make_folder({"gpx/a.gpx": gpx(track(path))}), tile_url=""))
    uris = app.test_client().get("/api/collections/trails").json["crs"]
    assert not set(KOREAN) & set(uris)
    assert f"{URI}/EPSG/0/4326" in uris
