"""The recipes of ARCHITECTURE: what they name suffices, in few lines, for every public door.

Each row of "Where a new thing goes" is followed to the letter in a copy of the repository
(``recipes.py`` has the lines), which is then asked by its commands, pages, API and Python names.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from conftest import ROOT
from gpxtext import gpx, track
from recipes import RECIPES, Edit
from shared_fixtures import write_folder

pytestmark = pytest.mark.slow  # a copy is built and loaded once: some 10 s of the processor

COPIED = ("mapserver", "frontend", "notebooks", "docs", "scripts", "hatch_build.py")
MAX_FILES, MAX_LINES = 4, 120

WEST, SOUTH = 126.85, 35.15
REGISTER = "id,name,surface,안내판수,carer,season\nwalk,솔길,황토,12,주민회,01-01/12-31\n"


def read_rows() -> dict[str, str]:
    """Read the rows of the table, by what one adds."""
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8").partition("## Where a new thing goes")[2]
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", text.partition("\n## ")[0], re.MULTILINE)
    return dict(rows[1:])  # below the head


every_recipe = pytest.mark.parametrize("row", RECIPES)


def test_every_row_of_the_table_is_tried():
    assert sorted(read_rows()) == sorted(RECIPES)


@every_recipe
def test_a_recipe_is_at_most_four_files_and_120_lines(row):
    assert len({edit.path for edit in RECIPES[row]}) <= MAX_FILES
    assert sum(edit.line_count for edit in RECIPES[row]) <= MAX_LINES


@every_recipe
def test_the_row_names_every_file_that_is_touched(row):
    named = re.findall(r"`([^`]+)`", read_rows()[row])
    unnamed = [edit.path for edit in RECIPES[row] if not is_named(edit, named)]
    assert unnamed == []


def is_named(edit: Edit, named: list[str]) -> bool:
    """Return whether a row names a file or its folder; the ``.po`` belongs to every new text."""
    path = edit.path.removeprefix("mapserver/").removesuffix(".py").removesuffix("/__init__")
    folder, _, file = path.rpartition("/")
    return path in named or f"{folder}/" in named or file.rpartition(".")[2] == "po"


# -- the copy that follows them all --------------------------------------------------------------


class Program:
    """A process of the changed copy that answers requests."""

    def __init__(self, root: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(root)}
        self._process = subprocess.Popen(  # noqa: S603 -- our own Python
            [sys.executable, Path(__file__).with_name("recipe_program.py")],
            cwd=root, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, door: str, *arguments: object) -> object:
        print(json.dumps([door, arguments]), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, "the changed program broke down"
        return json.loads(answer)

    def run(self, *words: object) -> str:
        code, output = self.ask("run", [*map(str, words)])
        assert code == 0, output
        return output

    def get(self, city: Path, address: str) -> str:
        status, text = self.ask("get", str(city), address)
        assert status == 200, text
        return text

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """A copy of the repository in which every recipe has been followed, and what is built of it."""
    root = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        source = ROOT / name
        if source.is_file():
            shutil.copy2(source, root / name)
        else:
            ignored = shutil.ignore_patterns("node_modules")
            shutil.copytree(source, root / name, ignore=ignored)
    (root / "frontend/node_modules").symlink_to(ROOT / "frontend/node_modules")
    for edits in RECIPES.values():
        for edit in edits:
            edit.apply(root)
    subprocess.run([sys.executable, root / "hatch_build.py"], check=True)  # noqa: S603 -- ours
    return root


@pytest.fixture(scope="module")
def program(copy):
    program = Program(copy)
    yield program
    program.close()


@pytest.fixture(scope="module")
def city(program, tmp_path_factory) -> Path:
    """A city with parks, added by the command, a bench, a swing and a tiny district."""
    folder = tmp_path_factory.mktemp("made")
    line = [(WEST + step / 1000, SOUTH + 0.002) for step in range(9)]
    walk = gpx(
        f'<wpt lat="{SOUTH + 0.002}" lon="{WEST + 0.001}"><name>가</name><type>bench</type></wpt>'
        f'<wpt lat="{SOUTH + 0.002}" lon="{WEST + 0.002}"><name>나</name><type>그네</type></wpt>'
        + track(line)
    )
    write_folder(
        folder / "city",
        {
            "gpx/walk.gpx": walk,
            "gpx/trails.csv": REGISTER,
            "layers/districts.geojson": make_layer(shapely.box(WEST, SOUTH, *corner(0.00005))),
        },
    )
    parks = make_layer(shapely.box(WEST, SOUTH, *corner(0.01))).rename(columns={"id": "parkcode"})
    parks.to_file(folder / "parks.gpkg")
    program.run("add", folder / "parks.gpkg", "--as", "parks", "--city", folder / "city")
    return folder / "city"


def corner(side: float) -> tuple[float, float]:
    return WEST + side, SOUTH + side


def make_layer(shape: shapely.Geometry) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"id": ["a"], "name": ["솔숲"]}, geometry=[shape], crs=4326)


def test_a_role_is_added_checked_shown_served_and_exported(program, city, tmp_path):
    assert "도시공원" in program.run("check", "--city", city, "--lang", "ko")
    assert "City parks" in program.get(city, "/?lang=en")
    assert "공원 한 곳" in program.get(city, find_map(program, city, "ko"))
    assert "솔숲" in program.get(city, "/parks/?lang=ko")
    assert "솔숲" in program.get(city, "/parks/a?lang=en")
    items = json.loads(program.get(city, "/api/collections/parks/items"))
    assert [item["id"] for item in items["features"]] == ["a"]
    program.run("export", tmp_path / "out.gpkg", "--layer", "parks", "--city", city)
    assert len(gpd.read_file(tmp_path / "out.gpkg", layer="parks")) == 1


def find_map(program: Program, city: Path, lang: str) -> str:
    """Find the address of the script of the map."""
    return re.search(r'src="([^"]*map-[^"]*\.js)"', program.get(city, f"/?lang={lang}"))[1]


def test_a_ledger_is_added_and_read(program, city, tmp_path):
    (tmp_path / "counts.csv").write_text('길,방문자 수\nwalk,"1,204"\n', "cp949")
    program.run("add", tmp_path / "counts.csv", "--as", "visitors", "--city", city)
    code = f"import mapserver; rows = mapserver.open_city({str(city)!r}).ledgers['visitors']; "
    code += "answer = rows[['trail_id', 'counted']].to_dict('records')"
    assert program.ask("evaluate", code) == [{"trail_id": "walk", "counted": 1204.0}]


def test_a_format_that_is_written_and_one_that_is_read_make_a_round_trip(program, city, tmp_path):
    file, second = tmp_path / "parks.geojsonl", tmp_path / "second"
    program.run("export", file, "--layer", "parks", "--city", city)
    assert len(file.read_text("utf-8").splitlines()) == 1
    program.run("add", file, "--as", "layer", "--id", "greens", "--city", second)
    items = json.loads(program.get(second, "/api/collections/greens/items"))
    assert items["features"][0]["properties"]["name"] == "솔숲"


@pytest.mark.parametrize("catalog", ["", '[[layers]]\nid = "parks"\nfile = "parks.geojsonl"\n'])
def test_a_layer_in_a_new_format_is_read_where_it_lies(program, city, tmp_path, catalog):
    (tmp_path / "layers").mkdir()
    program.run("export", tmp_path / "layers/parks.geojsonl", "--layer", "parks", "--city", city)
    if catalog:
        (tmp_path / "layers/catalog.toml").write_text(catalog, "utf-8")
    program.run("check", "--city", tmp_path)  # with a broken catalogue it goes by the files
    assert json.loads(program.get(tmp_path, "/api/collections/parks/items"))["numberMatched"] == 1


@pytest.mark.parametrize(("lang", "words"), [("ko", "상점가의 넓이가"), ("en", "the district has")])
def test_a_check_reports_what_it_finds(program, city, lang, words):
    assert words in program.run("check", "--city", city, "--lang", lang)


def test_an_endpoint_answers(program, city):
    surfaces = json.loads(program.get(city, "/api/surfaces"))["surfaces"]
    assert [row["surface"] for row in surfaces] == ["황토"]
    assert surfaces[0]["distance_m"] > 700
    status, text = program.ask("get", str(city), "/api/surfaces?wrong=1")
    assert status == 400
    assert "wrong" in text


def test_an_analysis_and_a_figure_are_called_from_python(program, city):
    code = f"""
import mapserver
from mapserver import figures
from mapserver.analysis import benches
city = mapserver.open_city({str(city)!r})
table = benches.count_by_trail(city.trails, city.facilities)
png = figures.dots(table["bench_every_m"], title="벤치")._repr_png_()[0]
answer = [int(table["benches"].iloc[0]), png[:4].decode("latin-1")]
"""
    assert program.ask("evaluate", code) == [1, "\x89PNG"]


@pytest.mark.notebooks
def test_a_notebook_is_part_of_the_report(program, city, tmp_path):
    words = ("report", "07", "--city", city, "--out", tmp_path / "report", "--lang", "ko")
    program.run(*words, "-p", "EVERY_M=100")
    page = (tmp_path / "report/report.html").read_text("utf-8")
    assert "어디서 쉬나?" in page
    assert list((tmp_path / "report").rglob("benches*.csv"))
    code, output = program.ask("run", [*map(str, words), "-p", "EVERY_M=-1"])
    assert code != 0
    assert "EVERY_M" in output


@pytest.mark.parametrize(
    ("lang", "sentence"), [("ko", "안내판이 12개 있습니다."), ("en", "It has 12 signs.")]
)
def test_a_column_under_an_office_name_is_known_and_told_on_the_page(program, city, lang, sentence):
    assert sentence in program.get(city, f"/trails/walk?lang={lang}")
    assert "안내판수" not in program.run("check", "--city", city, "--lang", lang)


def test_what_a_card_says_stands_on_map_list_and_card(program, city):
    planners_map = program.get(city, "/map.html?lang=ko")
    assert '["돌보는 곳","주민회"]' in planners_map
    assert "주민회" in planners_map.replace('["돌보는 곳","주민회"]', "")  # a list without scripts


def test_a_kind_of_facility_has_its_word_and_its_picture(program, city, copy):
    assert "그네" in program.get(city, "/map.html?lang=ko")
    assert '"kind":"swing"' in program.get(city, find_map(program, city, "en"))
    assert "M4 3h16v2h-3v12H7V5H4z" in (copy / "mapserver/web/static/map.js").read_text("utf-8")


def test_a_script_is_loaded_and_kept_for_a_telephone(program, city):
    script = re.search(r'"[./]*(static/count\.js[^"]*)"', program.get(city, "/trails/"))[1]
    assert ".cards" in program.get(city, f"/{script}")
    assert script in program.get(city, "/sw.js")


@pytest.mark.parametrize(
    ("lang", "text"), [("ko", "나중에 다시 보아 주세요"), ("en", "Please look again later")]
)
def test_a_text_stands_on_the_page_in_both_languages(program, city, lang, text):
    assert text in program.get(city, f"/offline?lang={lang}")


def test_a_command_runs_and_has_its_help(program, city):
    assert "도시공원: 1" in program.run("count", "--city", city, "--lang", "ko")
    assert "count" in program.run("--help")
    assert "mapserver count --city seogu" in program.run("count", "--help")


@pytest.mark.parametrize(
    ("script", "file"),
    [("write_limits", "docs/limits.md"), ("write_colors", "mapserver/web/static/map.css")],
    ids=["a limit", "a colour"],
)
def test_what_a_script_writes_from_a_module_is_what_the_recipe_says(copy, script, file):
    before = (copy / file).read_text("utf-8")
    command = [sys.executable, copy / "scripts" / f"{script}.py"]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(copy)})  # noqa: S603
    assert (copy / file).read_text("utf-8") == before


@pytest.fixture(scope="module")
def german_city(city, tmp_path_factory) -> Path:
    """The city once more, with a catalogue that lists the new language first."""
    folder = tmp_path_factory.mktemp("german") / "city"
    shutil.copytree(city, folder)
    catalog = folder / "layers/catalog.toml"
    text = catalog.read_text("utf-8")
    titles = 'title = { de = "Barfußstadt", en = "Barefoot town" }\nlanguages = ["de", "en"]\n'
    kept = [line for line in text.splitlines() if not line.startswith(("title = {", "languages"))]
    catalog.write_text(titles + "\n".join(kept), "utf-8")
    return folder


def test_a_language_is_spoken_by_pages_map_site_figures_and_commands(
    program, german_city, tmp_path
):
    page = program.get(german_city, "/trails/walk?lang=de")
    assert '<html lang="de"' in page
    assert "Barfußstadt" in page
    assert "von Ende zu Ende" in page
    menu = program.get(german_city, "/trails/walk?lang=en")
    assert re.search(r'hreflang="de">(<svg.*?</svg>)?Deutsch</a>', menu)
    assert "Kein Netz" in program.get(german_city, "/offline?lang=de")
    assert "Barfußstadt" in program.get(german_city, find_map(program, german_city, "de"))
    program.run("site", tmp_path / "site", "--city", german_city)
    assert "von Ende zu Ende" in (tmp_path / "site/trails/walk.html").read_text("utf-8")
    code = f"""
import mapserver
from mapserver import figures
city = mapserver.open_city({str(german_city)!r})
answer = figures.area_map(city, title="Wege", lang="de").words() + [city.map(lang="de").view.title]
"""
    assert {"Wege", "Barfußwege"} <= set(program.ask("evaluate", code))
    words = ["export", tmp_path / "out", "--city", german_city, "--lang", "de"]
    code, output = program.ask("run", [*map(str, words)])
    assert code != 0
    assert "das Format ist nicht genannt" in output


def test_a_language_has_the_title_of_a_role_and_the_words_of_a_city(program, german_city):
    code = f"""
import mapserver
from mapserver.model.words import Phrases, Word, Words
city = mapserver.open_city({str(german_city)!r})
words = Words(trail=Word.read({{"de": ["Radweg", "Radwege"]}}))
titles = [city.entry("trails").title.in_language(lang) for lang in ("de", "en", "ko")]
say = Phrases(words, "de").replace_words
answer = [*titles, say("Wege"), say("ein Barfußweg, Fußwege")]
"""
    titles = ["Barfußwege", "Barefoot trails", "맨발길"]
    assert program.ask("evaluate", code) == [*titles, "Radwege", "ein Radweg, Fußwege"]
