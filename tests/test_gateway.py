"""The gateway of a worker: quick answers at once, all others in threads, the same as by WSGI."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from types import SimpleNamespace

import pytest
from gpxtext import gpx, track
from granian.rsgi import ProtocolClosed, ProtocolError
from rsgi import Protocol, make_scope, run_apart
from serving import served, until
from shared_fixtures import write_folder

from mapserver.settings import Settings, limits
from mapserver.web import create_app, server, worker
from mapserver.web.gateway import Gateway, SentBody, make_environ, name_header
from mapserver.web.responses import Body

LINE = [(126.85, 35.14), (126.851, 35.141)]
PLACE = "lon=126.8503&lat=35.1404"
QUICK = (
    f"/api/nearest?{PLACE}",
    f"/api/nearest?{PLACE}&limit=5&max_distance=2000",
    f"/api/locate?{PLACE}",
    "/api/collections/trails/items?bbox=126.8,35.1,126.9,35.2&limit=1000",
    "/api/collections/trails/items/hill",
)
SLOW = (
    "/",
    "/trails/hill",
    "/trails/hill.gpx",
    "/api/",
    "/api/openapi.json",
    "/api/collections/trails/items?filter=length_m>1",
    "/api/collections/trails/items?f=csv",
    "/api/nearest?lon=126.85&lat=north",
    "/no-such-page",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    files = {"gpx/hill.gpx": gpx(track(LINE))}
    folder = write_folder(tmp_path_factory.mktemp("gateway") / "city", files)
    return create_app(Settings(city=folder, tile_url=""))


def is_quick(app, address: str) -> bool:
    """Find out whether a request is answered without a thread, once its like was answered."""
    ask(app, address)
    protocol, gateway = Protocol(), Gateway(app.wsgi_app)
    return gateway.answer_now(gateway.begin(make_scope(address)), protocol)


def ask(app, address: str, *parts: bytes, **request):
    """Ask a gateway with a loop of its own; give status, headers and body."""
    protocol = Protocol(*parts)

    async def answer() -> None:
        gateway = Gateway(app.wsgi_app)
        begun = gateway.begin(make_scope(address, **request))
        if not gateway.answer_now(begun, protocol):
            await gateway.answer_later(begun, protocol)
        gateway.close()

    run_apart(answer())
    assert protocol.sent
    status, headers, body = protocol.sent
    return status, select_headers(headers), body


def select_headers(headers) -> dict[str, str]:
    """Select the headers that do not differ from request to request; the server adds the date."""
    return {name: text for name, text in headers if name not in {"X-Request-Id", "Date"}}


@pytest.mark.parametrize("address", [*QUICK, *SLOW])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_answer_is_the_one_of_wsgi(app, address, method):
    plain = app.test_client().open(address, method=method)
    for _ in range(2):  # the second time it may come from memory
        status, headers, body = ask(app, address, method=method)
        assert (status, body) == (plain.status_code, plain.data)
        assert headers == select_headers(plain.headers)


def test_what_a_client_has_is_not_sent_again(app):
    for address in (QUICK[0], QUICK[3], "/"):
        _, headers, _ = ask(app, address)
        asked = (("host", "localhost"), ("if-none-match", headers["ETag"]))
        status, again, body = ask(app, address, headers=asked)
        assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])


@pytest.mark.parametrize("address", [*QUICK, "/", "/trails/hill"])
def test_what_is_held_and_questions_like_earlier_ones_need_no_thread(app, address):
    assert is_quick(app, address)


@pytest.mark.parametrize("address", QUICK[:4])
def test_the_first_question_of_its_like_is_left_to_a_thread(app, address):
    app.extensions["mapserver"].snapshot.shapes.clear()
    gateway = Gateway(app.wsgi_app)
    assert not gateway.answer_now(gateway.begin(make_scope(address)), Protocol())
    assert is_quick(app, address)


@pytest.mark.parametrize(
    "address",
    [
        "/api/collections/trails/items?filter=length_m>1",
        "/api/collections/trails/items?sortby=name&bbox=126,35,127,36",
        "/api/collections/trails/items?f=gpkg&bbox=126,35,127,36",
        "/api/collections/trails/items?name=x&bbox=126,35,127,36",
        "/api/nearest?lon=1&lat=2&limit=no",
        "/api/collections/trails/items?crs=EPSG:5186&bbox=126,35,127,36",
        "/api/nearest?lon=126&lat=35&f=html",
        "/no-such-page",
    ],
)
def test_what_looks_at_every_feature_or_fails_is_left_to_threads(app, address):
    assert not is_quick(app, address)


@pytest.mark.parametrize("name", ["MAX_QUICK_FEATURES", "MAX_QUICK_LAYER_FEATURES"])
def test_many_features_are_left_to_threads(app, monkeypatch, name):
    items = "/api/collections/trails/items?bbox=126.8,35.1,126.9,35.2&limit={}"
    assert is_quick(app, items.format(998))
    monkeypatch.setattr(limits, name, 0)
    assert not is_quick(app, items.format(900 + len(name)))


def test_a_place_that_is_none_is_refused_after_one_that_is(app):
    assert is_quick(app, QUICK[0])
    status, _, body = ask(app, QUICK[0].replace("126.8503", "NaN"))
    assert (status, b"lon" in body) == (400, True)


def test_answers_in_threads_hold_up_no_quick_one(app):
    """Each thread of the worker is taken by an answer that waits for somebody."""
    assert is_quick(app, QUICK[0])
    release = threading.Event()

    async def answer_slowly() -> None:
        gateway, protocol = Gateway(app.wsgi_app), Protocol()
        taken = [gateway._threads.submit(release.wait) for _ in range(limits.WORKER_THREADS)]
        slow = asyncio.create_task(gateway.answer_later(gateway.begin(make_scope("/")), protocol))
        await asyncio.sleep(0.1)
        quick = Protocol()
        try:
            assert gateway.answer_now(gateway.begin(make_scope(QUICK[0])), quick)
            assert (quick.sent[0], protocol.sent) == (200, None)
        finally:
            release.set()
            wait(taken)
        await slow
        assert protocol.sent[0] == 200
        gateway.close()

    run_apart(answer_slowly())


def test_a_request_that_the_loop_has_not_begun_is_waited_for(app):
    async def end_at_once() -> None:
        gateway, protocol = Gateway(app.wsgi_app), Protocol()
        answering = gateway.answer_later(gateway.begin(make_scope("/")), protocol)
        waiting = asyncio.create_task(gateway.wait_until_answered())
        await asyncio.sleep(3 * limits.SERVER_TICK_S)
        assert (waiting.done(), protocol.sent) == (False, None)
        await answering
        await asyncio.wait_for(waiting, 10)
        assert protocol.sent[0] == 200
        gateway.close()

    run_apart(end_at_once())


def test_a_body_is_read_as_it_comes(app):
    rows = [b"lon,lat\n", *[b"126.85,35.14\n"] * 50]
    data = b"".join(rows)
    headers = (
        ("host", "localhost"), ("content-type", "text/csv"), ("content-length", str(len(data))),
    )  # fmt: skip
    status, _, body = ask(app, "/api/locate", *rows, method="POST", headers=headers)
    plain = app.test_client().post("/api/locate", data=data, content_type="text/csv")
    assert (status, body) == (200, plain.data)
    assert body.count(b"\n") == 51


BREAKS = [(), (b"",), (b"", b""), (ProtocolClosed(),), (ProtocolError(),)]
"""What comes after the rows: nothing, the end as granian says it, an error before it, errors."""


@pytest.mark.parametrize("parts", BREAKS)
@pytest.mark.parametrize("kind", ["content-length", "transfer-encoding"])
def test_a_body_that_breaks_off_is_not_taken_for_a_whole_one(app, parts, kind):
    size = {"content-length": "900", "transfer-encoding": "chunked"}[kind]
    headers = (("host", "localhost"), ("content-type", "text/csv"), (kind, size))
    sent = (b"lon,lat\n126.85,35.14\n", *parts)
    status, _, _ = ask(app, "/api/locate", *sent, method="POST", headers=headers)
    # Without a length the body is whole where the server says that it ends.
    is_whole = kind == "transfer-encoding" and parts in BREAKS[:2]
    assert status == (200 if is_whole else 400)


def test_a_body_without_a_length_is_read_to_its_end(app):
    headers = (
        ("host", "localhost"), ("content-type", "text/csv"), ("transfer-encoding", "chunked"),
    )  # fmt: skip
    status, _, body = ask(
        app, "/api/locate", b"lon,lat\n", b"126.85,", b"35.14\n", method="POST", headers=headers
    )
    assert (status, body.count(b"\n")) == (200, 2)


def test_a_body_is_handed_on_in_pieces_of_the_size_that_is_asked_for():
    async def receive():
        loop = asyncio.get_running_loop()
        body = SentBody(Protocol(b"abcdef", b"", b"gh"), loop)

        def read() -> list[bytes]:
            pieces = [body.read(4) for _ in range(5)]
            assert body.readable()
            return pieces

        return await loop.run_in_executor(None, read)

    assert run_apart(receive()) == [b"abcd", b"ef", b"gh", b"", b""]


def test_a_client_that_has_gone_is_no_failure(app):
    assert is_quick(app, QUICK[0])
    gateway = Gateway(app.wsgi_app)
    assert gateway.answer_now(gateway.begin(make_scope(QUICK[0])), Protocol(is_gone=True))


class Watcher:
    """Granian's record of a request."""

    def __init__(self, scope, protocol) -> None:
        self.scope, self.proto = scope, protocol
        self.ends: list[object] = []

    def done(self) -> None:
        self.ends.append("done")

    def err(self, error: BaseException) -> None:
        self.ends.append(error)


def test_the_server_hears_of_each_request_once_that_it_is_answered(app):
    assert is_quick(app, QUICK[0])
    sent: list = []
    schedule = worker.make_schedule(Gateway(app.wsgi_app), lambda *more: sent.append(more))
    quick, slow = (
        Watcher(make_scope(address), Protocol()) for address in (QUICK[0], "/no-such-page")
    )
    schedule(quick)
    assert (quick.proto.sent[0], quick.ends, sent) == (200, ["done"], [])
    schedule(slow)
    [(coroutine, watcher)] = sent
    assert watcher is slow
    assert slow.ends == []
    run_apart(coroutine)
    assert (slow.proto.sent[0], slow.ends) == (404, ["done"])


class PanicError(BaseException):
    """What a library in Rust gives up with, which is no Exception."""


@pytest.mark.parametrize("kind", [RuntimeError, PanicError])
def test_a_mistake_of_ours_ends_the_request_and_not_the_server(app, monkeypatch, caplog, kind):
    error = kind("ours")

    def fail(*_):
        raise error

    gateway = Gateway(app.wsgi_app)
    sent: list = []
    schedule = worker.make_schedule(gateway, lambda *more: sent.append(more))
    quick = Watcher(make_scope(QUICK[0]), Protocol())
    with monkeypatch.context() as patch:
        patch.setattr(gateway, "begin", fail)
        schedule(quick)
    assert quick.ends == [error]
    slow = Watcher(make_scope("/no-such-page"), Protocol())
    monkeypatch.setattr(gateway._entrance, "answer", fail)
    schedule(slow)
    run_apart(sent[0][0])
    assert slow.ends == [error]
    assert caplog.text.count("a request failed") == 2


def test_headers_have_the_names_of_wsgi_and_none_passes_for_another():
    headers = (
        ("host", "a"), ("host", "b"), ("cookie", "a=1"), ("cookie", "b=2"), ("x-t", ""),
        ("x-t", "2"), ("x_forwarded_for", "203.0.113.9"), ("content-type", "text/csv"),
    )  # fmt: skip
    environ = make_environ(make_scope("/한 글?q=가", headers=headers, client="[::1]:80"))
    assert environ["HTTP_HOST"] == "a,b"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"
    assert environ["HTTP_X_T"] == "2"
    assert environ["CONTENT_TYPE"] == "text/csv"
    assert "HTTP_X_FORWARDED_FOR" not in environ
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/한 글"
    assert environ["QUERY_STRING"].encode("latin-1").decode() == "q=가"
    assert environ["REMOTE_ADDR"] == "::1"
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", "80")
    assert name_header("accept-language") == "HTTP_ACCEPT_LANGUAGE"


def test_two_hosts_are_refused(app):
    status, _, body = ask(app, "/api/", headers=(("host", "a"), ("host", "b")))
    assert (status, b"one Host" in body) == (400, True)


def test_an_answer_that_cannot_be_compressed_at_once_is_left_to_flask(app, monkeypatch):
    asked = (("host", "localhost"), ("accept-encoding", "br"))
    address = "/api/collections/trails/items/hill?properties=name"
    status, _, body = ask(app, address, headers=asked)
    monkeypatch.setattr(Body, "encode", lambda *_: 1 / 0)
    gateway = Gateway(app.wsgi_app)
    begun = gateway.begin(make_scope(f"{address}&lang=ko", headers=asked))
    assert not gateway.answer_now(begun, Protocol())
    assert status == 200
    assert body


def test_a_worker_starts_where_the_system_allows_no_other_scheduling(app, monkeypatch):
    def refuse(*_):
        raise PermissionError

    for name in ("retire_on_signal", "renew_locks", "end_with_parent"):
        monkeypatch.setattr(server, name, lambda *_: None)
    monkeypatch.setattr(os, "nice", lambda _: 0)
    monkeypatch.setattr(os, "sched_setscheduler", refuse, raising=False)
    monkeypatch.setattr(os, "SCHED_BATCH", 3, raising=False)
    monkeypatch.setattr(os, "sched_param", lambda _: None, raising=False)
    assert isinstance(server._load_in_worker(app, 1, 0), Gateway)


@pytest.mark.slow
@pytest.mark.parametrize("drives_coroutines", [True, False])
def test_the_server_answers_whoever_drives_the_coroutines(
    make_folder, tmp_path, monkeypatch, drives_coroutines
):
    """Granian's own way is for Python 3.11; with later ones asyncio has the tasks."""
    if not drives_coroutines:
        (tmp_path / "sitecustomize.py").write_text(
            "import importlib.abc, importlib.util, sys\n"
            "class Finder(importlib.abc.MetaPathFinder):\n"
            "    def find_spec(self, name, path, target=None):\n"
            "        if name == 'uvloop': raise ImportError(name)\n"
            "sys.meta_path.insert(0, Finder())\n"
            "import mapserver.web.worker as worker\n"
            "worker.DRIVES_COROUTINES = False\n"
        )
        paths = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    folder = make_folder({"gpx/hill.gpx": gpx(track(LINE))})
    with served(folder, tmp_path / "log") as running:
        for _ in range(3):
            for path in (QUICK[0], "/", "/trails/hill", "/healthz", QUICK[3]):
                assert running.get(path)[0] == 200
        body = b"lon,lat\n126.85,35.14\n"
        head = b"POST /api/locate HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
        head += b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        assert running.send(head + body).startswith(b"HTTP/1.1 200")
        assert running.stop() == 0
        assert "Traceback" not in running.log.read_text()


@pytest.mark.slow
def test_clients_that_break_off_end_no_worker(make_folder, tmp_path):
    """They leave in the middle of a body, of an answer, and of a question that takes a while."""
    head = b"POST /api/locate HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
    rows = b"lon,lat\n" + b"126.85,35.14\n" * 2000
    folder = make_folder({"gpx/hill.gpx": gpx(track(LINE))})
    with served(folder, tmp_path / "log") as running:
        workers = running.workers()
        openings = [
            head + b"Content-Length: 99999\r\n\r\nlon,lat\n",
            head + b"Transfer-Encoding: chunked\r\n\r\n8\r\nlon,lat\n\r\n",
            head + b"Transfer-Encoding: chunked\r\n\r\nno chunk\r\n",
            head + b"Content-Length: %d\r\n\r\n" % len(rows) + rows,
            b"GET /trails/?date=2026-07-%02d HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /api/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20,
            f"GET {QUICK[0]} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 20,
        ]
        for day in range(1, 9):
            clients = []
            for opening in openings:
                data = opening % day if b"%02d" in opening else opening
                client = socket.create_connection(("127.0.0.1", running.port))
                client.sendall(data)
                # Closed at once, and not after what was sent has arrived.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                clients.append(client)
            time.sleep(0.1)
            for client in clients:
                client.close()
        for path in ("/healthz", QUICK[0], "/trails/"):
            assert running.get(path)[0] == 200
        assert running.workers() == workers
        assert "ended unexpectedly" not in running.log.read_text()
        whole = head + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        whole += b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (rows[:9], rows[9:]))
        # The places of those that have gone are free when a busy machine has noticed it.
        until(lambda: running.send(whole + b"0\r\n\r\n").startswith(b"HTTP/1.1 200"))
        if hasattr(os, "SCHED_BATCH"):
            assert {os.sched_getscheduler(worker) for worker in workers} == {os.SCHED_BATCH}


@pytest.mark.slow
def test_a_body_in_chunks_that_breaks_off_is_refused(make_folder, tmp_path):
    """Its client waits for the answer; granian itself would give the rows that came as a body."""
    head = b"POST /api/locate HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
    head += b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    rows = b"lon,lat\n126.85,35.14\n"
    chunk = b"%x\r\n%b\r\n" % (len(rows), rows)
    whole = (
        chunk + b"0\r\n\r\n",
        chunk.replace(b"\r\n", b";name=value\r\n", 1) + b"0\r\n\r\n",
        b"".join(b"1\r\n%c\r\n" % letter for letter in rows) + b"0\r\n\r\n",
    )
    broken = (
        chunk,
        chunk + b"0\r\n",
        chunk + b"fff\r\n" + rows,
        chunk + b"no size\r\n" + rows,
        chunk + b"ffffffffffffffffff\r\n" + rows,
        b"",
    )
    folder = make_folder({"gpx/hill.gpx": gpx(track(LINE))})
    with served(folder, tmp_path / "log") as running:
        for body in whole:
            assert running.send(head + body).startswith(b"HTTP/1.1 200")
        for body in broken:
            answer = running.send(head + body, is_all=True)
            assert answer.startswith(b"HTTP/1.1 400")
            assert b"could not be received" in answer
        assert "Traceback" not in running.log.read_text()


@pytest.mark.slow
def test_a_worker_that_is_told_again_to_end_answers_what_it_has(make_folder, tmp_path):
    folder = make_folder({"gpx/hill.gpx": gpx(track(LINE))})
    with served(folder, tmp_path / "log", "--workers", 1) as running:
        [worker_id] = running.workers()
        paths = [f"/trails/?date=2026-0{month}-11" for month in range(1, 10)]
        with ThreadPoolExecutor(len(paths)) as visitors:
            asked = [visitors.submit(running.get, path) for path in paths]
            time.sleep(0.1)
            for _ in range(4):
                with suppress(ProcessLookupError):
                    os.kill(worker_id, signal.SIGTERM)
                time.sleep(0.02)
            assert [each.result()[0] for each in asked] == [200] * len(paths)


def test_granian_is_told_once_that_a_worker_is_to_end(monkeypatch):
    told, handlers = [], {}
    monkeypatch.setattr(worker, "WorkerSignal", lambda: SimpleNamespace(set=lambda: told.append(1)))
    loop = SimpleNamespace(
        add_signal_handler=lambda number, handle, *words: handlers.update({number: (handle, words)})
    )
    worker.hear_signals(loop)
    for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
        handle, words = handlers[number]
        handle(*words)
    assert told == [1]
