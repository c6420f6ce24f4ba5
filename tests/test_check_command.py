"""`mapserver check`: what it prints, and the codes with which it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner, Result

from mapserver.commands.cli import main

GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">
<trk><name>{name}</name><trkseg>{points}</trkseg></trk></gpx>
"""


def gpx(name: str, points: list[tuple[float, float]]) -> str:
    written = "".join(f'<trkpt lat="{lat}" lon="{lon}"/>' for lon, lat in points)
    return GPX.format(name=name, points=written)


def path(lat: float = 35.15) -> list[tuple[float, float]]:
    return [(round(126.85 + n * 0.00005, 7), lat) for n in range(40)]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Make a city in which nothing is wrong, down to the notes."""
    folder = tmp_path / "good"
    (folder / "gpx").mkdir(parents=True)
    (folder / "layers").mkdir()
    (folder / "gpx" / "park.gpx").write_text(gpx("공원길", path()), "utf-8")
    (folder / "gpx" / "trails.csv").write_text("id,name,name_en\npark,공원길,Park path\n", "utf-8")
    districts = gpd.GeoDataFrame(
        {"id": ["d1"], "name": ["[bold]상가 {0}"], "name_en": ["District"]},
        geometry=[shapely.box(126.85, 35.14, 126.86, 35.145)],
        crs=4326,
    )
    districts.to_crs(5186).to_file(folder / "layers" / "districts.gpkg")
    return folder


@pytest.fixture
def broken(good: Path) -> Path:
    """Make a city with an error, a warning and a note."""
    (good / "gpx" / "broken.gpx").write_text("<gpx><trk>", "utf-8")
    points = path(35.16)
    points.insert(20, (126.851, 35.162))
    (good / "gpx" / "spiky.gpx").write_text(gpx("뾰족길", points), "utf-8")
    return good


def run(*arguments: str | Path, **environment: str) -> Result:
    variables = {"MAPSERVER_CITY": None, "LC_ALL": "en_US.UTF-8", **environment}
    return CliRunner().invoke(main, [str(a) for a in arguments], env=variables)


def report(folder: Path) -> dict[str, Any]:
    return json.loads(run("check", "--city", folder, "--format", "json").stdout)


def test_good_city_ends_with_0(good: Path) -> None:
    result = run("check", "--city", good)
    assert result.exit_code == 0, result.output
    assert "errors: 0, warnings: 0, notes: 0" in result.stdout
    assert result.stderr == ""


def test_broken_city_ends_with_1_and_shows_the_rest(broken: Path) -> None:
    result = run("check", "--city", broken)
    assert result.exit_code == 1
    assert "gpx/broken.gpx" in result.stdout
    assert "gpx/spiky.gpx, spiky: point 21 jumps" in result.stdout
    assert "Barefoot trails" in result.stdout


def test_warnings_alone_end_with_0(broken: Path) -> None:
    (broken / "gpx" / "broken.gpx").unlink()
    result = run("check", "--city", broken)
    assert "warning" in result.stdout
    assert result.exit_code == 0


@pytest.mark.parametrize("style", ["text", "json"])
def test_worst_comes_first(broken: Path, style: str) -> None:
    text = run("check", "--city", broken, "--format", style).stdout
    assert text.index("broken.gpx") < text.index("spiky.gpx")


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--format", "xml"),
        ("check", "--lang", "fr"),
        ("check", "extra"),
        ("check", "--no-such-option"),
        ("check", "--city"),
        ("no-such-command",),
        ("--no-such-option",),
        ("check", "--city", "no-such-folder"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_line(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert "mapserver" in result.stderr or "main" in result.stderr


def test_folder_that_is_no_city_says_how_to_make_one(tmp_path: Path) -> None:
    result = run("check", "--city", tmp_path)
    assert result.exit_code == 2
    assert "gpx/" in result.stderr
    assert "Traceback" not in result.output


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    result = run("--debug", "check", "--city", tmp_path)
    assert result.exception is not None
    assert not isinstance(result.exception, SystemExit)


def test_city_from_the_environment(good: Path) -> None:
    assert run("check", MAPSERVER_CITY=str(good)).exit_code == 0


def test_json_describes_layers(good: Path) -> None:
    document = report(good)
    layers = {layer["layer"]: layer for layer in document["layers"]}
    assert layers["trails"]["features"] == 1
    assert layers["trails"]["length_m"] == pytest.approx(177.7, abs=0.5)
    assert layers["districts"]["crs"] == "EPSG:5186"
    assert layers["districts"]["role"] == "districts"
    assert layers["districts"]["area_m2"] == pytest.approx(505_700, rel=0.01)
    assert document["version"]
    assert document["findings"] == []


def test_json_names_each_finding(broken: Path) -> None:
    findings = report(broken)["findings"]
    keys = {"severity", "code", "file", "feature", "what", "mend"}
    assert all(set(finding) == keys for finding in findings)
    spike = next(finding for finding in findings if finding["code"] == "trail-spike")
    assert (spike["file"], spike["feature"]) == ("gpx/spiky.gpx", "spiky")
    assert {finding["severity"] for finding in findings} >= {"error", "warning"}


def test_json_is_english_in_every_locale(broken: Path) -> None:
    arguments = ("check", "--city", broken, "--format", "json")
    assert run(*arguments, LC_ALL="ko_KR.UTF-8").stdout == run(*arguments).stdout


@pytest.mark.parametrize(("lang", "word"), [("ko", "맨발길"), ("en", "Barefoot trails")])
def test_text_in_a_language(good: Path, lang: str, word: str) -> None:
    assert word in run("check", "--city", good, "--lang", lang).stdout


def test_names_from_files_are_shown_as_they_are(good: Path) -> None:
    districts = gpd.read_file(good / "layers" / "districts.gpkg")
    districts = gpd.GeoDataFrame(
        districts.loc[[0, 0]].assign(id=["[red]", "{0} \x1b[31m\u202e"]), crs=districts.crs
    )
    districts.to_file(good / "layers" / "districts.gpkg")
    result = run("check", "--city", good)
    assert "[red]" in result.stdout
    assert "{0}" in result.stdout
    assert not set("\x1b\u202e") & set(result.stdout)


def test_lines_end_without_blanks_when_piped(broken: Path) -> None:
    lines = run("check", "--city", broken).stdout.splitlines()
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.slow
def test_as_a_process_of_its_own(broken: Path) -> None:
    code = "from mapserver.commands.cli import main; main(prog_name='mapserver')"
    done = subprocess.run(  # noqa: S603 -- this Python, our own text
        [sys.executable, "-c", code, "check", "--city", str(broken)],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"},
        check=False,
    )
    assert done.returncode == 1
    assert "gpx/broken.gpx" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("credit", ["", "© Streets"])
def test_tiles_that_name_nobody_are_a_finding_for_people_and_programs(good, monkeypatch, credit):
    monkeypatch.setenv("MAPSERVER_TILE_URL", "https://tiles.example/{z}/{x}/{y}.png")
    monkeypatch.setenv("MAPSERVER_TILE_ATTRIBUTION", credit)
    done = CliRunner().invoke(main, ["check", "--city", str(good), "--format", "json"])
    found = [(each["severity"], each["code"]) for each in json.loads(done.stdout)["findings"]]
    assert found == ([] if credit else [("warning", "tile-credit-missing")])
    assert done.exit_code == 0
    said = CliRunner().invoke(main, ["check", "--city", str(good), "--lang", "ko"]).output
    assert ("https://tiles.example" in said) is not bool(credit)
