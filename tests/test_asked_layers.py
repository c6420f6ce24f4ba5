"""Layers that are asked by name and are not there: why, and how to go on."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from joining_points import make_joining_city, make_points, run_join, write_parts

import mapserver
from mapserver.commands.cli import main
from mapserver.errors import NotFoundError, QueryError, SettingsError
from mapserver.report.notebook_rules import check_parameters


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return make_joining_city(tmp_path_factory.mktemp("whole") / "city")


@pytest.fixture
def broken(whole, tmp_path):
    """Open a city whose districts and recordings are there and cannot be read."""
    folder = shutil.copytree(whole.path, tmp_path / "city")
    (folder / "layers" / "districts.geojson").write_text('{"type')
    for recording in (folder / "gpx").iterdir():
        recording.write_text("<gpx")
    return mapserver.open_city(folder)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda city: city.join(make_points(1)), r"'districts' could not be read: layers/dist"),
        (lambda city: city.nearest(make_points(1)), r"'trails' could not be read: gpx/t1\.gpx: "),
        (lambda city: city["districts"], "'districts' could not be read"),
        (lambda city: city.published["districts"], "'districts' could not be read"),
        (lambda city: city.entry("districts"), "'districts' could not be read"),
    ],
)
def test_a_layer_whose_file_cannot_be_read_is_said_to_be_so_and_why(broken, ask, said):
    with pytest.raises(NotFoundError, match=said) as caught:
        ask(broken)
    assert "JSON" in str(caught.value) or "XML" in str(caught.value)
    # A layer that nobody has is still one that is not there.
    with pytest.raises(NotFoundError, match="there is no layer 'parks'"):
        broken.nearest(make_points(1), layer="parks")


@pytest.mark.parametrize(("lang", "said"), [("en", "JSON breaks off"), ("ko", "읽지 못했습니다")])
def test_a_notebook_that_names_a_layer_that_cannot_be_read_says_why(broken, lang, said):
    with pytest.raises(SettingsError, match=r"^NETWORK: .*districts\.geojson") as caught:
        check_parameters({"NETWORK": "districts", "LANG": lang}, city=broken)
    assert said in str(caught.value)
    # What is within the reason is in the language, too.
    assert ("breaks off" in str(caught.value)) == (lang == "en")


def test_a_join_with_a_layer_that_cannot_be_read_says_why_in_the_language(broken, tmp_path):
    points = write_parts(tmp_path / "p", make_points(3), 1)
    result = run_join(broken, points, "--out", tmp_path / "o", "--lang", "ko")
    assert result.exit_code == 2
    assert "'districts' 레이어를 읽지 못했습니다: layers/districts.geojson: " in result.stderr


def test_a_city_without_layers_says_so_and_never_lists_nothing(tmp_path):
    (tmp_path / "city" / "gpx").mkdir(parents=True)
    city = mapserver.open_city(tmp_path / "city")
    with pytest.raises(NotFoundError, match="this city has none") as caught:
        city.join(make_points(1))
    assert "has: -" not in str(caught.value)


@pytest.mark.parametrize("command", ["join", "nearest", "check", "serve", "load"])
def test_where_there_is_no_city_every_command_says_how_to_name_one(tmp_path, command):
    words = {"join": ["p", "--out", str(tmp_path / "o")], "nearest": ["126.8", "35.1"]}
    words["load"] = ["postgresql://nobody@127.0.0.1:1/none"]
    result = CliRunner().invoke(main, [command, *words.get(command, []), "--city", str(tmp_path)])
    assert result.exit_code != 0
    assert "MAPSERVER_CITY" in result.stderr


NO_COUNTS = [True, False, np.True_, 2.0, 2.5, None, "2", float("nan"), [2], 0, -1, 10**30]


@pytest.mark.parametrize("k", NO_COUNTS, ids=repr)
def test_what_is_no_count_is_refused_wherever_a_count_is_asked(whole, tmp_path, k):
    points = write_parts(tmp_path / "p", make_points(3), 1)
    asks = (
        lambda: whole.nearest(make_points(2), k=k),
        lambda: whole.nearest_trails(126.85, 35.14, k=k),
        lambda: whole.find_nearest_snaps(126.85, 35.14, layer="trails", k=k, max_distance_m=None),
        lambda: whole.nearest(points, k=k, out=tmp_path / "o", progress=False),
    )
    for ask in asks:
        with pytest.raises(QueryError, match=r"^k: "):
            ask()


@pytest.mark.parametrize("metres", [True, np.False_, "2", float("nan"), [2], -1], ids=repr)
def test_what_is_no_distance_is_refused(whole, tmp_path, metres):
    points = write_parts(tmp_path / "p", make_points(3), 1)
    for asked, options in ((make_points(2), {}), (points, {"out": tmp_path / "o"})):
        with pytest.raises(QueryError, match="is not a distance"):
            whole.nearest(asked, max_distance_m=metres, **options)


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.uint16])
def test_numbers_of_numpy_are_numbers_in_frames_and_in_files(whole, tmp_path, kind):
    points = write_parts(tmp_path / "p", make_points(3), 1)
    reach_m = np.float32(20_000) if kind is np.int8 else kind(20_000)
    frame = whole.nearest(make_points(3), k=kind(2), max_distance_m=reach_m)
    joined = whole.nearest(
        points, k=kind(2), max_distance_m=reach_m, out=tmp_path / "o", progress=False
    )
    assert joined.written == len(frame) == 6


def test_a_way_to_treat_bad_rows_that_is_a_list_is_refused(whole, tmp_path):
    points = write_parts(tmp_path / "p", make_points(3), 1)
    with pytest.raises(QueryError, match="no way to treat bad rows"):
        whole.join(points, out=tmp_path / "o", on_bad=["keep"], progress=False)
