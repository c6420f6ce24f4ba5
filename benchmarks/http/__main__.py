"""Compare our server under load with others of the same features; prints ratios of one run.

    python -m benchmarks.http [--rounds 5] [--seconds 2] [--before COMMIT] [--only ours,tipg]

Ours, tipg on PostGIS, pygeoapi on the exported files and on PostGIS, and one route of Flask and of
plain WSGI that send our bytes, all by granian with one worker on the first core, with the database;
wrk asks from the second with 32 connections, each time about another place. In each round every
server is asked every question in turn, so other work on the machine meets all alike; the median of
the rounds counts. `per core` is the ratio of answers for each second that the core has worked,
which other work changes little. The others are installed into `build/benchmarks-http`. With
`--before`, start and memory of that commit are measured, too. It ends with 1 when servers hold
different features.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.http import contestants as who
from benchmarks.http.before import check_out
from benchmarks.http.contestants import ROOT, Contestant
from benchmarks.http.database import run_postgis
from benchmarks.http.load import Load, put_load
from benchmarks.http.processes import (
    POLL_S,
    START_S,
    THIS_PYTHON,
    Running,
    fetch,
    find_free_port,
    find_program,
    run_server,
)
from benchmarks.http.questions import (
    BOX,
    MOST_KEPT_START,
    MOST_MEMORY,
    MOST_P99_TO_P50,
    MOST_START,
    NEAREST,
    ONE,
    QUESTIONS,
    TARGETS,
    WHOLE,
    Question,
)

CONNECTIONS = 32
CHECKED = (BOX, WHOLE, ONE, NEAREST)
"""Questions whose answers are features, which must be the same everywhere."""
PER_CORE = "requests_per_cpu_s"
FIRST_START, KEPT_START = "ours, 2 workers", "ours, city kept"
EARLIER_START = "ours, before"
Loads = dict[tuple[str, Question], list[Load]]


def main() -> None:
    """Read the command line, run every server, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="of each load")
    parser.add_argument("--before", help="a commit to compare start and memory with")
    parser.add_argument("--only", default="", help="names of contestants, divided by commas")
    parser.add_argument("--starts", action="store_true", help="starts and memory of ours alone")
    options = parser.parse_args()
    # A run that is told to end, as by `timeout`, ends its servers, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    try:
        find_program("wrk", "wrk")
    except LookupError as error:
        sys.exit(str(error))
    only = {name.strip() for name in options.only.split(",") if name.strip()}
    with tempfile.TemporaryDirectory(prefix="maenballo-http-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database is run by somebody else
        if options.starts:
            measure_starts(folder, options.before, [], options.rounds)
            return
        with run_contestants(folder, only) as servers:
            is_same = compare_features(servers)
            busy, idle = measure_loads(servers, options.rounds, options.seconds)
        print_loads(servers, busy, idle)
        measure_starts(folder, options.before, [server for server, _ in servers], options.rounds)
        print_targets(busy)
    sys.exit(not is_same)


@contextlib.contextmanager
def run_contestants(folder: Path, only: set[str]) -> Iterator[list[tuple[Contestant, Running]]]:
    """Run ours and all others that can be installed, and say who is left out and why."""
    layers, answers = folder / "layers", folder / "answers"
    answers.mkdir()
    command = [THIS_PYTHON, "-m", "mapserver", "export", str(layers), "--format", "geojson"]
    subprocess.run([*command, "--city", str(ROOT)], check=True, stdout=subprocess.DEVNULL)
    for path in layers.glob("*.geojson"):  # the others serve places, not tables without any
        if not any(feature["geometry"] for feature in json.loads(path.read_bytes())["features"]):
            path.unlink()
    with contextlib.ExitStack() as stack:
        servers: list[tuple[Contestant, Running]] = []

        def add(contestant: Contestant) -> None:
            if only and contestant.name not in {"ours", *only}:
                return
            servers.append((contestant, stack.enter_context(start(contestant, folder))))

        add(who.make_ours(ROOT))
        who.save_answers(servers[0][1].port, answers)
        for kind in ("flask", "wsgi"):
            add(who.make_bare(kind, answers))
        if only and not any("tipg" in name or "pygeoapi" in name for name in only):
            yield servers
            return
        python, database = "", None
        with say_why_not("tipg, pygeoapi"):
            python = who.make_environment(ROOT / "build" / "benchmarks-http")
            print(*(f"{name} {version}" for name, version in who.read_versions(python).items()))
        with say_why_not("tipg, and pygeoapi on PostGIS"):
            database = stack.enter_context(run_postgis(folder, layers))
        if python and database:
            with say_why_not("tipg"):
                add(who.make_tipg(python, folder, database))
        if python:
            with say_why_not("pygeoapi"):
                add(who.make_pygeoapi(python, folder, layers))
        if python and database:
            with say_why_not("pygeoapi, PostGIS"):
                add(who.make_pygeoapi(python, folder, layers, database))
        yield servers


@contextlib.contextmanager
def say_why_not(name: str) -> Iterator[None]:
    """Leave out a contestant that cannot be started, with a sentence."""
    try:
        yield
    except (LookupError, RuntimeError, subprocess.CalledProcessError) as error:
        print(f"{name}: left out. {error}", file=sys.stderr)


@contextlib.contextmanager
def start(contestant: Contestant, folder: Path) -> Iterator[Running]:
    """Run a contestant."""
    port = find_free_port()
    log = folder / f"{contestant.name}.log"
    command = contestant.command(port)
    with run_server(command, port, contestant.first_path, log, contestant.variables) as server:
        yield server


def compare_features(servers: list[tuple[Contestant, Running]]) -> bool:
    """Compare the ids of the features in all answers with ours, and say where they differ."""
    is_same = True
    for question in CHECKED:
        expected: list[str] = []
        for contestant, server in servers:
            if question not in contestant.paths:
                continue
            status, _, body = fetch(server.port, contestant.paths[question])
            ids = read_ids(body) if status == 200 else [f"status {status}"]
            expected = expected or ids
            if ids != expected:
                is_same = False
                print(f"DIFFERENT: {question.name}, {contestant.name}: {len(ids)} {ids[:5]}")
        print(f"{question.name}: {len(expected)} features{', the same of all' * is_same}")
    return is_same


def read_ids(body: bytes) -> list[str]:
    """Return the ids of the features of an answer, sorted."""
    document = json.loads(body)
    features = document.get("features", [document])
    return sorted(str(feature.get("id", feature["properties"].get("id"))) for feature in features)


def measure_loads(
    servers: list[tuple[Contestant, Running]], rounds: int, seconds: int
) -> tuple[Loads, Loads]:
    """Ask every server every question, round by round: with many connections, and with one."""
    busy: Loads = {}
    idle: Loads = {}
    for number in range(rounds):
        for question in QUESTIONS:
            for contestant, server in servers:
                if question not in contestant.paths:
                    continue
                path, key = contestant.paths[question], (contestant.name, question)
                for loads, connections in ((idle, 1), (busy, CONNECTIONS)):
                    last_s = seconds if connections > 1 else 1
                    load = put_load(
                        contestant.list_processes(server),
                        path,
                        connections=connections,
                        seconds=last_s,
                        br=question.br,
                    )
                    loads.setdefault(key, []).append(load)
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return busy, idle


def take_median(loads: list[Load], name: str) -> float:
    """Return the median of a figure."""
    return statistics.median(getattr(load, name) for load in loads)


def compute_ratio(
    busy: Loads, contestant: str, question: Question, figure: str = "requests_per_s"
) -> float:
    """Return how many times as many requests ours answers: the median of the rounds' ratios."""
    pairs = zip(busy["ours", question], busy[contestant, question], strict=True)
    return statistics.median(
        getattr(ours, figure) / getattr(other, figure) for ours, other in pairs
    )


def print_loads(servers: list[tuple[Contestant, Running]], busy: Loads, idle: Loads) -> None:
    """Print a table for each question."""
    for question in QUESTIONS:
        print(f"\n{question.name:22}{'requests/s':>11}{'ours is':>9}{'per core':>9}", end="")
        print(f"{'p50 ms':>9}{'p99 ms':>9}{'idle p50':>10}{'idle p99':>10}")
        for contestant, _ in servers:
            if (key := (contestant.name, question)) not in busy:
                continue
            row = busy[key]
            print(
                f"  {contestant.name:20}{take_median(row, 'requests_per_s'):>11,.0f}"
                f"{compute_ratio(busy, contestant.name, question):>8.2f}x"
                f"{compute_ratio(busy, contestant.name, question, PER_CORE):>8.2f}x"
                f"{take_median(row, 'p50_ms'):>9.2f}{take_median(row, 'p99_ms'):>9.2f}"
                f"{take_median(idle[key], 'p50_ms'):>10.3f}"
                f"{take_median(idle[key], 'p99_ms'):>10.3f}"
            )


def measure_starts(
    folder: Path, before: str | None, contestants: list[Contestant], rounds: int
) -> None:
    """Print how long each takes to its first answer, and its memory after some of each question.

    Ours starts in three ways: with an empty cache folder, from the city that an earlier start
    kept there, and as it was at a commit, which kept nothing.
    """
    print(f"\n{'start and memory':22}{'first s':>9}{'CPU s':>9}{'PSS MB':>9}")
    kept = folder / "kept"
    with contextlib.ExitStack() as stack:
        ours = [FIRST_START, KEPT_START]
        trees = dict.fromkeys(ours, ROOT)
        if before:
            ours.append(EARLIER_START)
            trees[EARLIER_START] = stack.enter_context(check_out(before, folder / "before"))
        figures: dict[str, list[tuple[float, ...]]] = {}
        for number in range(rounds + 1):
            for name in ours:
                cache = kept if name == KEPT_START else folder / f"cache-{number}"
                contestant = who.make_ours(trees[name], name, workers=2, cache=str(cache))
                with start(contestant, folder) as server:
                    weights = weigh(contestant, server)
                if number:  # the first start of each fills caches of files, and the folder
                    figures.setdefault(name, []).append(weights)
        for contestant in contestants:
            if contestant.name != "ours":
                with contextlib.suppress(RuntimeError), start(contestant, folder) as server:
                    figures[contestant.name] = [weigh(contestant, server)]
    medians = {
        name: tuple(map(statistics.median, zip(*rows, strict=True)))
        for name, rows in figures.items()
    }
    for name, (first_answer_s, cpu_s, memory_mb) in medians.items():
        print(f"  {name:20}{first_answer_s:>9.2f}{cpu_s:>9.2f}{memory_mb:>9.0f}")
    if before:
        then = medians[EARLIER_START]
        for name, most in ((FIRST_START, MOST_START), (KEPT_START, MOST_KEPT_START)):
            now = medians[name]
            print_target(f"{name}, of before", now[0] / then[0], most, is_most=True)
            print_target(f"{name}, CPU of before", now[1] / then[1], most, is_most=True)
            print_target(f"{name}, memory of before", now[2] / then[2], MOST_MEMORY, is_most=True)


def weigh(contestant: Contestant, server: Running) -> tuple[float, ...]:
    """Return seconds to the first answer, of them of the core, and memory after many answers."""
    cpu_s = server.measure_cpu_s()
    # Ours answers before it has made its pages; an earlier commit does not say so.
    deadline_s = time.monotonic() + START_S
    while b'"pages":"pending"' in fetch(server.port, "/readyz")[2].replace(b" ", b""):
        if time.monotonic() > deadline_s:
            raise RuntimeError(f"{contestant.name} has not made its pages in {START_S} s")
        time.sleep(POLL_S)
    for question, path in contestant.paths.items():
        if fetch(server.port, path)[0] == 200:  # an earlier commit has fewer answers
            put_load([server], path, connections=CONNECTIONS, seconds=1, br=question.br)
    return server.first_answer_s, cpu_s, server.measure_memory_mb()


def print_targets(busy: Loads) -> None:
    """Print which targets were reached."""
    print("\ntargets")
    for target in TARGETS:
        if (target.contestant, target.question) in busy:
            for figure, words in (("requests_per_s", ""), (PER_CORE, ", per core")):
                ratio = compute_ratio(busy, target.contestant, target.question, figure)
                name = f"{target.question.name}, of {target.contestant}{words}"
                print_target(name, ratio, target.ratio)
    for question in QUESTIONS:
        rows = busy["ours", question]
        ratio = statistics.median(row.p99_ms / row.p50_ms for row in rows)
        print_target(f"{question.name}, p99 of p50", ratio, MOST_P99_TO_P50, is_most=True)


def print_target(name: str, ratio: float, wanted: float, *, is_most: bool = False) -> None:
    """Print whether a ratio is what is wanted: at least, or at most."""
    is_reached = ratio <= wanted if is_most else ratio >= wanted
    sign = "<=" if is_most else ">="
    print(f"  {name:40}{ratio:>7.2f} {sign} {wanted:<5.2f} {'reached' if is_reached else 'MISSED'}")


if __name__ == "__main__":
    main()
