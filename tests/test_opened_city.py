"""A city is kept as it was read: the next start opens the same, and never another one."""

from __future__ import annotations

import errno
import logging
import os
import pickle
import shutil
import threading
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from conftest import ROOT
from gpxtext import gpx, track

from mapserver.commands import options
from mapserver.commands.cli import main
from mapserver.files.drafts import DRAFT_ENDING
from mapserver.files.program import Program, read_program
from mapserver.readers import opened_city
from mapserver.readers.city_folder import read_city
from mapserver.readers.opened_city import digest_conditions, keep_city, reopen_city
from mapserver.settings import Settings, limits
from mapserver.web import create_app, live, served_city, warming
from mapserver.web.watching import Watcher

OWNERS = hasattr(os, "getuid")
PATHS = ("/", "/trails", "/api/collections/trails/items", "/api/nearest?lon=126.85&lat=35.14")


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch) -> Path:
    """A cache folder, and a city at rest, whose program is at rest, too."""
    monkeypatch.setattr(limits, "FOLDER_REST_S", -1)
    monkeypatch.setattr(limits, "PROGRAM_REST_S", -1)
    monkeypatch.setenv("MAPSERVER_CACHE", str(tmp_path / "cache"))
    read_program.cache_clear()
    yield tmp_path / "cache"
    read_program.cache_clear()


@pytest.fixture
def folder(make_folder) -> Path:
    """A city of one trail."""
    return make_folder({"gpx/hill.gpx": gpx(track([(126.85, 35.14), (126.86, 35.15)]))})


def keep(city: Path) -> None:
    conditions = digest_conditions(city)
    keep_city(city, conditions, read_city(city))


def reopen(city: Path):
    return reopen_city(city, digest_conditions(city))


@pytest.mark.usefixtures("shelf")
def test_a_city_that_was_kept_gives_the_same_bytes_and_findings(monkeypatch):
    sample = ROOT
    keep(sample)
    monkeypatch.setattr(live, "read_city", lambda *_, **__: pytest.fail("it was read"))
    again = create_app(Settings(city=sample, tile_url=""))
    monkeypatch.undo()
    first = create_app(Settings(city=sample, tile_url=""))
    one, other = (app.extensions["mapserver"].city for app in (first, again))
    assert other.findings == one.findings
    assert other.version == one.version
    for path in PATHS:
        answers = [app.test_client().get(path) for app in (first, again)]
        assert answers[0].data == answers[1].data, path
        assert answers[0].headers.get("ETag") == answers[1].headers.get("ETag")


@pytest.mark.usefixtures("shelf")
def test_files_that_change_after_a_city_was_reopened_are_read_and_no_others(make_folder):
    line = gpx(track([(126.85, 35.14), (126.86, 35.15)]))
    city = make_folder(
        {"gpx/hill.gpx": line, "layers/shops.csv": "name,lon,lat\n가게,126.85,35.14\n"}
    )
    keep(city)
    data = reopen(city)
    assert data is not None
    (city / "gpx" / "hill.gpx").write_text(gpx(track([(126.87, 35.14), (126.88, 35.15)])), "utf-8")
    newer = read_city(city, earlier=data)
    assert newer.layers["shops"].frame is data.layers["shops"].frame
    assert newer.layers["trails"].frame is not data.layers["trails"].frame


@pytest.mark.parametrize(
    "change",
    ["touched", "added", "removed", "hidden link", "program", "package", "variable", "rights"],
)
@pytest.mark.usefixtures("shelf")
def test_a_city_is_read_anew_when_anything_is_not_as_it_was(folder, monkeypatch, change):
    keep(folder)
    assert reopen(folder) is not None
    file = folder / "gpx" / "hill.gpx"
    if change == "touched":
        os.utime(file)
    elif change == "added":
        (folder / "layers").mkdir(exist_ok=True)
        (folder / "layers" / "a.geojson").write_text("{}", "utf-8")
    elif change == "removed":
        file.unlink()
    elif change == "hidden link":  # it leads out, which is a finding, and no file of the city
        (folder / "gpx" / "out.gpx").symlink_to("/etc/hostname")
    elif change == "program":
        monkeypatch.setattr(opened_city, "read_program", lambda: Program(b"another", True))
    elif change == "package":
        monkeypatch.setattr(opened_city, "_list_packages", lambda: ["pandas-9.0.dist-info"])
    elif change == "variable":
        monkeypatch.setenv("PROJ_NETWORK", "ON")
    else:
        file.chmod(0o600 if file.stat().st_mode & 0o044 else 0o644)
    assert reopen(folder) is None


def test_sources_of_the_program_are_told_apart_by_their_content(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "PROGRAM_REST_S", -1)
    (tmp_path / "readers").mkdir()
    source = tmp_path / "readers" / "a.py"
    programs = []
    for text in ("one = 1\n", "one = 2\n"):
        source.write_text(text, "utf-8")
        os.utime(source, (0, 0))  # a reproducible build sets all times the same
        read_program.cache_clear()
        programs.append(read_program(tmp_path))
    assert programs[0].digest != programs[1].digest
    assert all(program.is_at_rest for program in programs)
    read_program.cache_clear()
    source.rename(tmp_path / "a.py")
    assert read_program(tmp_path).digest != programs[1].digest
    monkeypatch.setattr(limits, "PROGRAM_REST_S", 60)
    read_program.cache_clear()
    assert not read_program(tmp_path).is_at_rest  # what was saved just now may not be what runs


class Bomb:
    """Does harm when it is loaded."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self):
        return os.mkdir, (str(self.place),)


@pytest.mark.skipif(not OWNERS, reason="needs owners and modes")
@pytest.mark.parametrize("fault", ["file", "folder", "owner", "link"])
def test_nothing_is_loaded_that_somebody_else_may_have_written(  # noqa: PLR0917 -- fixtures
    shelf, folder, tmp_path, monkeypatch, caplog, fault
):
    keep(folder)
    (file,) = shelf.iterdir()
    conditions = digest_conditions(folder)
    body = pickle.dumps(Bomb(tmp_path / "harm"))
    content = opened_city.FORMAT + conditions + opened_city.hashlib.sha256(body).digest() + body
    file.write_bytes(content)
    if fault == "file":
        file.chmod(0o620)
    elif fault == "folder":
        shelf.chmod(0o777)
    elif fault == "owner":
        other = os.getuid() + 1
        monkeypatch.setattr(os, "getuid", lambda: other)
    else:
        file.rename(tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
    assert reopen_city(folder, conditions) is None
    assert not (tmp_path / "harm").exists()
    assert "may write there" in caplog.text or "is not used" in caplog.text


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_file_in_its_place_costs_nothing(shelf, folder, caplog, kind):
    keep(folder)
    (file,) = shelf.iterdir()
    file.unlink()
    os.mkfifo(file) if kind == "pipe" else file.mkdir()
    opened = []
    descriptors = len(list(Path("/dev/fd").iterdir()))
    thread = threading.Thread(target=lambda: opened.append(reopen(folder)), daemon=True)
    thread.start()
    thread.join(10)  # nobody writes into the pipe, and nobody is to wait for that
    assert opened == [None]
    assert len(list(Path("/dev/fd").iterdir())) == descriptors
    assert "is not used: what has its name is no file" in caplog.text
    keep(folder)
    opened_city.forget_city(folder)
    assert "may have written" not in caplog.text


def test_shells_of_a_user_with_other_settings_leave_each_others_files(shelf, folder, monkeypatch):
    monkeypatch.delenv("OGR_ENABLE_PARTIAL_REPROJECTION", raising=False)
    keep(folder)
    for name, text in (("LANG", "de_DE.UTF-8"), ("LC_TIME", "ko_KR.UTF-8")):
        monkeypatch.setenv(name, text)
        assert reopen(folder) is not None
    # Other variables are another way of reading, which has a file of its own.
    monkeypatch.setenv("OGR_ENABLE_PARTIAL_REPROJECTION", "YES")
    assert reopen(folder) is None
    live.open_snapshot(folder, may_reopen=True)
    keep(folder)
    monkeypatch.chdir(folder.parent)
    keep(Path(folder.name))  # as who names it by another path
    assert len(list(shelf.iterdir())) == 3
    assert reopen(Path(folder.name)).path == Path(folder.name)
    assert reopen(folder).path == folder
    monkeypatch.delenv("OGR_ENABLE_PARTIAL_REPROJECTION")
    assert reopen(folder) is not None
    opened_city.forget_city(folder)
    assert list(shelf.iterdir()) == []


def test_a_cache_folder_that_cannot_be_written_to_is_read(shelf, folder, monkeypatch, caplog):
    keep(folder)
    (file,) = shelf.iterdir()

    def refuse(path, *_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr(Path, "touch", refuse)
    for name in ("mkdir", "unlink", "utime"):
        monkeypatch.setattr(os, name, refuse)
    assert reopen(folder) is not None
    caplog.clear()
    monkeypatch.setattr(opened_city, "_find_place", lambda *_: shelf / "city-other.city")
    keep(folder)
    assert "Read-only file system" in caplog.text
    assert "OSError" not in caplog.text
    caplog.clear()
    other = folder.parent / "other"
    opened_city.forget_city(other)
    assert "removed" not in caplog.text  # of it nothing is there
    opened_city.forget_city(folder)
    assert f"{file} cannot be removed: Read-only file system" in caplog.text


def test_it_is_said_once_that_nothing_is_kept(tmp_path, folder, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    (tmp_path / "taken").write_text("", "utf-8")
    monkeypatch.setenv("MAPSERVER_CACHE", str(tmp_path / "taken"))
    for _ in range(3):
        keep(folder)
        assert reopen(folder) is None
    assert caplog.text.count("neither indexes nor the opened city are kept") == 1


@pytest.mark.parametrize(
    "fault", ["cut", "flipped", "empty", "foreign", "not loadable", "too large"]
)
def test_a_damaged_file_is_made_anew_and_said(shelf, folder, monkeypatch, caplog, fault):
    caplog.set_level(logging.INFO)
    keep(folder)
    (file,) = shelf.iterdir()
    content = file.read_bytes()
    head = len(opened_city.FORMAT) + opened_city.DIGEST_LENGTH
    if fault == "cut":
        file.write_bytes(content[:-100])
    elif fault == "flipped":
        file.write_bytes(content[:-100] + bytes([content[-100] ^ 1]) + content[-99:])
    elif fault == "empty":
        file.write_bytes(b"")
    elif fault == "foreign":
        file.write_bytes(b"PK\x03\x04" + content)
    elif fault == "not loadable":
        body = b"cmapserver.gone\nClass\n."
        file.write_bytes(content[:head] + opened_city.hashlib.sha256(body).digest() + body)
    else:
        monkeypatch.setattr(limits, "MAX_OPENED_CITY_BYTES", 1000)
        monkeypatch.setattr(limits, "KEPT_OBJECT_BYTES", 0)
    assert reopen(folder) is None
    assert "opened city" in caplog.text or "is read" in caplog.text
    monkeypatch.setattr(limits, "MAX_OPENED_CITY_BYTES", 2**20)
    keep(folder)
    assert reopen(folder) is not None


def test_a_city_with_a_file_that_could_not_be_read_is_read_at_each_start(shelf, folder):
    (folder / "gpx" / "broken.gpx").write_text("<gpx", "utf-8")
    keep(folder)
    assert not shelf.exists() or not list(shelf.iterdir())


def test_what_changed_a_moment_ago_or_meanwhile_is_not_kept(shelf, folder, monkeypatch):
    conditions, data = digest_conditions(folder), read_city(folder)
    (folder / "gpx" / "other.gpx").write_text(gpx(track([(126.8, 35.1), (126.81, 35.1)])), "utf-8")
    keep_city(folder, conditions, data)
    assert not list(shelf.iterdir())
    monkeypatch.setattr(limits, "FOLDER_REST_S", 60)
    keep(folder)
    assert not list(shelf.iterdir())


def test_a_full_disk_or_a_city_that_cannot_be_kept_costs_nothing(
    shelf, folder, monkeypatch, caplog
):
    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(opened_city, "draft_file", fail)
    keep(folder)
    assert "No space left" in caplog.text
    monkeypatch.undo()
    assert not list(shelf.glob("*"))


def test_of_each_city_one_state_is_kept_and_of_all_no_more_than_the_limit(
    shelf, folder, tmp_path, monkeypatch
):
    keep(folder)
    os.utime(folder / "gpx" / "hill.gpx")
    keep(folder)
    (file,) = shelf.iterdir()
    old = shelf / f".{file.name}.1{DRAFT_ENDING}"
    for path, age_s in ((old, 2 * limits.MAX_DRAFT_AGE_S), (file, 60)):
        path.touch()
        os.utime(path, (time.time() - age_s,) * 2)
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    monkeypatch.setattr(limits, "MAX_OPENED_CITIES_BYTES", 1)
    keep(other)
    (newest,) = shelf.iterdir()  # the earlier city and what a killed program left are gone
    assert newest.name != file.name
    if OWNERS:
        assert newest.stat().st_mode & 0o777 == 0o600


def test_a_server_keeps_what_it_has_read_and_forgets_it_when_it_is_told_to_read_anew(
    shelf, folder, monkeypatch
):
    app = create_app(Settings(city=folder, tile_url=""))
    watcher = Watcher(app.extensions["mapserver"])
    watcher.look()
    assert reopen(folder) is not None
    counts = []
    reading = live.read_city
    monkeypatch.setattr(live, "read_city", lambda *a, **k: counts.append(a) or reading(*a, **k))
    served = create_app(Settings(city=folder, tile_url="")).extensions["mapserver"]
    assert counts == []
    # Contents may have changed without a trace: so the files themselves are read, and not the copy.
    live.open_snapshot(served.settings.city)
    assert len(counts) == 1
    assert list(shelf.iterdir()) == []


@pytest.mark.parametrize("is_kept", [True, False])
def test_a_join_reads_a_city_once_and_again_when_it_changes(shelf, folder, monkeypatch, is_kept):
    if not is_kept:
        monkeypatch.setenv("MAPSERVER_CACHE", "")
    points = folder.parent / "points.parquet"
    pq.write_table(pa.table({"lon": [126.85, 126.87], "lat": [35.15, 35.15]}), points)
    counts = []
    reading = options.read_city
    monkeypatch.setattr(options, "read_city", lambda *a, **k: counts.append(a) or reading(*a, **k))

    def join(out: str) -> list[bytes]:
        words = ["join", str(points), "--nearest", "trails", "--city", str(folder), "--out"]
        run = CliRunner().invoke(main, [*words, str(folder.parent / out)])
        assert run.exit_code == 0, run.output
        return [path.read_bytes() for path in (folder.parent / out).glob("*.parquet")]

    first = join("first")
    assert join("second") == first
    assert len(counts) == (1 if is_kept else 2)
    assert shelf.is_dir() == is_kept
    (folder / "gpx" / "hill.gpx").write_text(
        gpx(track([(126.87, 35.14), (126.88, 35.15)])), "utf-8"
    )
    assert join("third") != first
    assert len(counts) == (2 if is_kept else 3)


def test_without_a_cache_folder_nothing_is_kept(folder, monkeypatch):
    monkeypatch.setenv("MAPSERVER_CACHE", "")
    assert digest_conditions(folder) == b""
    keep(folder)
    assert reopen(folder) is None


def test_features_of_a_layer_are_made_when_they_are_asked_for_and_for_good(folder, monkeypatch):
    made = []
    features = served_city.Features
    monkeypatch.setattr(
        served_city, "Features", lambda frame: made.append(frame) or features(frame)
    )
    app = create_app(Settings(city=folder, tile_url=""))
    served = app.extensions["mapserver"].snapshot
    assert "trails" in served.features
    assert list(served.features) == ["trails"]
    assert made == []
    for _ in range(2):
        assert app.test_client().get("/api/collections/trails/items").status_code == 200
    assert len(made) == 1
    # A newer state of the city takes over those of a layer that is the same.
    assert live.open_snapshot(folder, served).features["trails"] is served.features["trails"]
    assert len(made) == 1


def test_what_the_parent_asks_itself_is_neither_counted_nor_written_down(folder, caplog):
    caplog.set_level(logging.INFO)
    app = create_app(Settings(city=folder, tile_url=""))
    client = app.test_client()
    before = client.get("/metrics").text
    caplog.clear()
    warming.ask_samples(app)
    assert caplog.text == ""
    assert len(app.extensions["mapserver"].snapshot.shapes) > 2  # questions have been read
    lines = [line for line in before.splitlines() if "requests_total" in line and "nearest" in line]
    after = client.get("/metrics").text.splitlines()
    assert all(line in after for line in lines)
