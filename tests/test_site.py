"""The pages of trails, districts and neighbourhoods: what they say is what the data says."""

from __future__ import annotations

import html
import io
import re
import unicodedata
from urllib.parse import urljoin

import geopandas as gpd
import gpxpy
import numpy as np
import pytest
import shapely
from gpxtext import gpx, track

from mapserver.analysis import trail_line
from mapserver.geo import geodesy
from mapserver.model import status
from mapserver.settings import Settings
from mapserver.text.hangul import make_search_pattern
from mapserver.web import create_app

SQUARE = shapely.box(126.849, 35.139, 126.852, 35.142)


@pytest.fixture
def client(sample_app):
    return sample_app.test_client()


@pytest.fixture
def serve(make_folder):
    """Serve a small city."""
    return lambda files: create_app(Settings(city=make_folder(files), tile_url="")).test_client()


def text_of(response) -> str:
    """Take the text out of a page, without its markup and its data for search engines."""
    assert response.status_code == 200
    page = re.sub(r"<script\b.*?</script>", " ", response.get_data(True), flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


def listed(response, folder: str) -> list[str]:
    """Give the ids of the features that a list links to, in its order."""
    assert response.status_code == 200
    return re.findall(rf'<a [^>]*?href="[./]*{folder}/([^"?/]+)\?', response.get_data(as_text=True))


# -- every page --------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_feature_has_a_page_that_names_it(client, sample_city, lang):
    for folder, frame in (
        ("trails", sample_city.trails),
        ("districts", sample_city.districts),
        ("neighborhoods", sample_city.neighborhoods),
    ):
        linked = listed(client.get(f"/{folder}/?lang={lang}"), folder)
        assert sorted(linked) == sorted(frame.index)
        for id_, row in frame.iterrows():
            said = text_of(client.get(f"/{folder}/{id_}?lang={lang}"))
            english = row.get("name_en")
            assert (english if lang == "en" and isinstance(english, str) else row["name"]) in said


def test_a_page_says_its_language_its_title_and_where_else_it_is(client, sample_city):
    trail = sample_city.trails.index[0]
    answer = client.get(f"/trails/{trail}", headers={"Accept-Language": "en"})
    page = answer.get_data(as_text=True)
    assert '<html lang="en"' in page
    assert re.search(r"<title>[^<]+ · [^<]+</title>", page)
    assert 'hreflang="ko"' in page
    twins = answer.headers.getlist("Link")
    assert f'<http://localhost/trails/{trail}?lang=ko>; rel="alternate"; hreflang="ko"' in twins
    assert page.count("<h1") == 1


def test_pages_are_tagged_and_not_sent_twice(client):
    first = client.get("/trails/")
    assert "Accept-Language" in first.headers["Vary"]
    again = client.get("/trails/", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/trails/nope", "/districts/nope", "/neighborhoods/nope"])
def test_what_is_not_there_is_a_page_that_says_so(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert response.mimetype == "text/html"


def test_a_city_of_trails_alone_has_no_page_of_what_it_lacks(serve):
    client = serve({"gpx/a.gpx": gpx(track([(126.85, 35.14), (126.851, 35.14)]))})
    page = client.get("/").get_data(as_text=True)
    assert "trails/" in page
    assert "districts/" not in page
    for path in ("/districts/", "/neighborhoods/"):
        assert client.get(path).status_code == 404
    # The way there is a link; coordinates are for the office alone, in the message to it.
    page = client.get("/trails/a").get_data(as_text=True)
    assert ",126.85" in page
    message = re.search(r'id="tell-text"[^>]*>(.*?)</', page, re.DOTALL)[1]
    assert "126.85" in message
    assert text_of(client.get("/trails/a")).count("126.85") == message.count("126.85")


# -- lists -------------------------------------------------------------------------------------


def test_filters_keep_what_fits(client, sample_city):
    trails = sample_city.trails
    clay = sorted(trails.index[trails["surface"] == "황토"])
    assert sorted(listed(client.get("/trails/?surface=황토"), "trails")) == clay
    short = sorted(trails.index[trails["length_m"] < 200])
    assert sorted(listed(client.get("/trails/?length=short"), "trails")) == short
    washed = set(listed(client.get("/trails/?foot_wash=1"), "trails"))
    assert washed >= set(trails.index[trails["foot_wash"].eq(True)])
    today = sample_city.trails_on(status.today())
    is_open = sorted(today.index[today["state"] == "open"])
    assert sorted(listed(client.get("/trails/?open=1"), "trails")) == is_open
    area = sample_city.neighborhoods.index[3]
    there = trails["neighborhood"] == sample_city.neighborhoods["name"].iloc[3]
    assert sorted(listed(client.get(f"/trails/?area={area}"), "trails")) == sorted(
        trails.index[there]
    )


def test_lists_are_sorted_as_asked(client, sample_city):
    longest = list(sample_city.trails["length_m"].sort_values(ascending=False).index)
    assert listed(client.get("/trails/?sort=longest"), "trails") == longest
    assert listed(client.get("/trails/?sort=shortest"), "trails") == longest[::-1]


def test_a_filter_that_means_nothing_is_as_if_it_were_not_there(client, sample_city):
    for query in ("sort=sideways", "surface=lava", "length=9", "area=nowhere", "utm_source=x"):
        found = listed(client.get(f"/trails/?{query}"), "trails")
        assert len(found) == len(sample_city.trails)


def test_totals_come_from_the_data(client, serve):
    said = text_of(client.get("/trails/?lang=en"))
    line = gpx(track([(126.85, 35.14), (126.861, 35.14)], name="둘"))
    two = serve({"gpx/a.gpx": line, "gpx/b.gpx": line})
    assert "2 trails, 2.0 km in all" in text_of(two.get("/trails/?lang=en"))
    assert "2 trails, 2.0 km in all" not in said


@pytest.mark.parametrize(
    ("typed", "name", "found"),
    [
        ("ㄱㄷㅅ", "금당산 1구간", True),
        ("금다", "금당산 1구간", True),
        ("금당산", "금당산 1구간", True),
        ("ㄱㄷㅅ 2", "금당산 1구간", False),
        ("ㄲ", "꿈나라", True),
        ("ㄱ", "꿈나라", False),
        ("PARK", "5.18 Freedom Park", True),
        ("5.18", "5x18", False),
        (" 산 1 ", "금당산 1구간", True),
        ("금당산", "금당산".encode().decode(), True),
        ("[", "금당산", False),
        ("Orakei", "Ōrākei", True),
        ("ŌRĀKEI", "Orakei", True),
        ("lodz", "Łódź", True),
        ("kobenhavn", "København", True),
        ("αθηνα", "Αθήνα", True),
        ("ежик", "Ёжик", True),
        ("ōrākei", "Arakei", False),
    ],
)
def test_korean_is_found_as_it_is_typed(typed, name, found):
    assert bool(make_search_pattern(typed).search(name)) is found


def test_an_accent_that_stands_for_itself_in_the_data_is_found(serve):
    name = unicodedata.normalize("NFD", "Ōrākei")
    district = gpd.GeoDataFrame({"id": ["d"], "name": [name]}, geometry=[SQUARE], crs=4326)
    client = serve({"layers/districts.geojson": district})
    for typed in ("orakei", "Ōrākei", name):
        found = listed(client.get("/districts/", query_string={"q": typed}), "districts")
        assert found == ["d"]


def test_a_search_finds_by_consonants(client, sample_city):
    found = listed(client.get("/trails/?q=ㄱㄷㅅ"), "trails")
    names = sample_city.trails["name"]
    assert sorted(found) == sorted(names.index[names.str.startswith("금당산")])


# -- a trail -----------------------------------------------------------------------------------


def test_a_way_is_as_long_as_its_trail(sample_city):
    for id_, line in sample_city.trails.geometry.items():
        way = trail_line.measure_line(line)
        assert way.length_m == pytest.approx(sample_city.trails["length_m"][id_], rel=1e-9)
        assert np.all(np.diff(way.distance_m) >= 0)


def test_a_gap_is_not_walked():
    line = shapely.MultiLineString(
        [[(126.85, 35.14, 10), (126.851, 35.14, 12)], [(126.853, 35.14, 9), (126.854, 35.14, 8)]]
    )
    way = trail_line.measure_line(line)
    assert way.length_m == pytest.approx(geodesy.length_m([line])[0])
    assert list(way.begins) == [True, False, True, False]
    assert way.distance_m[1] == way.distance_m[2]


@pytest.mark.parametrize(
    ("lon", "lat", "side"),
    [(126.8505, 35.1403, "left"), (126.8505, 35.1397, "right"), (126.8505, 35.14, "on")],
)
def test_what_lies_beside_a_trail_is_on_its_side(sample_city, lon, lat, side):
    line = shapely.LineString([(126.85, 35.14), (126.852, 35.14)])
    found = trail_line.locate_on_line(line, shapely.Point(lon, lat), sample_city.metric_crs)
    half_m = geodesy.distance_m(126.85, 35.14, 126.8505, 35.14)
    assert found.side == side
    assert found.distance_m == pytest.approx(float(half_m), abs=0.1)


@pytest.mark.slow
def test_facilities_come_in_the_order_of_the_walk(sample_city):
    crs = sample_city.metric_crs
    for id_, line in sample_city.trails.geometry.items():
        there = sample_city.facilities[sample_city.facilities["trail"] == id_]
        dense = trail_line.measure_line(shapely.segmentize(line, 1e-6))
        for point in there.geometry:
            found = trail_line.locate_on_line(line, point, crs)
            apart = geodesy.distance_m(dense.lon, dense.lat, point.x, point.y)
            assert found.off_m == pytest.approx(apart.min(), abs=0.1)
            assert (
                np.abs(dense.distance_m[apart <= apart.min() + 0.05] - found.distance_m).min() < 1
            )


@pytest.mark.parametrize(
    ("bearing", "word"),
    [
        (0, "north"),
        (22, "north"),
        (23, "north-east"),
        (180, "south"),
        (359, "north"),
        (270, "west"),
    ],
)
def test_directions_have_names(bearing, word):
    assert trail_line.name_direction(bearing) == word
    assert trail_line.name_direction(float("nan")) == ""


def test_the_profile_ends_at_the_length_and_keeps_the_heights(sample_city):
    from mapserver.web.pages.profile import draw_profile  # noqa: PLC0415 -- beside what it is about

    way = trail_line.measure_line(sample_city.trails.geometry["geumdangsan-1"])
    drawn = draw_profile(way, "ko")
    points = np.array(drawn.points)
    assert points[-1, 0] == pytest.approx(way.length_m, abs=0.1)
    assert points[:, 1].max() == pytest.approx(np.nanmax(way.elevation_m), abs=3)
    assert (np.diff(points[:, 4]) >= 0).all()
    assert np.argmax(points[:, 1]) == np.argmin(points[:, 5])


def test_a_trail_without_heights_has_no_profile(serve):
    client = serve({"gpx/a.gpx": gpx(track([(126.85, 35.14), (126.851, 35.14)]))})
    assert client.get("/trails/a.svg").status_code == 404
    assert "svg" in client.get("/trails/a").get_data(as_text=True)
    assert 'id="profile"' not in client.get("/trails/a").get_data(as_text=True)


def test_files_to_take_along_hold_the_same_trail(client, sample_city):
    id_ = "geumdangsan-1"
    line = sample_city.trails.geometry[id_]
    response = client.get(f"/trails/{id_}.gpx")
    assert response.mimetype == "application/gpx+xml"
    assert f'filename="{id_}.gpx"' in response.headers["Content-Disposition"]
    read = gpxpy.parse(response.get_data(as_text=True))
    corners = [(p.longitude, p.latitude, p.elevation) for p in read.tracks[0].segments[0].points]
    assert np.allclose(corners, shapely.get_coordinates(line, include_z=True))
    facilities = sample_city.facilities
    assert len(read.waypoints) == (facilities["trail"] == id_).sum()
    globe = gpd.read_file(io.BytesIO(client.get(f"/trails/{id_}.kml").data))
    drawn = globe[globe.geometry.geom_type.str.contains("Line")].geometry.iloc[0]
    assert shapely.hausdorff_distance(drawn, shapely.force_2d(line)) < 1e-6
    feature = client.get(f"/trails/{id_}.geojson").get_json()
    assert feature["id"] == id_
    items = client.get("/api/collections/trails/items?limit=1000").get_json()["features"]
    assert feature == next(item for item in items if item["id"] == id_)
    # A file that one takes along says of which day its state is.
    assert feature["properties"]["state"] == "open"
    assert feature["properties"]["state_on"] == str(status.today())


def test_the_poster_carries_the_address_of_the_trail(client):
    page = client.get("/trails/geumdangsan-1/poster", headers={"Host": "trails.example"})
    said = text_of(page).replace("/ ", "/")  # where the address may break
    assert "trails.example/trails/geumdangsan-1" in said
    assert "<svg" in page.get_data(as_text=True)
    other = client.get("/trails/geumdangsan-1/poster", headers={"Host": "other.example"})
    assert "trails.example" not in text_of(other)


def test_the_season_and_the_state_are_told(client):
    said = text_of(client.get("/trails/geumdangsan-1?lang=en"))
    assert "1 March to 30 November" in said


# -- neighbourhoods ----------------------------------------------------------------------------

AREA = gpd.GeoDataFrame(
    {"id": ["n"], "name": ["가동"], "zone": ["남권역"], "role": ["hub"]},
    geometry=[SQUARE],
    crs=4326,
)


def test_a_neighborhood_tells_what_one_can_do_where_and_has_no_words_of_offices(serve):
    rows = (
        "id,name,neighborhood,programmes,phone,lon,lat\n"
        'a,가동 센터,가동,"상담(월, 화), 수당",062-360-7114,126.8505,35.1405\n'
        "b,나 센터,가동,,,126.8506,35.1406\n"
    )
    catalog = '[[layers]]\nid = "services"\nrole = "services"\nfile = "services.csv"\n'
    catalog += '[[layers]]\nid = "areas"\nrole = "neighborhoods"\nfile = "areas.geojson"\n'
    files = {"layers/services.csv": rows, "layers/areas.geojson": AREA}
    client = serve(files | {"layers/catalog.toml": catalog})
    page = client.get("/neighborhoods/n?lang=ko")
    said = text_of(page)
    assert "상담(월, 화) " in said
    assert " 수당 " in said
    assert 'href="tel:0623607114"' in page.text
    # Of the other nobody has written anything: that is said, and is no "nothing".
    assert said.count("전화번호 자료가 아직 없습니다") == 1
    assert said.count("어떤 일을 볼 수 있는지는 아직 자료가 없습니다") == 1
    for text in (said, text_of(client.get("/neighborhoods/?lang=ko"))):
        assert "권역" not in text
        assert "거점" not in text


def test_names_in_another_language_say_which(client):
    page = client.get("/districts/028?lang=en").text
    assert '<h1><bdi lang="ko">계수마을</bdi></h1>' in page
    assert page.count('class="a"><bdi lang="ko">') >= 106
    assert "<h1><bdi>계수마을</bdi></h1>" in client.get("/districts/028?lang=ko").text


# -- photographs -------------------------------------------------------------------------------

JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 60


def test_a_picture_beside_the_gpx_file_is_shown_with_its_credit(serve):
    line = [(126.85, 35.14), (126.851, 35.14)]
    client = serve(
        {
            "gpx/hill.gpx": gpx(track(line, name="산길")),
            "gpx/plain.gpx": gpx(track(line, name="들길")),
            "gpx/hill.jpg": JPEG,
            "gpx/trails.csv": "id,photo_credit\nhill,<b>구청</b>\nplain,\n",
        }
    )
    page = client.get("/trails/hill").get_data(as_text=True)
    assert "&lt;b&gt;구청&lt;/b&gt;" in page
    source = re.search(r'class="photo"><img src="([^"]+)"', page)[1]
    sent = client.get(urljoin("/trails/hill", source))
    assert (sent.data, sent.mimetype) == (JPEG, "image/jpeg")
    assert client.get("/trails/hill/photo").headers["X-Content-Type-Options"] == "nosniff"
    assert 'class="photo"' not in client.get("/trails/plain").get_data(as_text=True)
    assert client.get("/trails/plain/photo").status_code == 404


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", JPEG + b"\0" * 3_000_000])
def test_a_picture_that_cannot_be_shown_is_a_finding(make_city, content):
    line = [(126.85, 35.14), (126.851, 35.14)]
    city = make_city({"gpx/hill.gpx": gpx(track(line)), "gpx/hill.jpg": content})
    assert not city.photos
    found = [each for each in city.findings if each.code == "photo-unusable"]
    assert [each.file for each in found] == ["gpx/hill.jpg"]
    assert len(city.trails) == 1
