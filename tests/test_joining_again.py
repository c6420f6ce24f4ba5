"""Parts appear whole or not at all, and a join that was interrupted goes on."""

from __future__ import annotations

import errno
import json
import os
import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from joining_points import (
    as_columns,
    assert_same_answers,
    hash_parts,
    make_joining_city,
    make_points,
    rewrite_geo,
    run_join,
    write_parts,
)
from pyproj import CRS

from benchmarks.scale.killed import kill_at_random
from mapserver.errors import CrsError, DataError, QueryError
from mapserver.joining import job, manifest, part
from mapserver.settings import limits


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    return make_joining_city(tmp_path_factory.mktemp("joining") / "city")


# -- Whole or not at all, and continued ------------------------------------------------------------


class Killed(BaseException):
    """Ends a join as a signal does, wherever it is."""


def kill_after(monkeypatch, batches: int) -> None:
    """End the join after some batches."""
    real, calls = part.put_together, []

    def put(*arguments):
        calls.append(1)
        if len(calls) > batches:
            raise Killed
        return real(*arguments)

    monkeypatch.setattr(part, "put_together", put)


@pytest.mark.parametrize("batches", [0, 3, 7])
def test_a_join_that_was_killed_goes_on_and_has_the_same_bytes(
    city, tmp_path, monkeypatch, batches
):
    monkeypatch.setattr(limits, "JOIN_BATCH_ROWS", 50)
    write_parts(tmp_path / "p", make_points(600), 4)
    whole = city.join(tmp_path / "p", out=tmp_path / "whole", progress=False)
    with monkeypatch.context() as patch:
        kill_after(patch, batches)
        with pytest.raises(Killed):
            city.join(tmp_path / "p", out=tmp_path / "o", progress=False)
    # What is there is whole: no reader ever sees half of a part.
    assert all(manifest.read_part(path) for path in (tmp_path / "o").glob("*.parquet"))
    again = city.join(tmp_path / "p", out=tmp_path / "o", progress=False)
    assert hash_parts(tmp_path / "o") == hash_parts(tmp_path / "whole")
    assert (again.rows, again.answered) == (whole.rows, whole.answered)
    assert not list((tmp_path / "o").rglob(".*draft"))


@pytest.mark.slow
def test_a_process_that_is_killed_at_any_moment_goes_on_and_has_the_same_bytes(city, tmp_path):
    write_parts(tmp_path / "p", make_points(60_000), 30)
    words = [str(tmp_path / "p"), "--city", str(city.path), "--nearest", "trails"]
    assert kill_at_random(words, tmp_path / "o", times=3) == []


def test_parts_that_are_done_are_not_done_again_but_counted(city, tmp_path, monkeypatch):
    write_parts(tmp_path / "p", make_points(300))
    first = city.join(tmp_path / "p", out=tmp_path / "o", progress=False)
    monkeypatch.setattr(job, "run_in_threads", lambda *_: pytest.fail("made again"))
    again = city.join(tmp_path / "p", out=tmp_path / "o", progress=False)
    assert again.resumed == 3
    assert (again.rows, again.written, again.answered) == (
        first.rows, first.written, first.answered,
    )  # fmt: skip


def test_points_that_changed_are_joined_again_and_parts_of_those_that_are_gone_removed(
    city, tmp_path
):
    folder = write_parts(tmp_path / "p", make_points(300))
    city.join(folder, out=tmp_path / "o", progress=False)
    pq.write_table(as_columns(make_points(40, seed=5)), folder / "1.parquet")
    (folder / "2.parquet").unlink()
    again = city.join(folder, out=tmp_path / "o", progress=False)
    assert again.resumed == 1
    assert [path.name for path in again.parts] == ["0.parquet", "1.parquet"]
    assert not (tmp_path / "o" / "2.parquet").exists()
    frame = pd.concat([make_points(300).iloc[:100], make_points(40, seed=5)])
    assert_same_answers(again.read(), city.join(frame))
    assert any("have changed" in str(note) for note in again.notes)


def test_a_file_that_was_written_again_is_joined_again_even_if_its_footer_is_the_same(
    city, tmp_path
):
    folder = write_parts(tmp_path / "p", make_points(300))
    city.join(folder, out=tmp_path / "o", progress=False)
    os.utime(folder / "0.parquet", ns=(1, 1))
    assert city.join(folder, out=tmp_path / "o", progress=False).resumed == 2


@pytest.mark.parametrize("options", [{"keep": ["id"]}, {"nearest": "trails"}])
def test_another_question_starts_anew_and_says_so(city, tmp_path, options):
    folder = write_parts(tmp_path / "p", make_points(300))
    city.join(folder, out=tmp_path / "o", progress=False)
    again = city.join(folder, out=tmp_path / "o", progress=False, **options)
    fresh = city.join(folder, out=tmp_path / "f", progress=False, **options)
    assert again.resumed == 0
    assert "anew" in str(again.notes[0])
    pd.testing.assert_frame_equal(again.read(), fresh.read())


def test_another_state_of_the_city_starts_anew(city, tmp_path):
    import mapserver  # noqa: PLC0415 -- as above

    folder = write_parts(tmp_path / "p", make_points(300))
    city.join(folder, out=tmp_path / "o", progress=False)
    copy = shutil.copytree(city.path, tmp_path / "city")
    frame = gpd.read_file(copy / "layers" / "districts.geojson")
    frame["name"] = "새 이름"
    frame.to_file(copy / "layers" / "districts.geojson")
    changed = mapserver.open_city(copy).join(folder, out=tmp_path / "o", progress=False)
    assert set(changed.read()["district_name"].dropna()) == {"새 이름"}


def test_notes_say_which_options_differ_and_that_data_has_changed(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(30), 1)
    city.nearest(folder, out=tmp_path / "o", progress=False)
    again = city.nearest(
        folder, out=tmp_path / "o", progress=False, keep=["id"], max_distance_m=9.0
    )
    assert [str(note) for note in again.notes] == [
        "all is made anew, since the earlier answers had other options: max-distance, keep"
    ]
    path = tmp_path / "o" / manifest.NAME
    earlier = json.loads(path.read_text())
    # The box follows from the data: nobody has set it.
    earlier["job"]["data"], earlier["job"]["question"]["box"] = "another", None
    path.write_text(json.dumps(earlier))
    again = city.nearest(
        folder, out=tmp_path / "o", progress=False, keep=["id"], max_distance_m=9.0
    )
    assert [str(note) for note in again.notes] == [
        "all is made anew, since the data of the city has changed"
    ]


def test_the_speed_is_of_rows_of_this_run_alone(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(300))
    assert city.join(folder, out=tmp_path / "o", progress=False).new_rows == 300
    (tmp_path / "o" / "1.parquet").unlink()
    some = city.join(folder, out=tmp_path / "o", progress=False)
    assert (some.rows, some.new_rows) == (300, 100)
    assert f"{100 / some.seconds / 1e3:.1f} k rows/s" in repr(some)
    none = city.join(folder, out=tmp_path / "o", progress=False)
    assert (none.rows, none.new_rows) == (300, 0)
    assert "rows/s" not in repr(none)
    said = run_join(city, folder, "--layer", "districts", "--out", tmp_path / "o", "--lang", "en")
    assert "rows: 300" in said.stdout
    assert "a second" not in said.stdout


def test_the_manifest_has_the_same_bytes_in_whatever_order_parts_are_done(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(300))
    manifests = []
    for turn in (list, lambda tasks: list(reversed(tasks))):
        city.join(
            folder,
            out=tmp_path / "o",
            progress=False,
            scheduler=lambda make, tasks, turn=turn: map(make, turn(tasks)),
        )
        manifests.append((tmp_path / "o" / manifest.NAME).read_bytes())
        shutil.rmtree(tmp_path / "o")
    assert manifests[0] == manifests[1]


def test_a_manifest_that_is_damaged_may_be_deleted(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(30), 2)
    (folder / "deep").mkdir()
    shutil.copy(folder / "0.parquet", folder / "deep" / "0.parquet")
    out = tmp_path / "o"
    city.join(folder, out=out, progress=False)
    whole = hash_parts(out)
    (out / manifest.NAME).write_text("{")
    with pytest.raises(DataError, match="Delete it, and the join begins anew"):
        city.join(folder, out=out, progress=False)
    (out / manifest.NAME).unlink()
    again = city.join(folder, out=out, progress=False)
    assert (again.resumed, hash_parts(out)) == (0, whole)
    # Parts of another join, or other files in a folder, are not written over without a manifest.
    (out / manifest.NAME).unlink()
    (out / "deep" / "holiday.txt").write_text("mine")
    with pytest.raises(DataError, match=r"not empty.*'deep'"):
        city.join(folder, out=out, progress=False)
    (out / "deep" / "holiday.txt").unlink()
    (folder / "1.parquet").unlink()
    with pytest.raises(DataError, match=r"not empty.*'1.parquet'"):
        city.join(folder, out=out, progress=False)


def test_a_damaged_part_is_made_again(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(300))
    city.join(folder, out=tmp_path / "o", progress=False)
    whole = hash_parts(tmp_path / "o")
    torn = tmp_path / "o" / "1.parquet"
    torn.write_bytes(torn.read_bytes()[:-100])
    assert city.join(folder, out=tmp_path / "o", progress=False).resumed == 2
    assert hash_parts(tmp_path / "o") == whole


def test_foreign_files_are_never_touched(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(300))
    out = tmp_path / "o"
    out.mkdir()
    (out / "holiday.txt").write_text("mine")
    with pytest.raises(DataError, match=r"not empty.*'holiday.txt'"):
        city.join(folder, out=out, progress=False)
    assert [path.name for path in out.iterdir()] == ["holiday.txt"]
    (out / "holiday.txt").unlink()
    city.join(folder, out=out, progress=False)
    # What somebody lays beside the answers stays there, also where a part would stand.
    (out / "holiday.txt").write_text("mine")
    shutil.copy(folder / "0.parquet", out / "3.parquet")
    city.join(folder, out=out, progress=False)
    shutil.copy(folder / "0.parquet", folder / "3.parquet")
    with pytest.raises(DataError, match=r"'3.parquet'"):
        city.join(folder, out=out, progress=False)
    assert (out / "holiday.txt").read_text() == "mine"
    assert (out / "3.parquet").read_bytes() == (folder / "0.parquet").read_bytes()


def test_what_took_the_place_of_a_part_is_not_removed_with_its_points(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(300))
    city.join(folder, out=tmp_path / "o", progress=False)
    shutil.copy(folder / "0.parquet", tmp_path / "o" / "2.parquet")
    (folder / "2.parquet").unlink()
    assert len(city.join(folder, out=tmp_path / "o", progress=False).parts) == 2
    assert pq.read_schema(tmp_path / "o" / "2.parquet").names == ["id", "lon", "lat"]


def test_a_manifest_of_another_program_is_left_alone(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(3), 1)
    out = tmp_path / "o"
    out.mkdir()
    (out / manifest.NAME).write_text('{"sign": "another", "format": 1}')
    with pytest.raises(DataError, match="cannot be read"):
        city.join(folder, out=out, progress=False)


def test_answers_may_not_lie_among_the_points(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(3), 1)
    for out in (folder, folder / "answers", tmp_path):
        with pytest.raises(DataError, match="in one another"):
            city.join(folder, out=out, progress=False)


def test_two_joins_at_once_into_one_folder_are_refused(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(3), 1)
    (tmp_path / "o").mkdir()
    with job._locked(tmp_path / "o"), pytest.raises(DataError, match="another join"):
        city.join(folder, out=tmp_path / "o", progress=False)


def test_folders_within_the_folder_are_kept_and_hidden_files_left_out(city, tmp_path):
    points = make_points(300)
    write_parts(tmp_path / "p" / "gu=29140", points.iloc[:200], 1)
    write_parts(tmp_path / "p", points.iloc[200:], 1)
    (tmp_path / "p" / "_SUCCESS.parquet").write_bytes(b"")
    (tmp_path / "p" / ".crc.parquet").write_bytes(b"")
    joined = city.join(tmp_path / "p", out=tmp_path / "o", progress=False)
    names = [path.relative_to(tmp_path / "o").as_posix() for path in joined.parts]
    assert names == ["0.parquet", "gu=29140/0.parquet"]
    assert joined.rows == 300


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"x" * 20 + b"PAR1", b"no" * 40])
def test_a_damaged_file_of_points_is_named(city, tmp_path, content):
    folder = write_parts(tmp_path / "p", make_points(30), 1)
    (folder / "b.parquet").write_bytes(content)
    with pytest.raises(DataError, match=r"^b\.parquet"):
        city.join(folder, out=tmp_path / "o", progress=False)


def test_a_column_that_is_there_twice_is_an_error(city, tmp_path):
    table = pa.Table.from_arrays(
        [pa.array([1.0]), pa.array([35.1]), pa.array([126.8])], names=["a", "lat", "lon"]
    )
    for name in ("a", "lon"):
        pq.write_table(table.append_column(name, pa.array([2.0])), tmp_path / "p.parquet")
        with pytest.raises(DataError, match=f"column '{name}' is there twice"):
            city.join(tmp_path / "p.parquet", out=tmp_path / "o", progress=False)


def test_all_files_that_cannot_be_joined_are_named_at_once(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(30), 3)
    (folder / "0.parquet").write_bytes(b"no")
    (folder / "2.parquet").write_bytes(b"no")
    with pytest.raises(DataError, match=r"^0\.parquet: .*no whole .*joined: 2\.parquet\. Write"):
        city.join(folder, out=tmp_path / "o", progress=False)
    for name in ("0", "2"):
        pq.write_table(pa.table({"x": [1.0], "y": [2.0]}), folder / f"{name}.parquet")
    with pytest.raises(CrsError, match=r"^0\.parquet: 'x' and 'y' have no .*: 2\.parquet\. Ask"):
        city.join(folder, out=tmp_path / "o", progress=False)


def test_metres_that_say_to_be_degrees_get_the_advice_that_mends_them(city, tmp_path):
    path, out = tmp_path / "p.parquet", tmp_path / "o"
    points = make_points(30).to_crs(5186)
    points.to_parquet(path)
    rewrite_geo(path, lambda column: column.pop("crs"))
    with pytest.raises(CrsError, match=r"frame\.set_crs\(\"EPSG:"):
        city.join(path, out=out, progress=False)
    with pytest.raises(CrsError, match="GeoParquet without a CRS is in degrees by its standard"):
        city.join(path, out=out, progress=False, crs="EPSG:5186")
    pq.write_table(pa.table({"lon": points.geometry.x, "lat": points.geometry.y}), path)
    with pytest.raises(CrsError, match=r'and name their CRS: .* crs="EPSG:\d+" in Python'):
        city.join(path, out=out, progress=False)
    with pytest.raises(CrsError, match="If they are metres, call the columns x and y"):
        city.join(path, out=out, progress=False, crs="EPSG:5186")


@pytest.mark.parametrize("crs", [5186, np.int64(5186), CRS(5186)])
def test_a_crs_may_be_what_geopandas_takes(city, tmp_path, crs):
    points = make_points(30)
    metres = points.to_crs(5186).geometry
    path = tmp_path / "p.parquet"
    pq.write_table(pa.table({"id": points["id"], "x": metres.x, "y": metres.y}), path)
    joined = city.join(path, out=tmp_path / "o", crs=crs, progress=False)
    assert_same_answers(
        joined.read()[["id", "district_id", "geometry"]],
        city.join(points)[["id", "district_id", "geometry"]],
    )
    with pytest.raises(QueryError, match="True is no text"):
        city.join(path, out=tmp_path / "o", crs=True, progress=False)


def test_a_full_disk_leaves_what_is_done_and_says_so(city, tmp_path, monkeypatch):
    folder = write_parts(tmp_path / "p", make_points(300))
    real, calls = part.PartWriter.write, []

    def write(self, batch):
        calls.append(1)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(self, batch)

    with monkeypatch.context() as patch:
        patch.setattr(part.PartWriter, "write", write)
        with pytest.raises(DataError, match=r"disk is full.*parts that are done stay") as caught:
            city.join(
                folder, out=tmp_path / "o", progress=False,
                scheduler=map,
            )  # fmt: skip
    assert "nothing was changed" not in str(caught.value)
    assert city.join(folder, out=tmp_path / "o", progress=False).resumed == 1


def test_a_folder_of_answers_that_cannot_be_made_is_an_error_with_its_path(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(3), 1)
    (tmp_path / "file").write_text("mine")
    result = run_join(city, folder, "--out", tmp_path / "file" / "deep" / "o", "--lang", "en")
    assert result.exit_code == 1
    assert "nothing can be written there" in result.stderr
    assert (tmp_path / "file").read_text() == "mine"


def test_files_of_every_kind_that_cannot_be_joined_are_named_at_once(city, tmp_path):
    folder = write_parts(tmp_path / "p", make_points(30), 4)
    (folder / "0.parquet").write_bytes(b"PAR1xx")
    (folder / "1.parquet").write_bytes(b"PAR1xx")
    pq.write_table(pa.table({"x": [1.0], "y": [2.0]}), folder / "2.parquet")
    with pytest.raises(DataError, match=r"joined: 1\.parquet, 2\.parquet\. Write it again"):
        city.join(folder, out=tmp_path / "o", progress=False)
    (folder / "0.parquet").unlink()
    with pytest.raises(DataError, match=r"joined: 0\.parquet|joined: 2\.parquet, 3\.parquet\. "):
        city.join(folder, out=tmp_path / "o", keep=["nothing"], progress=False)


HEADS = {
    "p.csv": (b"id,lon,lat\n1,126.8,35.1\n", "CSV", "pandas.read_csv"),
    "cp949.csv": ("이름,경도".encode("cp949"), "CSV", 'encoding="cp949"'),
    "p.xlsx": (b"PK\x03\x04", "Excel", "pandas.read_excel"),
    "p.gpkg": (b"SQLite format 3\0", "GeoPackage", "geopandas.read_file"),
    "p.shp": (b"\0\0\x27\x0a", "shapefile", "geopandas.read_file"),
}


@pytest.mark.parametrize("name", HEADS)
@pytest.mark.parametrize("is_renamed", [False, True])
def test_a_file_of_another_format_is_called_what_it_is_and_how_to_go_on(
    city, tmp_path, name, is_renamed
):
    head, kind, reader = HEADS[name]
    path = tmp_path / ("renamed.parquet" if is_renamed else name)
    path.write_bytes(head)
    with pytest.raises(DataError, match=f"no Parquet file but .*{kind}") as caught:
        city.join(path, out=tmp_path / "o", progress=False)
    assert reader in str(caught.value)
    # The other commands go by the ending, so they do not read what has the wrong one.
    assert ("--points" in str(caught.value)) != is_renamed
    assert (
        "Parquet 파일이 아니라"
        in run_join(city, path, "--out", tmp_path / "o", "--lang", "ko").stderr
    )


def test_an_empty_path_is_refused_and_is_not_the_current_folder(city, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    points = write_parts(tmp_path / "p", make_points(10), 1)
    said = run_join(city, points, "--out", "")
    assert said.exit_code == 2
    assert "path is empty" in said.stderr
    for wishes in ({"points": points, "out": ""}, {"points": "", "out": "o"}):
        with pytest.raises(QueryError, match="the path is empty"):
            city.join(progress=False, **wishes)
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_the_row_at_which_a_join_stops_is_said_in_the_language_that_is_asked_for(city, tmp_path):
    pq.write_table(pa.table({"lon": [0.0, 126.83], "lat": [35.13, 127.0]}), tmp_path / "p.parquet")
    words = [city, tmp_path / "p.parquet", "--out", tmp_path / "o", "--on-bad", "stop"]
    assert "p.parquet, 1행: " in run_join(*words, "--lang", "ko").stderr
    assert "p.parquet, row 1: " in run_join(*words, "--lang", "en").stderr
