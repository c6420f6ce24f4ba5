"""200,000 mixed requests and 200 reloads of changed data: the server's memory stays flat.

python -m benchmarks.faults.memory [--requests 200000] [--reloads 200] [--workers 2] [--short]

A real server with a copy of the sample city. For each reload a name in the data is changed, the new
state is waited for, visitors ask their share of the requests (pages, searches, collections, paths
that do not exist and questions that are wrong), and the memory of all its processes is taken (PSS:
what they share is counted once) when it has come to rest. The middle of the second tenth is
compared with that of the last; it ends with 1 when memory grew by more than two percent, or when an
answer is a 5xx or none.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time

from benchmarks.faults.serving import (
    PATHS,
    Answer,
    MarkedTrail,
    Server,
    ask,
    children,
    measure_memory_mb,
    print_row,
    serving,
    visit,
    wait_until,
)

VISITORS = 4
MOST_GROWTH_PERCENT = 2.0
SHORT_REQUESTS, SHORT_RELOADS, SHORT_GROWTH_PERCENT = 4_000, 10, 25.0
"""In so few reloads memory has not yet come to rest: the short form sees gross leaks alone."""
NEWEST_WITHIN_S = 60.0
MIXED = (*PATHS, "/nothing", "/api/nearest?lon=x&lat=1", "/trails/?date=2026-12-20", "/readyz")


def main() -> None:
    """Read the command line, ask and reload, and print the memory on the way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--reloads", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--short", action="store_true")
    given = parser.parse_args()
    requests = SHORT_REQUESTS if given.short else given.requests
    reloads = SHORT_RELOADS if given.short else given.reloads
    most_percent = SHORT_GROWTH_PERCENT if given.short else MOST_GROWTH_PERCENT
    memory_mb: list[float] = []
    faults: list[str] = []
    asked = 0
    print_row("reloads", "requests", "memory MB", "seconds")
    started_s = time.monotonic()
    with serving(given.workers) as server:
        trail = MarkedTrail(server)
        for reload in range(1, reloads + 1):
            renew(server, trail)
            answers = visit_so_often(server, trail, requests * reload // reloads - asked)
            asked += len(answers)
            faults += [f"{a.path}: {a.failure or a.status}" for a in answers if is_fault(a)]
            memory_mb.append(measure_at_rest(server, given.workers))
            if reload % max(reloads // 10, 1) == 0:
                print_row(reload, asked, memory_mb[-1], time.monotonic() - started_s)
    tenth = max(reloads // 10, 2)
    first_mb = statistics.median(memory_mb[tenth : 2 * tenth])
    last_mb = statistics.median(memory_mb[-tenth:])
    growth_percent = 100 * (last_mb / first_mb - 1)
    print_row("growth, percent", f"{growth_percent:+.2f}")
    if growth_percent > most_percent:
        faults.append(f"memory grew from {first_mb:.0f} to {last_mb:.0f} MB")
    if faults:
        sys.exit("\n".join(faults[:20]))


def is_fault(answer: Answer) -> bool:
    return bool(answer.failure) or answer.status >= 500


def renew(server: Server, trail: MarkedTrail) -> None:
    """Change the data, and wait until the new state is served, several times in a row."""
    trail.write_next()

    def is_served() -> bool:
        answers = [ask(server.port, trail.path) for _ in range(8)]
        return all(a.status == 200 and trail.read(a) == trail.number for a in answers)

    wait_until(is_served, NEWEST_WITHIN_S, server.log)


def visit_so_often(server: Server, trail: MarkedTrail, count: int) -> list[Answer]:
    """Ask so many questions, mixed; return the answers without their bodies."""
    answers: list[Answer] = []
    numbers = itertools.count()

    def note(answer: Answer) -> None:
        answers.append(Answer(answer.path, 0, 0, answer.status, failure=answer.failure))

    threads = visit(
        server.port,
        (*MIXED, trail.path),
        visitors=VISITORS,
        note=note,
        is_over=lambda: next(numbers) >= count,
    )
    for thread in threads:
        thread.join()
    return answers


def measure_at_rest(server: Server, workers: int) -> float:
    """Measure when the workers of the state before have ended: until then there are two of each."""
    wait_until(lambda: len(children(server.pid)) <= workers, 60, server.log)
    return measure_memory_mb(server.pid)


if __name__ == "__main__":
    main()
