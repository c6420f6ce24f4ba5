"""A worker: granian's server of RSGI, which has quick requests answered where it reads them.

granian hands each request to Python on the thread that reads and writes, and has it answered by a
coroutine on another. The way there and back takes as long as many an answer, so those of
microseconds are given before it. This builds on granian's insides, which its version pins.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from granian._futures import (
    _aio_taskenter,
    _aio_taskleave,
    _BaseCBScheduler,
    _CBSchedulerTask,
)
from granian._granian import RSGIWorker, WorkerSignal
from granian.server.common import WORKERS_METHODS
from granian.server.mp import WorkerProcess

from mapserver.web.gateway import Gateway

log = logging.getLogger("mapserver")

DRIVES_COROUTINES = sys.version_info < (3, 12)
"""Whether granian can drive coroutines by itself, which is quicker than a task of asyncio."""


class Scheduler(_BaseCBScheduler):  # type: ignore[misc]  # it is compiled, and has no types
    """Decides for each request where it is answered: here and now, or on the loop.

    Parameters
    ----------
    loop
        The loop of the worker.
    gateway
        Answers requests.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, gateway: Gateway, *_: Any) -> None:
        super().__init__()
        start = self._run if DRIVES_COROUTINES else partial(_start_task, loop)
        self._schedule_fn = make_schedule(gateway, partial(_send_to_loop, loop, self._ctx, start))

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop, gateway: Gateway) -> Scheduler:
        """Make the scheduler of a loop."""
        task = _CBSchedulerTask() if DRIVES_COROUTINES else None
        return cls(
            loop, gateway, task, partial(_aio_taskenter, loop), partial(_aio_taskleave, loop)
        )

    def cancel(self) -> bool:
        """Answer asyncio that a request cannot be called off."""
        return False

    def cancelling(self) -> int:
        """Answer asyncio that nobody wants to call it off."""
        return 0

    def uncancel(self) -> int:
        """Answer asyncio that nobody wants to call it off."""
        return 0


def make_schedule(
    gateway: Gateway, send_to_loop: Callable[[Coroutine[Any, Any, None], Any], object]
) -> Callable[[Any], None]:
    """Make what granian calls with each request, on the thread that reads and writes.

    Parameters
    ----------
    gateway
        Answers requests.
    send_to_loop
        Has a coroutine run on the loop; called with granian's record of the request, too.
    """

    def schedule(watcher: Any) -> None:
        try:
            begun = gateway.begin(watcher.scope)
            is_answered = gateway.answer_now(begun, watcher.proto)
        except BaseException as error:
            # Nobody above would hear of it, and the client would wait for ever. What a library in
            # Rust gives up with is no Exception.
            log.exception("a request failed")
            watcher.err(error)
            return
        if is_answered:
            watcher.done()
        else:
            send_to_loop(_finish(watcher, gateway.answer_later(begun, watcher.proto)), watcher)

    return schedule


async def _finish(watcher: Any, answering: Coroutine[Any, Any, None]) -> None:
    """Answer a request, and tell granian that it is answered or has failed."""
    try:
        await answering
    except BaseException as error:
        log.exception("a request failed")
        watcher.err(error)
        return
    watcher.done()


def _send_to_loop(
    loop: asyncio.AbstractEventLoop,
    context: Any,
    start: Callable[..., object],
    coroutine: Coroutine[Any, Any, None],
    watcher: Any,
) -> None:
    more = () if DRIVES_COROUTINES else (watcher,)
    loop.call_soon_threadsafe(start, coroutine, *more, context=context)


def _start_task(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, None], watcher: Any
) -> None:
    watcher.taskref(loop.create_task(coroutine))


def hear_signals(loop: asyncio.AbstractEventLoop) -> WorkerSignal:
    """Have the first signal to end tell granian, and no other.

    A worker that gives way is told each second, since one signal alone may be lost as it starts
    (:mod:`mapserver.web.retiring`). Told again, granian holds the loop for ever, and with it what
    is still to be answered.
    """
    is_told, numbers = WorkerSignal(), []

    def tell(number: int, _frame: object = None) -> None:
        numbers.append(number)
        if len(numbers) == 1:
            is_told.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, tell, number)
        except NotImplementedError:  # Windows
            signal.signal(number, tell)
    return is_told


@WorkerProcess.wrap_target  # type: ignore[untyped-decorator]  # granian is typed in part
def run_worker(
    worker_id: int,
    gateway: Gateway,
    sock: Any,
    ipc: Any,
    loop: asyncio.AbstractEventLoop,
    *settings: Any,
) -> None:
    """Serve until the process is told to stop, as granian's own function does.

    Parameters are those of ``MPServer._spawn_rsgi_worker`` of granian.
    """
    is_told = hear_signals(loop)
    end = asyncio.Event()
    is_told.add_cb(lambda: loop.call_soon_threadsafe(end.set))
    mode, *sizes, _, http, http1, http2, websockets, static, _, ssl, _, metrics = settings
    make_worker: Any = RSGIWorker  # it takes more than its types say
    worker = make_worker(
        worker_id, sock, ipc, *sizes, http, http1, http2, websockets, static, *ssl, metrics
    )
    serve = getattr(worker, WORKERS_METHODS[mode][(sock[0] or sock[1]).is_uds()])
    serve(Scheduler.of(loop, gateway), loop, is_told)
    gateway.on_serving()
    loop.run_until_complete(end.wait())
    # Those that wait for a thread are answered, too; whoever ends workers has a limit for it.
    loop.run_until_complete(gateway.wait_until_answered())
    gateway.close()
