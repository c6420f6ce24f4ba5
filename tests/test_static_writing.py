"""A static site is put into place whole or not at all, whatever breaks."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import abort
from gpxtext import gpx
from test_static_site import DAY, ROOT
from werkzeug.exceptions import ServiceUnavailable

from mapserver.commands.cli import main
from mapserver.errors import DataError
from mapserver.settings import Settings, limits
from mapserver.web import create_app
from mapserver.web.static_site import write_site, writing

# -- whole or not at all -----------------------------------------------------------------------


@pytest.fixture
def small(make_folder, monkeypatch) -> Settings:
    monkeypatch.setattr(limits, "DAYS_AHEAD", 2)
    return Settings(city=make_folder({"gpx/hill.gpx": gpx()}), tile_url="")


@pytest.mark.slow
def test_a_folder_with_something_else_in_it_is_left_alone(small, tmp_path):
    out = tmp_path / "out"
    (out / "deep").mkdir(parents=True)
    (out / "deep/thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match=r"deep/thesis\.txt"):
        write_site(small, out, day=DAY)
    assert [path.name for path in out.rglob("*.*")] == ["thesis.txt"]


@pytest.mark.slow
def test_an_earlier_site_is_replaced_unless_something_was_put_into_it(small, tmp_path):
    out = tmp_path / "out"
    write_site(small, out, day=DAY)
    shutil.copy(small.city / "gpx/hill.gpx", small.city / "gpx/lake.gpx")
    write_site(small, out, day=DAY)
    assert (out / "trails/lake.html").is_file()
    (small.city / "gpx/lake.gpx").unlink()
    write_site(small, out, day=DAY)
    assert not (out / "trails/lake.html").exists()
    (out / "CNAME").write_text("walk.example")
    with pytest.raises(DataError, match="CNAME"):
        write_site(small, out, day=DAY)
    assert (out / "CNAME").is_file()


@pytest.mark.slow
def test_a_marker_that_is_not_ours_gives_no_leave(small, tmp_path):
    for n, content in enumerate(["[]", "{}", '{"files": 1}', "nonsense", '{"files": ["other"]}']):
        out = tmp_path / f"out{n}"
        out.mkdir()
        (out / writing.MARKER).write_text(content)
        (out / "mine.txt").write_text("")
        with pytest.raises(DataError, match="would be lost"):
            write_site(small, out, day=DAY)


@pytest.mark.slow
@pytest.mark.parametrize("limit", ["MAX_SITE_FILES", "MAX_SITE_BYTES"])
def test_a_site_without_end_is_refused_and_leaves_nothing(small, tmp_path, monkeypatch, limit):
    monkeypatch.setattr(limits, limit, 5)
    with pytest.raises(DataError, match="would have more than"):
        write_site(small, tmp_path / "out", day=DAY)
    assert [path.name for path in tmp_path.iterdir()] == ["city"]


@pytest.mark.slow
def test_a_full_disk_leaves_the_old_site(small, tmp_path, monkeypatch):
    out = tmp_path / "out"
    write_site(small, out, day=DAY)
    before = sorted(path.relative_to(out) for path in out.rglob("*"))
    open_file = Path.open

    def fail(path: Path, mode: str = "r", **options):
        if path.name == "sw.js" and mode == "wb":
            raise OSError(28, "No space left on device")
        return open_file(path, mode, **options)

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(DataError, match="No space left"):
        write_site(small, out, day=DAY)
    assert sorted(path.relative_to(out) for path in out.rglob("*")) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["city", "out"]


FAILURES = {
    "a mistake of ours": (ValueError("of ours"), "made a mistake over the page {page} (ValueError"),
    "a file that went": (FileNotFoundError(2, "No such file"), "{page} could not be made"),
    "data that cannot be used": (DataError("of the data"), "{page} could not be made"),
    "an answer of a server": (ServiceUnavailable(), "{page} could not be made"),
}


@pytest.mark.slow
@pytest.mark.parametrize("view", ["pages.show_front", "trails.show_trail", "trails.as_gpx"])
@pytest.mark.parametrize("kind", FAILURES)
def test_a_page_that_fails_ends_it_and_leaves_the_old_site(
    small, tmp_path, monkeypatch, kind, view
):
    out = tmp_path / "out"
    write_site(small, out, day=DAY)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    error, said = FAILURES[kind]

    def create_failing(settings):
        app = create_app(settings)
        assert view in app.view_functions

        def fail(**_: object) -> None:
            raise error

        app.view_functions[view] = fail
        return app

    monkeypatch.setattr(writing, "create_app", create_failing)
    done = CliRunner().invoke(main, ["site", str(out), "--city", str(small.city), "--lang", "en"])
    paths = {"pages.show_front": "/?lang=ko", "trails.show_trail": "/trails/hill"}
    page = paths.get(view, "/trails/hill.gpx")
    assert done.exit_code == 1, done.output
    about, _, rest = said.partition("{page}")
    assert re.search(rf"{about}{re.escape(page)}(\?lang=\w+)?{re.escape(rest)}", done.stderr)
    assert done.stderr.count("\n") == 1, done.stderr
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["city", "out"]


@pytest.mark.slow
def test_a_first_page_that_is_not_there_ends_it(small, tmp_path, monkeypatch):
    def create_without(settings):
        app = create_app(settings)
        app.view_functions["pages.show_front"] = lambda: abort(404)
        return app

    monkeypatch.setattr(writing, "create_app", create_without)
    with pytest.raises(DataError, match=r"/\?lang=ko could not be made.*404"):
        write_site(small, tmp_path / "out", day=DAY)
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_city_that_changes_while_its_site_is_written_is_not_mixed(small, tmp_path, monkeypatch):
    first = create_app(small).extensions["mapserver"].snapshot
    (small.city / "gpx/new.gpx").write_text(gpx())
    newer = create_app(small).extensions["mapserver"].snapshot

    class Changing:
        """A live city that is another one from the second look on."""

        def __init__(self) -> None:
            self.settings = small
            self._next = [first]

        @property
        def snapshot(self):
            return self._next.pop() if self._next else newer

        city = property(lambda self: self.snapshot.city)

    def create_changing(settings):
        app = create_app(settings)
        app.extensions["mapserver"] = Changing()
        return app

    monkeypatch.setattr(writing, "create_app", create_changing)
    write_site(small, tmp_path / "out", day=DAY)
    assert (tmp_path / "out/trails/hill.html").is_file()
    assert not any("new" in path.name for path in (tmp_path / "out/trails").iterdir())


@pytest.mark.slow
def test_the_command_says_how_much_it_wrote(small, tmp_path):
    out = tmp_path / "out"
    done = CliRunner().invoke(
        main, ["site", str(out), "--city", str(small.city), "--base-url", ROOT, "--lang", "en"]
    )
    assert done.exit_code == 0, done.output
    files = [path for path in out.rglob("*") if path.is_file()]
    assert f"files: {len(files)}," in done.output
    assert (
        CliRunner()
        .invoke(main, ["site", str(out), "--city", str(small.city), "--base-url", "ftp:/x"])
        .exit_code
        == 2
    )


@pytest.mark.slow
def test_the_requests_by_which_it_is_made_are_not_written_down(small, tmp_path):
    """The command shows its progress; a line for each page would bury it."""
    command = [sys.executable, "-m", "mapserver", "site", tmp_path / "out", "--city", small.city]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert "GET /" not in done.stdout + done.stderr
