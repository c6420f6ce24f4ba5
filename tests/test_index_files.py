"""Indexes as files: the same answers, whole or not at all, never from a file that is damaged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
import shapely

from mapserver.errors import DataError
from mapserver.geo import geodesy
from mapserver.index import NearestIndex, WithinIndex, index_file, shelf
from mapserver.index.index_file import IndexParts, open_index, write_index
from mapserver.settings import limits
from mapserver.settings.folders import find_cache_folder

KOREA = geodesy.parse_crs("EPSG:5186")


def make_shapes(count: int = 60) -> np.ndarray:
    """Make a layer of lines, areas, a point, a collection, an empty and a missing geometry."""
    rng = np.random.default_rng(11)
    begin = np.column_stack([rng.uniform(126.5, 127.5, count), rng.uniform(34.8, 35.6, count)])
    shapes = shapely.linestrings(begin[:, None, :] + rng.normal(0, 0.003, (count, 6, 2)))
    shapes[::3] = shapely.buffer(shapes[::3], 0.004)
    shapes[1], shapes[2] = shapely.Point(127, 35), shapely.MultiPoint([(127, 35.2), (127.1, 35)])
    shapes[4] = shapely.GeometryCollection([shapes[0], shapely.LineString([(126, 35), (127, 36)])])
    shapes[5], shapes[7] = shapely.LineString(), None
    return shapes


def scatter(points: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(12)
    lon, lat = rng.uniform(126.4, 127.6, points), rng.uniform(34.7, 35.7, points)
    lon[:3], lat[:3] = [0.0, np.nan, 129.5], [0.0, 35.0, 37.0]
    return lon, lat


def assert_same_answers(index: NearestIndex, other: NearestIndex, points: int, k: int) -> None:
    lon, lat = scatter(points)
    one, two = index.query(lon, lat, k), other.query(lon, lat, k)
    for name in ("point", "feature", "distance_m", "bearing_deg", "lon", "lat", "no_place"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_an_index_is_told_from_others_without_reading_all_of_it(tmp_path):
    shapes = make_shapes()
    places = [tmp_path / name for name in ("a.index", "again.index", "b.index")]
    moved = shapes.copy()
    moved[9] = shapely.transform(moved[9], lambda xy: xy + 1e-9)
    for place, layer in zip(places, (shapes, shapes, moved), strict=True):
        NearestIndex.of(layer, KOREA).write(place)
    same, again, other = map(index_file.identify_index, places)
    assert same == again != other
    places[0].write_bytes(places[0].read_bytes()[:-1])
    with pytest.raises(DataError, match="cut off"):
        index_file.identify_index(places[0])


@pytest.mark.parametrize("has_shapes", [True, False])
def test_an_index_from_a_file_has_the_answers_of_the_one_that_was_built(tmp_path, has_shapes):
    shapes = make_shapes()
    index = NearestIndex.of(shapes, KOREA)
    index.write(tmp_path / "a.index")
    other = NearestIndex.open(tmp_path / "a.index", shapes if has_shapes else None)
    assert (index.path, other.path) == (None, tmp_path / "a.index")
    for points, k in ((50, 1), (50, 4), (3_000, 1), (3_000, 2)):
        assert_same_answers(index, other, points, k)
    for place in ((127.0, 35.0), (127.31, 35.2), (0.0, 0.0), (126.0, 35.0)):
        assert index.query_one(*place) == pytest.approx(other.query_one(*place), nan_ok=True)
    pairs = np.array([0, 0, 0]), np.array([3, 0, 3])
    measured = [
        i.measure_pairs(np.array([127.0]), np.array([35.0]), *pairs) for i in (index, other)
    ]
    np.testing.assert_array_equal(measured[0].distance_m, measured[1].distance_m)
    assert measured[1].feature.tolist() == [3, 0, 3]


@pytest.mark.parametrize("has_shapes", [True, False])
def test_areas_from_a_file_contain_what_they_contained(tmp_path, has_shapes):
    shapes = make_shapes()
    index = WithinIndex.of(shapes)
    index.write(tmp_path / "a.index")
    other = WithinIndex.open(tmp_path / "a.index", shapes if has_shapes else None)
    corners = shapely.get_coordinates(shapes[::3]).T  # on borders: GEOS decides some
    for points in (300, 6_000):
        lon, lat = (np.concatenate(both) for both in zip(scatter(points), corners, strict=True))
        for one, two in zip(index.query(lon, lat), other.query(lon, lat), strict=True):
            np.testing.assert_array_equal(one, two)
        x, y = geodesy.build_transformer(geodesy.LONLAT, KOREA).transform(lon, lat)
        many = np.tile(x, 100), np.tile(y, 100)
        ones, twos = (i.find_containment(KOREA, *many) for i in (index, other))
        np.testing.assert_array_equal(ones.area, twos.area)
    assert index.query_one(127.1, 35.1) == other.query_one(127.1, 35.1)
    for box in ((126.9, 34.9, 127.2, 35.3), (170.0, -10.0, -170.0, 40.0)):
        assert index.in_box(*box).tolist() == other.in_box(*box).tolist()


@pytest.mark.parametrize("shapes", [[None, None], [shapely.Polygon()], []])
def test_a_layer_without_a_place_makes_a_file_too(tmp_path, shapes):
    places = np.array(shapes, dtype=object)
    NearestIndex.of(places, KOREA).write(tmp_path / "a.index")
    assert len(NearestIndex.open(tmp_path / "a.index").query([127.0], [35.0]).point) == 0
    WithinIndex.of(places).write(tmp_path / "b.index")
    assert len(WithinIndex.open(tmp_path / "b.index").query([127.0], [35.0])[0]) == 0


def test_arrays_are_aligned_and_have_the_type_that_is_compiled_for(tmp_path):
    arrays = {"a": np.arange(3, dtype=np.int32), "b": np.array([1.5]), "c": np.empty((0, 4))}
    write_index(tmp_path / "a.index", "test", IndexParts({"n": 1}, arrays))
    parts = open_index(tmp_path / "a.index", "test")
    assert parts.facts == {"n": 1}
    for name, array in arrays.items():
        np.testing.assert_array_equal(parts.arrays[name], array)
        # Numba compiles anew for an array that may not be written.
        assert parts.arrays[name].flags.writeable
        assert parts.arrays[name].ctypes.data % 64 == 0 or not array.size
    with pytest.raises(KeyError):
        parts.take("a", "<f8")


def write_sample(path, *, kind: str = "nearest") -> bytes:
    NearestIndex.of(make_shapes(), KOREA).write(path)
    if kind != "nearest":
        WithinIndex.of(make_shapes()).write(path)
    return path.read_bytes()


def test_every_kind_of_damage_is_seen(tmp_path):
    path = tmp_path / "a.index"
    whole = write_sample(path)
    rng = np.random.default_rng(13)
    flips = [0, 9, 17, 60, 300, len(whole) - 1, *rng.integers(0, len(whole), 60).tolist()]
    for place in flips:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        with pytest.raises(DataError):
            NearestIndex.open(path)
    for length in (0, 7, 47, 100, 5_000, len(whole) // 2, len(whole) - 8, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError):
            NearestIndex.open(path)
    path.write_bytes(whole + b"\0" * (index_file.SUMMED + 8))
    with pytest.raises(DataError, match="damaged or cut off"):
        NearestIndex.open(path)
    path.write_bytes(whole)
    assert NearestIndex.open(path).path == path


def test_a_file_of_another_format_or_kind_is_named_and_not_used(tmp_path, monkeypatch):
    path = tmp_path / "a.index"
    write_sample(path)
    with pytest.raises(DataError, match="no index that this program has written"):
        WithinIndex.open(path)
    path.write_bytes(b"SQLite format 3\0" + bytes(500))
    with pytest.raises(DataError, match="no index that this program has written"):
        NearestIndex.open(path)
    monkeypatch.setattr(index_file, "FORMAT", index_file.FORMAT + 1)
    write_sample(path)
    monkeypatch.undo()
    with pytest.raises(DataError, match=f"format {index_file.FORMAT + 1}, and this program reads"):
        NearestIndex.open(path)
    with pytest.raises(DataError, match="cannot be opened"):
        NearestIndex.open(tmp_path / "none.index")


def test_what_is_cut_off_is_seen_even_by_who_does_not_look_at_every_byte(tmp_path):
    path = tmp_path / "a.index"
    whole = write_sample(path)
    for length in (5_000, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match="damaged or cut off"):
            NearestIndex.open(path, check=False)


def test_a_file_of_another_kind_with_the_same_arrays_is_not_used(tmp_path):
    path = tmp_path / "a.index"
    write_sample(path)
    write_index(tmp_path / "b.index", "walks", open_index(path, "nearest"))
    with pytest.raises(DataError, match="no index that this program has written"):
        NearestIndex.open(tmp_path / "b.index")


def test_a_sound_file_with_other_arrays_is_not_used(tmp_path):
    path = tmp_path / "a.index"
    for parts in (IndexParts(), IndexParts({"crs": "EPSG", "plane": {}}, {"x": np.zeros(3)})):
        write_index(path, "nearest", parts)
        with pytest.raises(DataError, match="no index that this program has written"):
            NearestIndex.open(path)


def test_a_file_of_another_layer_is_not_used(tmp_path):
    write_sample(tmp_path / "a.index")
    with pytest.raises(DataError):
        NearestIndex.open(tmp_path / "a.index", make_shapes()[:-1])


def test_a_file_that_is_too_large_is_refused_before_it_is_mapped(tmp_path, monkeypatch):
    path = tmp_path / "a.index"
    write_sample(path)
    monkeypatch.setattr(limits, "MAX_INDEX_BYTES", 1_000)
    monkeypatch.setattr(index_file.mmap, "mmap", lambda *_, **__: pytest.fail("it was mapped"))
    with pytest.raises(DataError, match="more than 0 MB"):
        NearestIndex.open(path)


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a.index"
    before = write_sample(path)

    def stop(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(index_file, "_add_up", stop)
    with pytest.raises(OSError, match="No space"):
        WithinIndex.of(make_shapes()).write(path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.index"]


# -- the cache folder ------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A cache folder, and layers that count as large."""
    monkeypatch.setenv("MAPSERVER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(shelf, "LARGE_VERTICES", 1)
    return tmp_path / "cache"


def list_files(folder) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def refuse_to_build(*_args):
    pytest.fail("it was built again")


def test_a_layer_is_indexed_once_and_then_opened(folder, monkeypatch):
    shapes = make_shapes()
    first = shelf.open_nearest(shapes, KOREA), shelf.open_within(shapes)
    snap = first[0].query_one(127.2, 35.2)
    assert len(list_files(folder)) == 3  # the lists of one-point searches beside
    if os.name == "posix":
        assert folder.stat().st_mode & 0o777 == 0o700
    for class_ in (NearestIndex, WithinIndex, shelf.OnePointIndex):
        monkeypatch.setattr(class_, "of", refuse_to_build)
    again = shelf.open_nearest(shapes, KOREA), shelf.open_within(shapes)
    assert [index.path for index in again] == [index.path for index in first]
    assert again[0].query_one(127.2, 35.2) == snap


def test_the_name_of_a_file_follows_from_all_that_its_bytes_follow_from(monkeypatch):
    shapes = make_shapes()
    key = shelf.compute_key("nearest", shapes, KOREA)
    assert key == shelf.compute_key("nearest", shapes.copy(), geodesy.parse_crs("EPSG:5186"))
    moved = shapes.copy()
    moved[10] = shapely.transform(moved[10], lambda xy: xy + 1e-12)
    swapped = shapes.copy()
    swapped[[8, 10]] = swapped[[10, 8]]
    others = {
        shelf.compute_key("within", shapes, KOREA),
        shelf.compute_key("nearest", shapes, geodesy.parse_crs("EPSG:5187")),
        shelf.compute_key("nearest", shapes[:-1], KOREA),
        shelf.compute_key("nearest", moved, KOREA),
        shelf.compute_key("nearest", swapped, KOREA),
    }
    monkeypatch.setattr(index_file, "FORMAT", index_file.FORMAT + 1)
    others.add(shelf.compute_key("nearest", shapes, KOREA))
    monkeypatch.undo()
    monkeypatch.setattr(shelf.pyproj, "proj_version_str", "99.0")
    others.add(shelf.compute_key("nearest", shapes, KOREA))
    assert len(others | {key}) == 8


def test_who_opens_a_file_does_not_wait_for_who_makes_another(folder):
    shapes = make_shapes()
    path = shelf.open_within(shapes).path
    opened = []
    with shelf._lock:  # another index is being made
        thread = threading.Thread(target=lambda: opened.append(shelf.open_within(shapes)))
        thread.start()
        thread.join(10)
        was_quick = not thread.is_alive()
    thread.join(10)
    assert was_quick
    assert [index.path for index in opened] == [path]
    assert path.parent == folder


@pytest.mark.parametrize("damage", ["cut", "flipped", "foreign", "empty"])
def test_a_damaged_file_is_made_anew(folder, damage):
    shapes = make_shapes()
    path = shelf.open_nearest(shapes, KOREA).path
    assert path.parent == folder
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(
        {
            "cut": whole[:middle],
            "flipped": whole[:middle] + bytes([whole[middle] ^ 4]) + whole[middle + 1 :],
            "foreign": b"GIF89a" + bytes(900),
            "empty": b"",
        }[damage]
    )
    index = shelf.open_nearest(shapes, KOREA)
    assert_same_answers(index, NearestIndex.of(shapes, KOREA), 200, 2)
    assert path.read_bytes() == whole


@pytest.mark.parametrize("place", ["file", "unwritable", "none"])
def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path, monkeypatch, place):
    monkeypatch.setattr(shelf, "LARGE_VERTICES", 1)
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("MAPSERVER_CACHE", "" if place == "none" else str(tmp_path / place))
    if place == "unwritable":  # as root may write anywhere, the writing itself fails

        def fail(*_args):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(index_file, "draft_file", fail)
    shapes = make_shapes()
    index = shelf.open_nearest(shapes, KOREA)
    assert index.path is None
    assert index.query_one(127.2, 35.2) is not None
    assert shelf.open_within(shapes).path is None


@pytest.mark.skipif(os.name != "posix", reason="modes of folders are POSIX's")
def test_a_folder_into_which_others_may_write_is_not_used(folder, caplog):
    folder.mkdir()
    folder.chmod(0o777)
    assert shelf.open_nearest(make_shapes(), KOREA).path is None
    assert list_files(folder) == []
    assert "other users may write there" in caplog.text


def test_small_layers_have_no_file(folder, monkeypatch):
    monkeypatch.setattr(shelf, "LARGE_VERTICES", 10_000)
    assert shelf.open_nearest(make_shapes(), KOREA).path is None
    assert not folder.exists() or list_files(folder) == []


def test_the_least_used_files_go_when_the_folder_is_full(folder, monkeypatch):
    shapes = make_shapes()
    first = shelf.open_within(shapes).path
    second = shelf.open_within(shapes[:40]).path
    long_ago = time.time() - 1_000
    os.utime(first, (long_ago - 100, long_ago - 100))
    os.utime(second, (long_ago, long_ago))
    shelf.open_within(shapes)  # now the first was used last
    size = first.stat().st_size + 100
    monkeypatch.setattr(limits, "MAX_CACHE_BYTES", 2 * size)
    third = shelf.open_within(shapes[:50]).path
    assert list_files(folder) == sorted([first.name, third.name])
    monkeypatch.setattr(limits, "MAX_CACHE_BYTES", 1)
    fourth = shelf.open_within(shapes[:45]).path
    assert list_files(folder) == [fourth.name]  # the newest stays, however large


def test_drafts_of_a_killed_program_are_removed_after_a_day(folder):
    folder.mkdir(mode=0o700)
    old, new = folder / ".a.index.1.draft", folder / ".b.index.2.draft"
    for draft in (old, new):
        draft.write_bytes(b"half")
    long_ago = time.time() - limits.MAX_DRAFT_AGE_S - 10
    os.utime(old, (long_ago, long_ago))
    shelf.open_within(make_shapes())
    assert not old.exists()
    assert new.exists()


def test_two_processes_that_make_the_same_index_write_the_same_bytes(folder):
    shapes = make_shapes()
    path = shelf.open_within(shapes).path
    before = path.read_bytes()
    script = (
        "import sys, numpy, shapely, pathlib\n"
        "from mapserver.index import shelf\n"
        "shelf.LARGE_VERTICES = 1\n"
        "shapes = shapely.from_wkb(numpy.load(sys.argv[1], allow_pickle=True))\n"
        "print(shelf.open_within(shapes, folder=pathlib.Path(sys.argv[2])).path.name)\n"
    )
    np.save(folder.parent / "shapes.npy", shapely.to_wkb(shapes), allow_pickle=True)
    arguments = [sys.executable, "-c", script, folder.parent / "shapes.npy", folder.parent / "b"]
    result = subprocess.run(arguments, capture_output=True, text=True, check=True)  # noqa: S603
    assert result.stdout.strip() == path.name
    assert (folder.parent / "b" / path.name).read_bytes() == before


def test_a_city_opens_the_indexes_of_its_large_layers(folder, sample_city, monkeypatch):
    city = type(sample_city)(sample_city.data)
    snap = city.find_nearest_snaps(126.85, 35.15, layer="trails", k=1, max_distance_m=None)
    located = city.locate(126.85, 35.15)
    assert list_files(folder)
    for class_ in (NearestIndex, WithinIndex):
        monkeypatch.setattr(class_, "of", refuse_to_build)
    again = type(sample_city)(sample_city.data)
    assert again.find_nearest_snaps(126.85, 35.15, layer="trails", k=1, max_distance_m=None) == snap
    assert again.locate(126.85, 35.15) == located


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("linux", {"MAPSERVER_CACHE": "/srv/cache"}, "/srv/cache"),
        ("linux", {"MAPSERVER_CACHE": ""}, None),
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/mapserver"),
        ("linux", {"XDG_CACHE_HOME": "x"}, "/home/kim/.cache/mapserver"),
        ("linux", {}, "/home/kim/.cache/mapserver"),
        ("darwin", {"XDG_CACHE_HOME": "/x"}, "/home/kim/Library/Caches/mapserver"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/mapserver/Cache"),
        ("win32", {}, "/home/kim/AppData/Local/mapserver/Cache"),
    ],
)
def test_the_folder_is_that_of_the_settings_or_of_the_system(
    monkeypatch, platform, environ, expected
):
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setenv("HOME", "/home/kim")
    found = find_cache_folder(environ)
    assert (None if found is None else found.as_posix()) == expected


def test_no_pickle_is_in_a_file(tmp_path):
    raw = write_sample(tmp_path / "a.index")
    length = int.from_bytes(raw[8:16], "little")
    header = json.loads(raw[48 : 48 + length])
    assert {dtype for dtype, _, _ in header["arrays"].values()} <= {"<i4", "<i8", "<f8", "|u1"}
