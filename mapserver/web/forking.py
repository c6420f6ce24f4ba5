"""Renews the locks in a worker that was forked while another thread of the parent held them."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib import import_module
from typing import Any, TypeVar

import pyarrow as pa
from flask import Flask

from mapserver.settings import limits

T = TypeVar("T")
ARENAS = -8
"""The number that glibc's ``mallopt`` has for how many arenas there may be (malloc.h)."""
WORKER_NICENESS = 10
"""Workers give way to the parent, so that a closure is opened and served also under full load."""
GENTLE_NICENESS = 5
"""Half way between: beside two busy workers on one processor the work has three fifths of it, so
that it is soon done, and visitors have the rest."""
FACTORIES = {type(make()): make for make in (threading.Lock, threading.RLock)}
"""What makes a new lock of each type: the type of a plain lock cannot be called in Python 3.11."""

_places: list[tuple[Any, str]] = []
"""What has a lock, and the name of it there."""
_imported: list[int] = []
"""How many modules there were when these were found."""
no_imports = threading.Lock()
"""Held while a worker is forked, and while a thread beside the main one imports libraries: what it
holds of Python's own locks of modules would stay held in the worker, where nobody can renew it."""


def import_unforked(names: Iterable[str]) -> None:
    """Import modules in a thread of the parent, while no worker is forked."""
    with no_imports:
        for name in names:
            import_module(name)


def run_gently(work: Callable[[], T]) -> T:
    """Run work in a thread that gives way to the parent's others, and wait for it.

    A thread cannot become as urgent again as it was, so that of the caller stays what it is.
    """

    def run() -> T:
        if sys.platform == "linux":  # where a thread has a priority of its own
            thread = threading.get_native_id()
            niceness = os.getpriority(os.PRIO_PROCESS, thread) + GENTLE_NICENESS
            os.setpriority(os.PRIO_PROCESS, thread, niceness)
        return work()

    with ThreadPoolExecutor(1, "gentle") as threads:
        return threads.submit(run).result()


def find_locks() -> None:
    """Find where the locks of modules are, in the parent before it forks a worker.

    A worker that looked for them itself would touch every function and class of the program, and
    so take a copy of a tenth of the memory that it shares. So would the parent between two workers,
    and it looks again only when something was imported meanwhile.
    """
    if _imported and _imported[0] == len(sys.modules):
        return
    _imported[:] = [len(sys.modules)]
    places: dict[tuple[int, str], tuple[Any, str]] = {}
    for name, module in list(sys.modules.items()):
        if not name.startswith("mapserver"):
            continue
        for key, value in list(vars(module).items()):
            if type(value) in FACTORIES:
                places[id(module), key] = module, key
            elif isinstance(value, type) and value.__module__.startswith("mapserver"):
                # Until Python 3.12, a cached property has one lock for all instances.
                for each in vars(value).values():
                    if isinstance(each, cached_property) and hasattr(each, "lock"):
                        places[id(each), "lock"] = each, "lock"
    _places[:] = places.values()


def renew_locks(app: Flask) -> None:
    """Make every lock of ours free, where :func:`find_locks` has found one.

    The thread that watches the folder may be opening a city, or making its pages, when a worker is
    forked. It does not exist in the worker, so what it holds there would stay locked for ever. What
    it was making is not served: a worker that was just forked answers from what was published.

    Parameters
    ----------
    app
        The application that the worker has got.
    """
    renewed: dict[int, object] = {}
    for owner, name in _places:
        value = getattr(owner, name)
        setattr(owner, name, renewed.setdefault(id(value), FACTORIES[type(value)]()))
    app.extensions["mapserver-editions"].renew_locks()
    app.extensions["mapserver-limiter"].renew_locks()
    if tries := app.extensions.get("mapserver-tries"):
        tries.renew_locks()


def end_with_parent(parent: int) -> None:
    """End this worker when its parent is gone: nobody would tell it of newer data.

    Parameters
    ----------
    parent
        Its process id.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        # A worker that is just starting still has the handlers it was forked with, which set a
        # flag that nobody reads: one signal alone could be lost, and the worker would serve on.
        for _ in range(limits.STOP_WAIT_S):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="watch the parent", daemon=True).start()


def share_arenas() -> None:
    """Have the threads of this worker take memory from two places, where the system's C has that.

    By itself glibc gives each thread a place of its own, of which next to nothing comes back: 16
    threads that answer took 15 MB. They wait for one another in Python anyway.
    """
    with contextlib.suppress(OSError, AttributeError):  # another C, as musl's or that of macOS
        ctypes.CDLL(None).mallopt(ARENAS, 2)


def give_memory_back() -> None:
    """Give the system what a city was read with and is not used any more, before workers share it.

    glibc and Arrow keep it for what may come; after reading the sample that is 50 MB.
    """
    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError):  # another C, as musl's or that of macOS
        ctypes.CDLL(None).malloc_trim(0)
