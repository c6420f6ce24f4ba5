"""Join points by the million, from Parquet to Parquet, beside others; prints one table.

    python -m benchmarks.scale [--millions 1 10 100] [--folder DIR] [--only NAME] [--figure FILE]

Each contestant runs in a process of its own. What takes too long is asked for fewer points, and its
time extrapolated (marked ~). The folder keeps country and points for the next time; 100 M points
need 5 GB there, and 13 GB for answers.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.scale.contestants import CONTESTANTS
from benchmarks.scale.memory import peak_mb, restart_peak
from benchmarks.scale.scenes import write_country, write_points

ORDERS = ("random", "sorted")
MILLION = 1_000_000


def main() -> None:
    """Read the command line, run every contestant, print and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 10, 100])
    parser.add_argument("--folder", type=Path, help="keeps country and points for the next time")
    parser.add_argument("--only", default="", help="contestants whose names have this in them")
    parser.add_argument("--figure", type=Path, help="also draw the cost of growth")
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        number, *places = options.measure
        print(json.dumps(measure(int(number), *map(Path, places))))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        country = write_country(folder / "country")
        for millions in options.millions:
            compare(country, folder, int(millions * MILLION), options.only)
        if options.figure:
            from benchmarks.scale.growth import draw_growth  # matplotlib is for this alone

            draw_growth(folder, int(max(options.millions) * MILLION), options.figure)


def compare(country: Path, folder: Path, rows: int, only: str) -> None:
    """Run the contestants on so many points, and print a line for each and order."""
    print(f"\n{rows:,} points, {os.cpu_count()} processors")
    print(f"{'':30}{'order':8}{'wall s':>9}{'CPU s':>9}{'peak MB':>9}{'join MB':>9}{'ratio':>8}")
    ours_s: dict[tuple[str, str], float] = {}
    for number, contestant in enumerate(CONTESTANTS):
        if only not in contestant.name:
            continue
        asked = min(rows, contestant.most_rows)
        for order in ORDERS:
            points = write_points(folder, asked, order)
            row = run_alone(number, country, points, folder / "answers")
            name = f"{contestant.question}: {contestant.name}"
            if "wall_s" not in row:
                print(f"{name:30}  left out: {row['reason']}")
                break
            times = rows / asked
            wall_s, cpu_s = row["wall_s"] * times, row["cpu_s"] * times
            ours_s.setdefault((contestant.question, order), wall_s)
            ratio = wall_s / ours_s[contestant.question, order]
            sign = "~" if times > 1 else " "
            print(
                f"{name:30}{order:8}{sign}{wall_s:>8.1f}{sign}{cpu_s:>8.1f}{row['peak_mb']:>9.0f}"
                f"{row['join_mb']:>9.0f}{ratio:>8.1f}",
                flush=True,
            )


def run_alone(number: int, country: Path, points: Path, out: Path) -> dict:
    """Run a contestant in a process of its own."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    command = [sys.executable, "-m", "benchmarks.scale", "--measure"]
    run = subprocess.run(
        [*command, str(number), str(country), str(points), str(out)],
        capture_output=True,
        text=True,
        check=False,
        # An installed package is compiled once; a tree may be told not to be.
        env={key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"},
    )
    shutil.rmtree(out, ignore_errors=True)
    if run.returncode:
        reason = (run.stderr.strip().splitlines() or ["no reason"])[-1]
        return {"reason": reason[:90]}
    return json.loads(run.stdout.splitlines()[-1])


def measure(number: int, country: Path, points: Path, out: Path) -> dict:
    """Prepare a contestant, run it once, and return seconds and memory.

    ``peak_mb`` is the most that one process held while it joined; ``join_mb`` is that, less what
    it held before: a command held nothing.
    """
    run = CONTESTANTS[number].prepare(country, points, out)
    # Else the disk would write what was there before, points or answers of gigabytes.
    os.sync()
    before_mb = restart_peak()
    start_s, start_cpu_s = time.perf_counter(), _cpu_s()
    usage = run()
    wall_s, cpu_s = time.perf_counter() - start_s, _cpu_s() - start_cpu_s
    row = {"wall_s": wall_s, "cpu_s": cpu_s}
    if isinstance(usage, tuple):
        return row | {"peak_mb": usage[1], "join_mb": usage[1]}
    # Not that of getrusage: a process begins with the peak of the one that has started it, and
    # that may have made a hundred million points.
    return row | {"peak_mb": peak_mb(), "join_mb": peak_mb() - before_mb}


def _cpu_s() -> float:
    """Return the seconds that this process and those that it has waited for have computed."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()
