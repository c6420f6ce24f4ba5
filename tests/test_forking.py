"""A worker forked while the parent opens a city finds no lock held."""

from __future__ import annotations

import gc
import os
import sys
import threading
from types import SimpleNamespace

import pytest
from gpxtext import gpx, track

from mapserver.drawing import map_additions
from mapserver.settings import Settings
from mapserver.settings.garbage import no_garbage
from mapserver.web import create_app, forking
from mapserver.web.api import tiles
from mapserver.web.forking import find_locks, renew_locks
from mapserver.web.responses import Body

LINE = ((126.85, 35.15), (126.8512, 35.15))


def test_what_another_thread_holds_is_free_after_a_fork(make_folder):
    folder = make_folder({"gpx/hill.gpx": gpx(track(LINE))})
    app = create_app(Settings(city=folder, tile_url=""))
    client = app.test_client()
    assert client.get("/").status_code == 200
    editions = app.extensions["mapserver-editions"]
    held = [map_additions.RENDERING, tiles._WRITING, editions._lock]
    held += [e._lock for e in editions._kept.values()]
    held += [editions._pages._lock, editions._made_up_pages._lock]
    held += [lock for lock in [getattr(vars(Body)["br"], "lock", None)] if lock]
    # This thread stands for the watching one: it takes all. It stays, since a later thread might
    # get its number, and what it holds would be free for that one.
    taken, over = threading.Event(), threading.Event()

    def hold() -> None:
        for lock in held:
            lock.acquire()
        taken.set()
        over.wait()

    threading.Thread(target=hold, daemon=True).start()
    assert taken.wait(60)
    find_locks()
    renew_locks(app)
    answers: list[int] = []
    paths, packed = ("/", "/?lang=en", "/map", "/trails/?q=x"), {"Accept-Encoding": "br"}

    def ask() -> None:
        answers.extend(client.get(path, headers=packed).status_code for path in paths)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(30)
    over.set()
    assert answers == [200] * len(paths)


def test_a_worker_looks_at_no_module_for_locks(monkeypatch, sample_app):
    forking.find_locks()
    # Functions of modules lie in memory that is shared as long as nobody looks at them.
    monkeypatch.setattr(forking, "sys", SimpleNamespace())
    before = forking.no_imports
    forking.renew_locks(sample_app)
    assert forking.no_imports is not before


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
def test_what_the_start_has_left_gives_way_and_its_caller_does_not():
    def own_niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = own_niceness()
    assert forking.run_gently(own_niceness) == min(before + forking.GENTLE_NICENESS, 19)
    assert own_niceness() == before
    with pytest.raises(ZeroDivisionError):
        forking.run_gently(lambda: 1 // 0)


def test_garbage_is_looked_for_again_when_a_city_is_open_or_cannot_be():
    @no_garbage()
    def fail() -> None:
        raise OSError(str(gc.isenabled()))

    with pytest.raises(OSError, match="False"):
        fail()
    assert gc.isenabled()


def test_what_was_made_meanwhile_is_not_looked_at_as_new():
    gc.unfreeze()  # what servers of other tests have kept
    with no_garbage():
        made = [[number] for number in range(10_000)]
    newest = {id(each) for each in gc.get_objects(generation=0)}
    assert not newest & set(map(id, made))
