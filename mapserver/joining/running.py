"""Parts of a join run in this process: a part a thread, until all are done or one fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace

from mapserver.geo.threads import count_threads
from mapserver.joining.part import join_part
from mapserver.joining.question import PartResult, Task
from mapserver.settings import limits


class StoppedError(Exception):
    """Raised in a thread whose part is not wanted any more."""


def run_in_threads(tasks: Sequence[Task], report: Callable[[int], None]) -> Generator[PartResult]:
    """Run parts on all processors, and return what came of each as it is done.

    Parameters
    ----------
    tasks
        The parts.
    report
        Called from any thread with rows that are done.

    Notes
    -----
    Arrow, numba and PROJ let other threads work while they do, so threads need no copies of an
    index as processes would. With fewer parts than processors each part searches on several.
    When a part fails, or the user interrupts, the others stop after the batch that they are at, and
    leave no draft.
    """
    processors = count_threads()
    workers = max(min(processors, len(tasks)), 1)
    stop = threading.Event()

    def count_rows(rows: int) -> None:
        if stop.is_set():
            raise StoppedError
        report(rows)

    pool = ThreadPoolExecutor(workers, thread_name_prefix="join")
    inner = max(processors // workers, 1)
    futures: set[Future[PartResult]] = set()
    try:
        futures = {pool.submit(join_part, replace(t, threads=inner), count_rows) for t in tasks}
        while futures:
            # Waiting without an end could not be interrupted on every system.
            done, futures = wait(futures, limits.JOIN_WAKE_S, FIRST_COMPLETED)
            for future in done:
                yield future.result()
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)
