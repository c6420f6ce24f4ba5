"""Questions that differ by the place alone are read once, and answered as if each was the first."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from gpxtext import gpx
from shared_fixtures import write_folder
from test_shortcut import ask, find_shortcut

from mapserver.model import status
from mapserver.settings import Settings, limits
from mapserver.web import create_app
from mapserver.web.live import open_snapshot

NEAREST = "/api/nearest?lon={}&lat=35.14"
ITEMS = "/api/collections/trails/items"


@pytest.fixture
def app(tmp_path):
    city = write_folder(tmp_path, {"gpx/a.gpx": gpx(), "gpx/trails.csv": "id,name\na,봄 길\n"})
    return create_app(Settings(city=city, tile_url=""))


def find_tag(answer) -> str:
    return next(value for name, value in answer[1] if name == "ETag")


@pytest.mark.parametrize(
    "pattern",
    [
        NEAREST,
        f"{NEAREST}&limit=2&f=json",
        f"{NEAREST}&lang=ko&f=jsonfg&max_distance=99999",
        "/api/nearest?lat=35.14&lon={}&collection=trails&datetime=2026-12-20",
        "/api/nearest?lon=%31{}&lat=35.14",
        "/api/nearest?lon={}&&lat=35.14",
        "/api/locate?lon={}&lat=+35.14",
        f"{ITEMS}?bbox={{}},35,127,36&limit=1",
        f"{ITEMS}?bbox={{}}%2C35%2C127%2C36&name=봄+길",
        f"{ITEMS}?bbox={{}},35,127,36&sortby=-name&properties=name&offset=0&crs=EPSG:5186",
    ],
)
def test_a_question_of_a_known_shape_is_answered_like_the_first_of_it(app, pattern):
    shapes = app.extensions["mapserver"].snapshot.shapes
    addresses = [pattern.format(f"26.8{number}") for number in (5, 51, 512)]
    firsts = []
    for address in addresses:
        shapes.clear()
        firsts.append(ask(app.wsgi_app, address))
    assert len(shapes) == 1
    assert [ask(app.wsgi_app, address) for address in addresses] == firsts
    assert len(shapes) == 1, "they have one shape"
    assert len({find_tag(answer) for answer in firsts}) == len(firsts), "and a tag each"
    assert firsts[0][0].startswith("200")


def test_what_is_wrong_is_refused_whatever_was_asked_before(app):
    for address in (NEAREST.format("126.85"), f"{ITEMS}?bbox=126,35,127,36"):
        assert ask(app.wsgi_app, address)[0].startswith("200")
    for address in (
        *(NEAREST.format(number) for number in ("NaN", "1e999", "", "x", "1_2", "181", "126,1")),
        *(f"{NEAREST.format('126.85')}&{more}" for more in ("lon=1", "lat=35.14", "x=1", "f=xml")),
        *("/api/nearest?lon=126.85", f"{ITEMS}?bbox=126,35,127", f"{ITEMS}?bbox=126,36,127,35"),
        *(f"{ITEMS}?lon=126", f"{ITEMS}?bbox=126,35,127,36&limit=0", f"{ITEMS}?bbox=1&bbox=1"),
    ):
        for _ in range(2):
            assert ask(app.wsgi_app, address)[0].startswith("400"), address


def test_all_but_places_is_part_of_a_shape(app):
    good, other = (f"{NEAREST.format('126.85')}&limit=1&f={name}" for name in ("json", "jsonfg"))
    assert ask(app.wsgi_app, good)[0].startswith("200")
    assert "application/vnd.ogc.fg+json" in dict(ask(app.wsgi_app, other)[1])["Content-Type"]
    assert ask(app.wsgi_app, good.replace("limit=1", "limit=0"))[0].startswith("400")


def test_a_shape_is_of_its_snapshot_and_of_its_day(app, tmp_path, monkeypatch):
    live = app.extensions["mapserver"]
    address = NEAREST.format("126.85")
    before = [ask(app.wsgi_app, address) for _ in range(2)]
    write_folder(tmp_path, {"gpx/trails.csv": "id,name,season\na,여름 길,5월~9월\n"})
    live.replace(open_snapshot(live.settings.city))
    answers = [before[1], ask(app.wsgi_app, address)]
    assert "여름 길" in answers[-1][2].decode()
    for day, state in ((dt.date(2026, 7, 1), "open"), (dt.date(2026, 12, 20), "closed")):
        monkeypatch.setattr(status, "today", lambda *_, day=day: day)
        for _ in range(2):
            answers.append(ask(app.wsgi_app, address))
            assert f'"state":"{state}"' in answers[-1][2].decode()
        assert answers[-1] == answers[-2]
    assert len({find_tag(answer) for answer in answers}) == 4


def test_so_many_shapes_are_held_and_none_that_is_long(app, monkeypatch):
    monkeypatch.setattr(limits, "MAX_SHAPES", 8)
    shapes = app.extensions["mapserver"].snapshot.shapes
    shapes.clear()
    for number in range(1, 30):
        ask(app.wsgi_app, f"{ITEMS}?limit={number}&bbox=126,35,127,36")
        assert 1 <= len(shapes) <= 8
    shapes.clear()
    long_filter = "name%3D'" + "x" * limits.MAX_SHAPE_LETTERS + "'"
    assert ask(app.wsgi_app, f"{ITEMS}?filter={long_filter}")[0].startswith("200")
    accept = "application/json," + "a" * limits.MAX_SHAPE_LETTERS + "/b;q=0.1"
    assert ask(app.wsgi_app, NEAREST.format("126"), HTTP_ACCEPT=accept)[0].startswith("200")
    assert not shapes


def test_hosts_and_headers_are_part_of_a_shape(app):
    address = NEAREST.format("126.85")
    for headers in (
        {"HTTP_HOST": "example.org"},
        {"HTTP_HOST": "localhost:81"},
        {"SCRIPT_NAME": "/under"},
        {"wsgi.url_scheme": "https"},
        {"HTTP_ACCEPT": "application/vnd.ogc.fg+json"},
    ):
        plain, other = ask(find_shortcut(app), address), ask(find_shortcut(app), address, **headers)
        assert plain[2] != other[2], headers
        assert find_tag(plain) != find_tag(other)


@pytest.mark.parametrize("name", ["Asia/Seoul", "Asia/Kathmandu", "America/St_Johns", "UTC"])
def test_the_day_changes_in_the_second_of_midnight(monkeypatch, name):
    zone = ZoneInfo(name)
    midnight = dt.datetime(2026, 12, 1, tzinfo=zone)
    for seconds, day in ((-1, 30), (-0.001, 30), (0, 1), (0.001, 1), (-0.5, 30), (86_399, 1)):
        monkeypatch.setattr(status.time, "time", lambda s=seconds: midnight.timestamp() + s)
        assert status.today(zone).day == day
