"""A disk that is full is called one, in one line, and nothing half written stays on it."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner
from gpxtext import gpx

from mapserver import report
from mapserver.commands import cli
from mapserver.commands import report as report_command
from mapserver.files.change import recover_city
from mapserver.writers import Format

# Files may not grow beyond so many bytes: what a quota does, and what libraries in C feel as well.
RUN = "import resource, sys; limit = int(sys.argv.pop(1)); from mapserver import importing;"
RUN += "from mapserver.commands import cli; from mapserver.writers import export;"
RUN += "resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)); cli.main(sys.argv[1:])"
POINTS = gpd.GeoDataFrame(
    {"id": [str(n) for n in range(3000)], "name": ["이름 " * 9] * 3000},
    geometry=[shapely.Point(126.8 + n / 1e5, 35.1) for n in range(3000)],
    crs=4326,
)


@pytest.fixture
def city(make_folder) -> Path:
    folder = make_folder({"gpx/walk.gpx": gpx()})
    POINTS.to_file(folder / "layers" / "shops.geojson")
    return folder


def run_limited(limit: int, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", RUN, str(limit), *map(str, words)]
    return subprocess.run(  # noqa: S603 -- this product
        command, capture_output=True, text=True, check=False, timeout=120
    )


def state(folder: Path) -> dict[str, bytes]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.slow  # a process for each format: the limit is of a whole process
@pytest.mark.parametrize("style", [style for style in Format if style is not Format.GPX])
def test_an_export_onto_a_full_disk_leaves_nothing(city, tmp_path, style):
    out = tmp_path / "out" / f"x.{style}"
    out.parent.mkdir()
    answer = run_limited(20_000, "export", out, "--city", city, "--layer", "shops")
    assert answer.returncode == 1
    assert answer.stderr.strip().splitlines()[-1].startswith("mapserver: shops: the disk is full")
    assert "Traceback" not in answer.stderr
    assert list(out.parent.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("limit", [10, 20_000, 200_000])
def test_an_add_onto_a_full_disk_leaves_the_city_as_it_was(city, tmp_path, limit):
    POINTS.to_file(tmp_path / "new.geojson")
    before = state(city)
    words = ("add", tmp_path / "new.geojson", "--as", "shops", "--replace", "--city", city)
    answer = run_limited(limit, *words, "--lang", "en")
    assert answer.returncode == 1
    assert "the disk is full. Free some space" in answer.stderr.strip().splitlines()[-1]
    assert "Traceback" not in answer.stderr
    assert state(city) == before
    assert sorted(path.name for path in city.iterdir()) == ["gpx", "layers"]


class Full:
    """Lets so many changes of a folder pass, and fails from then on."""

    def __init__(self, folder: Path, passes: int) -> None:
        self.folder, self.passes, self.count = str(folder), passes, 0

    def check(self, path: object) -> None:
        if str(path).startswith(self.folder):
            self.count += 1
            if self.count > self.passes:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put itself before everything that takes room on a disk; removing takes none."""

        def guard(owner: object, name: str, *, is_open: bool = False) -> None:
            original = getattr(owner, name)

            def call(path, *args, **options):
                mode = str(args[0] if args else options.get("mode", "r"))
                if not is_open or set(mode) & set("wax+"):
                    self.check(path)
                return original(path, *args, **options)

            monkeypatch.setattr(owner, name, call)

        for name in ("mkdir", "link", "rename", "replace"):
            guard(os, name)
        guard(io, "open", is_open=True)
        guard(__import__("builtins"), "open", is_open=True)


@pytest.mark.slow
@pytest.mark.parametrize("role", ["layer", "trails"])
def test_a_disk_that_is_full_at_any_moment_of_an_add_changes_nothing(city, tmp_path, role):
    given = tmp_path / "new.gpx"
    given.write_text(gpx(), "utf-8")
    if role == "layer":
        given = tmp_path / "new.geojson"
        POINTS[:5].to_file(given)
    before = state(city)
    words = ["add", str(given), "--as", role, "--city", str(city), "--lang", "en"]
    for passes in range(60):
        with pytest.MonkeyPatch.context() as patch:
            full = Full(city, passes)
            full.install(patch)
            answer = CliRunner().invoke(cli.main, words)
        if full.count <= passes:
            assert answer.exit_code == 0, answer.output
            break
        assert answer.exit_code == 1
        assert isinstance(answer.exception, SystemExit)
        assert "the disk is full. Free some space" in answer.stderr.strip().splitlines()[-1]
        recover_city(city)  # as the next reader does, should the folder not even move back
        assert state(city) == before
        assert sorted(path.name for path in city.iterdir()) == ["gpx", "layers"]
    else:
        pytest.fail("it writes more often than was tried")
    assert passes > 5


@pytest.mark.slow
def test_a_report_onto_a_full_disk_leaves_nothing(sample_city, tmp_path, monkeypatch):
    def fail(*_args, **_options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "report.html")

    (tmp_path / "one.ipynb").write_text(
        '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "utf-8"
    )
    monkeypatch.setattr(report, "_write_record", fail)
    monkeypatch.setattr(report_command, "open_wished_city", lambda _city: sample_city)
    words = ["report", str(tmp_path / "one.ipynb"), "--out", str(tmp_path / "report")]
    answer = CliRunner().invoke(cli.main, [*words, "--lang", "en"])
    assert answer.exit_code == 1
    assert "the disk is full. Free some space" in answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["one.ipynb"]
