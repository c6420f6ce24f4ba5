"""The production server: right while its workers are killed, and clean when it stops."""

from __future__ import annotations

import json
import mmap
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from browsing import PATIENCE_S
from gpxtext import gpx, track
from serving import Serving, find_free_port, served, until, wait_for

from mapserver.commands.cli import main
from mapserver.errors import SettingsError
from mapserver.files.running_servers import reload_servers
from mapserver.settings import Settings, limits
from mapserver.web import forking, server
from mapserver.web.figures import Figures

LINE = ((126.85, 35.15), (126.8512, 35.15))
PRIVATE = "/api/nearest?lon=126.8512345&lat=35.15"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    (folder / "layers").mkdir()
    (folder / "gpx").mkdir()
    (folder / "gpx" / "hill.gpx").write_text(gpx(track(LINE, name="언덕길")), "utf-8")
    return folder


@pytest.fixture(scope="module")
def serving(folder, tmp_path_factory):
    """A server that the tests of this file share; none of them ends it."""
    with served(folder, tmp_path_factory.mktemp("server") / "log") as running:
        yield running


@pytest.mark.slow
def test_a_request_is_one_line_without_the_position(serving: Serving):
    assert serving.get(PRIVATE)[0] == 200
    assert serving.get("/api/nearest?lon=x&lat=35.15")[0] == 400
    lines = serving.lines("/api/nearest", 2)
    form = r'127\.0\.0\.1 "GET /api/nearest" (\d+) \d+ bytes [\d.]+ ms [0-9a-f]{16}'
    # Two workers answered, and either may have been the first to write.
    assert sorted(re.fullmatch(form, line)[1] for line in lines) == ["200", "400"]
    assert "126.8512345" not in serving.log.read_text()


@pytest.mark.slow
def test_a_path_cannot_forge_a_line_of_the_log(serving: Serving):
    serving.send(
        b"GET /x%0a127.0.0.1%20%22GET%20/forged%22%20200%1b%5b31m%ea%b0%80 HTTP/1.1\r\n"
        b"Host: localhost\r\nConnection: close\r\n\r\n"
    )
    line, *others = serving.lines("forged")
    assert not others
    assert '"GET /x%0A127.0.0.1%20%22GET%20/forged%22%20200%1B%5B31m%EA%B0%80" 404' in line


@pytest.mark.slow
@pytest.mark.parametrize(
    "head",
    [b"", b"Host: a\r\nHost: b\r\n", b"Host: [\r\n", b"Host: a b\r\n", b"Host: evil/x\r\n"],
    ids=["none", "two", "half an address", "a blank", "a path"],
)
def test_a_request_without_one_right_host_is_refused(serving: Serving, head):
    answer = serving.send(b"GET / HTTP/1.1\r\n" + head + b"Connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"evil" not in answer


@pytest.mark.slow
def test_an_old_client_needs_no_host(serving: Serving):
    answer = serving.send(b"GET /?lang=en HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.0 200 ")
    assert f"<http://127.0.0.1:{serving.port}/?lang=ko>".encode() in answer


@pytest.mark.slow
def test_it_says_that_it_opens_and_that_it_serves_when_it_listens(folder):
    port = find_free_port()
    command = [sys.executable, "-m", "mapserver", "serve", "--lang", "en", "--city", folder]
    process = subprocess.Popen(  # noqa: S603
        [*map(str, command), "--port", str(port), "--workers", "1"],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = [process.stderr.readline()]
        while "Maenballo serves" not in said[-1]:
            said.append(process.stderr.readline())
            assert said[-1]
        # At once, without another try: whoever reads that line may follow the address.
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S).close()
        assert f"http://127.0.0.1:{port}/" in said[-1]
        assert said[0].startswith("Maenballo opens")
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


@pytest.mark.slow
def test_a_port_that_is_taken_is_said(serving: Serving, folder):
    with pytest.raises(SettingsError, match="listen"):
        server.serve(Settings(city=folder), host="127.0.0.1", port=serving.port)


def test_a_port_that_is_taken_is_known_before_the_city_is_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "_open", pytest.fail)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SettingsError):
        server.serve(
            Settings(city=tmp_path),
            host="127.0.0.1",
            port=taken.getsockname()[1],
            on_open=lambda: pytest.fail("it is said to be opened"),
        )


def test_two_servers_never_share_a_port():
    with server._bind("127.0.0.1", 0) as first:
        first.listen()
        with pytest.raises(SettingsError, match="listen"):
            server._bind("127.0.0.1", first.getsockname()[1])


def test_a_name_is_resolved_before_it_is_listened_on(monkeypatch):
    resolve = socket.getaddrinfo

    def resolve_both(host: str, *rest: object, **more: object):
        both = [(socket.AF_INET6, 1, 6, "", ("::1", 0, 0, 0))]
        return [*both, *resolve("127.0.0.1", *rest, **more)] if host == "both" else resolve(
            host, *rest, **more
        )  # fmt: skip

    monkeypatch.setattr(socket, "getaddrinfo", resolve_both)
    for host in ("localhost", "both"):  # granian takes addresses only
        with server._bind(host, 0) as listener:
            assert listener.getsockname()[0] == "127.0.0.1"
    with pytest.raises(SettingsError, match="listen"):
        server._bind("no-such-host.invalid", 0)


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_an_address_of_ipv6_is_listened_on():
    with server._bind("::1", 0) as listener:
        assert listener.getsockname()[0] == "::1"


@pytest.mark.slow
def test_a_half_head_is_not_waited_for_without_end(serving: Serving):
    # It has ten seconds; the server closes the connection, and nobody else has to.
    assert b" 200 " not in serving.send(b"GET / HTTP/1.1\r\nHost: loc")


@pytest.mark.slow
def test_workers_give_way_to_the_one_who_watches(serving: Serving):
    own = os.getpriority(os.PRIO_PROCESS, serving.process.pid)
    expected = min(own + server.WORKER_NICENESS, 19)
    for pid in serving.workers():  # one that was forked just now gives way a moment later
        until(lambda pid=pid: os.getpriority(os.PRIO_PROCESS, pid) == expected)


# -- workers, without processes ----------------------------------------------------------------


class Worker:
    """Stands for a worker of granian."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.interrupt_by_parent = False
        self.inner = self  # and for the process of it

    def __getattr__(self, name: str):
        return lambda: self.calls.append(name)

    def is_alive(self) -> bool:
        return "kill" not in self.calls


@pytest.fixture
def parent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield server.Server(listener, workers=1)


def test_workers_that_cannot_start_are_tried_ever_more_slowly(parent):
    parent.wrks = [Worker()]
    pauses_s = []
    for _ in range(8):
        now_s = server.time.monotonic()
        parent._births[0] = now_s  # it has just been born
        parent.interrupt_children.append(0)
        parent._replace_ended_workers(pytest.fail)
        pauses_s.append(parent._due.pop(0) - now_s)
    assert pauses_s == pytest.approx([0.5, 1, 2, 4, 8, 10, 10, 10], abs=0.4)
    # One that has lived for a while is replaced at once, and the count begins anew.
    parent._births[0] -= limits.STILLBORN_S
    parent.interrupt_children.append(0)
    parent._replace_ended_workers(lambda _: Worker())
    assert parent.wrks[0].calls == ["start"]
    assert parent._stillbirths == {0: 0}


def test_a_worker_that_hangs_before_it_serves_is_ended_and_replaced(parent):
    hanging = Worker()
    parent.wrks = [hanging]
    parent._births[0] = server.time.monotonic()
    parent._starting[0] = mmap.mmap(-1, 1)
    parent._end_hanging_workers()
    assert hanging.calls == []  # it has half a minute
    parent._births[0] -= limits.START_WAIT_S
    for _ in range(3):
        parent._end_hanging_workers()
    assert hanging.calls == ["kill"]
    assert not hanging.interrupt_by_parent  # else nobody would start another


def test_no_worker_is_forked_while_a_thread_imports(parent):
    parent.wrks = [Worker()]
    begun, go_on = threading.Event(), threading.Event()

    def import_slowly():
        yield "json"
        begun.set()
        go_on.wait(PATIENCE_S)

    importing = threading.Thread(target=forking.import_unforked, args=(import_slowly(),))
    importing.start()
    assert begun.wait(PATIENCE_S)
    starting = threading.Thread(target=parent._start_worker, args=(0, lambda _: Worker()))
    starting.start()
    time.sleep(0.1)
    assert parent.wrks[0].calls == []
    go_on.set()
    starting.join(PATIENCE_S)
    assert parent.wrks[0].calls == ["start"]
    importing.join(PATIENCE_S)


@pytest.mark.parametrize("hangs", [False, True])
def test_the_watcher_begins_when_workers_have_started_or_cannot(parent, monkeypatch, hangs):
    monkeypatch.setattr(limits, "SERVER_TICK_S", 0)
    monkeypatch.setattr(limits, "START_WAIT_S", 0.5 if hangs else 60)
    parent.wrks, ticks = [Worker()], []
    parent._births[0] = server.time.monotonic()
    parent._starting[0] = started = mmap.mmap(-1, 1)

    class StartedError(Exception):
        pass

    class Watching:
        def start(self):
            raise StartedError

    def tick():
        ticks.append(server.time.monotonic())
        started[0] = not hangs and len(ticks) > 3

    parent._watcher = Watching()
    monkeypatch.setattr(parent, "_end_retired_workers", tick)
    monkeypatch.setattr(parent, "_replace_ended_workers", lambda _: None)
    with pytest.raises(StartedError):
        parent._serve_loop(None, None)
    assert len(ticks) > 3


def test_a_worker_that_has_started_is_never_ended_for_its_age(parent):
    parent.wrks = [Worker()]
    parent._births[0] = server.time.monotonic() - 10 * limits.START_WAIT_S
    parent._starting[0] = mmap.mmap(-1, 1)
    parent._starting[0][0] = 1
    parent._end_hanging_workers()
    assert parent.wrks[0].calls == []
    assert parent._starting == {}


@pytest.mark.skipif(not server.CAN_FORK, reason="needs fork")
def test_each_worker_has_memory_of_its_own_for_its_start_and_its_counts(parent, monkeypatch):
    loads = []
    monkeypatch.setattr(server.MPServer, "_spawn_worker", lambda *parts: loads.append(parts[-1]))
    figures = Figures(["/"])
    parent.follow(SimpleNamespace(on_publish=lambda _: None), figures)
    rows, noted = [], []
    for idx in (0, 1, 0):
        parent._spawn_worker(idx, None, SimpleNamespace)
        rows.append(figures._row)
        noted.append(parent._starting[idx])
    assert len(set(rows)) == 3
    gateway = loads[2]()
    assert [each[0] for each in noted] == [0, 0, 0]
    gateway.on_serving()  # the worker takes requests
    assert [each[0] for each in noted] == [0, 0, 1]


def test_the_collector_leaves_alone_what_workers_share(monkeypatch):
    steps: list[str] = []
    names = ("unfreeze", "collect", "freeze")
    calls = {name: lambda name=name: steps.append(name) for name in names}
    monkeypatch.setattr(server, "gc", SimpleNamespace(**calls))
    server._freeze()
    assert steps == ["unfreeze", "collect", "freeze"]


def test_a_worker_holds_more_connections_than_clients_that_are_silent_are_likely_to_open(parent):
    """Granian would wait with new ones at a few hundred, and silent ones would stop the site."""
    assert parent.backpressure == limits.MAX_CONNECTIONS >= 4096


def test_slow_clients_are_waited_for_outside_of_python_and_not_for_ever(parent):
    assert parent.http1_settings.header_read_timeout == limits.HEAD_TIMEOUT_MS <= 10_000
    assert parent.workers_kill_timeout == limits.STOP_WAIT_S < 10  # which containers are given
    assert limits.WORKER_THREADS > limits.MAX_BODIES_AT_ONCE  # the others go on answering
    assert parent.interface == server.Interfaces.RSGI
    assert parent.backlog == limits.LISTEN_BACKLOG >= 1024


def test_a_server_that_stops_ends_old_workers_and_calls_no_killed_one_a_failure(
    parent, monkeypatch
):
    failures = []
    stop = lambda self, _code: failures.extend(self.interrupt_children)  # noqa: E731
    monkeypatch.setattr(server.MPServer, "shutdown", stop)
    old = Worker()
    parent._retired = [(old, server.time.monotonic() + 1000)]
    parent.interrupt_children.append(0)
    parent.shutdown()
    assert old.calls == ["kill"]
    assert failures == []


def test_old_workers_that_clients_hold_are_ended(parent, monkeypatch):
    old, asked = Worker(), []
    old._id = lambda: 7
    monkeypatch.setattr(server, "retire", asked.append)
    parent.wrks = [old]
    parent._replace_all_workers(lambda _: Worker())
    assert (asked, old.interrupt_by_parent) == ([7], True)
    parent._end_retired_workers()
    assert "kill" not in old.calls  # it may finish what it does
    parent._retired = [(old, server.time.monotonic() - 1)]
    parent._end_retired_workers()
    assert "kill" in old.calls
    assert parent._retired == []


def test_a_worker_that_waits_to_be_started_again_is_not_started_beside_a_renewed_one(
    parent, monkeypatch
):
    monkeypatch.setattr(server, "retire", lambda _: None)  # no signal to any process
    spawned: list[Worker] = []

    def spawn(_idx: int) -> Worker:
        spawned.append(Worker())
        return spawned[-1]

    parent.wrks = [Worker()]
    parent._due[0] = 0.0
    parent._replace_all_workers(spawn)
    parent._replace_ended_workers(spawn)
    assert parent.wrks == spawned
    assert len(spawned) == 1


def test_workers_whom_the_terminal_tells_to_end_are_no_surprise(parent):
    parent.wrks = [Worker(), Worker()]
    parent.signal_handler_interrupt()
    assert all(worker.interrupt_by_parent for worker in parent.wrks)


@pytest.mark.parametrize(
    ("soft", "hard", "wanted"), [(256, 1 << 20, limits.MIN_OPEN_FILES), (256, 4000, 4000)]
)
def test_as_many_files_may_be_open_as_there_may_be_connections(monkeypatch, soft, hard, wanted):
    resource = pytest.importorskip("resource")
    pairs = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, pair: pairs.append(pair))
    server._raise_limit_of_open_files()
    assert pairs == [(wanted, hard)]


@pytest.mark.slow
def test_silent_clients_keep_nobody_waiting(serving: Serving):
    silent = [socket.create_connection(("127.0.0.1", serving.port)) for _ in range(100)]
    for each in silent[50:]:
        each.sendall(b"POST /api/nearest HTTP/1.1\r\nHost: loc")
    try:
        assert serving.get("/healthz") == (200, b"ok\n")
    finally:
        for each in silent:
            each.close()


@pytest.mark.slow
def test_killed_workers_are_replaced_however_often(folder, tmp_path):
    with served(folder, tmp_path / "log") as running:
        for _ in range(4):
            before = running.workers()
            assert len(before) == 2
            for pid in before:
                os.kill(pid, signal.SIGKILL)
            # No request fails, though nobody was there when it came: it waits for the next worker.
            status, answer = running.get("/readyz")
            assert status == 200
            assert json.loads(answer)["layers"]["trails"] == 1
            until(lambda old=before: len(running.workers() - old) == 2)
        assert running.stop() == 0
        assert "Traceback" not in running.log.read_text()


@pytest.mark.slow
def test_a_request_in_flight_is_finished_when_the_server_stops(folder, tmp_path):
    with served(folder, tmp_path / "log") as running:
        body = b"lon,lat\n126.85,35.15\n"
        with socket.create_connection(("127.0.0.1", running.port)) as client:
            client.sendall(
                b"POST /api/nearest HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
                b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body[:5]
            )
            # An answer to another says that the first one's head has been read.
            assert running.get("/healthz")[0] == 200
            running.process.send_signal(signal.SIGTERM)
            client.sendall(body[5:])
            answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert running.process.wait() == 0


@pytest.mark.slow
def test_a_server_is_told_to_look_at_its_files(folder, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with served(folder, tmp_path / "log") as running:
        before = running.workers()
        # A dead server's note is passed by, and another city's server is left alone.
        assert reload_servers(tmp_path) == []
        assert reload_servers(folder) == [running.process.pid]
        until(lambda: not running.workers() & before)
        assert json.loads(running.get("/readyz")[1])["reloads"] == 1
        running.process.kill()
        running.process.wait()
    assert reload_servers(folder) == []
    with pytest.raises(SystemExit) as ended:
        main(["reload", "--city", str(folder)])
    assert ended.value.code == 1


SWALLOWING = """
import signal, sys, time
from mapserver.settings import limits
from mapserver.web import forking, server
limits.STOP_WAIT_S = 3
count = 0
def swallow(*_):
    global count
    count += 1
    if count == int(sys.argv[1]):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
signal.signal(signal.SIGTERM, swallow)
server.end_with_parent(parent=0)
while True:
    time.sleep(0.1)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("swallowed", "end"), [(1, signal.SIGTERM), (99, signal.SIGKILL)])
def test_a_signal_that_a_starting_worker_loses_is_sent_again(swallowed, end):
    """A worker has the handlers of its parent until it serves, and those would swallow it."""
    command = [sys.executable, "-c", SWALLOWING, str(swallowed)]
    ended = subprocess.run(command, timeout=PATIENCE_S, check=False)  # noqa: S603
    assert ended.returncode == -end


HANGING = """
import sys, time
from pathlib import Path
from mapserver.settings import Settings, limits
from mapserver.web import forking, server
limits.START_WAIT_S = 1
renew_locks, mark = server.renew_locks, Path(sys.argv[2])
def hang_once(app):
    if not mark.exists():
        mark.touch()
        time.sleep(600)
    renew_locks(app)
server.renew_locks = hang_once
settings = Settings(city=Path(sys.argv[1]), tile_url="")
server.serve(settings, host="127.0.0.1", port=int(sys.argv[3]), workers=1)
"""


@pytest.mark.slow
@pytest.mark.skipif(not server.CAN_FORK, reason="needs fork")
def test_who_comes_while_the_only_worker_hangs_at_its_start_is_answered(folder, tmp_path):
    port = find_free_port()
    words = (folder, tmp_path / "hangs", port)
    command = [sys.executable, "-c", HANGING, *map(str, words)]
    with (tmp_path / "log").open("w") as log, subprocess.Popen(command, stderr=log) as process:  # noqa: S603
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz", process, tmp_path / "log")
        finally:
            process.terminate()
    said = (tmp_path / "log").read_text()
    assert "worker 1 has not started and is ended" in said
    assert "worker 1 ended unexpectedly and is replaced in 0.0 s" in said


@pytest.mark.slow
def test_workers_do_not_outlive_a_parent_that_is_killed(folder, tmp_path):
    with served(folder, tmp_path / "log") as running:
        workers = running.workers()
        running.process.kill()
        running.process.wait()
        until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in workers))  # noqa: PTH110
