"""The page of a trail says what one asks, in this order, and nothing that nobody knows."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote, urljoin

import pytest
from gpxtext import gpx, points, track

from mapserver.settings import Settings
from mapserver.web import create_app
from mapserver.web.pages.directions import list_directions

EAST_DEG = 0.001
"""Some 91 m at the latitude of the tests."""
START = (126.85, 35.14)


def walk(*heights: float | None):
    """Return the points of a trail to the east with a height at each, every 91 m."""
    lon, lat = START
    return [(lon + n * EAST_DEG, lat, *([] if h is None else [h])) for n, h in enumerate(heights)]


def waypoint(kind: str, lon: float, lat: float = START[1]) -> str:
    return points([(lon, lat)], "wpt").replace("</wpt>", f"<type>{kind}</type></wpt>")


@pytest.fixture
def serve(make_folder):
    return lambda files: create_app(Settings(city=make_folder(files), tile_url="")).test_client()


def read_page(client, path: str = "/trails/a?lang=en") -> str:
    """Return the text of a page, with its blanks made one."""
    answer = client.get(path)
    assert answer.status_code == 200
    text = html.unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))
    return " ".join(text.split())


def register(**cells: str) -> bytes:
    row = {"id": "a", "name": "금당산", **cells}
    return f"{','.join(row)}\n{','.join(row.values())}\n".encode()


def test_an_empty_register_leaves_the_three_tiles_unconfirmed(serve):
    page = read_page(serve({"gpx/a.gpx": gpx(track(walk(None, None)))}))
    assert page.count("Not confirmed") == 3
    assert "None" not in page.split("How to get there")[0]


def test_the_register_says_what_there_is_and_what_there_is_not(serve):
    cells = register(foot_wash="yes", toilet="no", lighting="")
    page = read_page(serve({"gpx/a.gpx": gpx(track(walk(None, None))), "gpx/trails.csv": cells}))
    assert "Foot wash There is one Toilet None Lighting Not confirmed" in page


def test_a_tile_says_where_a_facility_stands(serve):
    near, far = waypoint("toilet", START[0]), waypoint("foot_wash", START[0] + EAST_DEG)
    lamps = waypoint("light", START[0]) + waypoint("light", START[0] + EAST_DEG)
    page = read_page(serve({"gpx/a.gpx": gpx(track(walk(0, 0, 0)), near, far, lamps)}))
    assert "Foot wash 91 m from the start Toilet At entrance Lighting 2 places" in page


def test_where_there_is_no_toilet_the_nearest_one_is_told_in_words(serve):
    other = [(lon + 4 * EAST_DEG, lat) for lon, lat in walk(None, None)]
    files = {
        "gpx/a.gpx": gpx(track(walk(None, None))),
        "gpx/b.gpx": gpx(track(other, name="운천"), waypoint("toilet", other[0][0])),
    }
    page = read_page(serve(files))
    assert re.search(r"Nearest toilet: 운천, 27\d m away in a straight line\.", page)
    korean = read_page(serve(files), "/trails/a?lang=ko")
    assert re.search(r"가장 가까운 화장실은 운천에 있습니다\(직선거리 27\d m\)\.", korean)
    far = waypoint("toilet", START[0] + 40 * EAST_DEG)
    page = read_page(serve({**files, "gpx/b.gpx": gpx(track(other, name="운천"), far)}))
    assert "No toilet is confirmed within a walk from here." in page


def test_a_toilet_of_no_trail_is_not_said_to_be_one_s_name(serve):
    # A GPX file of waypoints alone: they belong to no trail.
    lone = gpx(waypoint("toilet", START[0] + 2 * EAST_DEG))
    client = serve(
        {
            "gpx/a.gpx": gpx(track(walk(None, None))),
            "gpx/lone.gpx": lone,
            "gpx/trails.csv": register(toilet="no"),
        }
    )
    page = read_page(client)
    assert "The nearest toilet is 91 m away in a straight line, not on any trail." in page
    assert "화장실은 맨발길 밖에 있습니다(직선거리 91 m)." in read_page(client, "/trails/a?lang=ko")


def test_a_note_on_the_poster_ends_before_the_next_sentence_begins(serve):
    notes = register(notes="산허리로 돌아오는 길")
    client = serve({"gpx/a.gpx": gpx(track(walk(None, None))), "gpx/trails.csv": notes})
    assert "돌아오는 길. 오늘 열렸는지" in read_page(client, "/trails/a/poster?lang=ko")
    ended = register(notes="돌아오는 길입니다.")
    client = serve({"gpx/a.gpx": gpx(track(walk(None, None))), "gpx/trails.csv": ended})
    assert " 돌아오는 길입니다. 오늘" in read_page(client, "/trails/a/poster?lang=ko")


@pytest.mark.parametrize(
    ("season", "line", "rests"),
    [
        ("03-01/11-30", START, True),
        ("03-10/12-10", START, True),
        ("09-01/05-31", (START[0], -35.1), True),  # where winter is in July
        ("09-01/05-31", START, False),
        ("04-15/10-15", START, False),  # closed in autumn, too
        ("01-11/12-20", START, False),  # in winter it is open for most of the time
        ("2026-03-01/2026-11-30", START, False),  # of other years nobody knows
        ("all year", START, False),
        ("when it is warm", START, False),
        ("", START, False),
    ],
)
def test_the_poster_says_that_a_trail_rests_in_winter_where_it_does(serve, season, line, rests):
    way = [(line[0] + n * EAST_DEG, line[1]) for n in range(3)]
    files = {"gpx/a.gpx": gpx(track(way)), "gpx/trails.csv": register(season=season)}
    page = read_page(serve(files), "/trails/a/poster?lang=ko")
    assert ("겨울에는 쉽니다" in page) == rests


def test_what_the_register_notes_reaches_the_page_in_its_language(serve):
    client = serve(
        {"gpx/a.gpx": gpx(), "gpx/trails.csv": register(notes="수업 시간에는 이용할 수 없음")}
    )
    assert "수업 시간에는 이용할 수 없음" in read_page(client, "/trails/a?lang=ko")
    english = client.get("/trails/a?lang=en").get_data(as_text=True)
    assert '<span lang="ko">수업 시간에는 이용할 수 없음</span>' in english


def test_the_state_says_when_somebody_was_there_where_that_is_known(serve):
    files = {"gpx/a.gpx": gpx(), "gpx/trails.csv": register(확인일="2026. 11. 3.")}
    assert "Checked by the office on 3 November 2026" in read_page(serve(files))
    assert "Last check by the office" not in read_page(serve(files))
    # What is no day is nobody's visit.
    files["gpx/trails.csv"] = register(checked_on="recently")
    assert "Checked by the office" not in read_page(serve(files))
    # Where no inspections are kept, nothing is said of them.
    assert "Last check" not in read_page(serve(files))


def test_a_trail_that_closes_soon_says_how_many_days_are_left(serve):
    client = serve({"gpx/a.gpx": gpx(), "gpx/trails.csv": register(season="03-01/11-30")})
    page = read_page(client, "/trails/a?lang=en&date=2026-11-26")
    assert "Open until 30 November 4 days left Opens again on 1 March" in page
    assert "4일 남았습니다" in read_page(client, "/trails/a?lang=ko&date=2026-11-26")
    assert "left" not in read_page(client, "/trails/a?lang=en&date=2026-10-26").split("Length")[0]


def test_without_a_script_the_map_of_paper_stands_above_the_words(serve):
    page = serve({"gpx/a.gpx": gpx()}).get("/trails/a").get_data(as_text=True)
    assert page.index('class="paper-map"') < page.index("<h1")


def test_minutes_length_and_difficulty_stand_with_their_rule(serve):
    page = read_page(serve({"gpx/a.gpx": gpx(track(walk(*[20, 60] * 4, 20)))}))
    assert re.search(r"One walk \d+ min Length \d+ m Difficulty Hard", page)
    assert "One walk: 2.6 km/h without shoes, and a minute more for each 10 m of climb." in page
    assert "Hard: over 150 m." in page


def test_without_heights_neither_difficulty_nor_climb_is_made_up(serve):
    page = read_page(serve({"gpx/a.gpx": gpx(track(walk(None, None)))}))
    assert "Difficulty not known How far it climbs is not known" in page
    assert "Ups and downs" not in page


@pytest.mark.parametrize(("heights", "is_drawn"), [((10, 15.5, 10), False), ((10, 17, 10), True)])
def test_a_profile_is_drawn_from_six_metres_of_climb_on(serve, heights, is_drawn):
    page = serve({"gpx/a.gpx": gpx(track(walk(*heights)))}).get("/trails/a").get_data(as_text=True)
    assert ('id="profile"' in page) is is_drawn


def test_a_trail_that_is_not_drawn_has_no_way_there(serve):
    client = serve(
        {
            "layers/trails.csv": "id,name,surface\na,길,황토\n".encode(),
            "layers/catalog.toml": b'[[layer]]\nid = "trails"\nrole = "trails"\n'
            b'file = "trails.csv"\n',
        }
    )
    answer = client.get("/trails/a?lang=en")
    if answer.status_code == 200:
        page = read_page(client)
        assert "One walk not known Length not known Difficulty not known" in page
        assert "Where this trail runs is not known." in page


def test_food_near_a_trail_comes_with_the_vouchers_of_each_shop(sample_app):
    client = sample_app.test_client()
    page = client.get("/trails/geumdangsan-2?lang=en").get_data(as_text=True)
    shops = re.search(r'<ul class="eat">(.*?)</ul>', page, re.DOTALL)[1]
    assert shops.count("<li>") == 4
    assert shops.count('class="v"') == 4
    assert "Takes no Onnuri" not in shops
    # Each row leads to its shop in the list of its district.
    link = html.unescape(re.search(r'href="([^"]*)"', shops)[1])
    target = client.get(urljoin("/trails/geumdangsan-2", link)).get_data(as_text=True)
    id_ = unquote(re.search(r"shop=([^&]*)", link)[1])
    assert f'data-id="{id_}"' in target


def test_the_parts_of_the_page_stand_in_the_order_of_the_design(sample_app):
    page = read_page(sample_app.test_client(), "/trails/geumdangsan-2?lang=en")
    parts = ("One walk", "Foot wash", "Ups and downs", "How to get there", "After the walk")
    parts += ("Good to know", "Download and share", "Report a problem", "Directions")
    places = [page.index(part) for part in parts]
    assert places == sorted(places)


def list_links(client):
    page = client.get("/trails/geumdangsan-1").get_data(as_text=True)
    maps = re.search(r'id="maps">(.*?)</p>', page, re.DOTALL)[1]
    return [html.unescape(tag) for tag in re.findall(r"<a [^>]*>", maps)]


def test_every_link_to_a_map_leads_to_a_page_that_any_browser_opens(sample_app):
    links = list_links(sample_app.test_client())
    assert len(links) == 3
    for link in links:
        assert re.search(r' href="https://', link)
        assert ' data-app="' in link
    assert "/link/to/" in links[0]
    # Naver's page has the longitude first.
    assert re.search(r"directions/-/126\.\d+,35\.\d+,[^/]+/-/walk", links[1])
    assert "data-own-map hidden" in links[2]


class Names:
    """As much of a site as the links to maps need."""

    lang = "ko"

    def __init__(self, city):
        self.city = city

    @staticmethod
    def say(text):
        return text


@pytest.mark.parametrize("name", ["가,나/다", "50% & 더", "Café ?#", "  길  "])
def test_no_sign_in_a_name_breaks_a_link_to_a_map(sample_city, name):
    for link in list_directions(Names(sample_city), name, 126.85, 35.15):
        for address in (link["url"], link.get("app", "")):
            path = address.partition("://")[2]
            assert " " not in address
            assert unquote(path).count(",") <= 3
            assert "#" not in address
            if any(map_ in address for map_ in ("kakao", "naver", "nmap")):
                # These separate the parts of an address, also where they are written as numbers.
                assert "%2F" not in address
                assert "%2C" not in address
            if "/link/to/" in address:
                assert address.count("/") == 5
                assert address.count(",") == 2


def test_a_city_abroad_has_maps_of_its_own(serve):
    abroad = gpx(track([(174.78, -41.29), (174.79, -41.29)]))
    page = serve({"gpx/a.gpx": abroad}).get("/trails/a").get_data(as_text=True)
    assert "openstreetmap.org/directions" in page
    assert "kakao" not in page
    assert 'data-app="geo:-41.29,174.78' in page
