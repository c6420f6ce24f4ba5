"""Figures for whoever runs the server: what was asked, what is served, and who may know."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT
from gpxtext import gpx, track

from mapserver import open_city
from mapserver.settings import Settings, limits
from mapserver.web import create_app, metrics
from mapserver.web.figures import BOUNDS_S, STATUSES, Figures

LINE = ((126.85, 35.15), (126.8512, 35.15))
PROXY = "172.18.0.2"


@pytest.fixture
def make_client(make_folder):
    """Serve a small city with settings as the environment has them."""

    def make(**variables: str):
        folder = make_folder({"gpx/hill.gpx": gpx(track(LINE)), "gpx/broken.gpx": "<gpx>"})
        names = {f"MAPSERVER_{name.upper()}": value for name, value in variables.items()}
        settings = Settings.from_environment({"MAPSERVER_TILE_URL": "", **names}, city=folder)
        return create_app(settings).test_client()

    return make


def ask(client, path: str = "/metrics", peer: str = "127.0.0.1", **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers=named, environ_overrides={"REMOTE_ADDR": peer})


def values(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_requests_are_counted_by_route_and_status_and_never_by_place(make_client):
    client = make_client()
    for path in ("/trails/hill", "/trails/none", "/api/nearest?lon=126.85123&lat=35.15", "/x/y"):
        client.get(path)
    client.get("/api/nearest?lon=126.85124&lat=35.15")
    text = client.get("/metrics").text
    found = values(text)
    name = "mapserver_requests_total"
    assert found[f'{name}{{route="/api/nearest",status="200"}}'] == 2
    assert found[f'{name}{{route="/trails/<id_>",status="200"}}'] == 1
    assert found[f'{name}{{route="/trails/<id_>",status="404"}}'] == 1
    assert found[f'{name}{{route="(other)",status="404"}}'] == 1
    assert found['mapserver_request_seconds_count{route="/api/nearest"}'] == 2
    assert found['mapserver_request_seconds_bucket{route="/api/nearest",le="+Inf"}'] == 2
    assert "126.85" not in text
    assert "hill" not in text


def test_what_is_served_and_what_was_found_is_told(make_client):
    client = make_client()
    client.get("/")
    text = client.get("/metrics").text
    found = values(text)
    version = client.get("/readyz").json["version"]
    assert found[f'mapserver_snapshot_info{{version="{version}"}}'] == 1
    assert found['mapserver_opening_findings{severity="error"}'] == 1
    assert found["mapserver_reloads_total"] == found["mapserver_reload_failures_total"] == 0
    assert found["mapserver_stale_seconds"] == 0
    assert found["mapserver_snapshot_age_seconds"] >= 0
    assert found["mapserver_cache_bytes"] > 1000
    # Every family has one type, and every line the form of the format.
    types = re.findall(r"^# TYPE (\S+) (?:gauge|counter|histogram)$", text, re.MULTILINE)
    assert len(types) == len(set(types))
    sample = r'[a-z_]+(\{[a-z_]+="[^"\n]*"(,[a-z_]+="[^"\n]*")*\})? [-+.e0-9]+'
    for line in text.splitlines():
        assert line.startswith("# ") or re.fullmatch(sample, line), line


def test_a_folder_that_cannot_be_opened_is_a_figure(make_client):
    client = make_client()
    client.application.extensions["mapserver"].condition.record_failure("it is gone")
    found = values(client.get("/metrics").text)
    assert found["mapserver_reload_failures_total"] == 1
    assert found["mapserver_stale_seconds"] > 0


def test_every_figure_and_field_is_explained_to_operators_and_no_other(make_client):
    client = make_client()
    condition = client.application.extensions["mapserver"].condition
    condition.record_failure("it is gone")
    condition.record_unrest(1.0)
    client.get("/")
    fields = set(client.get("/readyz").json)
    families = set(re.findall(r"^# TYPE (\S+) ", client.get("/metrics").text, re.MULTILINE))
    page = (ROOT / "docs/operating.md").read_text("utf-8")
    readiness, _, figures = page.partition("## `/metrics`")
    assert set(re.findall(r"^\| `(\w+)`", readiness, re.MULTILINE)) == fields
    assert set(re.findall(r"^\| `(\w+)", figures, re.MULTILINE)) == families


def test_what_only_an_examination_finds_is_not_counted_as_found_while_opening(make_client):
    client = make_client()
    city = client.application.extensions["mapserver"].city
    opening = values(client.get("/metrics").text)
    count = sum(n for name, n in opening.items() if name.startswith("mapserver_opening_findings"))
    assert count == client.get("/readyz").json["opening_findings"] == len(city.findings)
    assert len(open_city(city.path).check()) > count  # which the page says, too
    assert "fewer than `mapserver check`" in (ROOT / "docs/operating.md").read_text("utf-8")


def test_only_addresses_that_the_settings_name_may_read(make_client):
    client = make_client()
    assert ask(client).status_code == 200
    assert ask(client).headers["Cache-Control"] == "no-store"
    assert ask(client, peer="::1").status_code == 200
    assert ask(client, peer="::ffff:127.0.0.1").status_code == 200
    for peer in ("10.0.0.7", "::ffff:10.0.0.7", "2001:db8::1", "", "x"):
        assert ask(client, peer=peer).status_code == 403
    named = make_client(metrics_for="10.0.0.0/24, 2001:db8::1")
    assert ask(named, peer="10.0.0.7").status_code == 200
    assert ask(named, peer="2001:db8::1").status_code == 200
    assert ask(named).status_code == 403
    assert ask(make_client(metrics_for="")).status_code == 403


@pytest.mark.parametrize("header", ["X_Forwarded_For", "X_Real_IP", "Forwarded", "Via"])
def test_a_proxy_of_this_machine_does_not_show_figures_to_the_world(make_client, header):
    client = make_client()
    assert ask(client, **{header: "127.0.0.1"}).status_code == 403
    trusting = make_client(trusted_proxies="127.0.0.1")
    assert ask(trusting, X_Forwarded_For="198.51.100.7").status_code == 403
    assert ask(trusting, X_Forwarded_For="127.0.0.1, 198.51.100.7").status_code == 403
    assert ask(trusting, X_Forwarded_For="127.0.0.1").status_code == 200


def test_what_a_proxy_states_is_heard_from_one_that_the_settings_name(make_client):
    stated = {
        "X_Forwarded_For": "198.51.100.7",
        "X_Forwarded_Proto": "https",
        "X_Forwarded_Host": "maps.example.kr",
        "X_Forwarded_Prefix": "/walk",
        "SCRIPT_NAME": "/evil",
    }
    client = make_client(trusted_proxies=f"{PROXY}, 10.0.0.0/8")
    for peer in (PROXY, "10.1.2.3"):
        link = ask(client, "/trails/", peer=peer, **stated).headers["Link"]
        assert "<https://maps.example.kr/walk/trails/?lang=ko>" in link
    for one, peer in ((client, "172.18.0.3"), (make_client(), PROXY), (make_client(), "127.0.0.1")):
        link = ask(one, "/trails/", peer=peer, **stated).headers["Link"]
        assert "<http://localhost/trails/?lang=ko>" in link


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X_Forwarded_Prefix", "//evil.example"),
        ("X_Forwarded_Prefix", "/a b"),
        ("X_Forwarded_Prefix", "javascript:x"),
        ("X_Forwarded_Proto", "javascript"),
        ("X_Forwarded_Proto", "ht\x01tp"),
    ],
)
def test_nonsense_that_a_trusted_proxy_hands_on_is_not_heard(make_client, header, value):
    client = make_client(trusted_proxies=PROXY)
    answer = ask(client, "/trails/", peer=PROXY, **{header: value})
    assert answer.status_code == 200
    assert "<http://localhost/trails/?lang=ko>" in answer.headers["Link"]
    assert ask(client, "/", peer=PROXY, X_Forwarded_Host="evil/x").status_code == 400


@pytest.mark.parametrize("name", ["TRUSTED_PROXIES", "METRICS_FOR"])
@pytest.mark.parametrize("value", ["proxy", "10.0.0.0/99", "10.0.0.1/8", "1.2.3", "*"])
def test_addresses_that_are_none_are_refused_at_the_start(name, value):
    from mapserver.errors import SettingsError  # noqa: PLC0415

    with pytest.raises(SettingsError, match="no list of addresses"):
        Settings.from_environment({f"MAPSERVER_{name}": value})


def test_a_route_has_its_counts_and_seconds_and_one_that_nobody_asked_for_is_left_out():
    figures = Figures(["/b", "/a", "/never", "/a"])
    for route, status, seconds in (("/a", 200, 0.5), ("/a", 404, 0.25), ("/b", 999, 20.0)):
        figures.count(route, status, seconds)
    (a, b) = figures.read()
    assert (a[0], b[0]) == ("/a", "/b")
    assert dict(zip(STATUSES, a[1], strict=True)) | {200: 0, 404: 0} == dict.fromkeys(STATUSES, 0)
    assert (a[1][STATUSES.index(200)], a[1][STATUSES.index(404)]) == (1, 1)
    assert (b[1][-1], STATUSES[-1]) == (1, 0)
    # A time that is a bound belongs to it, and none is beyond the last.
    assert [bound for bound, count in zip(BOUNDS_S, a[2], strict=True) if count] == [0.25, 0.5]
    assert b[2][-1] == 1
    assert (a[3], b[3]) == (0.75, 20.0)


def test_who_counts_when_a_worker_is_forked_does_not_stop_it():
    figures = Figures(["/"])
    figures._lock.acquire()  # as another thread of the parent has it at the fork
    figures.take_next_row()
    assert not figures._lock.locked()


def test_counts_of_a_process_that_ended_are_not_lost():
    figures = Figures(["/"])
    for _ in range(3):
        figures.take_next_row()
        figures.count("/", 200, 0.003)
        figures.count("/", 200, 99.0)
        figures.count("/unknown", 418, 0.003)
    for _ in range(2 * limits.MAX_COUNTED_PROCESSES):
        figures.take_next_row()
    routes = {route: statuses for route, statuses, _, _ in figures.read()}
    assert sum(routes["/"]) == 6
    figures.count("/", 200, 0.003)  # in the first row again
    assert {route: sum(statuses) for route, statuses, _, _ in figures.read()}["/"] == 7
    assert routes["(other)"][-1] == 3


@pytest.mark.parametrize(
    ("text", "written"), [('a"b', r"a\"b"), ("a\\b", r"a\\b"), ("a\nb", r"a\nb"), ("가", "가")]
)
def test_a_label_cannot_end_its_quotes_or_its_line(text, written):
    assert metrics._escape(text) == written


def test_every_label_is_written_so(make_client, monkeypatch):
    client = make_client()
    figures = Figures(['/a"b'])
    figures.count('/a"b', 200, 0.003)
    monkeypatch.setitem(client.application.extensions, "mapserver-figures", figures)
    city = client.application.extensions["mapserver"].city
    monkeypatch.setattr(type(city), "version", 'c"d')
    text = client.get("/metrics").text
    assert r'version="c\"d"' in text
    for name in ("requests_total", "request_seconds_bucket", "request_seconds_count"):
        assert rf'mapserver_{name}{{route="/a\"b"' in text
    assert 'a"b' not in text
