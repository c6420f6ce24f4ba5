"""`mapserver add` changes a city as a whole or not at all, whatever breaks."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import shutil
import signal
import subprocess
import sys
import unicodedata
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from browsing import PATIENCE_S
from click.testing import CliRunner
from conftest import ROOT
from forking import fork, wait_for_end
from gpxtext import gpx, track
from test_add import add, squares, state

from mapserver import open_city
from mapserver.commands.cli import main
from mapserver.files import lock as lock_module
from mapserver.files.change import LOCK, change_folder, lock_city
from mapserver.files.drafts import write_file
from mapserver.files.lock import free_lock, is_locked, take_lock
from mapserver.importing.originals import OriginalsFolder
from mapserver.readers import layer_file
from mapserver.readers.gpx import folder as gpx_folder
from mapserver.settings import limits

# -- whole or not at all ------------------------------------------------------------------------


@pytest.fixture
def city(tmp_path) -> Path:
    """A city with a catalogue that people wrote in, and a register."""
    folder = tmp_path / "city"
    for part in ("gpx", "layers"):
        (folder / part).mkdir(parents=True)
    squares(5).to_file(folder / "layers/districts.geojson")
    (folder / "layers/catalog.toml").write_text(
        '# Ours.\nmetric_crs = "EPSG:5186" # as the office wants it\n[title]\nko = "구"\n\n'
        '[[layers]]\nid = "districts"\nfile = "districts.geojson"\nrole = "districts"\n'
        'title = { ko = "상점가", en = "Alleys" }\nname_column = "이름"\n',
        "utf-8",
    )
    (folder / "gpx/old.gpx").write_text(gpx(track([(126.85, 35.14), (126.851, 35.14)])), "utf-8")
    (folder / "gpx/trails.csv").write_text("id,name,비고\nold,옛길,손으로 씀\n", "utf-8")
    return folder


def test_a_dry_run_writes_nothing(city, tmp_path):
    before = state(city)
    squares(columns_of_ours=[1, 2]).to_file(tmp_path / "new.geojson")
    answer = add(city, tmp_path / "new.geojson", "--as", "layer", "--dry-run")
    assert answer.exit_code == 0
    assert "columns_of_ours" in answer.output
    assert "구역 1" in answer.output
    assert "▓" in answer.output or "░" in answer.output
    assert state(city) == before


def test_comments_columns_and_the_original_are_kept(city, tmp_path):
    squares(모르는열=["x", "y"]).to_file(tmp_path / "새 층.geojson")
    answer = add(city, tmp_path / "새 층.geojson", "--as", "neighborhoods")
    assert answer.exit_code == 0, answer.output
    text = (city / "layers/catalog.toml").read_text("utf-8")
    assert "# as the office wants it" in text
    assert text.index("neighborhoods") < text.index('"districts"')  # drawn below
    opened = open_city(city)
    assert list(opened.neighborhoods["모르는열"]) == ["x", "y"]
    assert len(opened.districts) == 5
    kept = list((city / "originals").rglob("새 층.geojson"))
    assert [path.read_bytes() for path in kept] == [(tmp_path / "새 층.geojson").read_bytes()]


def test_a_folder_that_add_leaves_as_it_is_is_read_once(city, tmp_path, monkeypatch):
    names = []

    def record(read, *given, **named):
        names.append(named.get("name") or given[-1])
        return read(*given, **named)

    for module, function in ((layer_file, "_read_frame"), (gpx_folder, "read_content")):
        monkeypatch.setattr(module, function, partial(record, getattr(module, function)))
    squares().to_file(tmp_path / "new.geojson")
    assert add(city, tmp_path / "new.geojson", "--as", "layer").exit_code == 0
    assert names.count("gpx/old.gpx") == 1
    names.clear()
    text = gpx(track([(126.852, 35.14), (126.853, 35.14)]))
    (tmp_path / "new.gpx").write_text(text, "utf-8")
    assert add(city, tmp_path / "new.gpx", "--as", "trails").exit_code == 0
    assert names.count("layers/districts.geojson") == 1


def test_what_is_there_is_not_replaced_unless_asked(city, tmp_path):
    squares(2).to_file(tmp_path / "new.geojson")
    before = state(city)
    refused = add(city, tmp_path / "new.geojson", "--as", "districts")
    assert refused.exit_code == 1
    assert "--replace" in refused.stderr
    assert state(city) == before
    old = (city / "layers/districts.geojson").read_bytes()
    assert add(city, tmp_path / "new.geojson", "--as", "districts", "--replace").exit_code == 0
    opened = open_city(city)
    assert len(opened.districts) == 2
    assert opened.entry("districts").title.in_language("ko") == "상점가"  # what people wrote stays
    assert opened.findings == ()
    assert [p.read_bytes() for p in (city / "originals").rglob("replaced-*")] == [old]


def test_the_register_keeps_its_rows_and_gets_new_ones(city, tmp_path):
    lines = gpd.GeoDataFrame(
        {"name": ["새 길"], "노면": ["황토"], "모름": ["m"]},
        geometry=[shapely.LineString([(126.852, 35.141), (126.853, 35.142)])],
        crs=4326,
    )
    lines.to_file(tmp_path / "lines.geojson")
    assert add(city, tmp_path / "lines.geojson", "--as", "trails").exit_code == 0
    trails = open_city(city).trails
    assert "old,옛길,손으로 씀" in (city / "gpx/trails.csv").read_text("utf-8-sig")
    assert trails.loc["lines-1", ["name", "surface", "모름"]].tolist() == ["새 길", "황토", "m"]


def test_a_failure_half_way_leaves_the_folder_as_it_was(city):
    before = state(city)

    def fail():
        with change_folder(city, "layers") as draft:
            write_file(draft / "districts.geojson", b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert state(city) == before
    assert not list(city.glob(".*"))


def test_a_program_that_was_killed_is_tidied_up_after(city):
    before = state(city)
    (city / "layers").rename(city / ".layers.old")  # killed between the two moves
    (city / ".layers.new").mkdir()
    (city / LOCK).write_text("1")  # nobody has it any more, whatever runs under this number
    with change_folder(city, "layers"):
        pass
    assert state(city) == before


def test_half_of_an_original_is_removed_by_the_next_add(city, tmp_path, monkeypatch):
    squares().to_file(tmp_path / "new.geojson")
    before = state(city)
    words = (tmp_path / "new.geojson", "--as", "districts", "--name", "이름", "--replace")

    def end_half_way(source: Path, draft: Path) -> None:
        Path(draft).write_bytes(Path(source).read_bytes()[:20])
        os._exit(0)  # as what is killed, it removes nothing

    def keep_original() -> int:
        monkeypatch.setattr("mapserver.importing.originals.shutil.copy2", end_half_way)
        OriginalsFolder(city, dt.date(2026, 11, 26)).copy_files([tmp_path / "new.geojson"])
        return 1  # it has not been ended half way

    assert wait_for_end(fork(keep_original)) == 0
    (half,) = (city / "originals").rglob(".*")
    assert half.stat().st_size == 20
    assert len(open_city(city).districts) == 5  # whoever reads meanwhile sees the old city
    with lock_city(city):
        assert state(city) == {**before, LOCK: b""}
    assert not (city / "originals").exists() or not list((city / "originals").iterdir())
    assert add(city, *words).exit_code == 0
    assert {path.name for path in (city / "originals").rglob("*.*")} == {
        "new.geojson",
        "replaced-districts.geojson",
    }


def test_one_that_waits_too_long_for_another_is_refused(city, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "LOCK_WAIT_S", 0.1)
    squares().to_file(tmp_path / "new.geojson")
    file = take_lock(city / LOCK)
    answer = add(city, tmp_path / "new.geojson", "--as", "layer")
    free_lock(city / LOCK, file)
    assert answer.exit_code == 1
    assert "another program is changing this city" in answer.stderr


def test_a_lock_ends_with_the_program_that_has_it(city):
    held, end = os.pipe(), os.pipe()

    def hold_lock() -> None:
        _file = take_lock(city / LOCK)
        os.write(held[1], b"x")
        os.read(end[0], 1)

    process = fork(hold_lock)
    os.read(held[0], 1)
    answers = is_locked(city / LOCK), take_lock(city / LOCK)
    os.kill(process, signal.SIGKILL)
    wait_for_end(process)
    assert answers == (True, None)
    assert not is_locked(city / LOCK)
    file = take_lock(city / LOCK)
    assert file is not None
    free_lock(city / LOCK, file)
    assert not (city / LOCK).exists()


def test_a_lock_on_a_file_that_was_removed_meanwhile_is_none(city, monkeypatch):
    first = take_lock(city / LOCK)
    lock = lock_module._lock_file

    def free_then_lock(file):
        free_lock(city / LOCK, first)  # between the opening of the file and its locking
        lock(file)

    monkeypatch.setattr(lock_module, "_lock_file", free_then_lock)
    assert take_lock(city / LOCK) is None


@pytest.mark.slow
def test_of_two_at_once_the_second_sees_the_first(city, tmp_path):
    """Both bring a layer of one id: one of them is refused, and nothing of the other is lost."""
    squares().to_file(tmp_path / "parks.geojson")
    words = ("add", tmp_path / "parks.geojson", "--as", "layer", "--city", city, "--lang", "en")
    command = [sys.executable, "-m", "mapserver", *map(str, words)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]  # noqa: S603
    errors = [process.communicate(timeout=PATIENCE_S)[1] for process in both]
    assert sorted(process.returncode for process in both) == [0, 1]
    assert "Traceback" not in "".join(errors)
    assert len(open_city(city).layers["parks"]) == len(squares())


@pytest.mark.slow
def test_a_catalogue_is_written_where_there_was_none(tmp_path):
    shutil.copytree(ROOT / "layers", tmp_path / "city/layers")
    (tmp_path / "city/layers/catalog.toml").unlink()
    squares().to_file(tmp_path / "공원.geojson")
    assert add(tmp_path / "city", tmp_path / "공원.geojson", "--as", "layer").exit_code == 0
    opened = open_city(tmp_path / "city")
    assert {"districts", "neighborhoods", "shops", "gongwon"} <= set(opened.layers)
    assert opened.entry("gongwon").title.in_language("ko") == "공원"


@pytest.mark.slow
def test_files_with_korean_names_get_ids_that_can_be_read(tmp_path):
    city = tmp_path / "city"
    for name in ("도서관.geojson", unicodedata.normalize("NFD", "학교.geojson")):
        squares().to_file(tmp_path / name)
        assert add(city, tmp_path / name, "--as", "layer").exit_code == 0
    for name in ("금호2동 맨발길", "농성2동 맨발길"):
        text = gpx(track([(126.85, 35.14), (126.851, 35.141)], name=name))
        (tmp_path / f"{name}.gpx").write_text(text, "utf-8")
        assert add(city, tmp_path / f"{name}.gpx", "--as", "trails").exit_code == 0
    opened = open_city(city)
    assert {"doseogwan", "hakgyo"} <= set(opened.layers)
    assert set(opened.trails.index) == {"geumho2dong-maenbalgil", "nongseong2dong-maenbalgil"}


def test_a_file_of_several_tracks_has_a_row_for_each(tmp_path):
    near = track([(126.85, 35.14), (126.851, 35.141)], name="아침")
    far = track([(126.86, 35.14), (126.861, 35.141)], name="저녁")
    (tmp_path / "두 길.gpx").write_text(gpx(near, far), "utf-8")
    assert add(tmp_path / "city", tmp_path / "두 길.gpx", "--as", "trails").exit_code == 0
    opened = open_city(tmp_path / "city")
    register = pd.read_csv(tmp_path / "city/gpx/trails.csv")
    assert register["id"].tolist() == opened.trails.index.tolist()
    assert opened.trails["name"].tolist() == register["name"].tolist() == ["아침", "저녁"]


@pytest.mark.slow
def test_the_source_names_a_shapefile_once(test_data, tmp_path):
    add(tmp_path, test_data / "shp_5186_cp949_nocpg", "--as", "neighborhoods")
    add(tmp_path, test_data / "서구_행정동_5174_cp949names.zip", "--as", "layer", "--id", "dongs")
    opened = open_city(tmp_path)
    assert opened.entry("neighborhoods").source.in_language("ko") == "TL_SCCO_GEMD_29140.shp"
    assert opened.entry("dongs").source.in_language("ko") == "서구_행정동_5174_cp949names.zip"
    kept = {p.suffix for p in (tmp_path / "originals").rglob("TL_SCCO_*")}
    assert kept == {".dbf", ".prj", ".shp", ".shx"}  # all of them are there, whatever is said


def test_the_column_of_names_is_known_or_told(tmp_path):
    usual = squares(골목형상점가명=["가", "나"]).drop(columns="이름")
    usual.to_file(tmp_path / "usual.geojson")
    assert add(tmp_path / "1", tmp_path / "usual.geojson", "--as", "districts").exit_code == 0
    assert list(open_city(tmp_path / "1").districts["name"]) == ["가", "나"]
    squares(부르는말=["다", "라"]).drop(columns="이름").to_file(tmp_path / "odd.geojson")
    odd = (tmp_path / "odd.geojson", "--as", "districts", "--name")
    assert add(tmp_path / "2", *odd, "부르는말").exit_code == 0
    assert list(open_city(tmp_path / "2").districts["name"]) == ["다", "라"]
    wrong = add(tmp_path / "3", *odd, "이름")
    assert wrong.exit_code == 1
    assert "부르는말" in wrong.stderr
    assert not (tmp_path / "3").exists()


# -- members of the certificate -----------------------------------------------------------------


@pytest.mark.slow
def test_members_are_joined_by_name_and_place(tmp_path):
    city = tmp_path / "city"
    (city / "layers").mkdir(parents=True)
    (city / "gpx").mkdir()
    squares(2, id=["d0", "d1"]).to_file(city / "layers/districts.geojson")
    shops = [
        ("1", "가나 식당", 126.852, "서구 상무대로 1"),
        ("2", "한결약국", 126.852, "서구 상무대로 2"),
        ("3", "한결약국", 126.862, "서구 금화로 3"),
        ("4", "두리네", 126.853, "서구 상무대로 4"),
        ("5", "두리네", 126.854, "서구 상무대로 5"),
        ("6", "마실", 126.853, "서구 상무대로 6"),
    ]
    with (tmp_path / "shops.csv").open("w", encoding="cp949", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["상가업소번호", "상호명", "경도", "위도", "도로명주소"])
        writer.writerows([(i, n, x, 35.145, a) for i, n, x, a in shops])
    with (tmp_path / "members.csv").open("w", encoding="cp949", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["가맹점명", "소속시장명", "소재지", "지류취급여부", "카드취급여부", "모바일취급여부"]
        )
        writer.writerow(["가나식당", "구역 0", "", "Y", "N", "Y"])
        writer.writerow(["한결약국", "구역 1 상인회", "", "N", "Y", "N"])
        writer.writerow(["두리네", "구역 0", "", "Y", "Y", "Y"])  # two in one district
        writer.writerow(["마실", "구역 1", "", "Y", "Y", "Y"])  # there is one, elsewhere
        writer.writerow(["없는 집", "구역 0", "", "Y", "Y", "Y"])
    answer = add(city, tmp_path / "shops.csv", tmp_path / "members.csv", "--as", "shops")
    assert answer.exit_code == 0, answer.output
    found = open_city(city).shops[["onnuri_paper", "onnuri_card", "onnuri_mobile"]]
    assert found.loc["1"].tolist() == ["yes", "no", "yes"]
    assert found.loc["3"].tolist() == ["no", "yes", "no"]
    assert (found.loc[["2", "4", "5", "6"]] == "no").all(axis=None)
    for line, what in (
        ("4", "2 shops could be"),
        ("5", "lies elsewhere"),
        ("6", "no shop is named"),
    ):
        assert any(f"line {line}:" in row and what in row for row in answer.output.splitlines())
    # Next quarter the list alone comes again.
    with (tmp_path / "members.csv").open("a", encoding="cp949", newline="") as file:
        csv.writer(file).writerow(["두리네", "", "서구 상무대로 5", "Y", "N", "N"])
    again = add(city, tmp_path / "members.csv", "--as", "shops")
    assert again.exit_code == 0, again.output
    assert open_city(city).shops.loc["5", "onnuri_paper"] == "yes"


def test_wrong_use_is_one_line(tmp_path):
    for words in (
        [tmp_path / "none.csv", "--as", "shops"],
        [tmp_path, "--as", "shops"],
        [ROOT / "README.md", "--as", "layer"],
    ):
        answer = add(tmp_path / "city", *words)
        assert answer.exit_code in {1, 2}
        assert len(answer.stderr.strip().splitlines()) == 1, answer.stderr
        assert not (tmp_path / "city").exists()


def test_json_of_a_city_that_was_added_to(tmp_path):
    squares().to_file(tmp_path / "new.geojson")
    add(tmp_path / "city", tmp_path / "new.geojson", "--as", "districts")
    answer = CliRunner().invoke(
        main, ["check", "--city", str(tmp_path / "city"), "--format", "json"]
    )
    report = json.loads(answer.stdout)
    assert [layer["file"] for layer in report["layers"]] == ["layers/districts.gpkg"]
