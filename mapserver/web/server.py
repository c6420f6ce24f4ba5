"""The production server: granian, with the city opened once and shared by its workers."""

from __future__ import annotations

import contextlib
import gc
import logging
import mmap
import multiprocessing
import operator
import os
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from flask import Flask
from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer, WorkerProcess

from mapserver.errors import N_, SettingsError
from mapserver.files.running_servers import announce_server
from mapserver.settings import Settings, limits
from mapserver.settings.garbage import no_garbage
from mapserver.web import ask_samples, create_app, logs, warm_up
from mapserver.web.backdrop import postpone_backdrop
from mapserver.web.entrance import Entrance
from mapserver.web.figures import Figures
from mapserver.web.forking import (
    WORKER_NICENESS,
    end_with_parent,
    find_locks,
    give_memory_back,
    no_imports,
    renew_locks,
    run_gently,
    share_arenas,
)
from mapserver.web.gateway import Gateway
from mapserver.web.keeping import keep_served
from mapserver.web.live import Live
from mapserver.web.retiring import retire, retire_on_signal
from mapserver.web.watching import Watcher, wait_until_at_rest
from mapserver.web.worker import run_worker

log = logging.getLogger("mapserver")

CAN_FORK = sys.platform not in {"win32", "darwin"}
"""Windows has no fork, and the frameworks of macOS do not survive one: there one worker serves."""


def serve(  # noqa: PLR0913 -- two of them only tell how far it is
    settings: Settings,
    *,
    host: str,
    port: int,
    workers: int | None = None,
    on_open: Callable[[], object] = lambda: None,
    on_listen: Callable[[], object] = lambda: None,
) -> None:
    """Serve a city until the process is told to stop.

    Parameters
    ----------
    settings
        The city and how it is shown.
    host, port
        Where to listen; a name is resolved.
    workers
        Processes; by default one for each processor, at most four.
    on_open
        Called when the address is free, before the city is opened.
    on_listen
        Called when the address is listened on; where there is fork, the city is open then.

    Raises
    ------
    SettingsError
        The address cannot be listened on.
    """
    listener = _bind(host, port)
    on_open()
    logs.configure(settings.log)
    _raise_limit_of_open_files()
    if not settings.store:
        wait_until_at_rest(settings.city)
    if not CAN_FORK:
        listener.listen(limits.LISTEN_BACKLOG)
        on_listen()
        load = partial(_open_in_worker, settings)
        Server(listener, workers=1).serve(target_loader=load, wrap_loader=False)
        return
    # Everything that requests share is made before the fork, so the workers share its memory.
    multiprocessing.set_start_method("fork", force=True)
    # Garbage is looked for when the rest is made; nobody need wait for it.
    with no_garbage(is_kept=True):
        app, watcher = _open(settings)
        server = Server(listener, workers=workers or min(os.cpu_count() or 1, limits.MAX_WORKERS))
        server.follow(watcher, app.extensions["mapserver-figures"], partial(ask_samples, app))
        find_locks()
        give_memory_back()
    listener.listen(limits.LISTEN_BACKLOG)
    on_listen()
    load = partial(_load_in_worker, app, os.getpid(), listener.fileno())
    place = cast("Live", app.extensions["mapserver"]).settings.city
    with announce_server(place, listener.getsockname()[1]):
        server.serve(target_loader=load, wrap_loader=False)


class Server(MPServer):  # type: ignore[misc]  # granian is typed in part
    """Runs the workers of granian on one socket, and replaces each that ends.

    It differs from granian's own in four things. All workers accept from one socket that the
    parent holds, so a connection that waits when a worker ends is answered by another one. A worker
    that is killed is replaced at once, however often, and one that hangs before it serves is ended.
    New workers take the place of all old ones together, without one waiting for another's slow
    clients.

    Parameters
    ----------
    listener
        The socket, bound and listening.
    workers
        How many processes.
    """

    def __init__(self, listener: socket.socket, *, workers: int) -> None:
        host, port = listener.getsockname()[:2]
        super().__init__(
            "mapserver",
            address=host,
            port=port,
            interface=Interfaces.RSGI,
            workers=workers,
            http=HTTPModes.http1,
            websockets=False,
            runtime_mode=RuntimeModes.st,
            backlog=limits.LISTEN_BACKLOG,
            backpressure=limits.MAX_CONNECTIONS,
            http1_settings=HTTP1Settings(header_read_timeout=limits.HEAD_TIMEOUT_MS),
            workers_kill_timeout=limits.STOP_WAIT_S,
            log_level=LogLevels.critical,  # what its lines say is said by us, in our form
        )
        self.reload_signal = False
        self._watcher: Watcher | None = None
        self._figures: Figures | None = None
        self._ask_samples: Callable[[], object] = bool
        self._listener = listener
        self._births: dict[int, float] = {}
        # A byte for each worker that is starting, in memory that it shares: 1 when it has started.
        self._starting: dict[int, mmap.mmap] = {}
        self._stillbirths: dict[int, int] = {}
        self._due: dict[int, float] = {}
        self._retired: list[tuple[WorkerProcess, float]] = []

    def follow(self, watcher: Watcher, figures: Figures, ask: Callable[[], object] = bool) -> None:
        """Renew the workers when what a watcher publishes changes; it is started with them.

        It works in a thread, so that a worker that is killed meanwhile is replaced at once. The new
        one may be forked while that thread holds a lock; ``forking`` makes it free there.
        """
        self._watcher, self._figures, self._ask_samples = watcher, figures, ask
        watcher.on_publish(self._renew)

    def _renew(self) -> None:
        run_gently(self._ask_samples)
        _freeze()
        self.reload_signal = True
        self.main_loop_interrupt.set()

    # -- what granian calls --------------------------------------------------------------------

    _spawn_rsgi_worker = staticmethod(run_worker)

    def _init_shared_socket(self) -> None:
        self._ssp = None
        self._sso = self._listener
        self._sso.set_inheritable(True)
        self._sfd = self._listener.fileno()
        self._shd = _hold_socket(self._sfd)

    def signal_handler_interrupt(self, *args: Any, **extra: Any) -> None:
        """Stop; a terminal tells the workers, too, so it is no surprise when they end."""
        for worker in self.wrks:
            worker.interrupt_by_parent = True
        super().signal_handler_interrupt(*args, **extra)

    def signal_handler_reload(self, *_: Any, **__: Any) -> None:
        """Have the folder opened anew; if it can be, workers are renewed as at any other change."""
        if self._watcher:
            self._watcher.reload()

    def shutdown(self, exit_code: int = 0) -> None:
        """Let requests in flight be finished, and end."""
        self.interrupt_children.clear()
        for worker, _ in self._retired:
            worker.kill()
        super().shutdown(exit_code)

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> WorkerProcess:
        self._births[idx] = time.monotonic()
        if self._figures:
            self._figures.take_next_row()
        if CAN_FORK:
            self._starting[idx] = mmap.mmap(-1, 1)
            callback_loader = partial(_load_and_note, callback_loader, self._starting[idx])
        return super()._spawn_worker(idx, target, callback_loader)

    def _serve_loop(self, spawn_target: Any, target_loader: Any) -> None:
        begun_s, is_watching = time.monotonic(), self._watcher is None
        spawn = partial(self._spawn_worker, target=spawn_target, callback_loader=target_loader)
        while not self.interrupt_signal:
            self.main_loop_interrupt.wait(limits.SERVER_TICK_S)
            self.main_loop_interrupt.clear()
            self._end_hanging_workers()
            # The watcher begins with what the start has left for later, and takes a processor for
            # it: before, the first workers come to answer. That none of them can is no reason.
            is_late = time.monotonic() - begun_s > limits.START_WAIT_S
            if self._watcher and not is_watching and (is_late or not self._starting):
                is_watching = True
                self._watcher.start()
            self._replace_ended_workers(spawn)
            if self.reload_signal:
                self.reload_signal = False
                self._replace_all_workers(spawn)
            self._end_retired_workers()

    # -- workers -------------------------------------------------------------------------------

    def _end_hanging_workers(self) -> None:
        """End each worker that has not started in time; it is then replaced as a killed one is.

        What a thread of the parent held at the fork stays held in the worker for ever. Locks of
        ours are renewed there, and those of libraries (GDAL, PROJ, pyarrow) cannot be.
        """
        now_s = time.monotonic()
        for idx, started in list(self._starting.items()):
            if started[0]:
                del self._starting[idx]
            elif now_s - self._births[idx] > limits.START_WAIT_S:
                del self._starting[idx]
                log.error("worker %d has not started and is ended", idx + 1)
                self.wrks[idx].inner.kill()  # not by its own kill, after which it is not replaced

    def _replace_ended_workers(self, spawn: Callable[[int], WorkerProcess]) -> None:
        """Start another worker for each that has ended by itself or was killed."""
        now_s = time.monotonic()
        while self.interrupt_children:
            idx = self.interrupt_children.pop()
            age_s = now_s - self._births[idx]
            early = self._stillbirths.get(idx, 0) + 1 if age_s < limits.STILLBORN_S else 0
            self._stillbirths[idx] = early
            # One that was killed is replaced at once; one that cannot start is not tried endlessly.
            pause_s = min(0.25 * 2**early, limits.MAX_RESTART_PAUSE_S) if early else 0.0
            self._due[idx] = now_s + pause_s
            log.error("worker %d ended unexpectedly and is replaced in %.1f s", idx + 1, pause_s)
        for idx in [idx for idx, due_s in self._due.items() if due_s <= now_s]:
            del self._due[idx]
            self._start_worker(idx, spawn)

    def _start_worker(self, idx: int, spawn: Callable[[int], WorkerProcess]) -> None:
        """Fork a worker, at a moment when no thread of the parent imports anything."""
        self.wrks[idx] = spawn(idx)
        with no_imports:
            find_locks()
            self.wrks[idx].start()

    def _replace_all_workers(self, spawn: Callable[[int], WorkerProcess]) -> None:
        """Start new workers, which serve what the parent has now, and let the old ones end."""
        old = list(self.wrks)
        for idx in range(self.workers):
            self._due.pop(idx, None)
            self._start_worker(idx, spawn)
        last_s = time.monotonic() + limits.RETIRE_WAIT_S
        for worker in old:
            worker.interrupt_by_parent = True
            retire(worker._id())
            self._retired.append((worker, last_s))

    def _end_retired_workers(self) -> None:
        """Forget old workers that have ended, and end those that clients hold for too long."""
        now_s = time.monotonic()
        for worker, last_s in self._retired:
            if now_s > last_s:
                worker.kill()
        self._retired = [worker for worker in self._retired if worker[0].is_alive()]


def _load_and_note(load: Callable[[], Gateway], started: mmap.mmap) -> Gateway:
    """Load what answers in a worker, which notes in shared memory when it takes requests."""
    gateway = load()
    gateway.on_serving = partial(operator.setitem, started, 0, 1)
    return gateway


def _load_in_worker(app: Flask, parent: int, listener: int) -> Gateway:
    """Return what answers with the application of the parent as it was at the fork."""
    retire_on_signal(listener)  # first, since the threads of others leave its signal to it
    renew_locks(app)
    share_arenas()
    end_with_parent(parent)
    if hasattr(os, "nice"):
        os.nice(WORKER_NICENESS)
    if hasattr(os, "SCHED_BATCH"):
        # Threads that wake do not break into one that runs (sched(7)): the one that answers and the
        # one that reads and sends do many requests in their turn, and not one.
        with contextlib.suppress(OSError):  # a sandbox may know no other way, or allow none
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    return Gateway(cast("Entrance", app.wsgi_app))


def _open_in_worker(settings: Settings) -> Gateway:
    """Open and watch the city in the worker itself, where processes cannot be forked."""
    logs.configure(settings.log)
    app, watcher = _open(settings)
    watcher.start()
    app.extensions["mapserver-watcher"] = watcher  # it watches as long as somebody has it
    return Gateway(cast("Entrance", app.wsgi_app))


def _open(settings: Settings) -> tuple[Flask, Watcher]:
    """Open a city and make what everybody loads of it."""
    app = create_app(settings)
    served = cast("Live", app.extensions["mapserver"])
    # Pages and indexes take seconds to make, and streets of layers more. Where there is fork,
    # workers answer without them, and the watcher has new ones forked that have them.
    served.is_backdrop_due = CAN_FORK and postpone_backdrop(served.city)
    served.is_warm = not CAN_FORK
    if served.is_warm:
        warm_up(app, served.snapshot)
    watcher = Watcher(
        served,
        prepare=lambda snapshot: warm_up(app, snapshot, is_due=lambda: watcher.is_due),
        keep=partial(keep_served, settings),
    )
    return app, watcher


def _freeze() -> None:
    """Freeze all that is shared against the collector: its marks would copy the memory."""
    gc.unfreeze()
    gc.collect()
    give_memory_back()
    gc.freeze()


def _hold_socket(descriptor: int) -> Any:
    from granian._granian import SocketHolder  # noqa: PLC0415 -- has no public name

    return SocketHolder(descriptor, False, limits.LISTEN_BACKLOG)  # type: ignore[call-arg]  # the compiled class has another signature than its types


def _bind(host: str, port: int) -> socket.socket:
    """Bind the address, so that a port that is taken is known before the city is opened."""
    try:
        family, _, _, _, address = _resolve(host, port)
        listener = socket.socket(family, socket.SOCK_STREAM)
        if sys.platform != "win32":  # where it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except (OSError, OverflowError, UnicodeError) as error:
        raise SettingsError(
            N_("cannot listen there: {reason}"),
            where=f"{host}:{port}",
            mend=N_("Choose another --port, or stop what listens on this one"),
            reason=getattr(error, "strerror", None) or str(error),
        ) from error
    listener.setblocking(False)
    return listener


def _resolve(host: str, port: int) -> tuple[Any, ...]:
    """Return the first address of a host; of a name that has both kinds, that of IPv4."""
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    return min(addresses, key=lambda address: address[0] != socket.AF_INET)


def _raise_limit_of_open_files() -> None:
    """Allow as many files as connections need, as far as the system lets us."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 -- Windows has none

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = (
        limits.MIN_OPEN_FILES
        if hard == resource.RLIM_INFINITY
        else min(limits.MIN_OPEN_FILES, hard)
    )
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
