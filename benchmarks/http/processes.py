"""Servers as processes: each on one core, started, asked for the first time, weighed, ended."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.serving import children, measure_memory_mb

SERVER_CORE, LOAD_CORE = 0, 1
NICENESS = 10
"""Our workers give way to their parent by this much; so all others are started with it, too."""
THIS_PYTHON = sys.executable
START_S, STOP_S, POLL_S = 90.0, 20.0, 0.004


@dataclass(frozen=True)
class Running:
    """A server that has given its first answer.

    Attributes
    ----------
    pid, port
        Of its first process.
    first_answer_s
        From its start to its first answer.
    """

    pid: int
    port: int
    first_answer_s: float

    def measure_cpu_s(self) -> float:
        """Return the time of a processor that its processes have had."""
        return sum(_read_cpu_s(pid) for pid in (self.pid, *children(self.pid)))

    def measure_memory_mb(self) -> float:
        """Return the memory of its processes, shared pages counted once."""
        return measure_memory_mb(self.pid)


def _read_cpu_s(pid: int) -> float:
    with contextlib.suppress(OSError):
        # Behind the name in parentheses the 12th and 13th fields are ticks of user and system.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def pin(command: Sequence[str], *, core: int = SERVER_CORE, niceness: int = 0) -> list[str]:
    """Return a command that runs another on one core."""
    return ["taskset", "-c", str(core), "nice", "-n", str(niceness), *command]


def find_free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def run_server(
    command: Sequence[str], port: int, first_path: str, log: Path, variables: Mapping[str, str]
) -> Iterator[Running]:
    """Run a server until it is no longer needed.

    Parameters
    ----------
    command
        Starts it.
    port
        Where it listens.
    first_path
        Is asked for until it is answered with 200.
    log
        The file that it writes into.
    variables
        Added to the environment.
    """
    start_s = time.perf_counter()
    with log.open("ab") as file:
        process = subprocess.Popen(
            command, env=os.environ | variables, stdout=file, stderr=file, cwd=log.parent
        )
    try:
        while fetch(port, first_path)[0] != 200:
            if process.poll() is not None or time.perf_counter() - start_s > START_S:
                text = log.read_text("utf-8", "replace")[-1500:]
                raise RuntimeError(f"{command[-1]} gave no answer: {text}")
            time.sleep(POLL_S)
        yield Running(process.pid, port, time.perf_counter() - start_s)
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def fetch(
    port: int, path: str, headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of an answer; status 0 where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    except (OSError, http.client.HTTPException):
        return 0, {}, b""
    finally:
        connection.close()


def find_program(name: str, package: str, *folders: str) -> str:
    """Return the path of a program; say what to install where there is none."""
    for folder in (*folders, *os.environ.get("PATH", "").split(os.pathsep)):
        if (path := Path(folder, name)).is_file():
            return str(path)
    raise LookupError(f"apt-get install {package}   # {name} is missing")


def granian_command(
    python: str, target: str, port: int, *, interface: str, threads: int = 1
) -> list[str]:
    """Return the command that serves an application by granian on one core."""
    options = ["--interface", interface, "--host", "127.0.0.1", "--port", str(port)]
    options += ["--workers", "1", "--http", "1", "--no-ws", "--log-level", "error"]
    if interface == "wsgi":
        options += ["--blocking-threads", str(threads)]
    return pin([python, "-m", "granian", *options, target], niceness=NICENESS)
