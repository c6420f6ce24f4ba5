"""A served city follows its files by the clock: one whole state after another, never a mix."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import shutil
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from browsing import PATIENCE_S
from conftest import ROOT
from forking import fork, wait_for_end
from gpxtext import gpx, track

import mapserver
from mapserver.model import status
from mapserver.settings import Settings, limits
from mapserver.web import create_app, live, watching
from mapserver.web.condition import Condition
from mapserver.web.watching import Watcher

TINY = ((126.85, 35.15), (126.8512, 35.15))
OTHER = ((126.86, 35.15), (126.8612, 35.15))


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Watched:
    """A served city, with a watcher whose looks and clock are in the hand of the test."""

    def __init__(self, folder: Path, **callbacks) -> None:
        self.app = create_app(Settings(city=folder, tile_url=""))
        self.live: live.Live = self.app.extensions["mapserver"]
        self.clock = Clock()
        self.day = dt.date(2026, 6, 1)
        self.published = []
        self.watcher = Watcher(
            self.live,
            publish=lambda: self.published.append(self.version),
            clock=self.clock,
            day=lambda: self.day,
            **callbacks,
        )

    @property
    def version(self) -> str:
        return self.live.city.version

    def pass_time(self, seconds: float) -> None:
        """Let time go by, with the looks that fall into it."""
        until_s = self.clock.now_s + seconds
        while self.clock.now_s < until_s:
            self.clock.now_s = min(self.clock.now_s + limits.WATCH_EVERY_S, until_s)
            self.watcher.look()

    def get(self, path: str) -> dict:
        return json.loads(self.app.test_client().get(path).data)


@pytest.fixture
def folder(make_folder):
    return make_folder({"gpx/old.gpx": gpx(track(TINY, name="옛길"))})


def add_trail(folder: Path, name: str = "new", line=OTHER) -> None:
    (folder / f"gpx/{name}.gpx").write_text(gpx(track(line, name=name)), "utf-8")


# -- following ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_changed_gpx_file_changes_every_number(tmp_path):
    for part in ("gpx", "layers"):
        shutil.copytree(ROOT / part, tmp_path / part)
    watched = Watched(tmp_path)
    client = watched.app.test_client()
    before = watched.get("/readyz")
    page = client.get("/?lang=en").text
    (tmp_path / "gpx/new-path.gpx").write_text(gpx(track(TINY, name="새 길")), "utf-8")
    watched.pass_time(4)
    after = watched.get("/readyz")
    assert after["version"] != before["version"]
    assert after["layers"]["trails"] == before["layers"]["trails"] + 1
    nearest = watched.get("/api/nearest?lon=126.85&lat=35.15")["features"][0]
    assert (nearest["id"], nearest["properties"]["distance_m"]) == ("new-path", 0)
    changed = client.get("/?lang=en").text
    assert "새 길" in changed
    assert "새 길" not in page
    assert mapserver.open_city(tmp_path).version == after["version"]


def test_nobody_needs_to_visit_for_a_change_to_be_seen(folder):
    watched = Watched(folder)
    add_trail(folder)
    watched.pass_time(4)
    assert list(watched.live.city.trails.index) == ["new", "old"]
    assert watched.published == [watched.version]


def test_visitors_never_open_the_folder(folder):
    watched = Watched(folder)
    before = watched.version
    add_trail(folder)
    for _ in range(3):
        assert watched.get("/readyz")["version"] == before


def test_nothing_younger_than_a_moment_is_served(folder):
    watched = Watched(folder)
    before = watched.version
    add_trail(folder)
    watched.pass_time(limits.FOLDER_REST_S)
    assert watched.version == before
    watched.pass_time(3 * limits.WATCH_EVERY_S)
    assert watched.version != before


def test_a_file_that_is_still_being_written_is_not_served(folder):
    """As scp writes: in place, piece by piece, over many seconds."""
    watched = Watched(folder)
    text = gpx(track([(126.85 + i * 1e-5, 35.15) for i in range(200)], name="옛길")).encode()
    path = folder / "gpx/old.gpx"
    for piece in range(1, 11):
        path.write_bytes(text[: len(text) * piece // 10])
        watched.pass_time(1)
        assert len(watched.live.city.trails) == 1
        assert watched.live.city.trails.points["old"] == (200 if watched.published else 2)
        assert watched.published == []
    watched.pass_time(3)
    assert watched.live.city.trails.points["old"] == 200
    assert len(watched.published) == 1


def test_a_folder_is_not_opened_while_it_changes_at_every_look(folder, monkeypatch):
    watched = Watched(folder)
    monkeypatch.setattr(watching, "open_snapshot", pytest.fail)
    for piece in range(10):
        (folder / "gpx/old.gpx").write_text("<gpx>" + "x" * piece, "utf-8")
        watched.pass_time(limits.WATCH_EVERY_S)
    assert watched.live.condition.report.reason == ""


def test_two_files_that_are_saved_one_after_the_other_are_published_together(folder):
    watched = Watched(folder)
    add_trail(folder, "a")
    watched.pass_time(1)
    add_trail(folder, "b")
    watched.pass_time(4)
    assert len(watched.published) == 1
    assert list(watched.live.city.trails.index) == ["a", "b", "old"]


def test_a_file_that_was_changed_and_changed_back_is_not_published(folder):
    watched = Watched(folder)
    path = folder / "gpx/old.gpx"
    content = path.read_bytes()
    path.write_bytes(b"<gpx>")
    watched.pass_time(1)
    path.write_bytes(content)
    watched.pass_time(4)
    assert watched.published == []
    assert watched.live.condition.report.reason == ""


def test_what_was_opened_and_went_again_takes_no_memory(folder):
    watched = Watched(folder)
    add_trail(folder, "short-lived")
    watched.pass_time(1)
    assert watched.watcher._candidate is not None
    (folder / "gpx/short-lived.gpx").unlink()
    watched.pass_time(limits.WATCH_EVERY_S)
    assert watched.watcher._candidate is None
    watched.pass_time(4)
    assert watched.published == []


def test_a_folder_that_changes_while_its_pages_are_made_is_not_served_as_it_was(folder):
    def change_meanwhile(_):
        if not (folder / "gpx/later.gpx").exists():
            add_trail(folder, "later")
        watched.clock.now_s += (
            limits.FOLDER_REST_S
        )  # it takes so long that the first change has rested

    watched = Watched(folder, prepare=change_meanwhile)
    add_trail(folder, "first")
    watched.pass_time(10)
    assert len(watched.published) == 1
    assert list(watched.live.city.trails.index) == ["first", "later", "old"]


def test_a_change_that_keeps_size_and_time_of_writing_is_seen(folder):
    watched = Watched(folder)
    path = folder / "gpx/old.gpx"
    at = path.stat()
    path.write_text(path.read_text("utf-8").replace("옛길", "새길"), "utf-8")
    os.utime(path, ns=(at.st_atime_ns, at.st_mtime_ns))
    watched.pass_time(4)
    assert watched.live.city.trails.name["old"] == "새길"


def test_a_page_that_was_kept_is_not_shown_of_newer_data(folder):
    watched = Watched(folder)
    client = watched.app.test_client()
    assert "옛길" in client.get("/trails/old").text
    (folder / "gpx/old.gpx").write_text(gpx(track(TINY, name="새길")), "utf-8")
    watched.pass_time(4)
    page = client.get("/trails/old").text
    assert ("새길" in page, "옛길" in page) == (True, False)


def test_times_of_files_may_lie_in_the_future(folder):
    watched = Watched(folder)
    add_trail(folder)
    os.utime(folder / "gpx/new.gpx", (4e9, 4e9))
    watched.pass_time(4)
    assert "new" in watched.live.city.trails.index


def test_what_changed_is_due_when_it_has_rested_and_what_is_served_never(folder):
    watched = Watched(folder)
    assert not watched.watcher.is_due
    (folder / "gpx" / "new.gpx").write_text(gpx(track(OTHER)), "utf-8")
    due = []
    watched.watcher._prepare = lambda _: due.append(watched.watcher.is_due)
    watched.pass_time(0.5)
    assert due == [False]
    watched.clock.now_s += limits.FOLDER_REST_S
    assert watched.watcher.is_due
    watched.pass_time(limits.WATCH_EVERY_S)
    assert "new" in watched.live.city.trails.index
    assert not watched.watcher.is_due


def test_what_the_start_has_left_is_made_once_and_then_served_by_new_workers(folder):
    made = []
    watched = Watched(folder, prepare=lambda snapshot: made.append(snapshot.city.version))
    watched.live.is_warm = False
    since = watched.live.served_since
    for _ in range(3):
        watched.watcher.look()
    assert made == watched.published == [watched.version]
    assert watched.live.served_since == since  # the answers are the same as before


def test_a_change_while_the_start_is_unfinished_leaves_nothing_of_it_to_be_made(folder):
    made = []
    watched = Watched(folder, prepare=lambda snapshot: made.append(snapshot.city.version))
    watched.live.is_warm = False
    first = watched.version
    (folder / "gpx" / "other.gpx").write_text(gpx(track(OTHER)), "utf-8")
    watched.pass_time(10)
    assert watched.version != first
    assert made == watched.published == [watched.version]


def test_what_the_start_has_left_and_cannot_be_made_is_said_and_costs_nothing(folder, caplog):
    def fail(_):
        raise ValueError("no pages")

    watched = Watched(folder, prepare=fail)
    watched.live.is_warm = False
    watched.pass_time(2)
    assert caplog.text.count("no pages") >= 1
    assert watched.live.condition.report.reason == ""  # what is served is the folder as it is
    assert watched.app.test_client().get("/").status_code == 200


def test_what_is_published_is_handed_on_at_a_later_look(folder):
    kept = []
    watched = Watched(folder, keep=lambda city, _: kept.append(city.version))
    watched.live.is_warm = False
    watched.watcher.look()  # workers are forked now, and locks of libraries are to be free
    assert kept == []
    watched.watcher.look()
    assert kept == [watched.version]


def test_midnight_is_a_change(folder):
    watched = Watched(folder)
    watched.pass_time(3)
    assert watched.published == []
    watched.day += dt.timedelta(days=1)
    watched.pass_time(limits.WATCH_EVERY_S)
    assert watched.published == [watched.version]
    watched.pass_time(3)
    assert len(watched.published) == 1


def test_a_reload_that_is_asked_for_publishes_what_has_not_changed(folder):
    watched = Watched(folder)
    watched.watcher.reload()
    watched.pass_time(4)
    assert watched.published == [watched.version]
    assert watched.live.condition.report.reloads == 1


def test_a_reload_that_is_asked_for_reads_every_file_again(folder):
    watched = Watched(folder)
    before = watched.live.city.trails
    (folder / "layers" / "closures.csv").write_text("trail,start,end\n", "utf-8")
    watched.pass_time(4)
    assert watched.live.city.trails is before  # what has not changed is not read
    watched.watcher.reload()
    watched.pass_time(4)
    assert watched.live.city.trails is not before


# -- failing -----------------------------------------------------------------------------------


def test_a_folder_that_disappears_leaves_the_old_city_and_is_said(folder, caplog):
    watched = Watched(folder)
    before = watched.version
    away = folder.with_name("away")
    folder.rename(away)
    watched.pass_time(4)
    ready = watched.get("/readyz")
    assert (ready["version"], ready["status"]) == (before, "stale")
    assert "no city folder" in ready["reason"].replace("not a city", "no city")
    assert str(folder) not in json.dumps(ready)
    assert "the old one is served on" in caplog.text
    away.rename(folder)
    watched.pass_time(4)
    assert watched.get("/readyz")["status"] == "ready"


class Panic(BaseException):
    """What a library in Rust raises when it fails: it is no Exception."""


@pytest.mark.parametrize(
    "fault",
    [
        Panic("x"),
        ValueError("x"),
        KeyError("x"),
        MemoryError(),
        RecursionError(),
        OSError(5, "disk"),
        EOFError(),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_whatever_goes_wrong_the_old_city_stays_and_it_is_tried_again(folder, monkeypatch, fault):
    watched = Watched(folder)
    before = watched.version

    attempts = []

    def fail(*_):
        attempts.append(fault)
        raise fault

    with monkeypatch.context() as broken:
        broken.setattr(watching, "open_snapshot", fail)
        add_trail(folder)
        watched.pass_time(4)
        assert attempts
        assert watched.version == before
        assert watched.get("/readyz")["status"] == "stale"
    # Nothing changes on the disk, and still it is tried again.
    watched.pass_time(sum(limits.REOPEN_AFTER_S))
    assert watched.version != before
    report = watched.live.condition.report
    assert report.failures >= 1
    assert report.reason == ""
    assert watched.get("/readyz")["status"] == "ready"


def test_pauses_grow_while_nothing_changes(folder, monkeypatch):
    watched = Watched(folder)
    attempts = []

    def fail(*_):
        attempts.append(watched.clock.now_s)
        raise ValueError

    monkeypatch.setattr(watching, "open_snapshot", fail)
    add_trail(folder)
    watched.pass_time(150)
    pauses_s = [later - earlier for earlier, later in itertools.pairwise(attempts)]
    # A look is a tenth of a second, and the last pause is repeated.
    assert pauses_s == pytest.approx(
        [*limits.REOPEN_AFTER_S, limits.REOPEN_AFTER_S[-1]][: len(pauses_s)], abs=0.2
    )
    assert len(pauses_s) >= len(limits.REOPEN_AFTER_S)


def test_a_reload_that_fails_is_not_tried_at_every_look(folder, monkeypatch):
    watched = Watched(folder)
    attempts = []

    def fail(*_):
        attempts.append(watched.clock.now_s)
        raise ValueError

    monkeypatch.setattr(watching, "open_snapshot", fail)
    watched.watcher.reload()
    watched.pass_time(10)
    assert len(attempts) == 1
    assert watched.live.condition.report.failures == 1


def test_a_folder_that_does_not_rest_while_it_is_opened_is_no_failure(folder, monkeypatch):
    watched = Watched(folder)
    read, unrests = watching.open_snapshot, iter([mapserver.errors.UnrestError("x", where="gpx/")])

    def open_at_the_second_time(*arguments):
        if unrest := next(unrests, None):
            raise unrest
        return read(*arguments)

    monkeypatch.setattr(watching, "open_snapshot", open_at_the_second_time)
    add_trail(folder)
    watched.pass_time(1)
    assert next(unrests, None) is None
    watched.pass_time(4)
    assert "new" in watched.live.city.trails.index
    assert watched.live.condition.report.failures == 0


def test_a_snapshot_whose_pages_cannot_be_made_is_never_served(folder):
    def refuse(snapshot):
        if "new" in snapshot.city.trails.index:
            raise ZeroDivisionError

    watched = Watched(folder, prepare=refuse)
    before = watched.version
    add_trail(folder)
    watched.pass_time(10)
    assert watched.version == before
    assert "mistake" in watched.get("/readyz")["reason"]


def test_pages_of_a_new_day_that_cannot_be_made_are_tried_again_with_pauses(folder):
    attempts, is_broken = [], True

    def fail(_):
        attempts.append(watched.clock.now_s)
        if is_broken:
            raise ZeroDivisionError

    watched = Watched(folder, prepare=fail)
    watched.day += dt.timedelta(days=1)
    watched.pass_time(60)
    assert 2 <= len(attempts) < 6
    assert watched.get("/readyz")["status"] == "stale"
    is_broken = False
    watched.pass_time(sum(limits.REOPEN_AFTER_S))
    assert watched.published == [watched.version]
    assert watched.get("/readyz")["status"] == "ready"


def test_who_ends_the_server_ends_a_look(folder, monkeypatch):
    watched = Watched(folder)

    def end(_):
        raise SystemExit

    monkeypatch.setattr(watching, "fingerprint", end)
    with pytest.raises(SystemExit):
        watched.watcher.look()


@pytest.mark.parametrize("path", [Path("city"), Path()])
def test_a_reason_keeps_the_names_of_files(path):
    error = mapserver.errors.DataError("{file} is broken", where="x", file="gpx/a.gpx")
    assert watching.describe(error, path) == "gpx/a.gpx is broken"


def test_a_folder_that_never_rests_is_said(folder, monkeypatch):
    monkeypatch.setattr(limits, "FOLDER_PATIENCE_S", 5.0)
    watched = Watched(folder)
    for second in range(8):
        add_trail(folder, f"trail-{second}")
        watched.pass_time(1)
    assert "keep changing" in watched.get("/readyz")["reason"]
    watched.pass_time(4)
    assert watched.get("/readyz")["status"] == "ready"


def keep_changing(watched: Watched, folder: Path, seconds: int) -> None:
    """Let a file be written anew each second, as a program that copies for hours does."""
    for second in range(seconds):
        os.utime(folder / "gpx/old.gpx", (second, second))
        watched.pass_time(1)


def test_a_folder_that_never_rests_is_opened_all_the_same(folder, caplog):
    watched = Watched(folder)
    add_trail(folder)
    keep_changing(watched, folder, int(limits.MAX_UNSERVED_S) - 2)
    assert list(watched.live.city.trails.index) == ["old"]
    assert "unrest_since" not in watched.get("/readyz")
    keep_changing(watched, folder, 4)
    assert list(watched.live.city.trails.index) == ["new", "old"]
    assert watched.published == [watched.version]
    # It goes on: the next change waits as long again, and nothing is called stale meanwhile.
    add_trail(folder, "third")
    keep_changing(watched, folder, 10)
    assert "third" not in watched.live.city.trails.index
    keep_changing(watched, folder, 60)
    assert "third" in watched.live.city.trails.index
    state = watched.get("/readyz")
    since_s = dt.datetime.fromisoformat(state["unrest_since"]).timestamp()
    assert (state["status"], time.time() - since_s > limits.MAX_UNSERVED_S - 1) == ("ready", True)
    assert caplog.text.count("unrest: ") == 1
    watched.pass_time(4)
    assert "unrest_since" not in watched.get("/readyz")


def test_a_folder_that_changes_even_while_it_is_read_is_tried_again_with_pauses(
    folder, monkeypatch
):
    watched, attempts = Watched(folder), []

    def fail(*_):
        attempts.append(watched.clock.now_s)
        raise mapserver.errors.UnrestError("x", where="gpx/")

    monkeypatch.setattr(watching, "open_snapshot", fail)
    monkeypatch.setattr(watched.watcher, "_settle_s", 5.0)  # as if it changed at every look
    add_trail(folder)
    keep_changing(watched, folder, 30 + 20)
    assert 3 <= len(attempts) <= 5
    assert watched.live.condition.report.failures == 0
    keep_changing(watched, folder, 30)
    assert watched.get("/readyz")["status"] == "stale"


def test_a_folder_without_rest_that_cannot_be_opened_is_not_tried_at_every_look(
    folder, monkeypatch
):
    watched, attempts = Watched(folder), []

    def fail(*_):
        attempts.append(watched.clock.now_s)
        raise ZeroDivisionError

    monkeypatch.setattr(watching, "open_snapshot", fail)
    monkeypatch.setattr(watched.watcher, "_settle_s", 5.0)
    add_trail(folder)
    keep_changing(watched, folder, 95)
    assert len(attempts) in {2, 3}


# -- starting ----------------------------------------------------------------------------------


def test_a_server_waits_until_a_folder_rests_before_it_opens_it(folder):
    clock = Clock()
    left = iter(range(5))

    def sleep(seconds):
        clock.now_s += seconds
        if (number := next(left, None)) is not None:
            add_trail(folder, f"trail-{number}")

    watching.wait_until_at_rest(folder, clock=clock, sleep=sleep)
    assert next(left, None) is None
    assert clock.now_s - 1000 >= limits.FOLDER_REST_S + 5 * limits.WATCH_EVERY_S


def test_a_server_waits_for_a_folder_on_a_disk_whose_clock_is_ahead(folder):
    clock = Clock()

    def sleep(seconds):
        clock.now_s += seconds

    def wall_clock_s():
        return (folder / "gpx/old.gpx").stat().st_ctime - 60

    watching.wait_until_at_rest(folder, clock=clock, wall_clock_s=wall_clock_s, sleep=sleep)
    assert clock.now_s - 1000 >= limits.FOLDER_REST_S


def test_a_server_does_not_wait_for_a_folder_that_was_changed_long_ago(folder):
    def wall_clock_s():
        return (folder / "gpx/old.gpx").stat().st_ctime + 3600

    watching.wait_until_at_rest(folder, wall_clock_s=wall_clock_s, sleep=pytest.fail)


def test_a_folder_at_rest_is_looked_at_less_often(folder):
    """Each look takes time from the workers that share a processor with it."""
    watched = Watched(folder)

    def follow(looks: int) -> list[float]:
        pauses = []
        for _ in range(looks):
            pauses.append(watched.watcher.pause_s)
            watched.clock.now_s += pauses[-1]
            watched.watcher.look()
        return pauses

    often, seldom = limits.WATCH_EVERY_S, limits.WATCH_AT_REST_S
    assert often < seldom <= 1
    watched.live.is_warm = False  # the start has left something
    assert follow(3) == [often, seldom, seldom]
    add_trail(folder)
    before, changed_s = watched.version, watched.clock.now_s
    while watched.version == before:
        last, pause = follow(1)[0], watched.watcher.pause_s
        assert last == (seldom if watched.clock.now_s == changed_s + seldom else often)
        assert watched.clock.now_s - changed_s < 3.5
    assert pause == seldom
    watched.watcher.reload()
    assert watched.watcher.pause_s == often


@pytest.mark.parametrize("end", ["stopped", "forgotten"])
def test_the_thread_follows_until_it_is_stopped_or_forgotten(folder, monkeypatch, end):
    for name in ("WATCH_EVERY_S", "WATCH_AT_REST_S", "FOLDER_SETTLE_S", "FOLDER_REST_S"):
        monkeypatch.setattr(limits, name, 0.01)
    served = Watched(folder).live
    before = served.city.version
    watcher = Watcher(served)
    watcher.start()
    add_trail(folder)
    wait_for(lambda: served.city.version != before)
    if end == "stopped":
        watcher.stop()
    else:
        del watcher
    wait_for(lambda: "watch the city folder" not in {each.name for each in threading.enumerate()})


def wait_for(condition) -> None:
    """Wait until something is so, as long as it takes on a busy machine."""
    last_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < last_s
        time.sleep(0.01)


# -- what processes share ----------------------------------------------------------------------


def test_forked_processes_read_what_the_watching_one_records():
    condition = Condition("first")
    ask, answer = os.pipe()
    go, gone = os.pipe()

    def answer_when_asked() -> None:
        os.read(go, 1)
        os.write(answer, json.dumps(condition.report.reason).encode())

    child = fork(answer_when_asked)
    condition.record_failure("디스크")
    os.write(gone, b"x")
    assert wait_for_end(child) == 0
    assert json.loads(os.read(ask, 100)) == "디스크"


def test_a_long_reason_does_not_overflow_what_is_shared():
    condition = Condition("first")
    condition.record_failure("길" * 10_000)
    report = condition.report
    assert report.version == "first"
    assert set(report.reason) == {"길"}


def test_a_report_that_is_half_written_is_not_read():
    condition = Condition("first")
    condition.record_failure("whole")
    before = condition.report
    condition._memory[20:40] = b"x" * 20
    assert condition.report == before


# -- the day -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("utc", "day"),
    [("2026-06-30T14:59:59", "2026-06-30"), ("2026-06-30T15:00:00", "2026-07-01")],
)
def test_the_day_is_that_of_korea(monkeypatch, utc, day):
    moment = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    monkeypatch.setattr(status, "time", SimpleNamespace(time=moment.timestamp))
    assert status.today() == dt.date.fromisoformat(day)


def test_pages_are_of_the_day_on_which_they_are_asked_for(make_folder, monkeypatch):
    register = "id,season\nold,2026-03-01~2026-11-30\n"
    folder = make_folder({"gpx/old.gpx": gpx(track(TINY)), "gpx/trails.csv": register})
    client = create_app(Settings(city=folder, tile_url="")).test_client()
    seen = []
    for day in (dt.date(2026, 11, 30), dt.date(2026, 12, 1), dt.date(2026, 11, 30)):
        monkeypatch.setattr(status, "today", lambda *_, day=day: day)
        seen.append(client.get("/trails/old?lang=en").text)
    assert seen[0] == seen[2]
    assert seen[0] != seen[1]


def test_an_application_made_for_any_server_watches_its_folder_itself(make_folder, monkeypatch):
    monkeypatch.setenv("MAPSERVER_CITY", str(make_folder({})))
    watcher = create_app().extensions["mapserver-watcher"]
    assert isinstance(watcher, Watcher)
    watcher.stop()
    # Ours is told its settings, and watches for all of its workers.
    assert "mapserver-watcher" not in create_app(Settings.from_environment()).extensions
