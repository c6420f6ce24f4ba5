"""One state of a trail on a day: what pages, board, posters, maps, files and notebooks say of it.

``test_days`` holds that Python, the API and the table of days agree; this module holds that all
that people look at says what they say, on each of the same 366 days.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browsing import serving
from conftest import ROOT
from test_days import CITY, EVERY_DAY, FIRST_DAY, ONE_DAY, ask_browser, list_days

from mapserver.city import open_city
from mapserver.drawing.captions import Captions
from mapserver.drawing.layer_features import make_layers
from mapserver.headings import headed
from mapserver.settings import Settings
from mapserver.web import create_app, write_site
from mapserver.web.pages import days

SQUARE = "[[[126.84, 35.13], [126.86, 35.13], [126.86, 35.15], [126.84, 35.13]]]"
DISTRICT = (
    '{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "1",'
    ' "properties": {"id": "1", "name": "상점가"},'
    f' "geometry": {{"type": "Polygon", "coordinates": {SQUARE}}}}}]}}'
)
LAYERS = """
[[layers]]
id = "districts"
file = "districts.geojson"
role = "districts"
[[layers]]
id = "shops"
file = "shops.csv"
role = "shops"
"""
WHOLE_CITY = CITY | {
    # The board counts shops and districts; without any of them there is none.
    "layers/catalog.toml": CITY["layers/catalog.toml"] + LAYERS,
    "layers/districts.geojson": DISTRICT,
    "layers/shops.csv": "id,name,lon,lat\n1,가게,126.85,35.14\n",
}
LAST_DAY = EVERY_DAY[-1]
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
FORBIDDEN = {"ko": "이용금지", "en": "not to be used"}


class Reader(HTMLParser):
    """Reads the elements of a page that say something of a day, with their texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[tuple[str, dict]] = []
        self.marks: list[dict] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        attributes = {name: value or "" for name, value in attrs}
        mark = {"tag": tag, "attributes": attributes, "text": "", "links": []}
        # The entry of a list, which is coloured and counted by the state within it.
        mark["entry"] = next(
            (m["attributes"] for _, m in reversed(self.open) if "data-state" in m["attributes"]),
            None,
        )
        ids = (outer["attributes"].get("id") for _, outer in reversed(self.open))
        mark["list"] = next(filter(None, ids), "")
        if {"data-state-of", "data-holds", "data-counts"} & set(attributes):
            self.marks.append(mark)
        if tag == "a" and "href" in attributes:
            for _, outer in self.open:
                outer["links"].append(attributes["href"])
        if tag not in VOID:
            self.open.append((tag, mark))

    def handle_endtag(self, tag: str) -> None:
        while self.open and any(name == tag for name, _ in self.open):
            if self.open.pop()[0] == tag:
                return

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        pass

    def handle_data(self, data: str) -> None:
        for _, mark in self.open:
            mark["text"] += data


def read_marks(page: str) -> list[dict]:
    """List the marks of a page as a browser has them: data, classes, text, whether it is hidden."""
    marks = []
    for mark in Reader(page).marks:
        attributes = mark["attributes"]
        linked = [re.search(r"trails/([^/?.]+)(?:\.html)?(?:\?|$)", a) for a in mark["links"]]
        marks.append(
            {
                "dataset": name_data(attributes),
                "className": attributes.get("class", ""),
                "hidden": "hidden" in attributes,
                "textContent": " ".join(mark["text"].split(" ")).strip(),
                "entry": None if mark["entry"] is None else name_data(mark["entry"]),
                "list": mark["list"],
                "trail": next((each[1] for each in linked if each), ""),
            }
        )
    return marks


def name_data(attributes: dict[str, str]) -> dict[str, str]:
    """Return data attributes by the names that scripts know."""
    return {
        re.sub(r"-(\w)", lambda letter: letter[1].upper(), name.removeprefix("data-")): value
        for name, value in attributes.items()
        if name.startswith("data-")
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("everywhere")
    for path, text in WHOLE_CITY.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def city(folder):
    return open_city(folder)


@pytest.fixture
def client(folder, set_clock):
    """Pages of a server for which the last of the days is today: it knows of every inspection."""
    set_clock(f"{LAST_DAY}T03:00:00")
    return create_app(Settings(city=folder, tile_url="")).test_client()


def tell_states(city, lang: str, day: dt.date) -> dict[str, tuple]:
    """Find by `status` alone what is to be said of each trail: its row, and the words of it."""
    captions = Captions(city, lang, day).of("trails")
    frame = city.trails_on(day)
    return {id_: (frame.loc[id_], c.words) for id_, c in zip(frame.index, captions, strict=True)}


def find_turns(city, lang: str) -> dict[str, list[dt.date]]:
    """Find for each trail the days on which something new is said of it, and those before."""
    table = days.tabulate_days(city, lang, FIRST_DAY)
    turns = {}
    for id_, number in table["trails"].items():
        new = {FIRST_DAY + n * ONE_DAY for n in table["runs"][number][::2]}
        around = new | {day - ONE_DAY for day in new}
        turns[id_] = sorted(day for day in around if FIRST_DAY <= day <= LAST_DAY)
    return turns


def hold_marks(marks: list[dict], states: dict[str, tuple], place: object) -> int:
    """Hold that the marks of a page say what `status` does; return how many there are."""
    held = [mark for mark in marks if "stateOf" in mark["dataset"]]
    for mark in held:
        dataset = mark["dataset"]
        row, words = states[dataset["stateOf"]]
        said, seen = dataset["words"], (dataset["stateOf"], mark["textContent"], place)
        expected = {"short": words.short, "card": words.short, "long": words.long}
        expected |= {"follows": words.follows, "again": words.again}
        if said in expected:
            assert mark["hidden"] == (not expected[said]), seen
            assert mark["hidden"] or mark["textContent"] == expected[said], seen
        elif not said:
            assert dataset["kind"] == words.kind, seen
        if mark["className"].startswith("state"):
            assert mark["className"] == f"state {words.kind}", seen
        if mark["entry"] is not None:
            assert mark["entry"]["state"] == words.state == row["state"], seen
    return len(held)


def hold_repairs(marks: list[dict], states: dict, lang: str, place: object, trail: str = "") -> int:
    """Hold that what a page lists as open to repair closes or warns, and nothing else does."""
    # Trails that are due for a check stand in a list of their own, with what was found then.
    rows = [mark for mark in marks if "holds" in mark["dataset"] and not mark["hidden"]]
    rows = [mark for mark in rows if mark["list"] != "due-checks"]
    listed = dict.fromkeys(states, "")
    for row in rows:
        if (row["trail"] or trail) in listed:
            listed[row["trail"] or trail] += row["textContent"]
    for id_, text in listed.items():
        row, words = states[id_]
        if trail and id_ != trail:
            continue
        if FORBIDDEN[lang] in text:
            assert row["state"] in {"closed", "planned"}, (id_, text, place)
        warned = row[f"notice_{lang}"].partition(": ")[2]
        if warned and "mm" not in warned:
            assert warned in text, (id_, warned, place)
        if row["state"] == "closed" and any(item in words.why for item in ("배수시설", "낙석")):
            assert FORBIDDEN[lang] in text, (id_, words.why, place)
    return len(rows)


# -- pages of a server -----------------------------------------------------------------------------


@pytest.mark.slow  # two pages of 366 days, and of each trail its own around each change
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_pages_of_a_server_say_what_status_says_on_366_days(city, client, lang):
    turns, repairs = find_turns(city, lang), set()
    sheets: dict[str, set[str]] = {id_: set() for id_ in turns}
    for day in list_days(days.tabulate_days(city, lang, FIRST_DAY)):
        query, states = f"?lang={lang}&date={day}", tell_states(city, lang, day)
        marks = read_marks(client.get(f"/trails/{query}").text)
        assert hold_marks(marks, states, day) == 2 * len(states)
        hold_counts(marks, states, day)
        changing = [id_ for id_, own in turns.items() if day in own]
        if changing:
            board = read_marks(client.get(f"/board{query}").text)
            repairs.add(hold_repairs(board, states, lang, day))
        for id_ in changing:
            marks = read_marks(client.get(f"/trails/{id_}{query}").text)
            own = [mark for mark in marks if mark["dataset"].get("stateOf") == id_]
            assert hold_marks(marks, states, (id_, day)) >= len(own) == 4
            hold_repairs(marks, states, lang, (id_, day), id_)
            if day in {turns[id_][0], turns[id_][len(turns[id_]) // 2], turns[id_][-1]}:
                sheets[id_].add(read_sheet(client.get(f"/trails/{id_}/poster{query}").text))
    assert len(repairs) > 2
    # Paper hangs for a year: of a state it says nothing, but where one reads it.
    assert {id_: len(texts) for id_, texts in sheets.items()} == dict.fromkeys(turns, 1)


def hold_counts(marks: list[dict], states: dict[str, tuple], day: dt.date) -> None:
    """Hold that a list counts as open those that `status` says are open."""
    [counts] = [mark for mark in marks if "counts" in mark["dataset"]]
    template = counts["dataset"]["counts" if day == LAST_DAY else "countsThen"]
    pattern = re.escape(template).replace(r"\{open\}", r"(\d+)").replace(r"\{day\}", ".+")
    opened = sum(row["state"] == "open" for row, _ in states.values())
    assert int(re.match(pattern, counts["textContent"])[1]) == opened, day


def read_sheet(page: str) -> str:
    """Read a poster but for its small print, which says when somebody last looked."""
    assert not read_marks(page)
    return re.search(r"<main.*?</main>", re.sub(r'<p class="fine">.*?</p>', "", page), re.DOTALL)[0]


# -- pages that were written as files, and the map, by functions of the browser --------------------


READ_PAGES = """
import { readFileSync } from "node:fs";
globalThis.matchMedia = () => ({ matches: false });
const { table, days, today, pages, ids } = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const listeners = [];
let marks = [], day = "";
const camel = (text) => text.replace(/-(\\w)/g, (_, letter) => letter.toUpperCase());
globalThis.window = globalThis;
globalThis.maenballoDays = { table, getDay: () => day };
globalThis.document = {
  createElement: () => ({}),
  addEventListener: (_, listener) => listeners.push(listener),
  querySelectorAll(selector) {
    return marks.filter((mark) => camel(selector.slice(6, -1)) in mark.dataset);
  },
};
const { writePage } = await import("FRONTEND/days/page.js");
const { fillInStates, updateLegend } = await import("FRONTEND/days/map.js");
const { followChecks } = await import("FRONTEND/days/checks.js");
const { getKind, labelTrail } = await import("FRONTEND/map/view.js");
followChecks();
function revive(mark) {
  const copy = structuredClone(mark), item = copy.entry && { dataset: copy.entry };
  return Object.assign(copy, {
    classList: { contains: (name) => copy.className.split(" ").includes(name) },
    querySelector: () => null, closest: () => item, append() {},
  });
}
const answers = days.map(function (each) {
  day = each;
  const read = {};
  for (const [name, written] of Object.entries(pages)) {
    marks = written.map(revive);
    writePage(table, day, today);
    for (const listener of listeners) listener();
    read[name] = marks;
  }
  const features = ids.map((id) => ({ id, properties: { name: id } }));
  fillInStates(features, table, day);
  const map = Object.fromEntries(features.map((feature) =>
    [feature.id, { ...feature.properties, drawn: getKind(feature), label: labelTrail(feature) }]));
  const legend = updateLegend([{ className: "pin pin-unknown" }], table, day);
  return { read, map, legend: legend.map(({ className }) => className.slice(8)) };
});
console.log(JSON.stringify(answers));
"""


@pytest.fixture(scope="module")
def site(folder, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("files") / "site"
    write_site(Settings(city=folder, tile_url=""), out, day=FIRST_DAY)
    return out


@pytest.mark.slow  # every page with states, as it is read on 366 days
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_files_and_map_say_what_status_says_on_366_days(city, site, tmp_path, lang):
    start = site if lang == "ko" else site / lang
    table = json.loads(
        re.search(r"use\((.*)\);", next(site.glob(f"days-*.{lang}.js")).read_text("utf-8"))[1]
    )
    ids = list(city.trails.index)
    names = ["trails/index", "board", *(f"trails/{id_}" for id_ in ids)]
    pages = {name: read_marks((start / f"{name}.html").read_text("utf-8")) for name in names}
    asked_days = list_days(table)
    question = {"pages": pages, "ids": ids, "today": str(LAST_DAY)}
    answers = []
    # Of a month at a time, since each day has all marks of all pages.
    for first in range(0, len(asked_days), 31):
        part = asked_days[first : first + 31]
        answers += ask_browser(tmp_path, table, part, READ_PAGES, **question)
    for day, answer in zip(asked_days, answers, strict=True):
        states = tell_states(city, lang, day)
        for name, marks in answer["read"].items():
            trail = name.rpartition("/")[2] if name.startswith("trails/") else ""
            held = hold_marks(marks, states, (name, day))
            if name == "trails/index":
                hold_counts(marks, states, day)
            assert held == {"board": 0, "trails/index": 2 * len(ids)}.get(name, held)
            if name != "trails/index":
                hold_repairs(marks, states, lang, (name, day), trail)
        for id_, drawn in answer["map"].items():
            row, words = states[id_]
            assert (drawn["state"], drawn["drawn"]) == (row["state"], words.kind), (id_, day)
            assert drawn["stateText"] == words.long, (id_, day)
            assert drawn["label"] == f"{id_}, {words.long}"
        assert set(answer["legend"]) == {row["state"] for row, _ in states.values()}, day


# -- maps that are saved, and notebooks ------------------------------------------------------------


@pytest.mark.slow  # a map and a table of each day on which something changes
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_saved_maps_and_notebooks_say_what_status_says_whenever_it_changes(city, folder, lang):
    notebook = json.loads((ROOT / "notebooks/01_first_look.ipynb").read_text("utf-8"))
    sources = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]
    [first] = [text for text in sources if "start_notebook(" in text]
    [cell] = [text for text in sources if text.startswith("trails = city.trails_on(day)")]
    shown = []
    space = {"CITY": str(folder), "OUT": "", "LANG": lang, "DAY": str(FIRST_DAY)}
    space |= {"LON": None, "LAT": None, "display": shown.append}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(first, space)  # noqa: S102 -- our own notebook
    for day in sorted({day for turns in find_turns(city, lang).values() for day in turns}):
        states = tell_states(city, lang, day)
        layers = make_layers(city, lang, day, (), None, None)
        [drawn] = [each for each in layers if json.loads(each.options)["role"] == "trails"]
        for feature in json.loads(drawn.data)["features"]:
            row, words = states[feature["id"]]
            properties = feature["properties"]
            assert properties["state"] == row["state"], (feature["id"], day)
            assert properties["stateText"] == words.long, (feature["id"], day)
        with contextlib.redirect_stdout(io.StringIO()):
            exec(cell, space | {"day": day})  # noqa: S102 -- our own notebook
        expected = headed(city.trails_on(day)[["state"]], lang, city=city)
        column = expected.columns[0]
        assert list(shown[-1][column]) == list(expected[column]), day
        assert dict(shown[-2].to_numpy().tolist()) == expected[column].value_counts().to_dict(), day


# -- a browser -------------------------------------------------------------------------------------


SHOWN_DAYS = ("2027-11-11", "2027-11-13", "2027-12-01", "2028-02-29", "2028-05-12", "2028-08-01")
DRAWN = (
    "Object.fromEntries(Object.values(maenballo.layers.trails.byId)"
    ".map(({ feature: { id, properties } }) => [id, [properties.state, properties.stateText]]))"
)


def test_a_browser_shows_on_map_and_list_what_status_says_of_a_chosen_day(
    visit, city, folder, set_clock
):
    set_clock(f"{FIRST_DAY}T03:00:00")
    with serving(folder) as url:
        seen = visit("about:blank")
        seen.page.clock.set_fixed_time(f"{FIRST_DAY}T12:00:00+09:00")
        for address in ("", "trails/"):
            seen.page.goto(f"{url}/{address}?lang=en")
            for day in SHOWN_DAYS:
                states = tell_states(city, "en", dt.date.fromisoformat(day))
                seen.page.evaluate(f"maenballoDays.setDay('{day}')")
                marks = seen.page.locator("[data-state-of][data-words=card]")
                if address:
                    said = marks.evaluate_all(
                        "all => all.map(m => [m.dataset.stateOf, m.innerText])"
                    )
                    assert dict(said) == {id_: words.short for id_, (_, words) in states.items()}
                else:
                    seen.wait_until("window.maenballo?.layers.trails")
                    told = {id_: [words.state, words.long] for id_, (_, words) in states.items()}
                    assert seen.page.evaluate(DRAWN) == told, day
