"""The words of a city for its things: one door for all texts of the program."""

from __future__ import annotations

import ast
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from cities import frame_of
from click.testing import CliRunner
from gpxtext import gpx, track
from shapely import LineString, Point

import mapserver
from mapserver.analysis.trail_line import measure_line
from mapserver.commands.cli import main
from mapserver.drawing.trail_description import describe_trail
from mapserver.headings import headed
from mapserver.model import Layer, LayerEntry, Role, complete_entry
from mapserver.model.words import Phrases, Word, Words
from mapserver.text.findings import Finding, Severity
from mapserver.text.languages import ENGLISH
from mapserver.web.pages.days import tabulate_days
from mapserver.writers.layer_look import choose_look

CITY = Words(
    trail=Word.read({"en": ["cycle path", "cycle paths"], "ko": "자전거길"}),
    district=Word.read({"en": ["arcade", "arcades"]}),
    certificate=Word.read(["Bay voucher", "Bay vouchers"]),
    paper=Word.read("booklet"),
)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Barefoot trail", "Cycle path"),
        ("Find a trail or district", "Find a cycle path or arcade"),
        ("%(count)s trails, %(length)s in all", "%(count)s cycle paths, %(length)s in all"),
        (
            "{city}: barefoot trails and shopping districts on a map",
            "{city}: cycle paths and arcades on a map",
        ),
        ("a district of a trail", "an arcade of a cycle path"),
        ("A shopping district", "An arcade"),
        ("Taking Onnuri", "Taking Bay vouchers"),
        ("Most Onnuri shops first", "Most Bay voucher shops first"),
        ("What the certificate saves", "What the Bay voucher saves"),
        ("paper", "booklet"),
        # These are no things of the city: an office, values, other words.
        ("Tell the district", "Tell the district"),
        ("a message to the district office", "a message to the district office"),
        ("{trail} %(district)s", "{trail} %(district)s"),
        ("trailer, zones", "trailer, zones"),
        ("", ""),
        # What is for programs, and no word in a sentence.
        ("Add a row for it to gpx/trails.csv", "Add a row for it to gpx/trails.csv"),
        ("Correct the column district", "Correct the column district"),
        ("mapserver add FILE --as trails", "mapserver add FILE --as trails"),
        ("such as city.trails and trail_id", "such as city.trails and trail_id"),
        ('in brackets: ["trails", "districts"]', 'in brackets: ["trails", "districts"]'),
        ("Write focus=trails/ID", "Write focus=trails/ID"),
        ("trails come from layers/{other}", "cycle paths come from layers/{other}"),
    ],
)
def test_texts_have_the_words_of_the_city(text, written):
    assert Phrases(CITY, "en").say(text) == written


def test_each_language_has_its_own_words():
    assert Phrases(CITY, "ko").say("Find a trail") == "자전거길 찾기"
    assert Phrases(CITY, "en").say_counted("%(num)s trail", "%(num)s trails", 2) == (
        "%(num)s cycle paths"
    )


def test_a_city_without_words_has_those_of_the_program():
    assert Phrases(Words(), "en").say("Barefoot trail") == "Barefoot trail"
    assert Phrases(Words(), "ko").say("Barefoot trail") == "맨발길"


def test_what_was_put_in_is_not_replaced_again():
    words = Words(trail=Word.read("district walk"), district=Word.read("trail head"))
    assert Phrases(words, "en").say("trail and district") == "district walk and trail head"


@pytest.mark.parametrize(
    "words", ['trail = ""', "trail = 3", "trail = []", 'trail = ["a", "b", "c"]', "trail = {}"]
)
def test_a_word_that_is_none_is_an_error_that_names_it(make_city, words):
    city = make_city({"gpx/a.gpx": gpx(), "layers/catalog.toml": f"[words]\n{words}\n"})
    [finding] = city.findings
    assert finding.code == "catalog-broken"
    assert "words.trail" in finding.message


def test_an_unknown_word_or_map_is_an_error_that_names_it(make_city):
    for text, named in (('[words]\ntrial = "x"\n', "words.trial"), ('map_links = ["x"]\n', "'x'")):
        city = make_city({"gpx/a.gpx": gpx(), "layers/catalog.toml": text})
        [finding] = city.findings
        assert named in finding.message


def test_a_layer_without_a_title_has_the_word_for_many(make_city):
    words = '[words]\ntrail = { en = ["cycle path", "cycle paths"], ko = "자전거길" }\n'
    city = make_city({"gpx/a.gpx": gpx(), "layers/catalog.toml": words})
    title = city.entry("trails").title
    assert [title.in_language(lang) for lang in ("en", "ko")] == ["Cycle paths", "자전거길"]
    named = '[[layers]]\nid = "trails"\nrole = "trails"\ntitle = "Velo"\n'
    city = make_city({"gpx/a.gpx": gpx(), "layers/catalog.toml": words + named})
    assert str(city.entry("trails").title) == "Velo"


def test_the_title_of_a_role_is_the_role_s_in_languages_that_the_catalogue_does_not_say(make_city):
    entry = '[[layers]]\nid = "trails"\nrole = "trails"\ntitle = {{ en = "{title}" }}\n'
    titles = {}
    for title in ("Barefoot trails", "Our trails"):
        files = {"gpx/a.gpx": gpx(), "layers/catalog.toml": entry.format(title=title)}
        titles[title] = make_city(files).entry("trails").title
    assert titles["Barefoot trails"].texts == {"ko": "맨발길", "en": "Barefoot trails"}
    assert titles["Our trails"].texts == {"en": "Our trails"}


def test_what_a_city_lacks_has_its_words(make_city):
    words = '[words]\ndistrict = { en = ["arcade", "arcades"], ko = "아케이드" }\n'
    city = make_city({"gpx/a.gpx": gpx(), "layers/catalog.toml": words})
    assert city.lacks("districts", lang="en") == "Not in this city: Arcades"
    assert city.lacks("districts", lang="ko").endswith("아케이드")


def test_british_neighbourhoods_are_a_city_s_own_as_well():
    words = Words(neighborhood=Word.read({"en": ["borough", "boroughs"]}))
    assert Phrases(words, "en").say("in no neighbourhood, of neighborhoods") == (
        "in no borough, of boroughs"
    )


def test_headings_of_tables_have_the_words_of_the_city(make_city):
    words = '[words]\ntrail = ["cycle path", "cycle paths"]\ncertificate = ["pass", "passes"]\n'
    city = make_city({"gpx/a.gpx": gpx(), "layers/catalog.toml": words})
    table = pd.DataFrame({"trail_name": ["A trail"], "members": [1], "trail": ["x"], "my_trail": 1})
    shown = headed(table.set_index("trail"), "en", city=city)
    assert [shown.index.name, *shown.columns] == [
        *("Cycle path", "Cycle path", "Taking passes", "my_trail")
    ]
    # What the data say stays, and a table that is of no city has the program's words.
    assert shown.iloc[0, 0] == "A trail"
    assert headed(table, "en").columns[0] == "Barefoot trail"


def test_a_finding_has_the_words_of_the_city_but_not_in_names_and_files():
    finding = Finding(
        Severity.WARNING, "x", "gpx/trails.csv",
        "the trail {trail} is not in the register", "Add a row for it to gpx/trails.csv",
        values={"trail": "Oak trail"},
    )  # fmt: skip
    assert finding.in_language("en", Phrases(CITY, "en").say) == (
        "the cycle path Oak trail is not in the register",
        "Add a row for it to gpx/trails.csv",
    )
    assert finding.in_language("en")[0] == "the trail Oak trail is not in the register"


CLOSURES = "trail_id,from,to\nnowhere,2026-11-20,2026-11-25\n-oak,2026-11-20,2026-11-25\n"


def test_check_says_what_is_wrong_in_the_words_of_the_city(make_folder):
    words = '[words]\ntrail = { en = ["cycle path", "cycle paths"], ko = "자전거길" }\n'
    files = {"gpx/oak.gpx": gpx(track([(0, 1), (0, 1.001)])), "layers/closures.csv": CLOSURES}
    folder = make_folder(files | {"layers/catalog.toml": f'title = "Town"\n{words}'})
    for lang, said, own in (
        ("en", "there is no cycle path 'nowhere'", "there is no trail"),
        ("ko", "'nowhere'라는 자전거길", "맨발길"),
    ):
        printed = CliRunner().invoke(main, ["check", "--city", str(folder), "--lang", lang]).output
        assert said in printed
        assert own not in printed


def test_an_error_of_a_command_has_the_words_of_the_city_and_json_those_of_the_program(
    make_folder, tmp_path
):
    words = '[words]\ntrail = { en = ["cycle path", "cycle paths"], ko = "자전거길" }\n'
    entry = '[[layers]]\nid = "services"\nfile = "services.geojson"\nrole = "services"\n'
    services = gpd.GeoDataFrame(
        {"id": ["a"], "name": ["Hall"]}, geometry=[shapely.Point(126.85, 35.15)], crs=4326
    )
    folder = make_folder(
        {
            "layers/services.geojson": services,
            "layers/closures.csv": CLOSURES,
            "layers/catalog.toml": f'title = "Town"\n{words}{entry}',
        }
    )
    ask = ["export", str(tmp_path / "out.gpx"), "--city", str(folder), "--lang"]
    for lang, said in (("en", "has the cycle paths and"), ("ko", "자전거길")):
        assert said in CliRunner().invoke(main, [*ask, lang]).stderr
    # Programs compare what JSON says: it has the same words for every city.
    done = CliRunner().invoke(main, ["check", "--city", str(folder), "--format", "json"])
    assert "there is no trail" in done.stdout
    assert "cycle path" not in done.stdout


def test_a_reason_for_doubt_has_the_words_of_the_city(make_city):
    words = '[words]\ntrail = { en = ["cycle path", "cycle paths"], ko = "자전거길" }\n'
    closures = "trail_id,from,to\noaks,,\n"
    files = {"gpx/oak.gpx": gpx(track([(0, 1), (0, 1.001)])), "layers/closures.csv": closures}
    city = make_city(files | {"layers/catalog.toml": words})
    [reason] = city.trails_on(city.today())["reason_en"]
    assert "which may be this cycle path" in reason


def test_styles_for_qgis_have_the_words_of_the_city():
    entry = complete_entry(LayerEntry("trails", Role.TRAILS))
    frame = frame_of([LineString([(0, 0), (0, 1)])], district="Oak", trail="Elm")
    look = choose_look(Layer(entry, frame, "gpx"), "en", CITY)
    assert look is not None
    assert look.headings["district"] == "Arcade"
    assert look.headings["trail"] == "Cycle path"
    shops = complete_entry(LayerEntry("shops", Role.SHOPS))
    look = choose_look(Layer(shops, frame_of([Point(0, 0)], onnuri_card=True), "x"), "en", CITY)
    assert look is not None
    assert look.headings["onnuri_card"] == "Bay vouchers, card"


def test_a_geopackage_of_a_city_has_its_words(make_city, tmp_path):
    words = '[words]\nzone = { en = ["sector", "sectors"], ko = "구획" }\n'
    square = "POLYGON ((0 1, 0.01 1, 0.01 1.01, 0 1.01, 0 1))"
    files = {"layers/areas.csv": f'id,name,zone,wkt\none,One,West,"{square}"\n'}
    layer = '[[layers]]\nid = "areas"\nfile = "areas.csv"\ncrs = "EPSG:4326"\n'
    city = make_city(
        files | {"layers/catalog.toml": f'title = "Town"\nlanguages = ["en"]\n{words}{layer}'}
    )
    city.export(tmp_path / "town.gpkg")
    styles = (tmp_path / "town.gpkg").read_bytes()
    assert b'name="Sector"' in styles
    assert b'name="Zone"' not in styles


def test_a_description_and_the_days_ask_for_the_words_of_the_city(make_city, monkeypatch):
    line = measure_line(LineString([(0, 0), (0, 0.01)]))
    asked = []
    say = Phrases.say

    def note(phrases, text):
        asked.append(text)
        return say(phrases, text)

    monkeypatch.setattr(Phrases, "say", note)
    describe_trail(line, {}, "en", CITY)
    assert "{length} from end to end, towards the {direction}." in asked
    city = make_city({"gpx/oak.gpx": gpx(track([(0, 1), (0, 1.001)]))})
    tabulate_days(city, "en", city.today(), 2)
    assert "Status on {day}" in asked


def find_own_words(path: Path) -> set[str]:
    """Return the texts of a module that name a thing for which a city may have a word."""
    things = Words(**dict.fromkeys(ENGLISH.terms, Word.read("@")))
    texts = {
        ast.literal_eval(node.args[0])
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "N_"
    }
    return {text for text in texts if "@" in Phrases(things, "en").replace_words(text)}


def test_no_module_that_names_a_city_s_things_speaks_past_its_words():
    package = Path(mapserver.__file__).parent
    # An error of the caller's knows no city: whoever prints it may.
    allowed = {"drawing/choropleth.py"}
    speaking_past = {
        path.relative_to(package).as_posix(): find_own_words(path)
        for path in package.rglob("*.py")
        if "language.translator(" in path.read_text("utf-8")
    }
    assert {name for name, texts in speaking_past.items() if texts} <= allowed
    assert find_own_words(package / "check/dated.py")  # the search finds what there is
