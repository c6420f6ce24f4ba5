"""``mapserver add`` into a city abroad: its time zone and languages are written, or asked for."""

from __future__ import annotations

import tomllib
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner
from gpxtext import gpx, track

import mapserver
from mapserver.commands.cli import main
from mapserver.importing.whereabouts import find_languages

SEOUL, BOSTON, TOKYO = (126.85, 35.15), (-71.06, 42.36), (139.76, 35.68)


def add(tmp_path: Path, *options: str, place=BOSTON, name: str = "Back Bay", role="districts"):
    """Add a district, or a trail, to the city; return the exit code and what was printed."""
    lon, lat = place
    if role == "trails":
        source = tmp_path / "path.gpx"
        source.write_text(gpx(track([place, (lon, lat + 0.001)], name=name)), "utf-8")
    else:
        source = tmp_path / "areas.geojson"
        box = shapely.box(lon, lat, lon + 0.01, lat + 0.01)
        gpd.GeoDataFrame({"id": ["a"], "name": [name]}, geometry=[box], crs=4326).to_file(source)
    words = ["add", source, "--as", role, "--city", tmp_path / "city", "--lang", "en", *options]
    answer = CliRunner().invoke(main, [str(word) for word in words])
    return answer.exit_code, answer.output


def read_catalog(tmp_path: Path) -> dict:
    path = tmp_path / "city/layers/catalog.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}


def test_what_the_command_says_is_written_into_a_new_catalogue(tmp_path):
    code, output = add(tmp_path, "--languages", "en", "--time-zone", "America/New_York")
    catalog = read_catalog(tmp_path)
    assert code == 0, output
    assert catalog["languages"] == ["en"]
    assert catalog["time_zone"] == "America/New_York"
    # Titles are in the city's own languages.
    assert list(catalog["title"]) == ["en"]
    assert catalog["layers"][0]["title"] == {"en": "Shopping districts"}
    assert "time zone" not in output
    assert "languages" not in output


@pytest.mark.parametrize("role", ["districts", "trails"])
def test_a_city_abroad_without_a_time_zone_is_told_so_with_the_line_to_write(tmp_path, role):
    code, output = add(tmp_path, role=role)
    assert code == 0
    assert 'time_zone = "America/New_York"' in output
    assert "time_zone" not in read_catalog(tmp_path)
    # As long as nobody writes it, each layer that is added says so again.
    assert "time_zone =" in add(tmp_path, "--replace", role=role)[1]


def test_a_city_in_korea_is_asked_for_nothing_and_has_both_languages(tmp_path):
    _, output = add(tmp_path, place=SEOUL, name="솔숲골목")
    catalog = read_catalog(tmp_path)
    assert not {"languages", "time_zone"} & set(catalog)
    assert set(catalog["layers"][0]["title"]) == {"ko", "en"}
    assert "time_zone" not in output


@pytest.mark.parametrize(
    ("names", "languages"),
    [
        (["渋谷センター街", "代官山"], ("ja", "en")),
        (["רחביה"], ("he", "en")),
        (["한인타운"], ("ko", "en")),
        (["千代田区"], ("en",)),  # Chinese or Japanese
        (["Währing", "Back Bay"], ("en",)),
        (["Арбат"], ("en",)),
        (["Πλάκα", "ไทย"], ("en",)),
        ([], ("en",)),
    ],
)
def test_names_show_a_language_where_their_script_has_but_one(names, languages):
    assert find_languages(names) == languages


def test_languages_that_names_show_are_written_and_others_asked_for(tmp_path):
    _, output = add(tmp_path, place=TOKYO, name="渋谷センター街")
    assert read_catalog(tmp_path)["languages"] == ["ja", "en"]
    assert "do not show their language" not in output
    (tmp_path / "other").mkdir()
    _, output = add(tmp_path / "other")
    assert read_catalog(tmp_path / "other")["languages"] == ["en"]
    assert "the names do not show their language" in output


def test_a_catalogue_that_is_there_keeps_its_languages_unless_told(tmp_path):
    catalog = tmp_path / "city/layers/catalog.toml"
    catalog.parent.mkdir(parents=True)
    text = 'title = "Boston"  # ours\nlanguages = ["fr"]\ntime_zone = "America/New_York"\n'
    catalog.write_text(text, "utf-8")
    _, output = add(tmp_path)
    assert catalog.read_text("utf-8").startswith(text)
    assert "time_zone =" not in output
    add(tmp_path, "--replace", "--languages", "de, en", "--time-zone", "Europe/Vienna")
    assert 'title = "Boston"  # ours' in catalog.read_text("utf-8")
    assert read_catalog(tmp_path)["languages"] == ["de", "en"]
    assert read_catalog(tmp_path)["time_zone"] == "Europe/Vienna"


def test_trails_alone_have_a_catalogue_where_the_command_says_what_stands_in_it(tmp_path):
    code, output = add(tmp_path, "--time-zone", "America/New_York", role="trails")
    assert code == 0, output
    assert read_catalog(tmp_path)["time_zone"] == "America/New_York"
    assert mapserver.open_city(tmp_path / "city").catalog.zone.key == "America/New_York"
    # A layer finds its place in a catalogue that has none yet.
    assert add(tmp_path)[0] == 0
    assert [layer["id"] for layer in read_catalog(tmp_path)["layers"]] == ["districts"]


@pytest.mark.parametrize("layers", ["layers = []\n", ""])
def test_a_layer_is_added_to_a_catalogue_without_layers(tmp_path, layers):
    catalog = tmp_path / "city/layers/catalog.toml"
    catalog.parent.mkdir(parents=True)
    catalog.write_text(f'title = "Boston"\n{layers}direct_line = "311"\n', "utf-8")
    assert add(tmp_path)[0] == 0
    assert read_catalog(tmp_path)["direct_line"] == "311"
    assert len(read_catalog(tmp_path)["layers"]) == 1


@pytest.mark.parametrize(
    ("option", "value"),
    [("--time-zone", "Boston"), ("--time-zone", "../../etc/passwd"), ("--languages", "en,english")],
)
def test_a_zone_or_a_language_that_there_is_not_is_refused_and_nothing_written(
    tmp_path, option, value
):
    code, output = add(tmp_path, option, value)
    assert code == 2
    assert option in output
    assert not (tmp_path / "city").exists()


def test_a_dry_run_asks_for_the_time_zone_and_writes_nothing(tmp_path):
    _, output = add(tmp_path, "--dry-run")
    assert "time_zone =" in output
    assert not (tmp_path / "city").exists()
