"""The time zone of a city: its days are its own, wherever the server stands."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from gpxtext import gpx, track

import mapserver
from mapserver.check.dated import check_dated_tables
from mapserver.check.survey import Survey
from mapserver.model import time_zone
from mapserver.model.time_zone import find_nearest_zone, find_zone, is_zone, suggest_zone
from mapserver.readers.city_folder import read_city
from mapserver.settings import Settings, limits
from mapserver.text.findings import Severity
from mapserver.web import create_app
from mapserver.web.pages.days import tabulate_days
from mapserver.web.static_site import write_site

BOSTON = ((-71.060, 42.360), (-71.058, 42.362))
CATALOG = 'title = "Boston"\ntime_zone = "America/New_York"\n'
EVENING = "2026-11-26T01:00:00"
"""UTC: the evening of 25 November in Boston, when it is 26 November in Korea."""


def make_files(catalog: str = CATALOG, **files: str) -> dict[str, str]:
    """Return the files of a city with one trail in Boston."""
    named = {name.replace("__", "/") + ".csv": text for name, text in files.items()}
    return {"gpx/charles.gpx": gpx(track(BOSTON)), "layers/catalog.toml": catalog, **named}


CLOSED = {"layers__closures": "trail_id,from,to\ncharles,2026-11-20,2026-11-25\n"}


@pytest.mark.parametrize(
    ("zone", "utc", "day"),
    [
        ("America/New_York", "2026-11-26T04:59:59", "2026-11-25"),
        ("America/New_York", "2026-11-26T05:00:00", "2026-11-26"),
        ("America/New_York", "2026-07-01T03:59:59", "2026-06-30"),  # daylight saving
        ("America/New_York", "2026-07-01T04:00:00", "2026-07-01"),
        ("Europe/Vienna", "2026-11-25T23:00:00", "2026-11-26"),
        ("Asia/Tokyo", "2026-11-25T15:00:00", "2026-11-26"),
        ("Pacific/Fiji", "2026-11-25T11:59:59", "2026-11-25"),
        ("Pacific/Fiji", "2026-11-25T12:00:00", "2026-11-26"),
        ("Asia/Kathmandu", "2026-11-25T18:14:59", "2026-11-25"),  # +05:45
        ("UTC", "2026-11-25T23:59:59", "2026-11-25"),
        (None, "2026-11-25T15:00:00", "2026-11-26"),  # Korea's, as of old
    ],
)
def test_a_day_begins_at_midnight_in_the_city(make_city, set_clock, zone, utc, day):
    line = f'time_zone = "{zone}"\n' if zone else ""
    city = make_city(make_files(f'title = "x"\n{line}'))
    set_clock(utc)
    assert city.today() == dt.date.fromisoformat(day)


def test_a_trail_that_is_closed_today_is_closed_that_evening(make_folder, set_clock):
    folder = make_folder(make_files(**CLOSED))
    set_clock(EVENING)
    client = create_app(Settings(city=folder, tile_url="")).test_client()
    assert 'data-kind="shut"' in client.get("/trails/charles?lang=en").text
    [item] = client.get("/api/collections/trails/items").json["features"]
    assert (item["properties"]["state"], item["properties"]["state_on"]) == ("closed", "2026-11-25")
    near = client.get("/api/nearest?lon=-71.06&lat=42.36").json["features"]
    assert near[0]["properties"]["state"] == "closed"


@pytest.mark.slow
def test_maps_and_static_sites_are_of_the_day_of_the_city(
    make_folder, set_clock, tmp_path, monkeypatch
):
    monkeypatch.setattr(limits, "DAYS_AHEAD", 2)
    folder = make_folder(make_files(**CLOSED))
    set_clock(EVENING)
    captions = mapserver.open_city(folder).map(lang="en").get_root().render()
    assert "Trail, closed on 25 November 2026" in captions
    write_site(Settings(city=folder, tile_url=""), tmp_path / "site")
    assert json.loads((tmp_path / "site/maenballo-site.json").read_text())["day"] == "2026-11-25"


def test_the_next_morning_in_the_city_it_is_open(make_folder, set_clock):
    client = create_app(Settings(city=make_folder(make_files(**CLOSED)))).test_client()
    set_clock("2026-11-26T05:00:00")
    [item] = client.get("/api/collections/trails/items").json["features"]
    assert item["properties"]["state"] == "open"


def test_pages_that_are_kept_count_the_days_of_the_city_in_the_browser(make_city):
    table = tabulate_days(make_city(make_files()), "en", dt.date(2026, 11, 25), 2)
    assert table["zone"] == "America/New_York"


@pytest.mark.parametrize(
    ("written", "last"),
    [
        ("2026-11-26T03:00:00Z", "2026-11-25"),
        ("2026-11-26T05:00:00Z", "2026-11-26"),
        ("2026-11-26T12:00+09:00", "2026-11-25"),
        ("2026-11-26 12:00 KST", "2026-11-25"),
        ("2026-11-26T03:00:00", "2026-11-26"),  # without an offset it is the city's own time
    ],
)
def test_a_time_with_an_offset_is_a_day_of_the_city(make_city, written, last):
    day = dt.date.fromisoformat(last)
    closures = f"trail_id,from,to\ncharles,2026-11-01,{written}\n"
    spans = f"trail_id,기간\ncharles,2026-11-01 ~ {written}\n"
    benefits = f"from,to,rate\n2026-11-01,{written},10%\n"
    city = make_city(make_files(layers__closures=closures, layers__benefits=benefits))
    assert city.closures["to"].tolist() == [day]
    assert city.benefits["to"].tolist() == [day]
    if "+" not in written:  # in a span, an offset may be its sign
        city = make_city(make_files(layers__closures=spans))
        assert city.closures["to"].tolist() == [day]


def test_a_trail_opens_on_a_day_of_the_city(make_city):
    register = "id,opened\ncharles,2026-11-26T03:00:00Z\n"
    city = make_city(make_files(gpx__trails=register))
    assert city.trails.loc["charles", "opened"] == "2026-11-25"
    assert city.trails_on(dt.date(2026, 11, 25))["state"].tolist() == ["open"]


def test_a_trail_of_a_layer_opens_on_a_day_of_the_city(make_city):
    line = {"type": "LineString", "coordinates": BOSTON}
    properties = {"id": "path", "name": "Path", "opened": "2026-11-26T12:00:00+09:00"}
    feature = {"type": "Feature", "properties": properties, "geometry": line}
    layer = json.dumps({"type": "FeatureCollection", "features": [feature]})
    entry = '[[layers]]\nid = "trails"\nrole = "trails"\nfile = "trails.geojson"\n'
    city = make_city({"layers/trails.geojson": layer, "layers/catalog.toml": CATALOG + entry})
    assert city.trails_on(dt.date(2026, 11, 24))["state"].tolist() == ["planned"]
    assert city.trails_on(dt.date(2026, 11, 25))["state"].tolist() == ["open"]


def test_a_new_time_zone_has_the_files_read_anew(make_folder):
    folder = make_folder(make_files(gpx__trails="id,opened\ncharles,2026-11-26T03:00:00Z\n"))
    app = create_app(Settings(city=folder, tile_url=""))
    earlier = app.extensions["mapserver"].city.data
    (folder / "layers/catalog.toml").write_text('title = "x"\ntime_zone = "Asia/Tokyo"\n')
    assert read_city(folder, earlier=earlier).layers["trails"].frame["opened"].item() == (
        "2026-11-26"
    )


def test_a_time_asked_for_is_a_day_of_the_city(make_folder):
    client = create_app(Settings(city=make_folder(make_files(**CLOSED)))).test_client()
    for asked, state in (("2026-11-26T04:59:00Z", "closed"), ("2026-11-26T05:00:00Z", "open")):
        [item] = client.get(f"/api/collections/trails/items?datetime={asked}").json["features"]
        assert item["properties"]["state"] == state


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("America/NewYork", "America/New_York"),
        ("new york", "America/New_York"),
        ("europe/vienna", "Europe/Vienna"),
        ("Wien", "Asia/Seoul"),
        ("KST", "Asia/Seoul"),
        ("../../etc/passwd", "Asia/Seoul"),
        ("", "Asia/Seoul"),
    ],
)
def test_an_unknown_time_zone_is_reported_with_a_hint_and_nothing_is_called_open(
    make_city, written, meant
):
    catalog = f'title = "Boston"\ntime_zone = "{written}"\ndirect_line = "311"\n'
    city = make_city(make_files(catalog))
    [finding] = [f for f in city.findings if f.code == "time-zone-unknown"]
    assert finding.severity == Severity.ERROR
    assert meant in finding.mend.format(**finding.values)
    assert city.trails_on(dt.date(2026, 11, 25))["state"].tolist() == ["unknown"]
    # The rest of the catalogue stands.
    assert (str(city.catalog.title), city.catalog.direct_line) == ("Boston", "311")


def test_a_time_zone_that_is_no_text_is_an_error_of_the_catalogue(make_city):
    [finding] = make_city(make_files("time_zone = 9\n")).findings
    assert finding.code == "catalog-broken"


def test_a_dated_city_outside_korea_is_asked_for_its_time_zone(make_city):
    def list_asked(catalog, **files):
        city = make_city(make_files(catalog, **files))
        return [f for f in check_dated_tables(Survey(city)) if f.code == "time-zone-missing"]

    # Where nothing depends on the day, nobody needs to say where it begins.
    assert not list_asked('title = "x"\n')
    [finding] = list_asked('title = "x"\n', **CLOSED)
    assert "America/New_York" in finding.mend.format(**finding.values)
    assert list_asked('title = "x"\n', gpx__trails="id,season\ncharles,3월~11월\n")
    assert not list_asked(CATALOG, **CLOSED)


@pytest.mark.parametrize(
    ("lon", "lat", "zone"),
    [
        (-71.06, 42.36, "America/New_York"),
        (16.37, 48.21, "Europe/Vienna"),
        (139.76, 35.68, "Asia/Tokyo"),
        (35.21, 31.78, "Asia/Jerusalem"),
        (179.99, -16.85, "Pacific/Fiji"),
        (-179.99, -16.85, "Pacific/Fiji"),
        (126.85, 35.15, "Asia/Seoul"),
    ],
)
def test_the_zone_of_the_nearest_known_place_is_proposed(lon, lat, zone):
    assert find_nearest_zone(lon, lat) == zone


def test_names_of_zones_are_those_of_the_database():
    assert [is_zone(name) for name in ("Europe/Vienna", "UTC", "europe/vienna", "/etc/passwd")] == [
        *(True, True, False, False)
    ]
    assert suggest_zone("Asia/Tel Aviv") == "Asia/Tel_Aviv"


SEASONS = [
    # In Boston the last hour of 31 October, and the first of 1 November.
    ("2026-03-01T05:00:00Z/2026-11-01T03:59:00Z", "2026-10-31"),
    ("2026-03-01T05:00:00Z/2026-11-01T04:00:00Z", "2026-11-01"),
    ("2026-03-01T14:00+09:00 ~ 2026-11-01T12:00+09:00", "2026-10-31"),
    ("2026-03-01 ~ 2026-11-01 03:00 UTC", "2026-10-31"),
    ("2026-03-01T00:00:00-05:00/2026-10-31T23:00:00-04:00", "2026-10-31"),
    ("2026-03-01 ~ 2026-10-31", "2026-10-31"),
]


@pytest.mark.parametrize(("season", "last"), SEASONS)
@pytest.mark.parametrize("form", ["season", "status"])
def test_a_time_with_an_offset_in_a_season_is_a_day_of_the_city(make_city, season, last, form):
    cell = season if form == "season" else f"운영({season.replace('/', ' ~ ')})"
    city = make_city(make_files(gpx__trails=f'id,{form}\ncharles,"{cell}"\n'))
    day = dt.date.fromisoformat(last)
    states = [city.trails_on(day + dt.timedelta(days=n))["state"].item() for n in (0, 1)]
    assert states[0] == "open"
    assert states[1] != "open"


def test_a_season_of_a_layer_is_of_the_days_of_the_city(make_city):
    line = {"type": "LineString", "coordinates": BOSTON}
    properties = {"id": "path", "name": "Path", "season": SEASONS[0][0]}
    feature = {"type": "Feature", "properties": properties, "geometry": line}
    layer = json.dumps({"type": "FeatureCollection", "features": [feature]})
    entry = '[[layers]]\nid = "trails"\nrole = "trails"\nfile = "trails.geojson"\n'
    city = make_city({"layers/trails.geojson": layer, "layers/catalog.toml": CATALOG + entry})
    assert city.trails_on(dt.date(2026, 10, 31))["state"].tolist() == ["open"]
    assert city.trails_on(dt.date(2026, 11, 1))["state"].tolist() != ["open"]


BROKEN = 'title = "Boston\n'
"""A line that is no TOML."""


@pytest.mark.parametrize(
    ("catalog", "zone"),
    [
        (f"{BROKEN}{CATALOG}", "America/New_York"),
        (f"{CATALOG}typo = 1\n", "America/New_York"),  # TOML, but no such key
        (f"# time_zone = 'UTC'\n{BROKEN}time_zone = 'Europe/Vienna'  # ours\n", "Europe/Vienna"),
    ],
)
def test_a_broken_catalogue_keeps_its_time_zone_where_the_line_can_be_read(
    make_city, catalog, zone
):
    city = make_city(make_files(catalog))
    [finding] = [f for f in city.findings if f.code == "catalog-broken"]
    assert finding.doubt is None
    assert city.catalog.zone.key == zone
    assert city.trails_on(dt.date(2026, 11, 25))["state"].tolist() == ["open"]


@pytest.mark.parametrize(
    "catalog",
    [
        f"{BROKEN}time_zone = America/New_York\n",
        f"{BROKEN}time_zone = 'Boston'\n",
        "time_zone = 'America/New_York\n",
        "time_zone = 'America/New_York'\ntime_zone = 'Europe/Vienna'\n",
        f"{BROKEN}[words]\n'time_zone' = 'America/New_York'\n",
    ],
)
def test_a_broken_catalogue_whose_time_zone_is_lost_calls_nothing_open(make_city, catalog):
    city = make_city(make_files(catalog))
    assert "catalog-broken" in {f.code for f in city.findings}
    assert city.trails_on(dt.date(2026, 11, 25))["state"].tolist() == ["unknown"]


def test_a_broken_catalogue_that_never_named_a_time_zone_casts_no_doubt(make_city):
    city = make_city(make_files(BROKEN))
    assert city.trails_on(dt.date(2026, 11, 25))["state"].tolist() == ["open"]


def test_the_list_of_zones_is_read_once_for_all_requests_about_the_day(monkeypatch):
    """Every request asks for the city's day, and the list is read from the disk each time."""
    find_zone.cache_clear()
    readings = []
    names = time_zone.available_timezones()
    monkeypatch.setattr(time_zone, "available_timezones", lambda: readings.append(1) or names)
    assert [find_zone("Europe/Vienna").key for _ in range(3)] == ["Europe/Vienna"] * 3
    assert len(readings) == 1
