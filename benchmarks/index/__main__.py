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
from benchmarks.index.scenes import make_scene

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
    options = parser.parse_args()
    if options.only:
        scene, number, answers, threads = options.only
        print(
            json.dumps(
                measure_contestant(scene, int(number), Path(answers), int(threads), options.points)
            )
        )
        return
    rows = []
    for scene in options.scene or ["city", "country"]:
        for question in ("nearest", "within"):
            rows += compare_contestants(scene, question, options.threads, options.points)
    if options.figure:
        from benchmarks.index.figure import draw  # matplotlib is for this alone

        draw(rows, options.figure)


def compare_contestants(scene: str, question: str, threads: int, points: int) -> list[dict]:
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
            result = np.load(answers)
        if ours is None:
            ours, truth = row, result
        row["answers"] = judge_answers(question, result, truth, row["asked"])
        row["ratio"] = ours["rate"] / row["rate"]
        print(
            f"{row['name']:26}{row['rate']:>10.3f}{row['ratio']:>9.1f}x{row['build_s']:>9.2f}"
            f"{row['memory_mb']:>7.0f}  {row['answers']}"
        )
        rows.append(row)
    return rows


def judge_answers(question: str, result: np.ndarray, truth: np.ndarray, points: int) -> str:
    """Compare answers with ours."""
    if question == "nearest":
        off = np.abs(result - truth[: len(result)]).max()
        return "equal" if off < SAME else f"off by up to {off:.2f} m"
    # A slow contestant was asked for the first points only; a pair is point * 1,000,000 + area.
    expected = truth[truth < points * 1_000_000]
    return "equal" if np.array_equal(np.sort(result), np.sort(expected)) else "DIFFERENT"


def measure_contestant(scene: str, number: int, answers: Path, threads: int, points: int) -> dict:
    """Build and ask one contestant in this process."""
    contestant = CONTESTANTS[number]
    place = make_scene(scene, points)
    count = max(int(points * contestant.share), 1)
    x, y = place.x[:count], place.y[:count]
    before_mb = _memory_mb()
    start = time.perf_counter()
    ask = contestant.build(place, threads)
    ask(x[:1], y[:1])
    build_s = time.perf_counter() - start
    ask(x[: max(count // 10, 1)], y[: max(count // 10, 1)])
    round_s = []
    while len(round_s) < ROUNDS or sum(round_s) < ENOUGH_S:
        start = time.perf_counter()
        result = ask(x, y)
        round_s.append(time.perf_counter() - start)
    np.save(answers, result)
    return {
        "name": contestant.name,
        "question": contestant.question,
        "exact": contestant.exact,
        "asked": count,
        "rate": count / statistics.median(round_s) / 1e6,
        "build_s": build_s,
        "memory_mb": _memory_mb() - before_mb,
    }


def _memory_mb() -> float:
    """Return the most memory that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
