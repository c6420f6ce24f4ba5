"""A real `mapserver serve` for scripts that do it harm, and visitors who ask it questions."""

from __future__ import annotations

import contextlib
import csv
import http.client
import itertools
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
START_S = 60
STOP_S = 30
TIMEOUT_S = 30.0
MARK = "표지"
"""What the name of the marked trail begins with; a number follows it."""
PATHS = (
    "/",
    "/trails/",
    "/board?lang=en",
    "/map?lang=ko",
    "/api/nearest?lon=126.8526&lat=35.1467&limit=3",
    "/api/locate?lon=126.8526&lat=35.1467",
    "/api/collections/trails/items?bbox=126.8,35.1,126.9,35.2",
    "/api/collections/districts/items?limit=5",
)
"""What visitors ask for, in turn."""


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Attributes
    ----------
    pid, port
        Of its first process.
    city
        The folder that it serves; it may be changed.
    log
        The file that it writes into.
    """

    pid: int
    port: int
    city: Path
    log: Path


@dataclass(frozen=True)
class Answer:
    """What came of a request; times are those of ``time.monotonic``."""

    path: str
    started_s: float
    ended_s: float
    status: int = 0
    body: bytes = b""
    failure: str = ""

    @property
    def took_s(self) -> float:
        """How long it took."""
        return self.ended_s - self.started_s


@contextlib.contextmanager
def serving(workers: int, left_out: Collection[str] = ()) -> Iterator[Server]:
    """Serve a copy of the sample city, and end the server afterwards, also when we are ended.

    Parameters
    ----------
    workers
        How many processes answer.
    left_out
        Names of files that the copy does not have.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with TemporaryDirectory(prefix="maenballo-faults-") as folder, socket.socket() as probe:
        city, log = Path(folder, "city"), Path(folder, "log")
        for part in ("gpx", "layers"):
            shutil.copytree(ROOT / part, city / part, ignore=shutil.ignore_patterns(*left_out))
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [sys.executable, "-m", "mapserver", "serve", "--city", str(city)]
        with log.open("wb") as file:
            process = subprocess.Popen(
                [*command, "--port", str(port), "--workers", str(workers)],
                env=os.environ | {"MAPSERVER_TILE_URL": ""},
                stdout=file,
                stderr=file,
            )
        server = Server(process.pid, port, city, log)
        # A trial that is told to end, as by `timeout`, ends its server, too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
        try:
            wait_until(lambda: ask(port, "/readyz", timeout_s=2).status == 200, START_S, log)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                for child in children(process.pid):
                    with contextlib.suppress(OSError):
                        os.kill(child, 9)
                process.kill()
                process.wait()


def wait_until(is_true: Callable[[], bool], seconds: float, log: Path | None = None) -> None:
    """Wait until something holds; end the script when it does not come to."""
    last_s = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > last_s:
            text = log.read_text("utf-8", "replace")[-2000:] if log else ""
            sys.exit(f"Waited for {seconds:.0f} s in vain. {text}")
        time.sleep(0.05)


# -- visitors ------------------------------------------------------------------------------------


def ask(port: int, path: str, *, timeout_s: float = TIMEOUT_S) -> Answer:
    """Ask for a path on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    started_s = time.monotonic()
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
    except (OSError, http.client.HTTPException) as error:
        return Answer(path, started_s, time.monotonic(), failure=type(error).__name__)
    finally:
        connection.close()
    return Answer(path, started_s, time.monotonic(), response.status, body)


def visit(  # noqa: PLR0913 -- what visitors do, and who notes it
    port: int,
    paths: Sequence[str],
    *,
    visitors: int,
    note: Callable[[Answer], object],
    is_over: Callable[[], bool],
    pause_s: float = 0.0,
) -> list[threading.Thread]:
    """Have visitors ask for paths in turn until it is over; return their threads, started.

    Parameters
    ----------
    note
        Called with each answer, by the visitor's own thread.
    pause_s
        From the beginning of one request of a visitor to that of the next, at least.
    """

    def run(first: int) -> None:
        for path in itertools.islice(itertools.cycle(paths), first, None):
            if is_over():
                return
            answer = ask(port, path)
            note(answer)
            if (rest_s := pause_s - answer.took_s) > 0:
                time.sleep(rest_s)

    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(visitors)]
    for thread in threads:
        thread.start()
    return threads


# -- states of the data --------------------------------------------------------------------------


@dataclass
class MarkedTrail:
    """A trail of the city whose name carries a number, so that answers tell their state."""

    server: Server
    number: int = 0

    def __post_init__(self) -> None:
        with self._register.open(encoding="utf-8-sig", newline="") as file:
            self._header, *self._rows = list(csv.reader(file))

    @property
    def _register(self) -> Path:
        return self.server.city / "gpx" / "trails.csv"

    @property
    def path(self) -> str:
        """Where the trail is asked for."""
        return f"/trails/{self._rows[0][self._header.index('id')]}.geojson"

    def write_next(self) -> float:
        """Write the next number into the file, in its place; return when its last byte was."""
        self.number += 1
        self._rows[0][self._header.index("name")] = f"{MARK} {self.number}"
        with self._register.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([self._header, *self._rows])
        return time.monotonic()

    def read(self, answer: Answer) -> int:
        """Return the number that an answer has; 0 before there was one."""
        name = str(json.loads(answer.body)["properties"]["name"])
        return int(name.removeprefix(MARK)) if name.startswith(MARK) else 0


# -- processes and figures -----------------------------------------------------------------------


def children(pid: int) -> list[int]:
    """Return the processes that one has started and that still run (Linux)."""
    ids: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError):
            ids += map(int, (task / "children").read_text().split())
    return sorted(ids)


def measure_memory_mb(pid: int) -> float:
    """Return the memory of a process and of those it has started, shared pages counted once."""
    total_kb = 0
    for each in (pid, *children(pid)):
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{each}/smaps_rollup").read_text()
            total_kb += int(text.partition("\nPss:")[2].split()[0])
    return total_kb / 1024


def percentile_ms(answers: Sequence[Answer], percent: int) -> float:
    """Return a percentile of how long answers took, in milliseconds."""
    took_ms = [1000 * answer.took_s for answer in answers]
    return statistics.quantiles(took_ms, n=100, method="inclusive")[percent - 1]


def print_row(*cells: object) -> None:
    """Print a row of a table: the first cell is its name, the others are figures."""
    first, *others = (f"{c:.1f}" if isinstance(c, float) else str(c) for c in cells)
    print(first.ljust(26), *(cell.rjust(14) for cell in others), flush=True)
