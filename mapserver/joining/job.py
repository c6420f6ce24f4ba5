"""A join from Parquet to Parquet: planned, run part by part, continued where it was stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely

from mapserver.errors import N_, DataError, Phrase, QueryError
from mapserver.files.lock import free_lock, take_lock
from mapserver.geo import extent, geodesy
from mapserver.joining import manifest as manifests
from mapserver.joining.bad_rows import tabulate_bad_rows
from mapserver.joining.cluster import LOCAL, run_elsewhere
from mapserver.joining.disk import explain_disk_errors
from mapserver.joining.index_files import (
    OpenIndex,
    lend_index,
    make_open_index,
    remove_files,
    reopen_index,
    take_back,
    write_index,
)
from mapserver.joining.joined import Joined
from mapserver.joining.manifest import Manifest
from mapserver.joining.memory import release_memory
from mapserver.joining.notes import list_notes
from mapserver.joining.planning import (
    PlannedFile,
    list_answer_names,
    plan_files,
    require_two_names,
)
from mapserver.joining.point_files import list_points
from mapserver.joining.progress import show_rows
from mapserver.joining.question import (
    KEEP,
    STOP,
    IndexFile,
    Manner,
    PartResult,
    Question,
    Task,
)
from mapserver.joining.running import run_in_threads
from mapserver.model import Snapshot, require_areas, require_distance, require_k
from mapserver.settings import expand_home, limits


def join_files(
    open_city: Callable[[], Snapshot],
    points: str | Path,
    out: str | Path,
    question: Question,
    manner: Manner,
) -> Joined:
    """Join points of Parquet files with layers of a city, and write the answers as Parquet.

    Parameters
    ----------
    open_city
        Returns the city whose layers are asked. Its frames take half of the memory of a join, which
        is free once the indexes are open as files, where nobody else has the city.
    points
        A Parquet file, or a folder of them.
    out
        A folder for the answers: new, empty, or of an earlier join.
    question
        What is asked; box and size of batches are found here.
    manner
        How it is done.

    Returns
    -------
    Joined
        What came of it.

    Raises
    ------
    DataError
        The points cannot be read; or a row is bad, and that is to stop the join.
    CrsError
        Their CRS is unknown.
    QueryError
        The question makes no sense.
    """
    start_s = time.monotonic()
    points, out = expand_home(points).resolve(), expand_home(out).resolve()
    _require_manner(manner)
    cities = [open_city()]  # no variable may have it, or it would stay for as long as this runs
    question = _complete(cities[0], question)
    require_two_names(cities[0], question)
    answers = list_answer_names(cities[0], question)
    planned = plan_files(list_points(points, out), question, answers)
    earlier = manifests.read_manifest(out, {file.file.name for file in planned})
    with explain_disk_errors(out), _locked(out):
        inputs = manifests.describe_files(file.file for file in planned)
        manifest = Manifest(_describe_job(cities[0], question), inputs, {})
        manifests.require_own_places(out, inputs, earlier)
        results = manifests.find_finished(out, manifest, earlier)
        notes = list_notes(manifest, earlier, planned, len(results))
        removed = manifests.remove_stale(out, manifest, earlier)
        if removed:
            gone = N_("parts whose points are gone were removed: {count}")
            notes.append(Phrase(gone, count=len(removed)))
        resumed = len(results)
        remaining = [file for file in planned if file.file.name not in results]
        new_rows = sum(file.rows for file in remaining)
        _make_parts(cities, question, (manifest, out), remaining, manner, results)
        in_order = [results[file.file.name] for file in planned]
    if manner.on_bad == STOP:
        _require_no_bad(in_order)
    seconds = time.monotonic() - start_s
    return _sum_up(out, in_order, question, (seconds, resumed, new_rows), tuple(notes))


def _require_manner(manner: Manner) -> None:
    """Refuse a way to treat bad rows that is none.

    Raises
    ------
    QueryError
        It is neither ``keep`` nor ``stop``.
    """
    if manner.on_bad not in (KEEP, STOP):
        raise QueryError(
            N_("{value} is no way to treat bad rows"),
            parameter="on_bad",
            mend=N_('Give "keep" or "stop"'),
            value=repr(manner.on_bad),
        )


def _complete(city: Snapshot, question: Question) -> Question:
    """Check a question, and add the box of what is asked and the size of batches.

    Raises
    ------
    QueryError
        It makes no sense.
    """
    for layer in question.layers:
        city.layers.require(layer)
    if question.within is not None:
        require_areas(question.within, city.layers[question.within].geometry.to_numpy())
    k = question.k
    if question.nearest is not None:
        require_k(k)
        require_distance(question.max_distance_m)
        k = int(k)  # one of NumPy's could not be written into the manifest
    if question.crs is not None:
        geodesy.parse_crs(question.crs)
    reach_m = question.max_distance_m
    if question.nearest is None or reach_m is None or not np.isfinite(reach_m):
        # What is not asked makes no difference, and infinite is no limit.
        reach_m = None
    return replace(
        question,
        k=k,
        box=_find_box(city, question),
        max_distance_m=None if reach_m is None else float(reach_m),
        batch_rows=_choose_batch_rows(question.nearest, k),
    )


def _choose_batch_rows(nearest: str | None, k: int) -> int:
    """Choose how many points are answered together, so that their answers find room in memory."""
    if nearest is None:
        return limits.JOIN_BATCH_ROWS
    rows = max(limits.JOIN_BATCH_ANSWERS // k, limits.MIN_JOIN_BATCH_ROWS)
    return min(rows, limits.JOIN_BATCH_ROWS)


def _find_box(city: Snapshot, question: Question) -> extent.Box | None:
    """Find the box of the city and of all layers that are asked."""
    shapes = [city.layers[layer].geometry.to_numpy() for layer in question.layers]
    if city.bounds is not None:
        west, south, east, north = city.bounds
        # A box over 180 degrees is left to the layers themselves.
        shapes.append(np.array([shapely.box(west, south, east, north)] if west <= east else []))
    return extent.find_bounds(np.concatenate(shapes).astype(object))


def _describe_job(city: Snapshot, question: Question) -> dict[str, Any]:
    """Return what the answers depend on beside the points, as plain values."""
    from mapserver import __version__  # noqa: PLC0415 -- the package imports this module

    return {
        "data": city.version,
        "question": question.as_json(),
        "program": __version__,
        # The bytes of a file are those that this version writes.
        "pyarrow": pa.__version__,
    }


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Hold the lock of a folder of answers, which is made if need be.

    Raises
    ------
    DataError
        Another join works there.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / manifests.LOCK
    file = take_lock(path)
    if file is None:
        raise DataError(
            N_("another join works in this folder"),
            where=str(out),
            mend=N_("Wait until it is done, or choose another folder"),
        )
    try:
        yield
    finally:
        free_lock(path, file)


def _make_parts(  # noqa: PLR0913, PLR0917 -- what is asked, where it goes, and how
    cities: list[Snapshot],
    question: Question,
    place: tuple[Manifest, Path],
    remaining: list[PlannedFile],
    manner: Manner,
    results: dict[str, PartResult],
) -> None:
    """Make the parts that are not there yet; their results are added to those that there are.

    The one city is taken out of its list once the indexes are open.
    """
    manifest, out = place
    manifests.add_results(manifest, results.values()).write(out)
    written_s = time.monotonic()
    tasks: list[Task] = []
    try:
        tasks = _list_tasks(cities.pop(), question, remaining, place, manner)
        release_memory()
        for result in _run(tasks, manner):
            results[result.name] = result
            # The manifest of thousands of parts is long, so it is written now and then.
            if time.monotonic() - written_s >= limits.JOIN_MANIFEST_S:
                manifests.add_results(manifest, results.values()).write(out)
                written_s = time.monotonic()
    finally:
        for task in tasks[:1]:
            take_back(task.indexes)
        # Nobody else removes indexes, nor drafts of workers that died.
        remove_files(out)
        manifests.remove_stale(out, manifest, None)
        manifests.add_results(manifest, results.values()).write(out)


def _list_tasks(
    city: Snapshot,
    question: Question,
    remaining: list[PlannedFile],
    place: tuple[Manifest, Path],
    manner: Manner,
) -> list[Task]:
    """List the tasks, all that travels to a worker; the indexes are written first."""
    from mapserver import __version__  # noqa: PLC0415 -- the package imports this module

    if not remaining:
        return []
    manifest, out = place
    indexes = tuple(
        _hand_over(_open_index(city, question, layer), layer, out, manner.scheduler)
        for layer in question.layers
    )
    for folder in {(out / file.file.name).parent for file in remaining}:
        folder.mkdir(parents=True, exist_ok=True)
    return [
        Task(
            name=file.file.name,
            points=str(file.file.path),
            out=str(out / file.file.name),
            footer=file.file.footer,
            rows=file.rows,
            job=manifest.digest,
            question=question,
            indexes=indexes,
            stop=manner.on_bad == STOP,
            program=__version__,
        )
        for file in remaining
    ]


def _hand_over(index: OpenIndex, layer: str, out: Path, scheduler: Any) -> IndexFile:
    """Have an index where those who make parts find it."""
    kind = "within" if index.crs is None else "nearest"
    if scheduler is None:
        return lend_index(reopen_index(index), f"{kind}-{layer}")
    # Workers of a cluster elsewhere see the folder of answers, but no cache of this user.
    return write_index(index, out, f"{kind}-{layer}", is_shared=scheduler == LOCAL)


def _open_index(city: Snapshot, question: Question, layer: str) -> OpenIndex:
    """Return the index of a layer with ids and names."""
    labels = city.identify_features(layer, np.arange(len(city.layers[layer])))
    if layer == question.nearest:
        return make_open_index(city.nearest_index(layer), labels, city.metric_crs)
    return make_open_index(city.within_index(layer), labels, None)


def _run(tasks: list[Task], manner: Manner) -> Iterator[PartResult]:
    """Run tasks, show how far they are, and return what came of each as it is done."""
    if not tasks:
        return
    total = sum(task.rows for task in tasks)
    with show_rows(total, is_shown=manner.progress) as report:
        if manner.scheduler is None:
            with closing(run_in_threads(tasks, report)) as done:
                yield from done
            return
        with closing(run_elsewhere(tasks, manner.scheduler)) as done:
            for result in done:
                report(result.rows)
                yield result


def _require_no_bad(results: list[PartResult]) -> None:
    """Refuse bad rows in parts that an earlier join has made and kept.

    Raises
    ------
    DataError
        There is one.
    """
    for result in results:
        for kind, (_, first) in result.bad.items():
            raise DataError(
                N_("the row is bad: {problem}"),
                where=f"{result.name}, row {first}",
                mend=N_(
                    'Mend the row, or keep bad rows, marked: --on-bad keep, on_bad="keep" in Python'
                ),
                problem=kind,
            )


def _sum_up(
    out: Path,
    results: list[PartResult],
    question: Question,
    course: tuple[float, int, int],
    notes: tuple[Phrase, ...],
) -> Joined:
    """Sum up what came of the parts."""
    seconds, resumed, new_rows = course
    return Joined(
        out=out,
        parts=tuple(out / result.name for result in results),
        rows=sum(result.rows for result in results),
        written=sum(result.written for result in results),
        answered={
            layer: sum(result.answered.get(layer, 0) for result in results)
            for layer in question.layers
        },
        bad=tabulate_bad_rows(results),
        seconds=seconds,
        resumed=resumed,
        new_rows=new_rows,
        notes=notes,
    )
