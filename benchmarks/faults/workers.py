"""A worker killed each second: only requests in flight on it fail, and no answer is stale.

python -m benchmarks.faults.workers [--seconds 60] [--workers 2] [--seed 1] [--short]

A real server with a copy of the sample city; eight visitors ask without a pause, each time on a new
connection, and every few seconds a name in the data changes. Each second one of the workers, by
lot, is killed (SIGKILL). It ends with 1 when a request fails during which no worker was killed,
when more fail at a kill than visitors there are, when an answer is older than the state that was
whole three seconds before its question (ten in the short form), or when a status is not 200.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field

from benchmarks.faults.serving import (
    PATHS,
    Answer,
    MarkedTrail,
    Server,
    children,
    percentile_ms,
    print_row,
    serving,
    visit,
)

VISITORS = 8
KILL_EVERY_S = 1.0
CHANGE_EVERY_S = 7.0
NEWEST_WITHIN_S = 3.0
SHORT_S, SHORT_NEWEST_WITHIN_S = 20.0, 30.0
"""The short form runs on machines that do other things; a worker that starts old is seen anyway."""
MARGIN_S = 0.05
"""A connection breaks a moment after its worker was killed."""


@dataclass
class Trial:
    """What happened, and when (``time.monotonic``)."""

    kills_s: list[float] = field(default_factory=list)
    writes_s: list[float] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    longest_alone_s: float = 0.0

    def failed(self) -> list[Answer]:
        """Return the requests that got no answer."""
        return [answer for answer in self.answers if answer.failure]

    def unexplained(self) -> list[Answer]:
        """Return the requests that failed although no worker was killed meanwhile."""
        return [
            answer
            for answer in self.failed()
            if not any(
                answer.started_s - MARGIN_S <= kill_s <= answer.ended_s for kill_s in self.kills_s
            )
        ]

    def stale(
        self, trail: MarkedTrail, within_s: float = NEWEST_WITHIN_S
    ) -> list[tuple[float, int, int]]:
        """Return the answers that are too old: seconds after the write, number, number wanted."""
        late = []
        for answer in self.answers:
            if answer.path != trail.path or answer.status != 200:
                continue
            due = [s for s in self.writes_s if s + within_s < answer.started_s]
            if (number := trail.read(answer)) < len(due):
                late.append((answer.started_s - self.writes_s[number], number, len(due)))
        return late


def main() -> None:
    """Read the command line, kill workers, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true")
    given = parser.parse_args()
    seconds = SHORT_S if given.short else given.seconds
    with serving(given.workers) as server:
        trail = MarkedTrail(server)
        trial = kill_workers(server, trail, seconds, random.Random(given.seed))  # noqa: S311
    within_s = SHORT_NEWEST_WITHIN_S if given.short else NEWEST_WITHIN_S
    failed, unexplained, stale = trial.failed(), trial.unexplained(), trial.stale(trail, within_s)
    other = [a for a in trial.answers if not a.failure and a.status != 200]
    answered = [answer for answer in trial.answers if answer.status == 200]
    print_row("workers killed", len(trial.kills_s))
    print_row("states written", len(trial.writes_s))
    print_row("requests", len(trial.answers))
    print_row("p50, p99 ms", percentile_ms(answered, 50), percentile_ms(answered, 99))
    print_row("longest wait, s", max(answer.took_s for answer in trial.answers))
    print_row("longest with no worker, s", trial.longest_alone_s)
    print_row("failed", len(failed))
    print_row("  no worker was killed", len(unexplained))
    print_row("not 200", len(other))
    print_row("stale", len(stale))
    faults = [f"{a.path}: {a.failure} after {a.took_s:.2f} s, unexplained" for a in unexplained]
    faults += [f"{answer.path}: {answer.status}" for answer in other]
    faults += [f"{late_s:.1f} s after it: state {had}, not {due}" for late_s, had, due in stale]
    if len(failed) > VISITORS * len(trial.kills_s):
        faults.append("more requests failed than were in flight")
    if faults:
        sys.exit("\n".join(faults[:20]))


def kill_workers(server: Server, trail: MarkedTrail, seconds: float, lot: random.Random) -> Trial:
    """Visit the server, kill its workers and change its data for some seconds."""
    trial = Trial()
    last_s = time.monotonic() + seconds
    threads = visit(
        server.port,
        [part for path in PATHS for part in (path, trail.path)],
        visitors=VISITORS,
        note=trial.answers.append,
        is_over=lambda: time.monotonic() > last_s,
    )
    change_s = alone_since_s = time.monotonic()
    while time.monotonic() < last_s - KILL_EVERY_S:
        if time.monotonic() >= change_s:
            trial.writes_s.append(trail.write_next())
            change_s += CHANGE_EVERY_S
        time.sleep(KILL_EVERY_S)
        if workers := children(server.pid):
            alone_since_s = time.monotonic()
            # The moment is noted first, so that a request which fails at it is not before it.
            trial.kills_s.append(time.monotonic())
            os.kill(lot.choice(workers), signal.SIGKILL)
        trial.longest_alone_s = max(trial.longest_alone_s, time.monotonic() - alone_since_s)
    for thread in threads:
        thread.join()
    return trial


if __name__ == "__main__":
    main()
