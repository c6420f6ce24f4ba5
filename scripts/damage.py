"""Damage files of every format at random, and open, check and add them; CI tries a few.

python scripts/damage.py [--formats gpkg,zip] [--mutants 1000] [--seed 1] [--short] [--keep DIR]

The damaged files are tried in processes forked from one that has the libraries loaded, some files
in each, with limits of time and memory. What must not happen is a traceback, a mistake of the
program (a finding that says so), a hang, a crash of a library, or more memory than ``MOST_MB``.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import select
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from click.testing import CliRunner, Result
from damaged_files.mutations import mutate
from damaged_files.seeds import Seed, make_seeds

from mapserver.city import open_city
from mapserver.commands import cli

MOST_MB = 500
"""Resident memory of one process, libraries and all."""
ADDRESSES_MB = 3000
"""Addresses that a process may take beyond what the libraries have when it is forked."""
MOST_S = 20.0
SHORT_MUTANTS = 25
BATCH = 50
"""Mutants that one process tries, as a server opens one city after the other."""


@dataclass
class Tally:
    """What came of the mutants of one format.

    Attributes
    ----------
    faults
        How often each fault happened, and the number of the first mutant with it.
    """

    mutants: int = 0
    refused: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)
    most_mb: float = 0.0
    slowest_s: float = 0.0
    seconds: float = 0.0

    def add(self, number: int, answer: dict[str, Any]) -> None:
        """Count one mutant."""
        self.mutants += 1
        self.refused += bool(answer.get("refused"))
        self.most_mb = max(self.most_mb, answer["mb"])
        self.slowest_s = max(self.slowest_s, answer["s"])
        faults = set(answer["faults"])
        if answer["mb"] > MOST_MB:
            faults.add("memory: more than the limit")
        for fault in faults:
            self.faults[fault] += 1
            self.first.setdefault(fault, number)


def main() -> None:
    """Read the command line, try every format, print the table; end with 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--formats", default="", help="comma between; all by default")
    parser.add_argument("--mutants", type=int, default=1000, help="of each format")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help=f"{SHORT_MUTANTS} of each format")
    parser.add_argument("--only", type=int, help="only the mutant of this number")
    parser.add_argument("--keep", type=Path, help="a folder for the files that did harm")
    given = parser.parse_args()
    seeds = make_seeds()
    wanted = given.formats.split(",") if given.formats else list(seeds)
    if unknown := sorted(set(wanted) - set(seeds)):
        parser.error(f"no such format: {', '.join(unknown)}; there are {', '.join(seeds)}")
    count = SHORT_MUTANTS if given.short else given.mutants
    numbers = range(count) if given.only is None else range(given.only, given.only + 1)
    tallies: dict[str, Tally] = {}
    print(f"{'format':9} mutants refused faults   most MB  slowest s   total s", flush=True)
    with TemporaryDirectory(prefix="damage-") as folder:
        warm_up(Path(folder))
        for name in wanted:
            tallies[name] = try_format(
                name, seeds[name], numbers, given.seed, Path(folder), given.keep
            )
            print_row(name, tallies[name])
    sys.exit(any(tally.faults for tally in tallies.values()))


def print_row(name: str, tally: Tally) -> None:
    """Print the line of a format, and one for each kind of fault."""
    print(
        f"{name:9} {tally.mutants:7,} {tally.refused:7,} {tally.faults.total():6,}"
        f" {tally.most_mb:9.0f} {tally.slowest_s:10.1f} {tally.seconds:9.0f}",
        flush=True,
    )
    for fault, count in tally.faults.most_common():
        print(f"    {count:5,} x {fault}  [first: --only {tally.first[fault]}]", flush=True)


def warm_up(folder: Path) -> None:
    """Load what opening, checking and adding need, so that the forked processes have it."""
    seed = make_seeds()["csv"]
    city = folder / "warm"
    write_city(city, seed, seed.files)
    open_city(city).check()
    run("add", str(city / "layers/shops.csv"), "--as", "shops", "--city", str(folder / "new"))


def try_format(  # noqa: PLR0913, PLR0917 -- what to try, and where
    name: str, seed: Seed, numbers: range, start: int, folder: Path, keep: Path | None
) -> Tally:
    """Try mutants of one format, in processes that each try a batch of them."""
    tally = Tally()
    began = time.monotonic()
    left = list(numbers)
    while left:
        batch, place = left[:BATCH], folder / name
        for number, answer in try_batch(place, seed, [(n, f"{start} {name} {n}") for n in batch]):
            tally.add(number, answer)
            left.remove(number)
            if keep and answer["faults"]:
                write_city(
                    keep / f"{name}-{number}", seed, damage(seed, f"{start} {name} {number}")
                )
                (keep / f"{name}-{number}.txt").write_text("\n".join(answer["traces"]), "utf-8")
    tally.seconds = time.monotonic() - began
    return tally


def damage(seed: Seed, key: str) -> dict[str, bytes]:
    """Return the files of a seed, one of them damaged; the key repeats the damage."""
    chance = random.Random(key)  # noqa: S311 -- to be repeated
    path = chance.choice(seed.mutated)
    return seed.files | {path: mutate(seed.files[path], path, chance)}


def write_city(place: Path, seed: Seed, files: dict[str, bytes]) -> None:
    """Write a city with the files and those that stand beside them."""
    for path, data in (seed.beside | files).items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(data)


def try_batch(
    place: Path, seed: Seed, mutants: list[tuple[int, str]]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Try mutants in one forked process; yield what came of each.

    When the process hangs or crashes, the mutant that it was at is the last that is yielded.
    """
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(out)
        with os.fdopen(into, "w") as pipe:
            try_mutants(place, seed, [key for _, key in mutants], pipe)
        os._exit(0)
    os.close(into)
    with os.fdopen(out, "rb", buffering=0) as pipe:
        for number, _ in mutants:
            line, is_late = read_line(pipe)
            if line.endswith(b"\n"):
                yield number, json.loads(line)
                continue
            if is_late:
                os.kill(pid, signal.SIGKILL)
            _, status, usage = os.wait4(pid, 0)
            fault = f"hang: more than {MOST_S:.0f} s" if is_late else name_end(status)
            mb = usage.ru_maxrss / 1024
            yield number, {"faults": [fault], "traces": [], "mb": mb, "s": MOST_S * is_late}
            return
    os.waitpid(pid, 0)


def name_end(status: int) -> str:
    """Return how a process ended that has not given all its answers."""
    if os.WIFSIGNALED(status):
        return f"crash: {signal.Signals(os.WTERMSIG(status)).name}"
    return f"ended with {os.waitstatus_to_exitcode(status)} and without an answer"


def read_line(pipe: Any) -> tuple[bytes, bool]:
    """Read up to the end of a line; return what came, and whether it came too late."""
    deadline = time.monotonic() + MOST_S
    line = b""
    while not line.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return line, True
        # One line is written at a time, and the next only after some milliseconds of work.
        piece = pipe.readline()
        if not piece:
            return line, False
        line += piece
    return line, False


def try_mutants(place: Path, seed: Seed, keys: list[str], pipe: Any) -> None:
    """Damage a city, run the commands on it, and write a line about it, one after the other."""
    limit_memory()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    for key in keys:
        shutil.rmtree(place, ignore_errors=True)
        write_city(place / "city", seed, damage(seed, key))
        forget_most_memory()
        began = time.monotonic()
        answer = try_commands(place, seed)
        answer |= {"mb": read_most_memory_mb(), "s": time.monotonic() - began}
        pipe.write(json.dumps(answer) + "\n")
        pipe.flush()


def try_commands(place: Path, seed: Seed) -> dict[str, Any]:
    """Run check and add on a damaged city; return what is wrong with their answers."""
    city = place / "city"
    commands = [("check", "--city", str(city))]
    if seed.role:
        first = str(city / next(iter(seed.files)))
        commands.append(("add", first, "--as", seed.role, "--city", str(place / "new")))
    answers = [judge(words) for words in commands]
    return {
        "faults": [fault for fault, _, _ in answers if fault],
        "traces": [trace for fault, trace, _ in answers if fault],
        "refused": any(code != 0 for _, _, code in answers),
    }


def forget_most_memory() -> None:
    """Have the kernel count the most memory of this process from now on (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5", "ascii")


def read_most_memory_mb() -> float:
    """Return the most memory that this process has had, in MB."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def limit_memory() -> None:
    """Bound the addresses of this process, so that a wild allocation fails instead of swapping."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    most = pages * resource.getpagesize() + ADDRESSES_MB * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(*words: str) -> Result:
    """Run a command of the product in this process."""
    return CliRunner().invoke(cli.main, [*words, "--lang", "en"])


def judge(words: tuple[str, ...]) -> tuple[str, str, int]:
    """Run a command; return its fault, if it has one, and the trace of that."""
    answer = run(*words)
    said = answer.output + answer.stderr
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        return name_fault(words[0], answer.exception), said + render(answer.exception), 1
    if "made a mistake" in said:
        at = said.index("made a mistake")
        about = " ".join(said[at : at + 200].split())
        return f"{words[0]}: {about}", said, answer.exit_code
    if "Traceback" in said:
        return f"{words[0]}: traceback", said, answer.exit_code
    return "", "", answer.exit_code


def name_fault(command: str, error: BaseException) -> str:
    """Return the kind of an exception and the last place of ours that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/mapserver/" in frame.filename]
    place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "?"
    return f"{command}: {type(error).__name__} at {place}"


def render(error: BaseException) -> str:
    """Return the traceback of an exception as text."""
    return "".join(traceback.format_exception(error))


if __name__ == "__main__":
    main()
