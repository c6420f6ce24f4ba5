"""Measure our indexes against what could be installed instead; prints ratios of one run.

    python -m benchmarks.index [--points 1000000] [--threads 4] [--scene city] [--figure FILE]

Each contestant runs in a process of its own, builds, answers once to warm up, and three times or,
if it is quick, for a second; the median counts. Its answers are compared with ours.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.index.contestants import CONTESTANTS
from benchmarks.index.scenes import make

ROUNDS, ENOUGH_S = 3, 1.0
SAME = 1e-6


def main() -> None:
    """Read the command line, run every contestant, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--scene", choices=["city", "country"], action="append")
    parser.add_argument("--figure", type=Path, help="also draw a picture")
    parser.add_argument("--only", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only:
        scene, number, answers, threads = given.only
        print(json.dumps(measure(scene, int(number), Path(answers), int(threads), given.points)))
        return
    rows = []
    for scene in given.scene or ["city", "country"]:
        for question in ("nearest", "within"):
            rows += compare(scene, question, given.threads, given.points)
    if given.figure:
        from benchmarks.index.figure import draw  # matplotlib is for this alone

        draw(rows, given.figure)


def compare(scene: str, question: str, threads: int, points: int) -> list[dict]:
    """Run the contestants of one question and print a table of ratios to ours."""
    print(f"\n{scene}, {question}, {threads} threads, {points:,} points")
    print(f"{'':26}{'Mpoints/s':>10}{'ours is':>10}{'build s':>9}{'MB':>7}  answers")
    rows, ours, truth = [], None, None
    for number, contestant in enumerate(CONTESTANTS):
        if contestant.question != question:
            continue
        with tempfile.TemporaryDirectory() as folder:
            answers = Path(folder) / "answers.npy"
            command = [sys.executable, "-m", "benchmarks.index", "--points", str(points)]
            run = subprocess.run(
                [*command, "--only", scene, str(number), str(answers), str(threads)],
                capture_output=True,
                text=True,
                check=False,
            )
            if run.returncode:
                reason = (run.stderr.strip().splitlines() or ["no reason"])[-1]
                print(f"{contestant.name:26}  left out: {reason[:80]}")
                continue
            row = json.loads(run.stdout.splitlines()[-1]) | {"scene": scene}
            found = np.load(answers)
        if ours is None:
            ours, truth = row, found
        row["answers"] = judged(question, found, truth, row["asked"])
        row["ratio"] = ours["rate"] / row["rate"]
        print(
            f"{row['name']:26}{row['rate']:>10.3f}{row['ratio']:>9.1f}x{row['build_s']:>9.2f}"
            f"{row['memory_mb']:>7.0f}  {row['answers']}"
        )
        rows.append(row)
    return rows


def judged(question: str, found: np.ndarray, truth: np.ndarray, asked: int) -> str:
    """Compare answers with ours."""
    if question == "nearest":
        off = np.abs(found - truth[: len(found)]).max()
        return "equal" if off < SAME else f"off by up to {off:.2f} m"
    expected = truth[truth < asked * 1_000_000]
    return "equal" if np.array_equal(np.sort(found), np.sort(expected)) else "DIFFERENT"


def measure(scene: str, number: int, answers: Path, threads: int, points: int) -> dict:
    """Build and ask one contestant in this process."""
    contestant = CONTESTANTS[number]
    place = make(scene, points)
    asked = max(int(points * contestant.share), 1)
    x, y = place.x[:asked], place.y[:asked]
    before_mb = _memory_mb()
    start = time.perf_counter()
    ask = contestant.build(place, threads)
    ask(x[:1], y[:1])
    build_s = time.perf_counter() - start
    ask(x[: max(asked // 10, 1)], y[: max(asked // 10, 1)])
    taken = []
    while len(taken) < ROUNDS or sum(taken) < ENOUGH_S:
        start = time.perf_counter()
        found = ask(x, y)
        taken.append(time.perf_counter() - start)
    np.save(answers, found)
    return {
        "name": contestant.name,
        "question": contestant.question,
        "exact": contestant.exact,
        "asked": asked,
        "rate": asked / statistics.median(taken) / 1e6,
        "build_s": build_s,
        "memory_mb": _memory_mb() - before_mb,
    }


def _memory_mb() -> float:
    """Give the most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
