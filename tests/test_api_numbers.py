"""Each number that an endpoint says equals that of the Python API for the same question."""

from __future__ import annotations

import datetime as dt
import io
import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Point

from mapserver.model import Role

PLACES = 40
DAYS = ("2026-07-01", "2026-11-26", "2026-12-20", "2027-03-01")
ROUNDED = {"distance_m": 3, "nearest_lon": 7, "nearest_lat": 7, "bearing_deg": 1, "walk_min": 1}
DEGREES = 5e-8
"""Half of the last digit of a coordinate."""


@pytest.fixture(scope="module")
def places(sample_city) -> gpd.GeoDataFrame:
    """Random places in and around the city, and one on each of some trails and districts."""
    west, south, east, north = sample_city.neighborhoods.total_bounds
    draw = np.random.default_rng(18)
    lons = draw.uniform(west - 0.02, east + 0.02, PLACES)
    lats = draw.uniform(south - 0.02, north + 0.02, PLACES)
    on_trails = [shape.representative_point() for shape in sample_city.trails.geometry]
    in_districts = [shape.representative_point() for shape in sample_city.districts.geometry]
    points = [*map(Point, lons, lats), *on_trails, *in_districts]
    # Seven digits, as an address has them: both are asked about the same place.
    rounded = shapely.transform(np.array(points, dtype=object), lambda xy: xy.round(7))
    return gpd.GeoDataFrame(geometry=list(rounded), crs=4326)


@pytest.fixture(scope="module")
def ask(sample_app):
    client = sample_app.test_client()

    def get(path: str, **query):
        answer = client.get(f"/api/{path}", query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json

    return get


def assert_equal_values(said: dict, ours: dict) -> None:
    """Compare values by name: numbers to their last digit, days as they are written."""
    for name, value in said.items():
        expected = ours[name]
        is_missing = not isinstance(expected, (list, dict)) and pd.isna(expected)
        if value is None or is_missing:
            # What is not finite has no number in JSON.
            assert value is None, (name, value)
            assert is_missing or not np.isfinite(expected), (name, expected)
        elif isinstance(value, float):
            assert value == pytest.approx(expected, abs=0.5 * 10.0 ** -ROUNDED.get(name, 9)), name
        elif isinstance(value, str):
            assert value == str(expected), name
        else:
            assert value == expected, name


@pytest.mark.slow  # every feature of every layer but shops, page by page
def test_items_and_each_item_say_what_the_layers_have(ask, sample_city):
    states = sample_city.trails_on(sample_city.today())
    for layer, frame in sample_city.layers.items():
        found = ask(f"collections/{layer}/items", limit=10_000)
        assert found["numberMatched"] == len(frame)
        whole = states if layer == "trails" else frame
        for feature in found["features"][: 200 if layer == "shops" else None]:
            ours = whole.loc[feature["id"]]
            said = {k: v for k, v in feature["properties"].items() if k != "state_on"}
            assert_equal_values(said, ours.to_dict())
            shape = shapely.from_geojson(json.dumps(feature["geometry"]))
            assert shape.hausdorff_distance(ours.geometry) < 2 * DEGREES
        one = ask(f"collections/{layer}/items/{found['features'][-1]['id']}")
        assert one["properties"] == found["features"][: len(frame)][-1]["properties"]
        assert one["geometry"] == found["features"][-1]["geometry"]


@pytest.mark.parametrize("day", DAYS)
def test_items_of_a_day_say_its_states(ask, sample_city, day):
    states = sample_city.trails_on(dt.date.fromisoformat(day))
    found = ask("collections/trails/items", datetime=day, limit=1000)["features"]
    assert [feature["id"] for feature in found] == list(states.index)
    for feature in found:
        said = {k: v for k, v in feature["properties"].items() if k != "state_on"}
        assert_equal_values(said, states.loc[feature["id"]].to_dict())
        one = ask(f"collections/trails/items/{feature['id']}", datetime=day)
        assert one["properties"] == feature["properties"]


@pytest.mark.slow  # two hundred places
def test_nearest_says_what_the_city_measures(ask, places, sample_city):
    for layer, k in (("trails", 3), ("districts", 1)):
        table = sample_city.nearest(places, layer=layer, k=k)
        name = next(column for column in table if column.endswith("_id"))
        for row, point in places.geometry.items():
            found = ask("nearest", lon=point.x, lat=point.y, limit=k, collection=layer)["features"]
            ours = table.loc[[row]]
            assert [feature["id"] for feature in found] == list(ours[name])
            for feature, (_, expected) in zip(found, ours.iterrows(), strict=True):
                said = {each: feature["properties"][each] for each in ROUNDED}
                assert_equal_values(said, expected.to_dict())


@pytest.mark.slow  # two hundred places
def test_locate_says_what_the_city_finds(ask, places, sample_city):
    joined = sample_city.join(places, layer=sample_city.layer_of(Role.DISTRICTS))
    name = next(column for column in joined if column.endswith("_id"))
    for row, point in places.geometry.items():
        said = ask("locate", lon=point.x, lat=point.y)
        ours = sample_city.locate(point.x, point.y).as_dict()
        assert said.keys() == ours.keys()
        for key in ("lon", "lat", "in_city", "neighborhood", "zone"):
            assert said[key] == ours[key]
        assert said["districts"] == list(ours["districts"])
        assert {each["id"] for each in said["districts"]} == set(joined.loc[[row], name].dropna())
        assert said["border_distance_m"] == pytest.approx(ours["border_distance_m"], abs=5e-4)
        nearest, expected = said["nearest_district"], ours["nearest_district"]
        assert (nearest is None) == (expected is None) == bool(said["districts"])
        if nearest:
            assert (nearest["id"], nearest["name"]) == (expected["id"], expected["name"])
            assert nearest["distance_m"] == pytest.approx(expected["distance_m"], abs=5e-4)


def send_places(sample_app, places, path: str, mimetype: str) -> list[dict]:
    """Send many places as one body; return a row of values for each row of the answer."""
    if mimetype == "text/csv":
        rows = [f"{point.x!r},{point.y!r}" for point in places.geometry]
        body = "\n".join(["lon,lat", *rows])
    else:
        body = places.to_json(drop_id=True)
    answer = sample_app.test_client().post(f"/api/{path}", data=body, content_type=mimetype)
    assert answer.status_code == 200, answer.text
    if mimetype == "text/csv":
        table = pd.read_csv(io.StringIO(answer.get_data().decode("utf-8-sig")), dtype=str)
        return table.to_dict("records")
    return [feature["properties"] for feature in answer.json["features"]]


def assert_equal_rows(said: list[dict], ours: pd.DataFrame) -> None:
    """Compare rows by the columns of our table, as they are written in JSON or in a cell."""
    assert len(said) == len(ours)
    for row, expected in zip(said, ours.to_dict("records"), strict=True):
        for name, value in expected.items():
            text = row[name]
            if pd.isna(value):
                assert pd.isna(text), name
            elif isinstance(value, float):
                digits = ROUNDED.get(name, 9)
                assert float(text) == pytest.approx(value, abs=0.5001 * 10.0**-digits), name
            else:
                assert str(text).lower() == str(value).lower(), name


@pytest.mark.parametrize("mimetype", ["application/geo+json", "text/csv"])
@pytest.mark.parametrize("search", [("trails", 3), ("districts", 1)])
def test_a_batch_says_what_the_city_measures_of_each_place(
    sample_app, sample_city, places, search, mimetype
):
    layer, k = search
    said = send_places(sample_app, places, f"nearest?collection={layer}&limit={k}", mimetype)
    table = pd.DataFrame(sample_city.nearest(places, layer=layer, k=k)).drop(columns="geometry")
    assert_equal_rows(said, table)


@pytest.mark.parametrize("mimetype", ["application/geo+json", "text/csv"])
def test_a_batch_says_what_the_city_finds_at_each_place(sample_app, sample_city, places, mimetype):
    said = send_places(sample_app, places, "locate", mimetype)
    table = sample_city.locate_table(places.geometry.x, places.geometry.y)
    assert_equal_rows(said, table)


@pytest.mark.parametrize("mimetype", ["application/geo+json", "text/csv"])
def test_a_batch_is_searched_as_far_as_is_asked_and_on_the_day_that_is_asked_for(
    sample_app, sample_city, places, mimetype
):
    most_m, limit = 700, 3
    ours = sample_city.nearest(places, layer="trails", k=limit, max_distance_m=most_m)
    for day in DAYS:
        query = f"max_distance={most_m}&limit={limit}&datetime={day}"
        said = send_places(sample_app, places, f"nearest?{query}", mimetype)
        assert_equal_rows(said, pd.DataFrame(ours).drop(columns="geometry"))
        states = sample_city.trails_on(dt.date.fromisoformat(day))["state"]
        found = [row for row in said if not pd.isna(row["trail_id"])]
        assert 0 < len(found) < len(said)
        assert all(row["state_on"] == day for row in found)
        assert [row["state"] for row in found] == list(states[[row["trail_id"] for row in found]])
