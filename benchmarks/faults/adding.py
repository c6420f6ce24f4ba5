"""`add` ended at every change of a file, and at random: the city is old or new, no file is lost.

python -m benchmarks.faults.adding [--minutes 2] [--seed 1] [--short]

Each trial runs `mapserver add` in a process of its own on a copy of a city. First it is ended
before its n-th call that changes a folder (rename, link, remove, open for writing ...), for every
n; then it is killed at random moments for the minutes given. After each the city is opened, as a
server would, and compared with what it was before and with what it is after an `add` that was left
alone; the contents of all files that were there, and of what was brought in, must still be there;
and another `add` must work and leave nothing behind but itself.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import shapely
from click.testing import CliRunner

from mapserver.city import open_city
from mapserver.commands import cli

SHORT_STEP, SHORT_S = 7, 5
STOPPED = 9
EDITED = frozenset({"catalog.toml", "trails.csv"})
"""Files that an `add` writes a line into; all others must be somewhere afterwards."""
CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate")
WRITES = os.O_WRONLY | os.O_RDWR

TRACK = """<gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1"><trk>
<name>{name}</name><trkseg><trkpt lat="35.14" lon="126.85"><ele>40</ele></trkpt>
<trkpt lat="35.142" lon="126.8525"><ele>48</ele></trkpt></trkseg></trk></gpx>"""


States = tuple[dict[str, str], dict[str, str]]
"""What a city is before an `add` and after it, file by file."""


@dataclass
class Outcome:
    """How the trials of one case ended."""

    trials: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Case:
    """One `add` to one city: makes the city and what is brought in, and says the words."""

    name: str
    make: Callable[[Path, Path], list[str]]


def areas(count: int, name: str = "상점가") -> gpd.GeoDataFrame:
    boxes = [shapely.box(126.84 + n / 100, 35.14, 126.849 + n / 100, 35.15) for n in range(count)]
    columns = {"id": [f"d{n}" for n in range(count)], "name": [f"{name} {n}" for n in range(count)]}
    return gpd.GeoDataFrame(columns, geometry=boxes, crs=4326)


def make_city(city: Path) -> None:
    for folder in ("gpx", "layers"):
        (city / folder).mkdir(parents=True)
    (city / "gpx/walk.gpx").write_text(TRACK.format(name="금당산"), "utf-8")
    (city / "gpx/trails.csv").write_text("id,name,surface\nwalk,금당산,황토\n", "utf-8")
    areas(2).to_file(city / "layers/districts.shp")
    (city / "layers/catalog.toml").write_text(
        'title = "시험"\n\n[[layers]]  # ours\nid = "districts"\nrole = "districts"\n'
        'file = "districts.shp"\nid_column = "id"\n',
        "utf-8",
    )


def replace_layer(city: Path, given: Path) -> list[str]:
    make_city(city)
    areas(4, "새 상점가").to_file(given / "new.geojson")
    return [str(given / "new.geojson"), "--as", "districts", "--replace"]


def add_layer(city: Path, given: Path) -> list[str]:
    make_city(city)
    areas(3, "공원").to_file(given / "parks.shp")
    return [str(given / "parks.shp"), "--as", "layer"]


def replace_trail(city: Path, given: Path) -> list[str]:
    make_city(city)
    (given / "walk.gpx").write_text(TRACK.format(name="새 금당산"), "utf-8")
    (given / "other.gpx").write_text(TRACK.format(name="다른 길"), "utf-8")
    return [str(given / "walk.gpx"), str(given / "other.gpx"), "--as", "trails", "--replace"]


def begin_city(_city: Path, given: Path) -> list[str]:
    areas(3).to_file(given / "first.gpkg")
    return [str(given / "first.gpkg"), "--as", "districts"]


CASES = (
    Case("a layer in place of another", replace_layer),
    Case("one more layer", add_layer),
    Case("trails, one in place of another", replace_trail),
    Case("the first layer of a city", begin_city),
)


def describe(city: Path) -> dict[str, str]:
    """Return what a reader sees of a city: digests by file, of layers by what is in them."""
    if not any((city / folder).is_dir() for folder in ("gpx", "layers")):
        return {}
    opened = open_city(city)  # which also mends what was interrupted
    said = {
        path.relative_to(city).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in ("gpx", "layers")
        for path in sorted((city / folder).rglob("*"))
        if path.is_file() and path.suffix != ".gpkg"  # which holds the time of writing
    }
    layers = {id_: frame.to_json() for id_, frame in opened.layers.items()}
    return said | {f"layer {id_}": digest(text) for id_, text in layers.items()}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def contents(*folders: Path) -> dict[str, str]:
    """Return the digests of all files below some folders, with a name for each."""
    paths = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path.name for path in paths}


def run(city: Path, words: list[str]) -> int:
    return CliRunner().invoke(cli.main, ["add", *words, "--city", str(city)]).exit_code


def end_at(number: int, folder: Path) -> list[int]:
    """End this process before its n-th change of anything below a folder; return the count."""
    count, inside = [0], str(folder)

    def hear(event: str, args: tuple[object, ...]) -> None:
        if event == "open":
            changes = isinstance(args[2], int) and args[2] & WRITES
        else:
            changes = event in CHANGES
        if changes and any(str(arg).startswith(inside) for arg in args[:2]):
            count[0] += 1
            if count[0] == number:
                os._exit(STOPPED)

    sys.addaudithook(hear)
    return count


def fork(work: Callable[[], int]) -> int:
    """Run something in a forked process, which ends with what it returns."""
    pid = os.fork()
    if pid:
        return pid
    with contextlib.suppress(BaseException):
        os._exit(work())
    os._exit(70)


def wait(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def prepare(case: Case, place: Path) -> tuple[Path, list[str]]:
    shutil.rmtree(place, ignore_errors=True)
    given, city = place / "given", place / "city"
    given.mkdir(parents=True)
    return city, case.make(city, given)


def judge(place: Path, before: dict[str, str], after: dict[str, str]) -> str:
    """Return ``old`` or ``new``, or what is wrong with the city after an `add` that was ended."""
    city = place / "city"
    there_before = contents(place / "kept")
    seen = describe(city)
    if seen not in (before, after):
        return "neither old nor new"
    lost = {there_before[each] for each in set(there_before) - set(contents(city))} - EDITED
    if lost:
        return f"lost: {', '.join(sorted(lost))}"
    if seen == after and set(contents(place / "given")) - set(contents(city)):
        return "the original was not kept"
    areas(2, "다음").to_file(place / "next.geojson")
    if run(city, [str(place / "next.geojson"), "--as", "layer", "--layer-id", "next"]) != 0:
        return "the next add fails"
    leftover = [path.name for path in city.iterdir() if path.name.startswith(".")]
    if leftover:
        return f"left over after the next add: {', '.join(leftover)}"
    return "new" if seen == after else "old"


def try_once(case: Case, place: Path, states: States, stop: Callable[[int], None]) -> str:
    """Run one `add` that something ends, and judge what it leaves behind."""
    city, words = prepare(case, place)
    if city.exists():
        shutil.copytree(city, place / "kept")
    pid = fork(lambda: run(city, words))
    stop(pid)
    wait(pid)
    return judge(place, *states)


def count_changes(case: Case, place: Path) -> tuple[int, States, float]:
    """Run an `add` to its end; return its changes, the states before and after, its seconds."""
    city, words = prepare(case, place)
    before = describe(city)
    out, into = os.pipe()

    def work() -> int:
        count = end_at(-1, place)
        code = run(city, words)
        os.write(into, str(count[0]).encode())
        return code

    began = time.monotonic()
    pid = fork(work)
    code = wait(pid)
    seconds = time.monotonic() - began
    os.close(into)
    with os.fdopen(out) as pipe:
        count = int(pipe.read() or 0)
    if code != 0:
        sys.exit(f"{case.name}: add ends with {code} when nothing stops it")
    return count, (before, describe(city)), seconds


def try_case(
    case: Case, place: Path, *, step: int, seconds: float, chance: random.Random
) -> Outcome:
    """End one `add` at every change and then at random moments."""
    outcome = Outcome()
    count, states, duration_s = count_changes(case, place)

    def note(end: str, how: str) -> None:
        outcome.trials += 1
        if end in {"old", "new"}:
            outcome.ends[end] += 1
        else:
            outcome.faults.append(f"{how}: {end}")

    for number in range(1, count + 1, step):
        city, words = prepare(case, place)
        if city.exists():
            shutil.copytree(city, place / "kept")

        def work(number: int = number, city: Path = city, words: list[str] = words) -> int:
            end_at(number, place)
            return run(city, words)

        code = wait(fork(work))
        if code != STOPPED:
            outcome.faults.append(f"change {number} of {count}: it ended with {code}")
        note(judge(place, *states), f"change {number} of {count}")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        delay_s = chance.uniform(0, duration_s)

        def stop(pid: int, delay_s: float = delay_s) -> None:
            time.sleep(delay_s)
            os.kill(pid, signal.SIGKILL)

        note(try_once(case, place, states, stop), f"killed after {delay_s:.3f} s")
    return outcome


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="of random kills, in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="some of the changes, a few seconds")
    given = parser.parse_args()
    step = SHORT_STEP if given.short else 1
    seconds = (SHORT_S if given.short else 60 * given.minutes) / len(CASES)
    chance = random.Random(given.seed)  # noqa: S311 -- moments, to be repeated
    print(f"{'add of':33} trials    old    new  faults", flush=True)
    faults = 0
    with TemporaryDirectory(prefix="adding-") as folder:
        for case in CASES:
            place = Path(folder).resolve() / "trial"
            outcome = try_case(case, place, step=step, seconds=seconds, chance=chance)
            faults += len(outcome.faults)
            ends = outcome.ends
            print(
                f"{case.name:33} {outcome.trials:6} {ends['old']:6} {ends['new']:6}"
                f" {len(outcome.faults):7}",
                flush=True,
            )
            for fault in outcome.faults[:10]:
                print(f"    {fault}", flush=True)
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
