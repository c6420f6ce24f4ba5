"""A city is read as one whole state of its folder, whatever is changed meanwhile."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from gpxtext import gpx, track

import mapserver
from mapserver.files import change
from mapserver.files.drafts import write_file
from mapserver.files.lock import free_lock, is_locked, take_lock
from mapserver.readers import city_folder
from mapserver.settings import limits

TINY = ((126.85, 35.15), (126.8512, 35.15))
OTHER = ((126.86, 35.15), (126.8612, 35.15))


@pytest.fixture
def folder(make_folder):
    return make_folder({"gpx/old.gpx": gpx(track(TINY, name="옛길"))})


def add_trail(folder: Path, name: str = "new", line=OTHER) -> None:
    (folder / f"gpx/{name}.gpx").write_text(gpx(track(line, name=name)), "utf-8")


def test_a_file_that_changes_between_reading_and_digesting_is_read_again(folder, monkeypatch):
    read, changes = city_folder.compute_version, iter(["둘째", "셋째"])

    def change_then_digest(path):
        if name := next(changes, None):
            (path / "gpx/old.gpx").write_text(gpx(track(OTHER, name=name)), "utf-8")
        return read(path)

    monkeypatch.setattr(city_folder, "compute_version", change_then_digest)
    city = mapserver.open_city(folder)
    monkeypatch.undo()
    assert city.trails.name["old"] == "셋째"
    assert city.version == mapserver.open_city(folder).version


@pytest.mark.parametrize("fault", [FileNotFoundError(2, "gone"), mapserver.errors.DataError("x")])
def test_a_failure_over_files_that_went_meanwhile_is_read_again(folder, monkeypatch, fault):
    read, faults = city_folder.compute_version, iter([fault])

    def change_and_fail(path):
        if error := next(faults, None):
            add_trail(path)
            raise error
        return read(path)

    monkeypatch.setattr(city_folder, "compute_version", change_and_fail)
    assert list(mapserver.open_city(folder).trails.index) == ["new", "old"]


def test_a_failure_over_files_at_rest_is_raised(folder, monkeypatch):
    def fail(_):
        raise FileNotFoundError(2, "gone")

    monkeypatch.setattr(city_folder, "compute_version", fail)
    with pytest.raises(OSError, match="gone"):
        mapserver.open_city(folder)


def test_a_folder_that_goes_while_it_is_listed_is_passed_by(folder, monkeypatch):
    (folder / "gpx/photos").mkdir()
    (folder / "gpx/photos/old.jpg").write_bytes(b"x")
    scan = os.scandir

    def lose(path="."):
        if str(path).endswith("photos"):
            raise FileNotFoundError(2, "gone")
        return scan(path)

    monkeypatch.setattr(os, "scandir", lose)
    assert [name for name, *_ in city_folder.fingerprint(folder)] == ["gpx/old.gpx"]


def test_a_folder_that_changes_at_each_reading_is_refused(folder, monkeypatch):
    read = city_folder.compute_version
    count = iter(range(100))

    def change_then_digest(path):
        add_trail(path, f"trail-{next(count)}")
        return read(path)

    monkeypatch.setattr(city_folder, "compute_version", change_then_digest)
    with pytest.raises(mapserver.errors.UnrestError, match="change while they are read"):
        mapserver.open_city(folder)


def test_the_version_is_of_contents_and_not_of_sizes(folder):
    before = mapserver.open_city(folder).version
    path = folder / "gpx/old.gpx"
    path.write_text(path.read_text("utf-8").replace("126.8512", "126.8513"), "utf-8")
    assert mapserver.open_city(folder).version != before


def test_a_file_that_cannot_be_opened_costs_only_itself(folder, monkeypatch):
    add_trail(folder)
    opened = Path.open

    def refuse(path, *args, **kwargs):
        if path.name == "new.gpx":
            raise PermissionError(13, "no")
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    city = mapserver.open_city(folder)
    assert list(city.trails.index) == ["old"]
    assert any("new.gpx" in str(finding) for finding in city.findings)


@pytest.mark.parametrize("part", ["gpx", "layers"])
def test_readers_put_back_what_a_killed_change_took_away(folder, part):
    before = mapserver.open_city(folder).version
    (folder / part).rename(folder / f".{part}.old")
    assert mapserver.open_city(folder).version == before
    assert (folder / part).is_dir()


def test_a_folder_is_put_back_under_the_lock(folder, monkeypatch):
    """So that an `add` that begins just then does not find its own folder put back."""
    (folder / "gpx").rename(folder / ".gpx.old")
    restore, locks = change.restore_folder, []

    def note(city, name):
        locks.append(is_locked(city / change.LOCK))
        restore(city, name)

    monkeypatch.setattr(change, "restore_folder", note)
    assert list(mapserver.open_city(folder).trails.index) == ["old"]
    assert set(locks) == {True}
    assert not (folder / change.LOCK).exists()


def test_what_cannot_be_put_back_is_an_error_and_no_empty_city(folder, monkeypatch):
    (folder / "gpx").rename(folder / ".gpx.old")

    def refuse(*_):
        raise PermissionError(13, "read-only")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(mapserver.errors.DataError, match="interrupted change"):
        mapserver.open_city(folder)


def test_a_reader_waits_for_a_change_between_its_renames(folder, monkeypatch):
    (folder / "gpx").rename(folder / ".gpx.old")
    file = take_lock(folder / change.LOCK)
    monkeypatch.setattr(limits, "LOCK_WAIT_S", 0.1)
    with pytest.raises(mapserver.errors.UnrestError):
        mapserver.open_city(folder)
    free_lock(folder / change.LOCK, file)
    assert (folder / ".gpx.old").is_dir()  # it is the other program's


def test_a_failed_rename_puts_the_old_folder_back(folder, monkeypatch):
    before = mapserver.open_city(folder).version
    rename = Path.rename

    def fail_for_drafts(path, target):
        if path.name == ".gpx.new":
            raise OSError(28, "full")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail_for_drafts)
    with pytest.raises(OSError, match="full"), change.change_folder(folder, "gpx") as draft:
        write_file(draft / "new.gpx", b"x")
    monkeypatch.undo()
    assert (folder / "gpx").is_dir()
    assert mapserver.open_city(folder).version == before
