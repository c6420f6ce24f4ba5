"""What planners write into the cell of parameters: put in order, or refused with the choices."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from conftest import ROOT

from mapserver.commands.cli import main
from mapserver.errors import MapserverError, SettingsError
from mapserver.report.notebook import RULES, check_parameters, find_city, start_notebook

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def written(path) -> dict:
    """Run the cell of parameters of a notebook."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    cell = next(c for c in cells if "parameters" in c["metadata"].get("tags", []))
    values: dict = {}
    exec("".join(cell["source"]), values)  # noqa: S102 -- our own notebooks
    return {name: value for name, value in values.items() if name.isupper()}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_parameter_of_every_notebook_has_a_rule_and_stands_on_a_line_of_its_own(path):
    values = written(path)
    assert set(values) <= set(RULES)
    cells = json.loads(path.read_text("utf-8"))["cells"]
    cell = next(c for c in cells if "parameters" in c["metadata"].get("tags", []))
    assert [line.split(" = ")[0] for line in cell["source"]] == list(values)


@pytest.mark.parametrize("name", ["DISTANCES_M", "MINUTES"])
@pytest.mark.parametrize(
    "value",
    [[1000, 100, 500, 100], (500.0, 100, 1000), np.array([1000, 500, 100]), {500, 100, 1000}],
)
def test_lists_are_sorted_and_each_value_stands_once(name, value):
    checked = check_parameters({name: value})[name]
    assert checked == (100, 500, 1000)
    assert all(isinstance(each, int) for each in checked)


REFUSED = [
    *(("DISTANCES_M", value) for value in (500, [], "[100, 500]", "500", [100, "500"], [0, 5])),
    *(("DISTANCES_M", value) for value in ([-5], [True], [float("nan")], [float("inf")], None)),
    *(("DISTANCES_M", value) for value in ({100: 1}, [None], [[100]], [np.bool_(True)])),
    *(("MINUTES", value) for value in (10, [], [0], [-1], "5, 10")),
    *(("WITHIN_M", value) for value in (0, -5, "500", True, None, float("nan"), [500])),
    *(("SITES", value) for value in (0, 2.5, "3", True, None)),
    *(("TOP", value) for value in (0, -1, 1.5)),
    *(("NEEDED_SHOPS", value) for value in (0, 1.5, "15")),
    *(("ON_M2", value) for value in (0, "2000")),
    *(("BORDER_M", value) for value in (-1, "5")),
    *(("LANG", value) for value in ("fr", "", None, "KO", ["ko"])),
    *(("DAY", value) for value in ("20.12.2026", "tomorrow", 20261220, "2026-13-01")),
    *(("LON", value) for value in ("126.8", 181, True, float("nan"))),
    *(("CITY", value) for value in (5, ["a"])),
    *(("OUT", value) for value in (5, True)),
    *(("CRS", value) for value in ("EPSG:abc", "korea")),
    *(
        ("ENCODING", value)
        for value in ("hangul", 949, "rot13", "base64", "hex", " ", "zlib", "idna")
    ),
]


@pytest.mark.parametrize(("name", "value"), REFUSED, ids=str)
def test_what_cannot_be_used_is_refused_by_name(name, value):
    given = {name: value, **({"LAT": 35.1} if name == "LON" else {})}
    with pytest.raises(SettingsError) as refusal:
        check_parameters(given)
    assert str(refusal.value).startswith(f"{name}: ")


def test_a_whole_number_may_be_written_with_a_point():
    checked = check_parameters({"WITHIN_M": 500.0, "DISTANCES_M": [100, 500], "SITES": 3.0})
    assert checked == {"WITHIN_M": 500, "DISTANCES_M": (100, 500), "SITES": 3}


def test_the_distance_of_the_maps_is_one_of_those_that_are_measured():
    with pytest.raises(SettingsError, match=r"WITHIN_M.*400.*100, 500"):
        check_parameters({"WITHIN_M": 400, "DISTANCES_M": [500, 100]})
    assert check_parameters({"WITHIN_M": 400})  # where nothing else is measured


@pytest.mark.parametrize("given", [{"LON": 126.8, "LAT": None}, {"LON": None, "LAT": 35.1}])
def test_a_place_has_both_degrees(given):
    with pytest.raises(SettingsError, match=r"LON|LAT"):
        check_parameters(given)


def test_the_sentence_is_in_the_reader_s_language():
    with pytest.raises(SettingsError, match="목록이 비어"):
        check_parameters({"DISTANCES_M": [], "LANG": "ko"})
    with pytest.raises(SettingsError, match="the list is empty"):
        check_parameters({"DISTANCES_M": [], "LANG": "en"})
    with pytest.raises(SettingsError, match=r"쓰는 언어가 아닙니다.*no language"):
        check_parameters({"LANG": "fr"})


@pytest.mark.parametrize("name", ["LAYER", "POPULATION", "NETWORK"])
def test_a_layer_that_is_not_there_is_refused_with_those_that_are(name, sample_city):
    with pytest.raises(SettingsError, match=rf"{name}.*'shop'.*: shops, ") as refusal:
        check_parameters({name: "shop", "LANG": "en"}, city=sample_city)
    assert "districts" in str(refusal.value)


def test_layers_that_a_notebook_begins_with_may_be_missing(sample_city):
    given = {"POPULATION": "population", "NETWORK": "paths", "LAYER": ""}
    assert check_parameters(given, city=sample_city) == given


def test_a_network_has_lines(sample_city):
    with pytest.raises(SettingsError, match=r"NETWORK.*no lines"):
        check_parameters({"NETWORK": "districts", "LANG": "en"}, city=sample_city)


def test_names_without_a_rule_are_left_alone():
    assert check_parameters({"MINE": object(), "K": 3}) == {}


@pytest.mark.slow
def test_a_notebook_starts_with_its_parameters_in_order(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    namespace = {"CITY": str(ROOT), "LANG": "en", "DISTANCES_M": [500, 100], "DAY": "2026-05-20"}
    namespace |= {"OUT": "~/tables"}
    city, day = start_notebook(namespace)
    assert (city.path, day) == (ROOT, dt.date(2026, 5, 20))
    assert namespace["DISTANCES_M"] == (100, 500)
    assert namespace["OUT"] == str(tmp_path / "tables")


def test_a_city_is_looked_for_from_the_current_folder_and_from_the_notebook_s(
    tmp_path, monkeypatch
):
    (tmp_path / "mine/gpx").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert find_city("mine").resolve() == tmp_path / "mine"
    assert find_city("..").resolve() == ROOT  # as the notebooks have it, from theirs
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "mine.ipynb"))
    assert find_city("mine").resolve() == tmp_path / "mine"


@pytest.mark.slow
def test_a_notebook_as_it_ships_opens_the_city_that_make_was_given(tmp_path, monkeypatch):
    (tmp_path / "mine/gpx").mkdir(parents=True)
    monkeypatch.setenv("MAPSERVER_CITY", str(tmp_path / "mine"))
    assert start_notebook({"CITY": ".."})[0].path == tmp_path / "mine"
    assert start_notebook({"CITY": str(ROOT)})[0].path == ROOT


def test_home_is_written_out_wherever_a_path_is_taken(tmp_path, monkeypatch, sample_city):
    import geopandas as gpd  # noqa: PLC0415

    import mapserver  # noqa: PLC0415
    from mapserver import tables  # noqa: PLC0415

    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine/gpx").mkdir(parents=True)
    assert mapserver.open_city("~/mine").path == tmp_path / "mine"
    run = CliRunner().invoke(main, ["check", "--city=~/mine"])
    assert run.exit_code == 0, run.output
    sample_city.export("~/out.gpkg", layers=["districts"])
    assert (tmp_path / "out.gpkg").is_file()
    frame = sample_city.districts.head(2).drop(columns=["lon", "lat"], errors="ignore")
    tables.keep(frame, "~/kept", "some")
    assert (tmp_path / "kept/some.csv").is_file()
    assert len(gpd.read_file(tmp_path / "kept/tables.gpkg")) == 2
    assert len(tables.read_file("~/out.gpkg")[0]) == len(sample_city.districts)
    monkeypatch.setenv("MAPSERVER_CITY", "~/mine")
    assert CliRunner().invoke(main, ["check"]).exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["WITHIN_M=400", "DISTANCES_M=[]", "MINUTES=5", 'NETWORK="x"'])
def test_a_report_refuses_the_same_before_it_starts(setting, tmp_path):
    command = ["report", "02", "04", "--city", str(ROOT), "--out", str(tmp_path / "r")]
    run = CliRunner().invoke(main, [*command, "-p", setting])
    assert run.exit_code != 0
    assert setting.partition("=")[0] in run.output
    assert not (tmp_path / "r").exists()


def test_a_refusal_in_a_notebook_is_a_sentence_and_no_traceback():
    try:
        check_parameters({"DISTANCES_M": [], "LANG": "en"})
    except MapserverError as error:
        (line,) = error._render_traceback_()
    assert (
        line == "SettingsError: DISTANCES_M: the list is empty. Write them in brackets: [300, 500]"
    )


@pytest.mark.slow
def test_papermill_sees_every_parameter_and_runs_from_any_folder(tmp_path):
    papermill = pytest.importorskip("papermill")
    notebook = ROOT / "notebooks/05_zones.ipynb"
    seen = papermill.inspect_notebook(str(notebook))
    assert list(seen) == list(written(notebook))
    assert all(each["help"] for each in seen.values())
    (tmp_path / "mycity/gpx").mkdir(parents=True)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [
        sys.executable,
        "-m",
        "papermill",
        str(notebook),
        "out.ipynb",
        "-p",
        "CITY",
        "mycity",
    ]
    run = subprocess.run(  # noqa: S603 -- our own notebook
        [*command, "-k", "python3", "-p", "LANG", "en"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    assert "mycity" in (tmp_path / "out.ipynb").read_text("utf-8")
