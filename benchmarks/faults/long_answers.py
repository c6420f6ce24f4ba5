"""The longest answers to many places: when their first byte comes, and the memory they take.

python -m benchmarks.faults.long_answers [--points 20000] [--rounds 3] [--short]

A real server with one worker and a copy of the sample city. Places are sent as a table, as GeoJSON
and as JSON-FG, each with one answer and with five; of each the median of the rounds counts. The
memory is the most that the worker has taken so far (VmHWM), so it grows from row to row. It ends
with 1 when an answer has not a row for each that was asked for.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import re
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faults.serving import TIMEOUT_S, children, print_row, serving

MIB = 2**20
TABLE = "text/csv"
SHORT_POINTS = 4_000
PIECE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Sent:
    """What came of a body; `first_s` is the time to the first byte, `all_s` to the last."""

    first_s: float
    all_s: float
    body: bytes


def main() -> None:
    """Read the command line, send places, and print a row for each form and number."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--short", action="store_true")
    given = parser.parse_args()
    points = SHORT_POINTS if given.short else given.points
    rounds = 1 if given.short else given.rounds
    chance = random.Random(18)  # noqa: S311 -- the same places in each run
    places = [(chance.uniform(126.8, 126.9), chance.uniform(35.1, 35.2)) for _ in range(points)]
    table = "lon,lat,row\n" + "".join(f"{lon},{lat},{n}\n" for n, (lon, lat) in enumerate(places))
    features = json.dumps({"type": "FeatureCollection", "features": list(map(make_point, places))})
    forms = {
        TABLE: table,
        "application/geo+json": features,
        "application/vnd.ogc.fg+json": features,
    }
    print_row("form", "answers", "MB", "first s", "all s", "worker MB")
    faults = []
    with serving(workers=1) as server:
        for mimetype, body in forms.items():
            for limit in (1, 5):
                path = f"/api/nearest?limit={limit}"
                sent = [send(server.port, path, body, mimetype) for _ in range(rounds)]
                found = {count_rows(mimetype, each.body) for each in sent}
                print_row(
                    mimetype,
                    points * limit,
                    len(sent[0].body) / MIB,
                    f"{statistics.median(each.first_s for each in sent):.2f}",
                    f"{statistics.median(each.all_s for each in sent):.2f}",
                    f"{read_most_mb(server.pid):.0f}",
                )
                if found != {points * limit}:
                    faults.append(f"{mimetype}: {found} rows, and not {points * limit}")
    if faults:
        sys.exit("\n".join(faults))


def make_point(place: tuple[float, float]) -> dict[str, object]:
    """Make a feature of a place."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": place},
        "properties": {"name": "가게"},
    }


def send(port: int, path: str, body: str, mimetype: str) -> Sent:
    """Send a body, and read the answer as it comes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    started_s = time.monotonic()
    connection.request("POST", path, body.encode(), {"Content-Type": mimetype})
    response = connection.getresponse()
    pieces = [response.read(1)]
    first_s = time.monotonic() - started_s
    pieces += iter(lambda: response.read(PIECE_BYTES), b"")
    connection.close()
    return Sent(first_s, time.monotonic() - started_s, b"".join(pieces))


def count_rows(mimetype: str, body: bytes) -> int:
    """Count the rows of an answer; one that is not whole is none."""
    if mimetype == TABLE:
        return body.count(b"\r\n") - 1
    return len(json.loads(body)["features"])


def read_most_mb(pid: int) -> float:
    """Read the most memory that a worker of a server has taken (Linux)."""
    texts = [Path(f"/proc/{each}/status").read_text() for each in children(pid)]
    return max(int(re.findall(r"VmHWM:\s+(\d+)", text)[0]) for text in texts) / 1024


if __name__ == "__main__":
    main()
