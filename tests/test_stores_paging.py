"""Pages of large layers: each row once and in order, and the last costs what the first does."""

from __future__ import annotations

import json
import time
import urllib.parse

import pytest
from test_stores import load, run_sql
from test_stores_large import COUNT, ITEMS, ask, folder, in_database, in_memory, url  # noqa: F401

from mapserver.settings import Settings, limits
from mapserver.stores.large import LargeLayer
from mapserver.web import create_app

pytestmark = pytest.mark.slow
ORDERS = [
    "",
    "name",
    "-name",
    "area_m2",
    "-area_m2,name",
    "vacant,-floors",
    "-id",
    "floors,-area_m2,-name",
]


@pytest.fixture(autouse=True)
def few_anchors(monkeypatch):
    """Anchors every few rows, as a layer of a million has them every thousand."""
    monkeypatch.setattr(limits, "LARGE_ANCHOR_ROWS", 7)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("more", ["", "&floors=3", "&filter=floors%3C5"])
def test_who_follows_the_links_gets_each_feature_once_as_from_memory(
    in_memory,  # noqa: F811
    url,  # noqa: F811
    order,
    more,
):
    app = create_app(Settings(store=url, large_rows=100, tile_url=""))
    query = f"?limit=37{more}" + (f"&sortby={order}" if order else "")
    pages = []
    while query:
        answers = [ask(each, ITEMS + query) for each in (app, in_memory)]
        assert answers[0] == answers[1]
        page = json.loads(answers[0][1])
        pages.append(page)
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        query = f"?{urllib.parse.urlsplit(following[0]).query}" if following else ""
    ids = [feature["id"] for page in pages for feature in page["features"]]
    assert len(ids) == len(set(ids)) == pages[0]["numberMatched"]


@pytest.mark.parametrize("offset", [0, 6, 7, 8, 100, 350, 399, 400, 1000])
@pytest.mark.parametrize("order", ["", "-area_m2,name", "name"])
def test_a_page_that_nobody_has_come_to_is_that_of_memory(
    in_memory,  # noqa: F811
    in_database,  # noqa: F811
    offset,
    order,
):
    query = f"?limit=5&offset={offset}" + (f"&sortby={order}" if order else "")
    assert ask(in_database, ITEMS + query) == ask(in_memory, ITEMS + query)


def test_rows_before_a_page_are_not_passed_over_one_by_one(url, monkeypatch):  # noqa: F811
    app = create_app(Settings(store=url, large_rows=100, tile_url=""))
    layer = app.extensions["mapserver"].city.data.large["parcels"]
    passed = []
    find_start = type(layer.pages).find_start

    def note(pages, question, offset):
        start, key = find_start(pages, question, offset)
        passed.append(offset - start)
        return start, key

    monkeypatch.setattr(type(layer.pages), "find_start", note)
    for offset in range(0, COUNT, 50):
        assert ask(app, f"{ITEMS}?limit=50&sortby=-name&offset={offset}")[0] == 200
    assert passed == [0] * 8
    # Without a page before it, the nearest row of which the place is known is not far.
    start, key = layer._find_anchor(353)
    assert (start, key is not None) == (350, True)


def test_a_filter_is_counted_once_for_all_of_its_pages(url, monkeypatch):  # noqa: F811
    app = create_app(Settings(store=url, large_rows=100, tile_url=""))
    layer = app.extensions["mapserver"].city.data.large["parcels"]
    counted, note = [], type(layer.pages).note_count
    monkeypatch.setattr(type(layer.pages), "note_count", lambda *a: counted.append(1) or note(*a))
    for offset in range(0, 50, 10):
        ask(app, f"{ITEMS}?limit=10&floors=3&offset={offset}")
    assert len(counted) == 1


def test_rows_without_an_order_come_last_and_none_is_lost(database, folder):  # noqa: F811
    load(folder, f"{database}?schema=c")
    run_sql(
        database,
        "UPDATE c.parcels SET _row = NULL WHERE floors = 2",
        "ALTER TABLE c.few DROP _row CASCADE",
    )
    app = create_app(Settings(store=database, large_rows=5, tile_url=""))
    for layer, count in (("parcels", COUNT), ("few", 10)):
        ids = []
        for offset in range(0, count, 30):
            page = json.loads(
                ask(app, f"/api/collections/{layer}/items?limit=30&offset={offset}")[1]
            )
            ids += [feature["id"] for feature in page["features"]]
        assert len(ids) == len(set(ids)) == count


def test_a_file_that_would_lack_rows_is_refused(in_database, monkeypatch):  # noqa: F811
    assert ask(in_database, f"{ITEMS}?f=csv")[0] == 200  # of so few as there are
    monkeypatch.setattr(limits, "MAX_PAGE_ITEMS", 50)
    for query in ("f=csv", f"f=csv&limit={limits.MAX_PAGE_ITEMS + 1}", "f=gpkg&limit=1000000"):
        status, data, _ = ask(in_database, f"{ITEMS}?{query}")
        assert (status, b"ask for parts" in data) == (400, True), query
    assert ask(in_database, f"{ITEMS}?f=csv&limit={limits.MAX_PAGE_ITEMS}")[0] == 200


def test_a_page_deep_in_many_rows_costs_what_the_first_does(database, folder, monkeypatch):  # noqa: F811
    monkeypatch.setattr(limits, "LARGE_ANCHOR_ROWS", 1000)
    load(folder, f"{database}?schema=c")
    run_sql(
        database,
        "INSERT INTO c.parcels (id, name, floors, _row) SELECT 'n-' || n, 'name ' || n, n % 9, "
        "1000 + n FROM generate_series(1, 100000) n",
        "ANALYZE c.parcels",
    )
    app = create_app(Settings(store=database, large_rows=100, tile_url=""))
    layer: LargeLayer = app.extensions["mapserver"].city.data.large["parcels"]
    took_s: dict[int, float] = {}
    for _ in range(5):
        for offset in (0, 99_990):
            start_s = time.perf_counter()
            with layer.pool.ask() as cursor:
                frame = layer.fetch(cursor, [], most=100, offset=offset)
            spent_s = time.perf_counter() - start_s
            took_s[offset] = min(spent_s, took_s.get(offset, spent_s))
            assert len(frame) == 100
    assert took_s[99_990] < 3 * took_s[0] + 0.005
