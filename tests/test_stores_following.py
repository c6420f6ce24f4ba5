"""A served city follows its database: told of edits, asking for them, and while it is away."""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from serving import served
from test_stores import FILES, load, run_sql

import mapserver
from mapserver.errors import StoreAwayError
from mapserver.readers.city_folder import read_city
from mapserver.settings import Settings, limits
from mapserver.stores.addresses import read_address
from mapserver.stores.postgis import PostgisStore
from mapserver.web import create_app
from mapserver.web.watching import Watcher

pytestmark = pytest.mark.slow


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def url(database, make_folder):
    """The address of a small city in a database."""
    load(make_folder(FILES), f"{database}?schema=c")
    return database


@pytest.fixture
def store(url):
    store = PostgisStore(read_address(url), clock=Clock())
    yield store
    store.close()


def rename(url: str, name: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE c.shops SET name = %s WHERE id = '1'", [name])


def pass_time(store: PostgisStore, seconds: float) -> None:
    store._clock.now_s += seconds


def wait_until(is_so, seconds: float = 20.0) -> float:
    """Wait for something; return how long it took."""
    start_s = time.monotonic()
    while not is_so():
        assert time.monotonic() - start_s < seconds
        time.sleep(0.05)
    return time.monotonic() - start_s


def find_patience_s() -> float:
    """Return how long an edit may take: three seconds, on a busy machine as much more as it is."""
    return 3 * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def test_an_edit_is_told_at_once_and_only_its_file_is_written_anew(store, url):
    assert not store.refresh()
    before = {path: path.stat().st_ino for path in store.folder.rglob("*.*")}
    rename(url, "책방")
    wait_until(store.refresh)  # by what the database tells: the clock stands still
    changed = {path.name for path in store.folder.rglob("*.*") if before.get(path) is None}
    assert changed == {"shops.edited.parquet", "catalog.toml"}
    same = [path for path in before if path.name not in {"catalog.toml", "shops.csv"}]
    assert [path.stat().st_ino for path in same] == [before[path] for path in same]
    assert read_city(store.folder).layers["shops"].frame.loc["1", "name"] == "책방"


def test_an_edit_of_another_city_is_no_edit_of_this_one(store, url, make_folder):
    load(make_folder(FILES, "other"), f"{url}?schema=other")
    run_sql(url, "UPDATE other.shops SET name = 'x'")
    time.sleep(0.3)
    assert not store.refresh()


@pytest.mark.parametrize(
    "edit",
    [
        "ALTER TABLE c.shops DISABLE TRIGGER ALL; UPDATE c.shops SET name = 'x'",
        "ALTER TABLE c.shops DISABLE TRIGGER ALL; TRUNCATE c.shops",
        "ALTER TABLE c.shops ADD note text",
    ],
)
def test_edits_that_nobody_tells_of_are_asked_for(store, url, edit):
    run_sql(url, *edit.split("; "))

    def is_seen() -> bool:
        pass_time(store, limits.STORE_POLL_S)
        return store.refresh()

    wait_until(is_seen)


def test_the_database_is_asked_once_a_second_and_not_ten_times(store, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "mapserver.stores.postgis.read_states", lambda *_: asked.append(1) or store._states
    )
    for _ in range(31):
        store.refresh()
        pass_time(store, 0.1)
    assert len(asked) == 4


def test_editors_of_one_table_do_not_wait_for_each_other(url):
    with psycopg.connect(url) as one, psycopg.connect(url) as other:
        one.execute("UPDATE c.shops SET name = 'x' WHERE id = '1'")
        other.execute("SET statement_timeout = '2s'")
        other.execute("UPDATE c.shops SET name = 'y' WHERE id = '2'")
    counts = run_sql(url, "SELECT name, count(*) FROM c._changes GROUP BY name")
    assert counts == [("shops", 2)]


def test_an_editor_needs_no_rights_to_the_bookkeeping(url):
    role = "editor_of_shops"
    try:
        run_sql(
            url,
            f"CREATE ROLE {role}",
            f"GRANT USAGE ON SCHEMA c TO {role}",
            f"GRANT SELECT, UPDATE, INSERT ON c.shops TO {role}",
            f"SET ROLE {role}",
            "UPDATE c.shops SET name = 'x' WHERE id = '1'",
            "INSERT INTO c.shops (name) VALUES ('새 가게')",
        )
        assert run_sql(url, "SELECT count(*) FROM c._changes") == [(1,)]
        assert len(mapserver.open_city(url).shops) == 3
    finally:
        run_sql(url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_a_new_load_is_followed_as_an_edit_is(store, url, make_folder):
    fewer = {"gpx/a.gpx": FILES["gpx/hill.gpx"]}
    load(make_folder(fewer, "fewer"), f"{url}?schema=c")
    wait_until(store.refresh)
    assert list(read_city(store.folder).layers) == ["trails"]


class Served:
    """A served city of a database, whose watcher and clock are in the hand of the test."""

    def __init__(self, url: str, **settings: object) -> None:
        self.app = create_app(Settings(store=url, tile_url="", **settings))
        self.live = self.app.extensions["mapserver"]
        self.clock = self.live.store._clock = Clock()
        self.watcher = Watcher(self.live, clock=self.clock)

    def look(self, seconds: float = 1.0) -> None:
        for _ in range(round(seconds / limits.WATCH_EVERY_S)):
            self.clock.now_s += limits.WATCH_EVERY_S
            self.watcher.look()

    def get(self, path: str) -> dict:
        return json.loads(self.app.test_client().get(path).data)


def test_an_edit_is_served_within_a_second_of_looks(url):
    served = Served(url)
    served.look()
    rename(url, "책방")
    time.sleep(0.1)
    served.look()
    page = served.get("/api/collections/shops/items/1")
    assert page["properties"]["name"] == "책방"
    assert served.get("/readyz")["status"] == "ready"


def test_a_database_that_is_away_leaves_the_city_served_and_is_found_again(
    url, database_server, caplog
):
    if database_server.process is None:
        pytest.skip("the server that MAPSERVER_TEST_POSTGIS names is not ours to stop")
    caplog.set_level(logging.INFO, "mapserver")
    served = Served(url)
    served.look()
    database_server.stop()
    try:
        served.look(20)
        condition = served.get("/readyz")
        assert condition["status"] == "stale"
        assert condition["reason"] == "the database does not answer; the log says why"
        assert served.app.test_client().get("/").status_code == 200
        assert served.get("/api/collections/shops/items/1")["properties"]["name"] == "빵집"
    finally:
        database_server.start()
    rename(url, "책방")
    served.look(7)
    assert served.get("/readyz")["status"] == "ready"
    assert served.get("/api/collections/shops/items/1")["properties"]["name"] == "책방"
    said = [record.getMessage() for record in caplog.records if record.name == "mapserver"]
    # That it went, and that it is away: each once, however often it is tried.
    lines = [line for line in said if "cannot be read from the database" in line]
    assert 1 <= len(lines) == len(set(lines)) <= 2
    assert "the database answers again" in said
    assert "corr3ct" not in caplog.text
    assert not any(record.exc_info for record in caplog.records)


def test_a_database_without_connections_left_is_away_and_not_a_fault(url):
    served = Served(url)
    served.look()
    served.live.store.close()
    hoard = []
    with contextlib.suppress(psycopg.OperationalError):
        while len(hoard) < 200:
            hoard.append(psycopg.connect(url))
    assert len(hoard) < 200
    try:
        served.look(3)
        assert served.get("/readyz")["status"] == "stale"
    finally:
        for each in hoard:
            each.close()
    served.look(7)
    assert served.get("/readyz")["status"] == "ready"


def test_a_database_that_is_too_slow_is_away_until_it_answers(store, url, monkeypatch):
    monkeypatch.setattr(limits, "STORE_LOOK_S", 0.3)
    rename(url, "책방")
    with psycopg.connect(url) as busy:
        busy.execute("LOCK c._tables IN ACCESS EXCLUSIVE MODE")
        pass_time(store, 2)
        with pytest.raises(StoreAwayError):
            store.refresh()
    assert store.is_away
    pass_time(store, 10)
    assert store.refresh()
    assert not store.is_away


def test_bookkeeping_that_is_gone_is_said_and_the_city_served_on(url):
    served = Served(url)
    served.look()
    run_sql(url, "DROP SCHEMA c CASCADE")
    served.look(3)
    reason = served.get("/readyz")["reason"]
    assert reason == "the database refuses (c._city); the log says why"
    assert served.get("/api/collections/shops/items")["numberMatched"] == 2


def test_every_worker_shows_an_edit_within_three_seconds(url, tmp_path):
    with served(tmp_path, tmp_path / "log", "--store", url) as server:

        def read_name(_: int = 0) -> str:
            return json.loads(server.get("/api/collections/shops/items/1")[1])["properties"]["name"]

        assert read_name() == "빵집"
        time.sleep(1)
        took_s = []
        for name in ("책방", "떡집", "꽃집"):
            start_s = time.monotonic()
            rename(url, name)
            with ThreadPoolExecutor(8) as pool:
                wait_until(lambda name=name: set(pool.map(read_name, range(24))) == {name}, 10)
            took_s.append(time.monotonic() - start_s)
        assert min(took_s) < find_patience_s()
        assert "corr3ct" not in server.log.read_text()


def test_a_database_that_is_away_is_tried_less_and_less_often(store, monkeypatch):
    attempts = []

    def refuse(*_: object, **__: object) -> None:
        attempts.append(store._clock.now_s)
        raise StoreAwayError("x")

    monkeypatch.setattr("mapserver.stores.postgis.connect", refuse)
    store.close()
    failures = 0
    for _ in range(300):
        try:
            store.refresh()
        except StoreAwayError:
            failures += 1
        assert store.is_away
        pass_time(store, 0.1)
    # After 1, 2, and then every 5 seconds: 30 seconds have eight attempts.
    assert failures == len(attempts) == 8


def test_a_city_in_python_holds_no_connection_and_leaves_none_behind(url):
    own = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mapserver'"
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        city = mapserver.open_city(url)
        assert run_sql(url, own) == [(0,)]
        site = Served(url)
        site.look()
        assert run_sql(url, own) == [(1,)]
        del city, site
        gc.collect()
        wait_until(lambda: run_sql(url, own) == [(0,)])
    assert not [str(each.message) for each in said if "deleted" in str(each.message)]
