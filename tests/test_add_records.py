"""`mapserver add` writes ids, the catalogue and originals, and says where things lie."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from gpxtext import gpx, track
from pyogrio.errors import FieldError
from test_add import add, squares, state
from test_add_loses_nothing import CATALOG

from mapserver import open_city
from mapserver.importing import writing


@pytest.fixture
def cases(test_data) -> Path:
    return test_data / "cases" / "layers"


@pytest.fixture
def city(make_folder) -> Path:
    """A city with districts and a trail, described by a catalogue."""
    return make_folder(
        {
            "layers/districts.geojson": squares(3, code=["011", "012", "013"]),
            "layers/catalog.toml": CATALOG,
            "gpx/old.gpx": gpx(track([(126.85, 35.14), (126.851, 35.14)], name="옛길")),
        }
    )


# -- ids and the catalogue -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "column", ["EMD_CD", "ADM_CD", "SIG_CD", "코드", "관리번호", "district_id", "상점가 코드"]
)
def test_a_unique_code_is_the_id_of_a_district(tmp_path, column):
    squares(2, **{column: ["0012", "0013"]}).to_file(tmp_path / "d.gpkg")
    assert add(tmp_path / "city", tmp_path / "d.gpkg", "--as", "districts").exit_code == 0
    assert list(open_city(tmp_path / "city").districts.index) == ["0012", "0013"]


def test_a_code_that_rows_share_is_no_id(tmp_path):
    squares(4, EMD_CD=["1", "1", "2", "2"]).to_file(tmp_path / "d.geojson")
    assert add(tmp_path / "city", tmp_path / "d.geojson", "--as", "districts").exit_code == 0
    assert open_city(tmp_path / "city").districts.index[0] == "districts-1"


@pytest.mark.parametrize("ids", [[None] * 4, [0] * 4])
def test_an_id_that_nobody_filled_in_is_no_id(tmp_path, ids):
    squares(4, id=ids, EMD_CD=["1", "2", "3", "4"]).to_file(tmp_path / "d.shp")
    answer = add(tmp_path / "city", tmp_path / "d.shp", "--as", "districts")
    assert answer.exit_code == 0, answer.output
    assert list(open_city(tmp_path / "city").districts.index) == ["1", "2", "3", "4"]
    assert "so no ids" in answer.output


@pytest.mark.slow
def test_the_column_of_ids_is_chosen_and_remembered(city, tmp_path):
    squares(2, 비고=["007", "8"], code=["a", "b"]).to_file(tmp_path / "new.geojson")
    wrong = add(
        city, tmp_path / "new.geojson", "--as", "districts", "--replace", "--id-column", "x"
    )
    assert wrong.exit_code == 1
    assert "--id-column: 이름, 비고, code" in wrong.stderr
    words = ("--as", "districts", "--replace")
    assert add(city, tmp_path / "new.geojson", *words, "--id-column", "비고").exit_code == 0
    opened = open_city(city)
    assert list(opened.districts.index) == ["007", "8"]
    assert opened.entry("districts").id_column == "비고"
    assert opened.findings == ()
    # Next quarter nobody has to know it.
    squares(2, code=["c", "d"], 비고=["009", "010"]).to_file(tmp_path / "next.geojson")
    assert add(city, tmp_path / "next.geojson", *words).exit_code == 0
    assert list(open_city(city).districts.index) == ["009", "010"]
    squares(2, code=["c", "d"]).to_file(tmp_path / "other.geojson")
    before = state(city)
    missing = add(city, tmp_path / "other.geojson", *words)
    assert missing.exit_code == 1
    assert "'비고', which the catalogue names, is missing" in missing.stderr
    assert state(city) == before
    assert add(city, tmp_path / "other.geojson", *words, "--id-column", "code").exit_code == 0
    assert open_city(city).entry("districts").id_column == "code"


@pytest.mark.slow
def test_what_the_catalogue_said_stays_unless_the_command_says_otherwise(city, tmp_path):
    squares(2).to_file(tmp_path / "new.geojson")
    words = (tmp_path / "new.geojson", "--as", "districts", "--replace")
    assert add(city, *words).exit_code == 0
    entry = open_city(city).entry("districts")
    assert (str(entry.title), str(entry.source), entry.licence) == (
        "상점가",
        "서구청 경제과",
        "CC0-1.0",
    )
    assert entry.style.color == "#123456"
    assert "# ours" in (city / "layers/catalog.toml").read_text("utf-8")
    assert add(city, *words, "--title", "골목", "--source", "상인회").exit_code == 0
    entry = open_city(city).entry("districts")
    assert (str(entry.title), str(entry.source)) == ("골목", "상인회")


@pytest.mark.slow
def test_a_source_that_names_the_last_file_names_the_next(city, tmp_path):
    for name in ("2026-1.geojson", "2026-2.geojson"):
        squares(2).to_file(tmp_path / name)
        add(city, tmp_path / name, "--as", "layer", "--layer-id", "parks", "--replace")
    assert str(open_city(city).entry("parks").source) == "2026-2.geojson"


def test_real_data_in_place_of_a_sample_is_no_sample(city, tmp_path):
    path = city / "layers/catalog.toml"
    path.write_text(path.read_text("utf-8") + "sample = true\n", "utf-8")
    squares(2).to_file(tmp_path / "real.geojson")
    answer = add(city, tmp_path / "real.geojson", "--as", "districts", "--replace")
    assert "layer 'districts' was a sample; it now counts as real" in answer.output
    entry = open_city(city).entry("districts")
    assert not entry.sample
    assert (str(entry.source), entry.licence) == ("real.geojson", "")
    assert str(entry.title) == "상점가"


def test_a_trail_in_place_of_a_sample_is_no_sample(city, tmp_path):
    (city / "gpx/trails.csv").write_text(
        "id,name,season,sample,source\nold,옛길,03-01/11-30,yes,그림\n", "utf-8"
    )
    (tmp_path / "old.gpx").write_text(gpx(track([(126.85, 35.14), (126.852, 35.14)])), "utf-8")
    answer = add(city, tmp_path / "old.gpx", "--as", "trails", "--replace")
    assert answer.exit_code == 0
    assert "now count as real" in answer.output
    register = pd.read_csv(city / "gpx/trails.csv").set_index("id")
    assert register.loc["old", ["name", "season"]].tolist() == ["옛길", "03-01/11-30"]
    assert register.loc["old", ["sample", "source"]].isna().all()
    assert len(list((city / "originals").rglob("replaced-old.gpx"))) == 1


@pytest.mark.parametrize("option", ["--layer-id", "--id"])
def test_the_id_of_the_layer_has_two_words(tmp_path, option):
    squares(2).to_file(tmp_path / "p.geojson")
    assert add(tmp_path / "c", tmp_path / "p.geojson", "--as", "layer", option, "x").exit_code == 0
    assert "x" in open_city(tmp_path / "c").layers


# -- where it lies -------------------------------------------------------------------------------


def trail_at(lon: float, lat: float) -> str:
    return gpx(track([(lon, lat), (lon + 0.001, lat)]))


@pytest.mark.slow
def test_a_city_that_begins_with_one_trail_takes_the_next(tmp_path):
    city = tmp_path / "city"
    for name, lon in (("a", 126.85), ("b", 126.9), ("c", 127.2)):
        (tmp_path / f"{name}.gpx").write_text(trail_at(lon, 35.14), "utf-8")
        assert add(city, tmp_path / f"{name}.gpx", "--as", "trails").exit_code == 0
    (tmp_path / "seoul.gpx").write_text(trail_at(126.98, 37.57), "utf-8")
    far = add(city, tmp_path / "seoul.gpx", "--as", "trails")
    assert far.exit_code == 1
    assert "--anyway" in far.stderr
    assert add(city, tmp_path / "seoul.gpx", "--as", "trails", "--anyway").exit_code == 0
    assert len(open_city(city).trails) == 4


def test_where_there_are_neighbourhoods_they_say_what_lies_outside(tmp_path):
    city = tmp_path / "city"
    squares(2).to_file(tmp_path / "n.geojson")
    add(city, tmp_path / "n.geojson", "--as", "neighborhoods")
    (tmp_path / "b.gpx").write_text(trail_at(127.0, 35.14), "utf-8")
    assert add(city, tmp_path / "b.gpx", "--as", "trails").exit_code == 1
    answer = add(city, tmp_path / "b.gpx", "--as", "trails", "--anyway")
    assert answer.exit_code == 0
    assert "outside of the city" in answer.output


# -- originals, and all or nothing ---------------------------------------------------------------


def originals(city: Path) -> list[bytes]:
    return [path.read_bytes() for path in (city / "originals").rglob("*") if path.is_file()]


def test_files_of_one_name_are_all_kept(tmp_path):
    city, texts = tmp_path / "city", []
    for n in range(3):
        squares(2, v=[n, n]).to_file(tmp_path / "p.geojson")
        texts.append((tmp_path / "p.geojson").read_bytes())
        add(city, tmp_path / "p.geojson", "--as", "layer", "--replace")
    assert set(texts) <= set(originals(city))
    count = len(originals(city))
    add(city, tmp_path / "p.geojson", "--as", "layer", "--replace")
    assert originals(city).count(texts[2]) == 1  # the same once more is no other original
    assert len(originals(city)) == count + 1  # the layer that gave way


def test_files_of_one_name_in_two_folders_are_both_kept(tmp_path):
    for folder, lon in (("a", 126.85), ("b", 126.86)):
        (tmp_path / folder).mkdir()
        text = f"name,lon,lat\n{folder},{lon},35.14\n"
        (tmp_path / folder / "p.csv").write_text(text, "utf-8")
    files = [tmp_path / "a/p.csv", tmp_path / "b/p.csv"]
    assert add(tmp_path / "city", *files, "--as", "services").exit_code == 0
    assert sorted(originals(tmp_path / "city")) == sorted(path.read_bytes() for path in files)


def test_the_parts_of_a_shapefile_stay_together(tmp_path):
    city = tmp_path / "city"
    for n in range(2):
        squares(2, v=[n, n]).to_file(tmp_path / "p.shp", encoding="utf-8")
        add(city, tmp_path / "p.shp", "--as", "layer", "--replace")
    kept = sorted(path for path in (city / "originals").rglob("p*.shp"))
    assert {path.stem for path in kept} == {"p", "p-2"}
    values = [set(gpd.read_file(path)["v"]) for path in sorted(kept, key=lambda p: len(p.stem))]
    assert values == [{0}, {1}]


def test_all_parts_of_a_shapefile_that_gives_way_are_kept(make_folder, tmp_path):
    city = make_folder({"layers/districts.shp": squares(3)})
    old = {path.read_bytes() for path in (city / "layers").iterdir()}
    squares(2).to_file(tmp_path / "new.geojson")
    assert add(city, tmp_path / "new.geojson", "--as", "districts", "--replace").exit_code == 0
    assert old <= set(originals(city))
    assert {path.name for path in (city / "layers").iterdir()} == {
        "districts.gpkg",
        "catalog.toml",
    }


def test_a_file_of_another_layer_is_not_written_over(make_folder, tmp_path):
    other = CATALOG.replace('id = "districts"', 'id = "other"').replace(
        'role = "districts"', 'role = "layer"'
    )
    city = make_folder({"layers/catalog.toml": other.replace(".geojson", ".gpkg")})
    squares(3).to_file(city / "layers/districts.gpkg")
    squares(2).to_file(tmp_path / "new.geojson")
    assert add(city, tmp_path / "new.geojson", "--as", "districts").exit_code == 0
    opened = open_city(city)
    assert (len(opened.layers["other"]), len(opened.districts)) == (3, 2)


@pytest.mark.parametrize("dry", [True, False])
def test_one_file_that_cannot_be_used_stops_all(city, tmp_path, dry):
    (tmp_path / "good.gpx").write_text(trail_at(126.85, 35.14), "utf-8")
    (tmp_path / "bad.gpx").write_text("<gpx", "utf-8")
    before = state(city)
    words = (tmp_path / "good.gpx", tmp_path / "bad.gpx", "--as", "trails")
    words = (*words, "--dry-run") if dry else words
    answer = add(city, *words)
    assert answer.exit_code == 1
    assert "bad.gpx" in answer.stderr
    assert "--skip-unreadable" in answer.stderr
    assert state(city) == before
    skipped = add(city, *words, "--skip-unreadable")
    assert skipped.exit_code == 0
    assert "bad.gpx" in skipped.output
    assert (state(city) == before) is dry


FAILURES = ("write_file", "tables.write", "describe_layer")


@pytest.mark.parametrize("place", FAILURES)
@pytest.mark.parametrize("new", [True, False])
def test_a_full_disk_leaves_everything_as_it_was(city, tmp_path, monkeypatch, place, new):
    folder = tmp_path / "deep" / "new" if new else city
    before = state(folder)
    squares(2).to_file(tmp_path / "p.geojson")

    def fail(*_args, **_options):
        raise OSError(28, "No space left on device")

    module, _, name = place.rpartition(".")
    monkeypatch.setattr(getattr(writing, module) if module else writing, name, fail)
    answer = add(folder, tmp_path / "p.geojson", "--as", "districts", "--replace")
    assert answer.exit_code == 1
    assert "the disk is full. Free some space" in answer.stderr
    assert state(folder) == before
    assert folder.exists() is not new
    assert (tmp_path / "deep").exists() is False
    assert not list(folder.glob(".*"))
    assert not new or not folder.parent.exists()


def test_a_city_whose_change_was_interrupted_is_put_back_before_it_is_read(city, tmp_path):
    (city / "layers").rename(city / ".layers.old")
    shutil.rmtree(city / "gpx")
    squares(2).to_file(tmp_path / "new.geojson")
    answer = add(city, tmp_path / "new.geojson", "--as", "districts")
    assert answer.exit_code == 1  # there are districts already
    assert len(open_city(city).districts) == 3


@pytest.mark.parametrize("file", ["mixed.geojson", "census.shp", "td.parquet", "mpshops.gpkg"])
def test_a_dry_run_finds_and_counts_what_the_real_run_does(cases, tmp_path, file):
    role = "trails" if file.startswith("mixed") else "layer"
    dry = add(tmp_path / "city", cases / file, "--as", role, "--dry-run").output
    real = add(tmp_path / "city", cases / file, "--as", role).output
    *findings, last = dry.rstrip().splitlines()
    assert real.startswith("\n".join(findings))
    count = last.split()[0]
    assert re.search(rf"^{count} features? added", real, re.MULTILINE)


def test_help_explains_each_option_with_an_example():
    text = add(Path(), "--help").output
    for option in ("--id-column EMD_CD", "--layer-id parks", "--crs EPSG:5186", "--anyway"):
        assert option in text
    assert "All of the files are added, or nothing is changed" in " ".join(text.split())


def test_files_that_are_no_layers_are_named(tmp_path):
    folder = tmp_path / "dongs"
    folder.mkdir()
    squares(2).to_file(folder / "dongs.shp", encoding="utf-8")
    (folder / "dongs.shp.xml").write_text("<metadata/>", "utf-8")
    for name in ("설명.hwp", "inner.zip", "alone.dbf"):
        (folder / name).write_bytes(b"?")
    answer = add(tmp_path / "city", folder, "--as", "neighborhoods")
    assert answer.exit_code == 0, answer.output
    assert "files in it that are no layers, 3, are passed by: alone.dbf, inner.zip" in answer.output
    kept = {path.name for path in (tmp_path / "city/originals").rglob("*")}
    assert {"dongs.shp", "dongs.shp.xml"} <= kept


def test_a_register_with_a_title_and_other_names_takes_a_row(city, tmp_path):
    old = "맨발길 현황,,\n아이디,이름,운영기간\nold,옛길,5월~9월\n"
    (city / "gpx/trails.csv").write_text(old, "utf-8")
    before = open_city(city).trails.loc["old"]
    (tmp_path / "new.gpx").write_text(trail_at(126.85, 35.141), "utf-8")
    assert add(city, tmp_path / "new.gpx", "--as", "trails").exit_code == 0
    trails = open_city(city).trails
    assert set(trails.index) == {"old", "new"}
    for column in ("name", "season"):
        assert trails.loc["old", column] == before[column]
    assert old.encode() in originals(city)


def test_a_register_that_is_not_read_takes_no_row(city, tmp_path):
    (city / "gpx/trails.xlsx").write_bytes(b"PK")
    before = state(city)
    (tmp_path / "new.gpx").write_text(trail_at(126.85, 35.141), "utf-8")
    answer = add(city, tmp_path / "new.gpx", "--as", "trails")
    assert answer.exit_code == 1
    assert "trails.xlsx" in answer.stderr
    assert state(city) == before


def test_a_file_of_waypoints_takes_no_others_place(tmp_path):
    city = tmp_path / "city"
    for folder, lon in (("a", 126.85), ("b", 126.86)):
        (tmp_path / folder).mkdir()
        point = f'<wpt lat="35.14" lon="{lon}"><name>벤치 {folder}</name></wpt>'
        (tmp_path / folder / "points.gpx").write_text(gpx(point), "utf-8")
        (tmp_path / folder / f"{folder}.gpx").write_text(trail_at(lon, 35.14), "utf-8")
        assert add(city, tmp_path / folder, "--as", "trails").exit_code == 0
    assert set(open_city(city).facilities["name"]) == {"벤치 a", "벤치 b"}


@pytest.mark.parametrize("column", ["GEOMETRY", "Geometry", "geometry"])
@pytest.mark.parametrize("suffix", [".parquet", ".gpkg", ".fgb", ".shp"])
def test_a_column_called_as_the_geometry_is_kept(tmp_path, column, suffix):
    table = squares(2).rename_geometry("shape").assign(**{column: ["x", "y"]})
    path = tmp_path / f"g{suffix}"
    table.to_parquet(path) if suffix == ".parquet" else table.to_file(path, encoding="utf-8")
    answer = add(tmp_path / "city", path, "--as", "districts")
    assert answer.exit_code == 0, answer.output
    districts = open_city(tmp_path / "city").districts
    assert districts.geometry.area.min() > 0
    texts = [sorted(districts[c]) for c in districts if c != "geometry"]
    assert ["x", "y"] in texts


def test_what_cannot_be_written_is_one_line(city, tmp_path, monkeypatch):
    squares(2).to_file(tmp_path / "p.geojson")
    before = state(city)

    def fail(*_args, **_options):
        raise FieldError("no such type")

    monkeypatch.setattr(pyogrio, "write_dataframe", fail)
    answer = add(city, tmp_path / "p.geojson", "--as", "neighborhoods")
    assert answer.exit_code == 1
    assert "it cannot be written: no such type. Leave out the column" in answer.stderr
    assert "another format" not in answer.stderr
    assert state(city) == before
