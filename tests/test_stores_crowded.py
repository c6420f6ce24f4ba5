"""A database with few connections: pages are served, and questions are refused in time."""

from __future__ import annotations

import contextlib
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import psycopg
import pytest
from databases import run_server
from test_stores import load, run_sql
from test_stores_following import Served, wait_until
from test_stores_large import ITEMS, folder  # noqa: F401

from mapserver.settings import limits

pytestmark = pytest.mark.slow
SLOTS = 3
"""What is left of six connections, three of which are kept for superusers."""
MINE = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'reader'"


@pytest.fixture
def crowded(database_server, folder):  # noqa: F811
    """A city on a server with few connections: its addresses for a superuser and for a reader."""
    if database_server.process is None:
        pytest.skip("the server that MAPSERVER_TEST_POSTGIS names is not ours to set")
    with run_server() as server:
        server.command += ["-c", "max_connections=6", "-c", "superuser_reserved_connections=3"]
        server.stop()
        server.start()
        url = server.make_database()
        load(folder, f"{url}?schema=c")
        run_sql(
            url,
            "CREATE ROLE reader LOGIN PASSWORD 'secret'",
            "GRANT USAGE ON SCHEMA c TO reader",
            "GRANT SELECT ON ALL TABLES IN SCHEMA c TO reader",
        )
        parts = urlsplit(url)
        yield url, f"postgresql://reader:secret@{parts.hostname}:{parts.port}{parts.path}"


def ask_timed(site: Served, path: str) -> tuple[int, float]:
    start_s = time.monotonic()
    answer = site.app.test_client().get(path)
    if answer.status_code == 503:
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.mimetype == "application/problem+json"
    return answer.status_code, time.monotonic() - start_s


def test_a_crowd_of_questions_is_answered_or_refused_in_time_and_leaves_nothing(crowded, caplog):
    caplog.set_level(logging.INFO, "mapserver")
    url, reader = crowded
    site = Served(reader, large_rows=100)
    site.look()
    most_s = limits.LARGE_STATEMENT_S + limits.LARGE_PATIENCE_S + 3
    with ThreadPoolExecutor(40) as crowd:
        paths = [f"{ITEMS}?limit=50&sortby=-name&offset={n}" for n in range(120)]
        questions = [crowd.submit(ask_timed, site, path) for path in paths]
        pages = [ask_timed(site, path) for path in ("/", "/trails/", "/api/collections") * 5]
        answers = [each.result() for each in questions]
    assert {status for status, _ in pages} == {200}
    assert {status for status, _ in answers} <= {200, 503}
    assert max(took_s for _, took_s in answers) < most_s
    assert run_sql(url, MINE)[0][0] <= SLOTS
    wait_until(lambda: ask_timed(site, f"{ITEMS}/p-1")[0] == 200)
    # Somebody else takes all that is left: refused in time, and found again by itself.
    hoard = []
    try:
        layer = site.live.city.data.large["parcels"]
        layer.pool.close()
        with contextlib.suppress(psycopg.OperationalError):
            while len(hoard) < 10:
                hoard.append(psycopg.connect(reader))
        assert 0 < len(hoard) < 10
        refused = [ask_timed(site, f"{ITEMS}/p-2") for _ in range(5)]
        assert {status for status, _ in refused} == {503}
        assert max(took_s for _, took_s in refused) < most_s
        assert ask_timed(site, "/")[0] == 200
    finally:
        for each in hoard:
            each.close()
    wait_until(lambda: ask_timed(site, f"{ITEMS}/p-2")[0] == 200)
    layer.pool.close()
    wait_until(lambda: run_sql(url, MINE)[0][0] == 1)  # the one that follows the city
    said = [r.getMessage() for r in caplog.records if "large layers" in r.getMessage()]
    # That questions are not answered, and that they are again: once an outage, not a question.
    refusals = [text for text in said if "cannot be asked" in text]
    assert 1 <= len(refusals) <= 2 + len([t for t in said if "again" in t])
    assert len(refusals) < len([1 for status, _ in answers if status == 503]) + len(refused)


def test_a_pool_lets_go_of_connections_that_nobody_needs(crowded, monkeypatch):
    monkeypatch.setattr(limits, "LARGE_IDLE_S", 1.0)
    url, reader = crowded
    site = Served(reader, large_rows=100)
    with ThreadPoolExecutor(2) as crowd:
        list(crowd.map(lambda n: ask_timed(site, f"{ITEMS}?limit=50&offset={n}"), range(20)))
    wait_until(lambda: run_sql(url, MINE)[0][0] == 1, 15)
