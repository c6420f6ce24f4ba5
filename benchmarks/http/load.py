"""Load by wrk: requests a second, and how long answers took."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.http.processes import LOAD_CORE, Running, find_program, pin

TICK_S = 0.01
"""Time of a processor is counted in such steps."""
PLACES_LUA = Path(__file__).with_name("places.lua")
UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Load:
    """What clients met who asked without a pause.

    Attributes
    ----------
    requests_per_s
        Answers a second.
    requests_per_cpu_s
        Answers for each second that a core has worked for them, whatever else the machine does.
    p50_ms, p99_ms
        Percentiles of the time to an answer.
    """

    requests_per_s: float
    requests_per_cpu_s: float
    p50_ms: float
    p99_ms: float


def put_load(
    servers: Sequence[Running], path: str, *, connections: int, seconds: int, br: bool = False
) -> Load:
    """Ask for one path on some connections at once.

    Parameters
    ----------
    servers
        The one that is asked, and others that work for it.
    path
        What is asked for.
    connections, seconds
        How many at once, and for how long.
    br
        Whether Brotli is accepted.

    Raises
    ------
    RuntimeError
        An answer was an error, or there was none.
    """
    wrk = find_program("wrk", "wrk")
    command = [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "20s"]
    command += ["-H", "Accept-Encoding: br"] if br else []
    command += ["-s", str(PLACES_LUA)]
    before_s = sum(server.measure_cpu_s() for server in servers)
    run = subprocess.run(
        pin([*command, f"http://127.0.0.1:{servers[0].port}{path}"], core=LOAD_CORE),
        capture_output=True,
        text=True,
        check=True,
    )
    cpu_s = sum(server.measure_cpu_s() for server in servers) - before_s
    text = run.stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"{path}: {text}")
    _, rate = _find(r"(Requests/sec):\s+([\d.]+)", text)
    requests, _ = _find(r"(\d+) requests in (\S+),", text)
    if requests == "0":
        raise RuntimeError(f"{path}: no answer in {seconds} s")
    per_cpu_s = int(requests) / max(cpu_s, TICK_S)
    return Load(
        float(rate), per_cpu_s, _read_percentile_ms(text, 50), _read_percentile_ms(text, 99)
    )


def _read_percentile_ms(text: str, percent: int) -> float:
    number, unit = _find(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)\s*$", text)
    return float(number) * UNITS_MS[unit]


def _find(pattern: str, text: str) -> tuple[str, str]:
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"wrk prints nothing like {pattern}: {text}")
    return found[1], found[2]
