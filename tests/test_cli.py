"""The commands: the same numbers as in Python, one line for an error, and the right exit code."""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from gpxtext import gpx, track

from mapserver.commands.cli import main
from mapserver.files import damage

PLACE = (126.8526, 35.1467)


def run(*arguments: object, lang: str = "en_US.UTF-8", city: Path = ROOT) -> Result:
    variables = {"MAPSERVER_CITY": str(city), "LC_ALL": lang}
    return CliRunner().invoke(main, [str(a) for a in arguments], env=variables)


@pytest.mark.slow
def test_nearest_gives_the_numbers_of_python(sample_city):
    expected = sample_city.nearest_trails(*PLACE, k=3)
    printed = json.loads(run("nearest", *PLACE, "-k", 3, "--format", "json").stdout)
    assert [f["id"] for f in printed["features"]] == list(expected.index)
    for feature, distance_m in zip(printed["features"], expected["distance_m"], strict=True):
        assert feature["properties"]["distance_m"] == pytest.approx(distance_m, abs=0.001)
    text = run("nearest", *PLACE, "-k", 3).stdout
    for name, distance_m in zip(expected["name"], expected["distance_m"], strict=True):
        assert name in text
        assert f"{distance_m:.3f}" in text


@pytest.mark.slow
def test_locate_gives_the_answer_of_python(sample_city):
    printed = json.loads(run("locate", *PLACE, "--format", "json").stdout)
    place = sample_city.locate(*PLACE)
    assert printed["neighborhood"]["name"] == place.neighborhood.name
    assert place.neighborhood.name in run("locate", *PLACE).stdout


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".csv", ".geojson", ".gpkg", ".parquet"])
def test_points_of_a_file_get_their_answers(tmp_path, sample_city, suffix):
    out = tmp_path / f"answers{suffix}"
    source = ROOT / "layers" / "services.csv"
    assert run("nearest", "--points", source, "--out", out, "-k", 2).exit_code == 0
    table = pd.read_csv(out) if suffix == ".csv" else read(out)
    expected = sample_city.nearest(sample_city.layers["services"], k=2)
    assert table["trail_id"].tolist() == expected["trail_id"].tolist()
    assert table["distance_m"].tolist() == pytest.approx(expected["distance_m"].tolist())
    out = tmp_path / f"places{suffix}"
    answer = run("locate", "--points", source, "--out", out, "--layer", "neighborhoods")
    assert answer.exit_code == 0
    table = pd.read_csv(out) if suffix == ".csv" else read(out)
    assert table["neighborhood_name"].tolist() == table["neighborhood"].tolist()


def read(path: Path) -> gpd.GeoDataFrame:
    return gpd.read_parquet(path) if path.suffix == ".parquet" else gpd.read_file(path)


@pytest.mark.slow
def test_rows_that_were_left_out_are_told(tmp_path, test_data):
    out = tmp_path / "answers.csv"
    answer = run("nearest", "--points", test_data / "shops_sample_cp949.csv", "--out", out)
    assert answer.exit_code == 0
    assert "shops_sample_cp949.csv, line 484" in answer.stderr
    assert len(pd.read_csv(out)) == 494


@pytest.mark.slow
def test_points_that_are_asked_about_need_no_ids(tmp_path):
    source, out = tmp_path / "places.csv", tmp_path / "answers.csv"
    source.write_text("lon,lat\n126.85,35.14\n126.86,35.15\n", encoding="utf-8")
    answer = run("nearest", "--points", source, "--out", out)
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert len(pd.read_csv(out)) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nearest", 35.1467, 126.8526), "swapped"),
        (("nearest", "x", 35), "x"),
        (("nearest", 126.85), "LON LAT"),
        (("nearest", "--points", "a.csv"), "--out"),
        (("nearest", *PLACE, "--layer", "nothing"), "nothing"),
        (("nearest", *PLACE, "-k", 0), "k is 0"),
        (("locate", "nan", 35), "number"),
        (("locate", *PLACE, "--city", "nowhere"), "nowhere"),
        (("dance",), "dance"),
        (("serve", "--port", 99999), "port"),
    ],
)
def test_wrong_usage_is_one_line_and_code_2(arguments, said):
    answer = run(*arguments)
    assert answer.exit_code == 2
    assert said in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert "Traceback" not in answer.output


HANGUL, ENGLISH = re.compile("[가-힣]"), re.compile(r"\b(the|is|are|not|it|of|and|its)\b")

MISTAKES = {
    "a command that is none": ("dance",),
    "an option that is none": ("check", "--bogus"),
    "an option without its value": ("nearest", *PLACE, "--max-distance"),
    "a word for a number": ("nearest", "x", 35),
    "a number out of range": ("serve", "--port", 99999),
    "a role that is none": ("add", "a.csv", "--as", "shop"),
    "no file": ("add", "--as", "shops"),
    "one argument too many": ("locate", *PLACE, 4),
    "half of a question": ("nearest", 126.85),
    "no city": ("locate", *PLACE, "--city", "nowhere"),
    "a place that is swapped": ("nearest", 35.1467, 126.8526),
    "a layer that is none": ("nearest", *PLACE, "--layer", "nothing"),
    "a file that is not there": ("add", "a.csv", "--as", "shops"),
    "a format that is none": ("export", "city.xyz"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_errors_are_in_the_language_of_the_terminal(small, mistake):
    for lang in ("ko_KR.UTF-8", "en_US.UTF-8"):
        said = run(*MISTAKES[mistake], lang=lang, city=small).stderr
        assert said.count("\n") == 1, said
        assert bool(HANGUL.search(said)) == lang.startswith("ko"), said
        if lang.startswith("ko"):
            assert not ENGLISH.search(said), said


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_findings_and_the_errors_within_errors_are_in_the_language_that_is_asked_for(
    tmp_path, lang
):
    rows = "name,lon,lat\n가,동쪽,북쪽\n나,126.85,35.14\n"
    (tmp_path / "a.csv").write_text(rows, "utf-8")
    (tmp_path / "b.csv").write_text("name,lon,lat\n가,동쪽,북쪽\n", "utf-8")
    (tmp_path / "c.csv").write_text("name,lon,lat\n", "utf-8")
    words = ("--as", "shops", "--city", tmp_path / "city", "--lang", lang)
    added = run("add", tmp_path / "a.csv", *words).stdout
    assert ("2번째 줄" in added, "line 2" in added) == (lang == "ko", lang == "en")
    for files in (["b.csv"], ["a.csv", "b.csv"], ["b.csv", "c.csv"]):
        paths = [tmp_path / file for file in files]
        refused = run("add", *paths, *words, "--replace")
        assert refused.exit_code == 1
        assert bool(HANGUL.search(refused.stderr.replace("동쪽, 북쪽", ""))) == (lang == "ko")
        assert bool(ENGLISH.search(refused.stderr)) == (lang == "en"), refused.stderr


@pytest.mark.slow
def test_a_file_that_is_not_there_is_one_line(tmp_path):
    answer = run("nearest", "--points", tmp_path / "no.csv", "--out", tmp_path / "out.csv")
    assert answer.exit_code == 1
    assert "no such file" in answer.stderr
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize("name", main.commands)
def test_every_command_explains_itself_with_an_example(name):
    text = run(name, "--help").stdout
    examples = re.findall(
        rf"^ +mapserver {name}\b(.*)$", text.partition("Example")[2], re.MULTILINE
    )
    assert examples
    known = {option for each in main.commands[name].params for option in each.opts}
    for example in examples:
        words = shlex.split(example, comments=True)
        assert {word for word in words if re.match("--?[a-z]", word)} <= known, example


def test_every_command_is_asked_for_its_language_in_the_same_way():
    options = [
        next(option for option in command.params if "--lang" in option.opts)
        for command in main.commands.values()
    ]
    assert len({(option.help, option.callback, option.is_eager) for option in options}) == 1


OWN_MISTAKES = {
    "serve": ("--port", 99999),
    "check": ("--city", "nowhere"),
    "reload": ("--city", "nowhere"),
    "add": ("a.csv", "--as", "shop"),
    "report": ("--timeout", "x"),
    "nearest": (126.85,),
    "locate": ("--points", "a.csv"),
    "export": ("city.xyz",),
    "load": ("mysql://host/db",),
    "join": ("nowhere.parquet", "--out", "answers"),
    "site": ("--city", "nowhere", "out"),
    "diff": ("nowhere", "elsewhere"),
    "codes": ("codes.html",),
    "publish": ("--city", "nowhere"),
}


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("name", main.commands)
def test_the_language_that_is_asked_for_is_that_of_errors_in_any_terminal(small, name, lang):
    terminal = "en_US.UTF-8" if lang == "ko" else "ko_KR.UTF-8"
    said = run(name, *OWN_MISTAKES[name], "--lang", lang, lang=terminal, city=small).stderr
    assert bool(HANGUL.search(said)) == (lang == "ko"), said
    assert bool(ENGLISH.search(said)) == (lang == "en"), said


@pytest.mark.parametrize("before", [None, "ko"])
def test_a_command_leaves_the_language_of_its_environment_as_it_was(small, monkeypatch, before):
    monkeypatch.delenv("LANGUAGE", raising=False)
    if before is not None:
        monkeypatch.setenv("LANGUAGE", before)
    assert run("locate", *PLACE, "--city", small, "--lang", "en").exit_code == 0
    assert os.environ.get("LANGUAGE") == before


@pytest.mark.parametrize("before", [logging.NOTSET, logging.ERROR])
def test_a_command_leaves_the_log_of_mistakes_as_it_was(small, monkeypatch, before):
    monkeypatch.setattr(damage.MISTAKES, "level", before)
    for words in ((), ("--bogus",), ("--city", "nowhere")):
        run("locate", *PLACE, "--city", small, *words)
        assert damage.MISTAKES.level == before


@pytest.fixture
def small(make_folder) -> Path:
    """A city of one trail in Gwangju."""
    return make_folder({"gpx/hill.gpx": gpx(track([(126.85, 35.14), (126.86, 35.15)]))})


@pytest.mark.parametrize("command", ["nearest", "locate"])
def test_answers_are_in_the_language_that_is_asked_for(small, command):
    far = ("--max-distance", 1) if command == "nearest" else ()
    for lang in ("ko", "en"):
        said = run(command, 126.8, 35.1, *far, "--city", small, "--lang", lang).stdout
        assert bool(HANGUL.search(said)) == (lang == "ko"), said


@pytest.mark.parametrize("command", ["nearest", "locate"])
def test_a_place_far_outside_of_the_city_is_answered_and_said(small, command):
    words = ("--city", small, "--format", "json")
    near, far = run(command, 126.9, 35.2, *words), run(command, 2.35, 48.85, *words)
    assert (near.exit_code, near.stderr) == (0, "")
    assert far.exit_code == 0
    assert json.loads(far.stdout)
    assert re.search(r"the place lies (9,\d\d\d|8,9\d\d) km outside of the city", far.stderr)
    assert "밖" in run(command, 2.35, 48.85, *words, "--lang", "ko").stderr


def test_exchanged_degrees_are_named_where_both_may_be_latitudes(make_folder):
    folder = make_folder({"gpx/hill.gpx": gpx(track([(10.0, 50.0), (10.01, 50.0)]))})
    assert "exchanged" in run("locate", 50.0, 10.005, "--city", folder).stderr
    assert "exchanged" not in run("locate", 50.0, 20.005, "--city", folder).stderr


@pytest.mark.parametrize("command", ["nearest", "locate"])
def test_points_of_a_file_that_lie_far_away_are_counted(small, tmp_path, command):
    source, out = tmp_path / "points.csv", tmp_path / "answers.csv"
    source.write_text("lon,lat\n126.85,35.14\n2.35,48.85\n2.36,48.85\n", "utf-8")
    layer = ("--layer", "trails")
    answer = run(command, "--points", source, "--out", out, *layer, "--city", small)
    assert "points.csv: places over 20 km outside of the city: 2 of 3" in answer.stderr
    assert len(pd.read_csv(out)) == 3


def test_a_city_that_cannot_be_opened_is_never_said_to_be_served(tmp_path):
    for variables in ({"--city": tmp_path / "nowhere"}, {"--host": "192.0.2.1"}):
        said = run("serve", *next(iter(variables.items()))).stderr
        assert "serves" not in said
        assert "Traceback" not in said


@pytest.mark.slow
@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        ("mapserver.commands.cli", ("folium", "flask", "granian", "dask", "psycopg", "matplotlib")),
        (
            "mapserver.commands.cli, mapserver.commands.serve, mapserver.web.server",
            ("folium", "branca", "requests", "rich", "psycopg", "matplotlib", "openpyxl", "numba"),
        ),
    ],
)
def test_the_command_imports_nothing_heavy_that_it_does_not_need(modules, heavy):
    code = f"import sys, {modules}; print([m for m in {heavy} if m in sys.modules])"
    seen = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert seen.stdout.strip() == "[]"


def test_a_mistake_of_ours_is_one_line_with_an_id_and_no_traceback(monkeypatch):
    def fail(*_arguments: object) -> None:
        raise KeyError("parks")

    monkeypatch.setattr("mapserver.commands.check.open_wished_city", fail)
    result = run("check")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert re.fullmatch(r"mapserver: this program made a mistake .*'parks', [0-9a-f]{8}\).*", line)
    korean = run("check", lang="ko_KR.UTF-8").stderr
    assert re.search("[가-힣].*'parks'", korean)


@pytest.fixture
def fail_with(monkeypatch):
    """Have the command `check` fail with an error."""

    def set_error(error: Exception) -> None:
        def fail(*_arguments: object) -> None:
            raise error

        monkeypatch.setattr("mapserver.commands.check.open_wished_city", fail)

    return set_error


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EACCES, "Permission denied"),
    ],
)
def test_what_the_system_refuses_anywhere_is_one_line(fail_with, number, said):
    fail_with(OSError(number, os.strerror(number), "a.csv"))
    result = run("check")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert said in line
    assert "a.csv" in line
    assert "mistake" not in line


def test_an_error_is_one_line_in_which_nothing_acts(fail_with):
    fail_with(OSError("a\x1b[2J\nmapserver: all is well"))
    said = run("check").stderr
    assert said.count("\n") == 1
    assert "\x1b" not in said
    for words in (("check", "--b\x1b[2J\nogus"), ("locate", *PLACE, "x\x1b]0;\x07\ny")):
        said = run(*words).stderr
        assert said.count("\n") == 1
        assert said[:-1].isprintable()


def test_the_log_of_a_command_has_no_traceback_and_that_of_a_server_has_it(
    fail_with, monkeypatch, caplog, small
):
    fail_with(KeyError("parks"))
    run("check")
    assert caplog.records == []

    def fail(*_arguments: object, **_more: object) -> None:
        raise KeyError("parks")

    monkeypatch.setattr("mapserver.web.serve", fail)
    assert run("serve", city=small).exit_code == 1
    (record,) = caplog.records
    assert record.exc_info[0] is KeyError


def test_debug_shows_the_traceback_of_a_mistake(monkeypatch):
    def fail(*_arguments: object) -> None:
        raise KeyError("parks")

    monkeypatch.setattr("mapserver.commands.check.open_wished_city", fail)
    result = run("--debug", "check")
    assert isinstance(result.exception, KeyError)
