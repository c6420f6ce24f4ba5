"""Kill a join at random moments and continue it: the bytes must be those of one that ran through.

    python -m benchmarks.scale.killed [--times 10] [--millions 8] [--nearest] [--folder DIR]

Each time the join starts in a process of its own and is killed (SIGKILL) after a random share of
the time that it took alone; then it is called once more and its files are compared.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.scale.scenes import write_country, write_points


def main() -> None:
    """Read the command line, kill, compare, and print a line for each time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--millions", type=float, default=8)
    parser.add_argument("--nearest", action="store_true", help="the nearest trail, too")
    parser.add_argument("--folder", type=Path, help="keeps the points for the next time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        city = write_country(folder / "country")
        points = write_points(folder, int(options.millions * 1e6), "random")
        words = [str(points), "--city", str(city)]
        words += ["--nearest", "trails"] if options.nearest else []
        differing = kill_at_random(words, folder / "killed", options.times)
    sys.exit(1 if differing else 0)


def kill_at_random(words: list[str], folder: Path, times: int, seed: int = 1) -> list[int]:
    """Kill joins at random moments, continue each, and compare with one that ran through.

    Parameters
    ----------
    words
        Of the command: points, city and options.
    folder
        For the answers; emptied before and after.
    times
        How often.
    seed
        Of the random moments.

    Returns
    -------
    list of int
        The times at which bytes differed; none, if all is well.
    """
    shutil.rmtree(folder, ignore_errors=True)
    chance = random.Random(seed)  # noqa: S311 -- no secret
    # The first join reads the city and keeps it; those that are killed find it, as the second does.
    start_join(words, folder / "first").wait()
    start_s = time.monotonic()
    start_join(words, folder / "whole").wait()
    whole_s = time.monotonic() - start_s
    whole = digest_parts(folder / "whole")
    differing = []
    for number in range(times):
        out = folder / str(number)
        moment_s = chance.random() * whole_s
        process = start_join(words, out)
        time.sleep(moment_s)
        process.kill()
        process.wait()
        done = len(list(out.glob("*.parquet")))
        start_join(words, out).wait()
        is_same = digest_parts(out) == whole
        left = [path.name for path in out.iterdir() if path.name.startswith(".")]
        print(
            f"killed after {moment_s:5.1f} of {whole_s:.1f} s with {done} of {len(whole)} parts: "
            f"{'same bytes' if is_same and not left else 'DIFFERENT'}",
            flush=True,
        )
        if not is_same or left:
            differing.append(number)
        shutil.rmtree(out)
    shutil.rmtree(folder)
    return differing


def start_join(words: list[str], out: Path) -> subprocess.Popen[bytes]:
    """Start the command in a process of its own."""
    command = [sys.executable, "-m", "mapserver", "join", *words, "--out", str(out)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def digest_parts(folder: Path) -> dict[str, str]:
    """Return a digest of each file of answers."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob("*.parquet"))
    }


if __name__ == "__main__":
    main()
