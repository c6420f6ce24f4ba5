"""Names, mistakes and faults of a database: each is what it is, and stops nothing else."""

from __future__ import annotations

import logging
import time

import geopandas as gpd
import psycopg
import pytest
import shapely
from gpxtext import gpx
from test_stores import FILES, load, run_sql
from test_stores_following import Clock, Served

import mapserver
from mapserver.errors import StoreSlowError
from mapserver.settings import Settings, limits
from mapserver.stores.large import LargeLayer
from mapserver.web import create_app
from mapserver.web.watching import Watcher

pytestmark = pytest.mark.slow
CATALOG = """
title = "시험"
[[layers]]
id = "lots"
file = "lots.geojson"
title = "필지"
"""
ITEMS = "/api/collections/lots/items"


@pytest.fixture
def lots(make_folder):
    """A city with a layer that is large for these tests."""
    frame = gpd.GeoDataFrame(
        {"id": [f"p-{n}" for n in range(30)], "name": "b", "100%s": range(30), "%(x)s {y} %": "a"},
        geometry=[shapely.Point(126.8 + n / 1000, 35.15) for n in range(30)],
        crs=4326,
    )
    return make_folder(
        {"gpx/a.gpx": gpx(), "layers/catalog.toml": CATALOG, "layers/lots.geojson": frame}
    )


def serve_lots(url: str):
    return create_app(Settings(store=url, large_rows=10, tile_url=""))


def test_names_with_percent_signs_are_names_everywhere(database, lots):
    load(lots, f"{database}?schema=50%25")
    run_sql(database, 'UPDATE "50%".lots SET "100%s" = 77 WHERE id = \'p-3\'', "SELECT 1")
    assert mapserver.open_city(database)["lots"].loc["p-3", "100%s"] == 77
    client = serve_lots(database).test_client()
    for query in ("", "?filter=%22100%25s%22%20=%2077", "?100%25s=77", "?sortby=-100%25s"):
        answer = client.get(ITEMS + query)
        assert answer.status_code == 200, query
        assert "77" in answer.text
    assert client.get(f"{ITEMS}/p-3").json["properties"]["100%s"] == 77
    near = client.get("/api/nearest?collection=lots&lon=126.803&lat=35.15")
    assert near.json["features"][0]["id"] == "p-3"
    tile = "/api/collections/lots/tiles/WebMercatorQuad/10/405/872"
    assert b"100%s" in client.get(tile).data


def test_a_mistake_of_ours_is_no_outage(database, lots, monkeypatch, caplog):
    load(lots, f"{database}?schema=c")
    client = serve_lots(database).test_client()
    before = LargeLayer.fetch_item

    def ask_wrongly(layer: LargeLayer, _: str) -> None:
        with layer.pool.ask() as cursor:
            cursor.execute("SELECT %s, %s", [1])

    monkeypatch.setattr(LargeLayer, "fetch_item", ask_wrongly)
    answer = client.get(f"{ITEMS}/p-3")
    assert answer.status_code == 500
    assert "database" not in answer.text
    [record] = [each for each in caplog.records if each.exc_info]
    assert "mistake" in record.getMessage()
    assert "ask_wrongly" in logging.Formatter().formatException(record.exc_info)
    # Nobody else is told that the database rests.
    monkeypatch.setattr(LargeLayer, "fetch_item", before)
    assert client.get(f"{ITEMS}/p-3").status_code == 200


@pytest.mark.parametrize(
    ("fault", "put_right", "reason"),
    [
        ("DROP TABLE c.shops", "", "gone"),
        ("ALTER TABLE c.shops RENAME TO s", "ALTER TABLE c.s RENAME TO shops", "gone"),
        (
            "ALTER TABLE c.shops RENAME geom TO g",
            "ALTER TABLE c.shops RENAME g TO geom",
            "no column geom",
        ),
        ("ALTER TABLE c.shops RENAME id TO i", "ALTER TABLE c.shops RENAME i TO id", "column id"),
        (
            "ALTER TABLE c.shops ALTER geom TYPE geometry USING ST_SetSRID(geom, 0)",
            "UPDATE c.shops SET geom = ST_SetSRID(geom, 4326)",
            "SRID",
        ),
    ],
)
def test_a_table_that_cannot_be_read_costs_nobody_else_an_edit(
    database, make_folder, fault, put_right, reason
):
    load(make_folder(FILES), f"{database}?schema=c")
    served = Served(database)
    served.look()
    run_sql(database, "UPDATE c.shops SET name = '책방' WHERE id = '1'")
    time.sleep(0.2)
    served.look()
    run_sql(database, *fault.split("; "), "UPDATE c.districts SET name = '다' WHERE id = 'a'")
    time.sleep(0.2)
    served.look(3)
    condition = served.get("/readyz")
    assert (condition["status"], condition["tables_not_read"]) == ("ready", ["shops"])
    [finding] = [f for f in served.live.city.findings if f.code == "table-unreadable"]
    assert reason in str(finding)
    assert "as it was last read" in str(finding)
    properties = served.get("/api/collections/districts/items/a")["properties"]
    assert properties["name"] == "다"
    assert served.get("/api/collections/shops/items/1")["properties"]["name"] == "책방"
    assert "table-unreadable" in {f.code for f in mapserver.open_city(database).findings}
    if put_right:
        run_sql(database, put_right)
        time.sleep(0.2)
        served.look(3)
        assert "tables_not_read" not in served.get("/readyz")
        assert "table-unreadable" not in {f.code for f in served.live.city.findings}


@pytest.mark.parametrize("table", ["closures", "trail_register", "trails"])
def test_no_trail_is_called_open_while_what_decides_it_is_gone(database, make_folder, table):
    files = {name: text for name, text in FILES.items() if "inspections" not in name}
    load(make_folder(files), f"{database}?schema=c")
    day = mapserver.model.status.today()
    assert mapserver.open_city(database).trails_on(day).loc["hill", "state"] == "open"
    run_sql(database, f"DROP TABLE c.{table}")
    assert mapserver.open_city(database).trails_on(day).loc["hill", "state"] == "unknown"


def test_a_large_layer_whose_table_is_gone_is_not_read_into_memory(database, lots):
    load(lots, f"{database}?schema=c")
    app = serve_lots(database)
    live, clock = app.extensions["mapserver"], Clock()
    live.store._clock = clock
    watcher = Watcher(live, clock=clock)
    run_sql(database, "DROP TABLE c.lots")
    for _ in range(30):
        clock.now_s += limits.WATCH_EVERY_S
        watcher.look()
    assert "lots" not in {*live.city.data.large, *live.city.layers}
    assert "not served" in " ".join(map(str, live.city.findings))
    assert app.test_client().get("/api/collections/trails/items").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "/items?bbox=126.803,35.15,126.803,35.15",
        "/items?bbox=126.803,35.1,126.803,35.2",
        "/items?bbox=126.8029,35.15,126.8051,35.15",
        "/items?datetime=tomorrow",
        "/items?datetime=2026-03-01/2026-01-01",
        "/items?datetime=2026-03-01",
        "/items/p-3?datetime=x",
    ],
)
def test_boxes_without_an_area_and_times_are_answered_as_from_files(database, lots, query):
    load(lots, f"{database}?schema=c")
    in_memory = create_app(Settings(city=lots, tile_url=""))
    path = f"/api/collections/lots{query}"
    expected = in_memory.test_client().get(path)
    answer = serve_lots(database).test_client().get(path)
    assert (answer.status_code, answer.data) == (expected.status_code, expected.data)
    assert expected.status_code == 400 or expected.json["numberMatched"] > 0


def test_what_the_database_refuses_is_no_outage(database, lots):
    load(lots, f"{database}?schema=c")
    client = serve_lots(database).test_client()
    run_sql(database, "ALTER TABLE c.lots RENAME TO l")
    answer = client.get(f"{ITEMS}/p-3")
    assert answer.status_code == 503
    assert "the database refuses" in answer.text
    assert "Retry-After" not in answer.headers
    run_sql(database, "ALTER TABLE c.l RENAME TO lots")
    assert client.get(f"{ITEMS}/p-3").status_code == 200


def test_all_statements_of_a_question_share_its_time(database, lots, monkeypatch):
    load(lots, f"{database}?schema=c")
    pool = serve_lots(database).extensions["mapserver"].city.data.large["lots"].pool
    with pool.ask() as cursor:
        cursor.execute("SELECT 1")
    monkeypatch.setattr(limits, "LARGE_STATEMENT_S", 1.0)
    start_s = time.monotonic()

    def ask_often() -> None:
        with pool.ask() as cursor:
            for _ in range(10):
                cursor.execute("SELECT pg_sleep(0.4)")

    with pytest.raises(StoreSlowError):
        ask_often()
    assert time.monotonic() - start_s < 2


@pytest.mark.parametrize(
    "path",
    [
        *(ITEMS, f"{ITEMS}?f=csv", f"{ITEMS}/p-3", f"{ITEMS}?filter=name='b'"),
        "/api/nearest?collection=lots&lon=126.8&lat=35.1",
        "/api/collections/lots/tiles/WebMercatorQuad/10/405/872",
    ],
)
def test_a_locked_table_is_waited_for_once(database, lots, monkeypatch, path):
    load(lots, f"{database}?schema=c")
    client = serve_lots(database).test_client()
    client.get(f"{ITEMS}?limit=1")  # which connects
    monkeypatch.setattr(limits, "LARGE_STATEMENT_S", 1.5)
    with psycopg.connect(database) as connection:
        connection.execute("LOCK TABLE c.lots IN ACCESS EXCLUSIVE MODE")
        start_s = time.monotonic()
        answer = client.get(path)
        took_s = time.monotonic() - start_s
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert took_s < 2.5
    assert client.get(path).status_code == 200


def test_what_is_refused_after_asking_is_asked_once(database, lots, monkeypatch):
    load(lots, f"{database}?schema=c")
    client = serve_lots(database).test_client()
    asked: list[object] = []
    before = LargeLayer.has_more
    monkeypatch.setattr(limits, "MAX_LARGE_CANDIDATES", 5)
    monkeypatch.setattr(
        LargeLayer, "has_more", lambda *given: asked.append(given) or before(*given)
    )
    assert client.get(f"{ITEMS}?filter=CASEI(name)=casei('B')").status_code == 400
    assert len(asked) == 1


@pytest.mark.parametrize(
    "change",
    [
        'ALTER TABLE c.lots DROP COLUMN "100%s"',
        "ALTER TABLE c.lots RENAME COLUMN name TO named",
        "ALTER TABLE c.lots DROP COLUMN _row CASCADE",
        'ALTER TABLE c.lots ALTER COLUMN "100%s" TYPE text',
        "ALTER TABLE c.lots DROP COLUMN geom",
    ],
)
def test_who_asks_before_a_change_is_followed_is_told_to_come_again(database, lots, change, caplog):
    load(lots, f"{database}?schema=c")
    app = serve_lots(database)
    client = app.test_client()
    query = "?filter=name='b'%20AND%20%22100%25s%22%3E0"
    assert client.get(ITEMS + query).status_code == 200
    run_sql(database, change, "SELECT 1")
    caplog.clear()
    for path in (ITEMS + query, ITEMS + query, f"{ITEMS}{query}&limit=1"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert "just been changed" in answer.json["detail"]
    [record] = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert '"c"."lots" was changed' in record.getMessage()


def test_each_changed_cause_is_logged_and_readyz_names_the_table(database, make_folder, caplog):
    load(make_folder(FILES), f"{database}?schema=c")
    served = Served(database)
    served.look()
    for table in ("_changes", "_city"):
        run_sql(database, f"DROP TABLE c.{table} CASCADE")
        served.look(12)
        assert served.get("/readyz")["reason"] == (
            f"the database refuses (c.{table}); the log says why"
        )
    said = [r.getMessage() for r in caplog.records if "cannot be read from" in r.getMessage()]
    assert ["_changes" in said[0], "_city" in said[1], len(said)] == [True, True, 2]


def test_candidates_are_counted_before_they_are_sorted_and_read(database, lots, monkeypatch):
    load(lots, f"{database}?schema=c")
    client = serve_lots(database).test_client()
    monkeypatch.setattr(limits, "MAX_LARGE_CANDIDATES", 20)
    monkeypatch.setattr(LargeLayer, "fetch", None)
    answer = client.get(f"{ITEMS}?filter=CASEI(name)=casei('b')&sortby=-name")
    assert (answer.status_code, "Add a bbox" in answer.text) == (400, True)


def test_a_name_column_that_is_dropped_is_missed(database, make_folder):
    catalog = '[[layers]]\nid = "lots"\nfile = "lots.geojson"\nname_column = "owner"\n'
    frame = gpd.GeoDataFrame(
        {"id": ["a"], "owner": ["b"], "use": ["c"]}, geometry=[shapely.Point(126.8, 35.1)], crs=4326
    )
    files = {"layers/catalog.toml": catalog, "layers/lots.geojson": frame, "gpx/a.gpx": gpx()}
    load(make_folder(files), f"{database}?schema=c")
    run_sql(database, "UPDATE c.lots SET use = 'd'")
    city = mapserver.open_city(database)
    assert (city["lots"].loc["a", "name"], city["lots"].loc["a", "use"]) == ("b", "d")
    assert "column-missing" not in {f.code for f in city.findings}
    run_sql(database, "ALTER TABLE c.lots DROP name")
    assert "column-missing" in {f.code for f in mapserver.open_city(database).findings}
