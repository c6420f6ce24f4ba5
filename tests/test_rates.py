"""How often one client may ask: off unless it is set, the same on the short way and in Flask."""

from __future__ import annotations

import random

import pytest
from forking import fork, wait_for_end
from gpxtext import gpx, track

from mapserver.errors import SettingsError
from mapserver.settings import Rate, Settings, limits
from mapserver.web import create_app, rates
from mapserver.web.rates import Buckets, RateLimiter, find_client

LINE = ((126.85, 35.15), (126.8512, 35.15))
QUESTION, PAGE = "/api/locate?lon=126.85&lat=35.15", "/trails/?lang=ko"
HOUSE, OTHER = "203.0.113.7", "203.0.113.8"
PROXY = "172.18.0.2"


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(RateLimiter.__init__, "__defaults__", (clock,))
    return clock


@pytest.fixture
def make_client(make_folder, clock):  # noqa: ARG001 -- time stands still for it
    def make(**variables: str):
        folder = make_folder({"gpx/hill.gpx": gpx(track(LINE))})
        names = {f"MAPSERVER_{name.upper()}": value for name, value in variables.items()}
        settings = Settings.from_environment({"MAPSERVER_TILE_URL": "", **names}, city=folder)
        return create_app(settings).test_client()

    return make


def ask(client, path: str = QUESTION, peer: str = HOUSE, **headers: str):
    return client.get(path, headers=headers, environ_overrides={"REMOTE_ADDR": peer})


def count_answers(client, path: str = QUESTION, peer: str = HOUSE, times: int = 10) -> int:
    return sum(ask(client, path, peer).status_code == 200 for _ in range(times))


def test_nobody_is_limited_unless_it_is_set(make_client):
    client = make_client()
    assert count_answers(client, times=100) == 100
    assert Settings().page_limit is None
    assert Settings(api_rate=3).api_limit == Rate(3, 3 * limits.USUAL_BURST_S)


def test_who_asks_too_often_is_told_when_to_ask_again_and_is_answered_then(make_client, clock):
    client = make_client(api_rate="2", api_burst="3")
    assert count_answers(client) == 3
    refused = ask(client)
    assert refused.status_code == 429
    assert refused.content_type == "application/problem+json"
    assert refused.json["code"] == "TooManyRequests"
    assert "Retry-After" in refused.json["detail"]
    assert refused.headers["Cache-Control"] == "no-store"
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert "Retry-After" in refused.headers["Access-Control-Expose-Headers"]
    clock.now_s += int(refused.headers["Retry-After"])
    assert ask(client).status_code == 200
    clock.now_s += 3600
    assert count_answers(client) == 3  # a bucket holds no more, however long nobody asks


def test_a_client_that_waits_as_long_as_it_is_told_is_never_refused(make_client, clock):
    client = make_client(api_rate="1", api_burst="5")
    for _ in range(20):
        answer = next(answer for _ in range(9) if (answer := ask(client)).status_code == 429)
        clock.now_s += int(answer.headers["Retry-After"])
        assert ask(client).status_code == 200


def test_pages_and_the_api_are_counted_apart_and_so_are_addresses(make_client):
    client = make_client(api_rate="1", api_burst="2", page_rate="1", page_burst="4")
    assert count_answers(client) == 2
    assert count_answers(client, PAGE) == 4
    assert count_answers(client, PAGE, OTHER) == 4
    only_api = make_client(api_rate="1", api_burst="2")
    assert count_answers(only_api, PAGE) == 10


def test_a_page_of_another_site_hears_how_long_it_is_to_wait(make_client):
    """Its browser asks before each question; were that refused, the page would hear nothing."""
    client = make_client(api_rate="1", api_burst="3")
    peer = {"REMOTE_ADDR": HOUSE}
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}

    def knock() -> int:
        answer = client.options("/api/nearest", headers=asked, environ_overrides=peer)
        return answer.status_code

    assert knock() == 200
    assert count_answers(client) == 3  # none was taken by the browser
    assert (knock(), ask(client).status_code, knock()) == (200, 429, 200)
    assert knock() == 429  # who only knocks is limited, too


def test_all_that_a_path_may_be_is_counted_by_both_ways(make_client):
    """What is before Flask counts what it answers, and what it hands on, once each."""
    client = make_client(api_rate="1", api_burst="7")
    addresses = (QUESTION, "/api/", "/api", "/api/nothing", f"{QUESTION}&f=html", "/api/nearest")
    assert [ask(client, address).status_code for address in addresses].count(429) == 0
    assert client.head(QUESTION, environ_overrides={"REMOTE_ADDR": HOUSE}).status_code == 200
    for address in addresses:
        assert ask(client, address).status_code == 429
    for method in (client.post, client.head, client.options, client.delete):
        assert method("/api/nearest", environ_overrides={"REMOTE_ADDR": HOUSE}).status_code == 429


def test_a_person_reads_why_in_their_language(make_client):
    client = make_client(page_rate="1", page_burst="1")
    ask(client, PAGE)
    for lang, words in (
        ("ko", "요청이 한꺼번에"),
        ("en", "Too many requests"),
    ):
        # A day far away costs a table of days of its own: refusing makes none.
        for date in ("", "&date=2031-05-05", "&date=x"):
            page = ask(client, f"/?lang={lang}{date}")
            assert page.status_code == 429
            assert words in page.text
            assert int(page.headers["Retry-After"]) >= 1
            assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert len(client.application.extensions["mapserver-editions"]._chosen) == 0


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1", ""])
def test_this_machine_is_never_limited(make_client, peer):
    client = make_client(api_rate="1", api_burst="1", page_rate="1", page_burst="1")
    assert count_answers(client, peer=peer) == 10
    assert count_answers(client, PAGE, peer=peer) == 10


def test_who_watches_the_server_is_never_told_to_wait(make_client):
    client = make_client(page_rate="1", page_burst="1", metrics_for=HOUSE)
    for path in ("/healthz", "/readyz", "/metrics"):
        assert count_answers(client, path) == 10


def test_metrics_count_who_was_refused(make_client):
    client = make_client(api_rate="1", api_burst="1")
    assert count_answers(client) == 1
    text = ask(client, "/metrics", "127.0.0.1").text
    assert 'mapserver_requests_total{route="/api/locate",status="429"} 9' in text
    assert 'mapserver_requests_total{route="/api/locate",status="200"} 1' in text


def test_behind_a_trusted_proxy_the_client_is_who_it_names(make_client):
    client = make_client(api_rate="1", api_burst="2", trusted_proxies=f"127.0.0.1, {PROXY}")
    for peer in (PROXY, "127.0.0.1"):
        named = {"X-Forwarded-For": f"{OTHER}, {peer[-1]}0.1.2.3"}
        statuses = [ask(client, peer=peer, **named).status_code for _ in range(4)]
        assert statuses == [200, 200, 429, 429]
    # Of whom nobody trusts, the address counts, whatever it says.
    for number in range(2):
        assert ask(client, **{"X-Forwarded-For": f"10.0.0.{number}"}).status_code == 200
    assert ask(client, **{"X-Forwarded-For": "10.0.0.9"}).status_code == 429


@pytest.mark.parametrize(
    ("one", "another", "are_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),  # a house has 2^64 addresses
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("203.0.113.7:4711", "203.0.113.7", True),
        ("[2001:db8::1]:443", "2001:db8::2", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("unknown", "_hidden", False),
        ("", "127.0.0.1", True),
    ],
)
def test_a_client_is_an_address_or_a_network_of_ipv6(one, another, are_one):
    assert (find_client(one) == find_client(another)) is are_one


@pytest.mark.parametrize("rate", [Rate(1, 1), Rate(3, 10), Rate(100, 2000), Rate(10_000, 7)])
def test_no_client_gets_more_than_its_bucket_and_what_was_filled_in(rate):
    chance, clock = random.Random(18), Clock()  # noqa: S311 -- no secret
    buckets, taken_at = Buckets(rate, clock), []
    for _ in range(5000):
        clock.now_s += chance.choice((0, 0, 0, 0.2 / rate.per_s, 3 / rate.per_s))
        wait_s = buckets.take(b"client")
        assert 0 <= wait_s <= 1 / rate.per_s + 1e-4
        if wait_s == 0:
            taken_at.append(clock.now_s)
    for first in range(0, len(taken_at), 17):
        for last in range(first, len(taken_at), 61):
            span_s = taken_at[last] - taken_at[first]
            # A tick is ten microseconds, and times are rounded to them.
            assert last - first + 1 <= rate.burst + rate.per_s * (span_s + 2e-5) + 1e-6


def test_memory_stays_the_same_however_many_clients_there_are(monkeypatch):
    monkeypatch.setattr(limits, "MAX_LIMITED_CLIENTS", 64)
    clock = Clock()
    buckets, greedy_tokens = Buckets(Rate(1, 2), clock), 0
    for number in range(10_000):
        assert buckets.take(number.to_bytes(4, "big")) == 0  # nobody is refused for others
        # One that asks all the time is not forgotten for those who ask once.
        clock.now_s += 0.001
        greedy_tokens += buckets.take(b"greedy") == 0
    assert greedy_tokens in {11, 12}  # in ten seconds, and two at once before
    assert len(buckets._words) == 64


def test_the_limit_is_that_of_the_server_and_not_of_each_worker():
    buckets = Buckets(Rate(1, 40), Clock())

    def work() -> int:
        buckets.renew_lock()
        return sum(buckets.take(b"client") == 0 for _ in range(15))

    counts = [wait_for_end(fork(work)) for _ in range(4)]
    assert counts == [15, 15, 10, 0]
    assert buckets.take(b"client") > 0


def test_what_another_thread_holds_is_free_after_a_fork(make_client):
    client = make_client(api_rate="1", api_burst="5", page_rate="1")
    limiter = client.application.extensions["mapserver-limiter"]
    limiter._api._lock.acquire()
    limiter.renew_locks()
    assert count_answers(client) == 5


def test_a_request_that_is_refused_reaches_no_view_and_reads_no_body(make_client):
    client = make_client(api_rate="1", api_burst="1")
    ask(client)

    class Unread:
        def read(self, *_):
            raise AssertionError("the body was read")

    asked = {"REMOTE_ADDR": HOUSE, "wsgi.input": Unread(), "CONTENT_LENGTH": "999"}
    refused = client.post("/api/nearest", content_type="text/csv", environ_overrides=asked)
    assert refused.status_code == 429


@pytest.mark.parametrize("key", ["page_rate", "page_burst", "api_rate", "api_burst"])
@pytest.mark.parametrize("value", ["-1", "2.5", "many", "1/s", "99999999", "1e3"])
def test_a_rate_that_is_none_is_named_before_the_server_starts(key, value):
    name = f"MAPSERVER_{key.upper()}"
    with pytest.raises(SettingsError, match=f"^{name}: "):
        Settings.from_environment({name: value})


def test_rates_are_read_from_the_file_too(tmp_path):
    file = tmp_path / "mapserver.toml"
    file.write_text("api_rate = 5\napi_burst = 50\npage_rate = 0\n", "utf-8")
    settings = Settings.from_environment({"MAPSERVER_PAGE_RATE": "7"}, file=file)
    assert settings.api_limit == Rate(5, 50)
    assert settings.page_limit == Rate(7, 7 * limits.USUAL_BURST_S)
    assert rates.round_wait(0.2) == 1
