"""A worker that gives way leaves new connections to the others, and breaks off none that it has."""

from __future__ import annotations

import ctypes
import os
import signal
import socket

import pytest
from browsing import PATIENCE_S
from forking import fork, wait_for_end
from serving import served, until

from mapserver.settings import limits
from mapserver.web import retiring
from mapserver.web.retiring import DESCRIPTORS, retire, stop_listening

pytestmark = pytest.mark.skipif(not DESCRIPTORS.is_dir(), reason="needs Linux")


def test_who_stops_listening_leaves_connections_to_others():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        ready, call = os.pipe()

        def stop_and_try_to_accept() -> int:
            copy = os.dup(listener.fileno())  # a worker holds the socket under a second number, too
            ours, theirs = socket.socketpair()
            stop_listening(listener.fileno())
            theirs.sendall(b".")
            assert ours.recv(1) == b"."  # what a worker has taken stays with it
            os.read(ready, 1)
            taken = 0
            for number in (listener.fileno(), copy):
                try:
                    socket.socket(fileno=number).accept()
                    taken += 1
                except BlockingIOError:
                    pass
            return taken

        child = fork(stop_and_try_to_accept)
        with socket.create_connection(listener.getsockname()):
            os.write(call, b".")
            assert wait_for_end(child) == 0
            listener.setblocking(True)
            listener.accept()[0].close()


def test_a_worker_gives_way_on_a_signal_while_its_main_thread_is_busy(monkeypatch):
    """The main thread runs nothing of Python as long as the server serves."""
    steps, note = os.pipe()
    monkeypatch.setattr(retiring, "stop_listening", lambda number: os.write(note, b"%d " % number))
    monkeypatch.setattr(retiring, "end_this_process", lambda: os.write(note, b"ended"))

    def serve_and_give_way() -> None:
        retiring.retire_on_signal(7)
        os.write(note, b"ready ")
        ctypes.CDLL(None).sleep(int(PATIENCE_S))

    child = fork(serve_and_give_way)
    try:
        assert os.read(steps, 6) == b"ready "
        retire(child)
        said = b""
        while not said.endswith(b"ended"):
            said += os.read(steps, 10)
        assert said == b"7 ended"
    finally:
        os.kill(child, signal.SIGKILL)
        wait_for_end(child)


def test_a_worker_that_has_ended_already_is_left_alone():
    child = fork(lambda: 0)
    assert wait_for_end(child) == 0
    retire(child)


def test_a_request_to_end_that_is_lost_is_made_again(monkeypatch):
    steps: list[object] = []
    monkeypatch.setattr(retiring.os, "kill", lambda _, number: steps.append(number))
    monkeypatch.setattr(retiring.time, "sleep", steps.append)
    retiring.end_this_process()
    # First a moment for the questions of connections that it has.
    assert steps[:4] == [limits.RETIRE_GRACE_S, signal.SIGTERM, 1, signal.SIGTERM]
    assert limits.RETIRE_GRACE_S >= 0.5
    assert steps[-1] == signal.SIGKILL


@pytest.mark.slow  # it starts real processes
def test_what_a_worker_has_taken_is_answered_when_it_gives_way(make_folder, tmp_path):
    folder = make_folder({})
    with served(folder, tmp_path / "log") as running:
        before = running.workers()
        clients = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(40)]
        assert running.get("/healthz")[0] == 200  # those that came before have been taken by now
        for pid in before:
            retire(pid)
        for client in clients:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answers = [b"".join(iter(lambda c=client: c.recv(4096), b"")) for client in clients]
        assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in answers)
        assert running.get("/healthz")[0] == 200
        until(lambda: not running.workers() & before)  # in its own time on a busy machine
