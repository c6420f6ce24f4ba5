"""Parts of a join run on a Dask cluster: of this machine, at an address, or a client's."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from mapserver.errors import N_, DataError, MissingPackageError, QueryError
from mapserver.geo.threads import count_threads
from mapserver.joining.part import join_part
from mapserver.joining.question import PartResult, Task
from mapserver.settings import limits

LOCAL = "local"
"""Stands for a cluster of this machine, which is started for the join and ends with it."""

CHATTY = ("distributed", "distributed.client", "bokeh", "tornado", "tornado.application", "asyncio")
"""Loggers of Dask and what it stands on: they write dozens of lines about each cluster."""

Mapper = Callable[[Callable[[Task], PartResult], Sequence[Task]], Iterable[PartResult]]
"""Any other engine: it calls a function for each task, wherever it likes, and returns what came."""


def run_elsewhere(tasks: Sequence[Task], scheduler: Any) -> Generator[PartResult]:
    """Run parts on other processes, and return what came of each as it is done.

    Parameters
    ----------
    tasks
        The parts.
    scheduler
        ``local``, the address of a scheduler, a ``distributed.Client``, or a function that is
        called with another function and the tasks (of Spark, say).

    Raises
    ------
    MissingPackageError
        Dask is not installed.
    QueryError
        The scheduler is none of these, or does not answer.
    DataError
        A part cannot be made, or its workers died again and again.
    """
    if isinstance(scheduler, str) or hasattr(scheduler, "submit"):
        yield from _run_on_dask(tasks, scheduler)
    elif callable(scheduler):
        yield from scheduler(join_part, tasks)
    else:
        raise QueryError(
            N_("{value} is no scheduler"),
            parameter="scheduler",
            mend=N_('Give "local", an address such as tcp://host:8786, or a dask Client'),
            value=repr(scheduler)[:80],
        )


def _run_on_dask(tasks: Sequence[Task], scheduler: Any) -> Generator[PartResult]:
    distributed = _import_distributed()
    with ExitStack() as stack:
        if scheduler == LOCAL:
            stack.enter_context(_silence_logs())
        client = scheduler
        if isinstance(scheduler, str):
            client = stack.enter_context(_open_client(distributed, scheduler, len(tasks)))
        # A part is the same whoever makes it, but tasks of an earlier join are others (pure=False).
        # One whose worker died goes to another worker; it is given up after some of them.
        futures = client.map(
            join_part, list(tasks), pure=False, retries=limits.MAX_PART_DEATHS, batch_size=1_000
        )
        try:
            for future in distributed.as_completed(futures):
                yield _take_result(future)
        finally:
            client.cancel(futures)


def _take_result(future: Any) -> PartResult:
    """Return what came of a part.

    Raises
    ------
    DataError
        Its workers died.
    """
    try:
        result: PartResult = future.result()
    except Exception as error:
        if type(error).__name__ == "KilledWorker":
            raise DataError(
                N_("each worker that made this part died"),
                where=str(getattr(error, "task", "")),
                mend=N_("Look into the logs of the workers; they may have too little memory"),
            ) from error
        raise
    return result


def _open_client(distributed: Any, scheduler: str, parts: int) -> Any:
    """Open a client of a scheduler, or of a cluster that is started for it.

    Raises
    ------
    QueryError
        Nothing answers at the address.
    """
    if scheduler == LOCAL:
        # A process for each processor: each opens the same index from the same file. Nobody looks
        # at a page of Dask's own, and it would need a port.
        with _leave_interrupts_to_us():
            cluster = distributed.LocalCluster(
                n_workers=max(min(count_threads(), parts), 1),
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                silence_logs=logging.CRITICAL,
            )
        return _LocalClient(distributed, cluster)
    try:
        return distributed.Client(scheduler, timeout=limits.SCHEDULER_WAIT_S)
    except (OSError, ValueError, TimeoutError) as error:
        raise QueryError(
            N_("no scheduler answers at {address}"),
            parameter="scheduler",
            mend=N_("Start one with dask scheduler, and give its address: tcp://host:8786"),
            address=repr(scheduler),
        ) from error


@contextmanager
def _leave_interrupts_to_us() -> Iterator[None]:
    """Have the processes that are started meanwhile ignore the interrupts of a terminal.

    A terminal interrupts all processes of a command. This one then ends the others; did they see
    it, too, each would write a traceback. What is ignored stays so in a process that is started.
    """
    if threading.current_thread() is not threading.main_thread():
        # No other thread may change what a signal does.
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _silence_logs() -> Iterator[None]:
    """Keep what Dask writes of its own start, work and end off the terminal."""
    loggers = [logging.getLogger(name) for name in CHATTY]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


class _LocalClient:
    """A client and its own cluster, which end together."""

    def __init__(self, distributed: Any, cluster: Any) -> None:
        self._cluster, self._client = cluster, distributed.Client(cluster)

    def __enter__(self) -> Any:
        return self._client

    def __exit__(self, *_: object) -> None:
        self._client.close()
        self._cluster.close()


def _import_distributed() -> Any:
    """Import Dask.

    Raises
    ------
    MissingPackageError
        It is not installed.
    """
    try:
        import distributed  # noqa: PLC0415 -- an extra
    except ImportError as error:
        raise MissingPackageError(
            N_("a scheduler needs Dask, which is not installed"),
            mend=N_("Install it: pip install 'mapserver[scale]'"),
        ) from error
    return distributed
