"""Rows of a large layer that nobody can answer about: named, and all others are answered."""

from __future__ import annotations

import json
import time

import pytest
from test_stores import load, run_sql
from test_stores_following import Served
from test_stores_large import COUNT, ITEMS, folder  # noqa: F401

import mapserver

pytestmark = pytest.mark.slow
FREE = "ALTER TABLE c.parcels ALTER geom TYPE geometry USING geom::geometry"
UNKEYED = ("ALTER TABLE c.parcels DROP CONSTRAINT parcels_pkey",)
FLAWS = {
    "another system": (
        FREE,
        "UPDATE c.parcels SET geom = ST_Transform(geom, 5186) WHERE id IN ('p-8', 'p-9')",
    ),
    "no system": (FREE, "UPDATE c.parcels SET geom = ST_SetSRID(geom, 0) WHERE id = 'p-8'"),
    "a system that nobody knows": (
        FREE,
        "UPDATE c.parcels SET geom = ST_SetSRID(geom, 777777) WHERE id = 'p-8'",
    ),
    "not a number": (
        FREE,
        "UPDATE c.parcels SET geom = ST_SetSRID(ST_MakePolygon(ST_MakeLine(ARRAY["
        "ST_MakePoint('NaN', 1), ST_MakePoint(1, 1), ST_MakePoint(2, 1), "
        "ST_MakePoint('NaN', 1)])), 4326) WHERE id = 'p-8'",
    ),
    "not a number in a column of areas": (
        "UPDATE c.parcels SET geom = ST_SetSRID(ST_Multi(ST_MakePolygon(ST_MakeLine(ARRAY["
        "ST_MakePoint('NaN', 1), ST_MakePoint(1, 1), ST_MakePoint(2, 1), "
        "ST_MakePoint('NaN', 1)]))), 4326) WHERE id = 'p-8'",
    ),
    "a surface": (
        FREE,
        "UPDATE c.parcels SET geom = 'SRID=4326;TIN(((126.85 35.15,126.86 35.15,126.86 35.16,"
        "126.85 35.15)))' WHERE id = 'p-8'",
    ),
}
QUESTIONS = [
    f"{ITEMS}?limit=1000",
    f"{ITEMS}?bbox=126,35,127,36&limit=1000",
    f"{ITEMS}?filter=S_INTERSECTS(geometry,BBOX(126,35,127,36))&limit=1000",
    f"{ITEMS}?filter=NOT%20S_DISJOINT(geometry,POINT(126.85%2035.15))",
    f"{ITEMS}?bbox=280000,185000,286000,190000&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/5186",
    f"{ITEMS}/p-8",
    f"{ITEMS}?sortby=name&offset=390",
    "/api/nearest?collection=parcels&lon=126.85&lat=35.15&limit=20",
    "/api/collections/parcels/tiles/WebMercatorQuad/10/404/872",
    "/api/collections/parcels",
]


def change(site: Served, database: str, *statements: str) -> None:
    run_sql(database, *statements)
    time.sleep(0.2)
    site.look(3)


@pytest.fixture
def site(database, folder):  # noqa: F811
    load(folder, f"{database}?schema=c")
    site = Served(database, large_rows=100)
    site.look()
    return site


@pytest.mark.parametrize("kind", list(FLAWS))
def test_a_flawed_place_is_named_and_all_other_rows_are_answered(site, database, kind):
    change(site, database, *FLAWS[kind])
    [finding] = [f for f in site.live.city.findings if f.code == "place-unreadable"]
    assert "p-8" in str(finding)
    assert "tables_not_read" not in site.get("/readyz")
    client = site.app.test_client()
    for path in QUESTIONS:
        assert client.get(path).status_code == 200, path
    page = json.loads(client.get(QUESTIONS[0]).data)
    assert page["numberMatched"] == len(page["features"]) == COUNT
    row = json.loads(client.get(f"{ITEMS}/p-8").data)
    assert (row["geometry"], row["properties"]["floors"]) == (None, 1)
    box = json.loads(client.get("/api/collections/parcels").data)["extent"]["spatial"]["bbox"][0]
    assert box[0] == pytest.approx(126.8, abs=0.01)
    # Mended, it is said no more, and drawn again.
    change(
        site,
        database,
        "UPDATE c.parcels a SET geom = b.geom FROM c.parcels b "
        "WHERE a.id IN ('p-8', 'p-9') AND b.id = 'p-10'",
    )
    assert not [f for f in site.live.city.findings if f.code == "place-unreadable"]
    assert json.loads(client.get(f"{ITEMS}/p-8").data)["geometry"] is not None


def test_rows_without_an_id_of_their_own_are_left_out_and_named(site, database):
    change(
        site,
        database,
        *UNKEYED,
        "ALTER TABLE c.parcels ALTER id DROP NOT NULL",
        "UPDATE c.parcels SET id = NULL WHERE id IN ('p-20', 'p-21')",
        "UPDATE c.parcels SET id = 'p-30' WHERE id = 'p-31'",
    )
    [finding] = [f for f in site.live.city.findings if f.code == "id-unusable"]
    assert ("p-30" in str(finding), "4" in str(finding)) == (True, True)
    page = site.get(f"{ITEMS}?limit=1000")
    ids = [feature["id"] for feature in page["features"]]
    assert page["numberMatched"] == len(ids) == len(set(ids)) == COUNT - 4
    assert site.app.test_client().get(f"{ITEMS}/p-30").status_code == 404
    for path in QUESTIONS:
        assert site.app.test_client().get(path).status_code == 200, path


def test_a_second_column_of_places_and_damaged_bytes_are_text(site, database):
    change(
        site,
        database,
        "ALTER TABLE c.parcels ADD entrance geometry, ADD wkb bytea",
        "UPDATE c.parcels SET entrance = 'SRID=5186;POINT(1 2)', wkb = '\\x0101000000ff' "
        "WHERE id = 'p-8'",
    )
    client = site.app.test_client()
    for path in QUESTIONS:
        assert client.get(path).status_code == 200, path
    properties = json.loads(client.get(f"{ITEMS}/p-8").data)["properties"]
    assert properties["wkb"] == "\\x0101000000ff"
    assert properties["entrance"].startswith("0101000020")


def test_a_column_that_is_at_fault_as_a_whole_costs_the_layer_alone(site, database):
    change(
        site,
        database,
        FREE,
        "INSERT INTO c.parcels (id, geom) SELECT 'n-' || n, ST_SetSRID(ST_MakePoint(n, 1), 0) "
        "FROM generate_series(1, 2000) n",
    )
    assert site.get("/readyz")["tables_not_read"] == ["parcels"]
    client = site.app.test_client()
    assert client.get("/api/collections/few/items").status_code == 200
    assert client.get(ITEMS).status_code != 500
    assert "parcels" in str(mapserver.open_city(database, large_rows=100).findings)
