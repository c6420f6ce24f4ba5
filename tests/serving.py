"""The real server as a process, for the tests that need one."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from browsing import PATIENCE_S


@dataclass(frozen=True)
class Serving:
    """A server that runs: its port, its process, and the file of what it writes."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """Ask on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def send(self, data: bytes, *, is_all: bool = False) -> bytes:
        """Send bytes as they are, say if no more will come, and read until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as client:
            client.sendall(data)
            if is_all:
                client.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: client.recv(65536), b""))

    def workers(self) -> set[int]:
        """Give the processes that answer."""
        pid = self.process.pid
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))

    def lines(self, word: str, count: int = 1) -> list[str]:
        """Wait for lines of the log that have a word: they are written after an answer has left."""
        until(lambda: self.log.read_text().count(word) >= count)
        return [line for line in self.log.read_text().splitlines() if word in line]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE_S)


def until(is_so: Callable[[], object]) -> None:
    """Wait for something, as long as a busy machine may need."""
    last_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < last_s
        time.sleep(0.05)


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(folder: Path, log: Path, *options: object, **variables: str) -> Iterator[Serving]:
    """Run the real server on a city folder with two workers."""
    port = find_free_port()
    command = [sys.executable, "-m", "mapserver", "serve", "--port", port, "--workers", 2]
    environment = {"MAPSERVER_CITY": str(folder), "MAPSERVER_TILE_URL": "", **variables}
    with log.open("w") as file:
        process = subprocess.Popen(  # noqa: S603
            [str(each) for each in (*command, *options)],
            env=os.environ | environment,
            stdout=file,
            stderr=file,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz", process, log)
        running = Serving(port, process, log)
        words = [str(each) for each in (*command, *options)]
        wait_until_settled(running, int(words[len(words) - words[::-1].index("--workers")]))
        yield running
    finally:
        process.terminate()  # and with it its workers
        try:
            process.wait(timeout=PATIENCE_S)
        finally:
            process.kill()


def wait_until_settled(running: Serving, workers: int) -> None:
    """Wait until the rest of the start is made, and its first workers have given way."""
    until(
        lambda: (
            json.loads(running.get("/readyz")[-1])["pages"] == "ready"
            and len(running.workers()) == workers
        )
    )


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers."""
    last_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < last_s:
        assert process.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(address, timeout=2).close()  # noqa: S310
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())
