"""How a worker gives way to a newer one without breaking off a connection that it has taken."""

from __future__ import annotations

import os
import signal
import socket
import stat
import threading
import time
from contextlib import suppress
from pathlib import Path

from mapserver.settings import limits

DESCRIPTORS = Path("/proc/self/fd")
"""The open files of this process, on Linux."""


def retire_on_signal(listener: int) -> None:
    """Have this worker give way when it gets ``SIGUSR1``; called before other threads are started.

    A thread waits for the signal, which all others leave to it: a handler would have to wait for
    the main thread, and that is in the server's own code for as long as the worker serves.

    Parameters
    ----------
    listener
        Number of the listening socket, which other processes hold, too.
    """
    awaited = {signal.SIGUSR1}

    def give_way() -> None:
        signal.sigwait(awaited)
        stop_listening(listener)
        end_this_process()

    signal.pthread_sigmask(signal.SIG_BLOCK, awaited)  # threads have the mask of who starts them
    threading.Thread(target=give_way, name="give way", daemon=True).start()


def end_this_process() -> None:
    """Ask this process to end, after a moment and again each second, and end it if it does not.

    A worker that is just starting has the handlers that it was forked with, which set a flag that
    nobody reads: one signal alone could be lost, and the worker would stay for ever.
    """
    time.sleep(limits.RETIRE_GRACE_S)
    for _ in range(limits.RETIRE_WAIT_S):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGKILL)


def retire(worker: int) -> None:
    """Ask a worker to give way: it takes no more connections, answers those it has, and ends.

    Parameters
    ----------
    worker
        Its process id; one that has ended already is left alone.
    """
    with suppress(ProcessLookupError):
        os.kill(worker, signal.SIGUSR1 if DESCRIPTORS.is_dir() else signal.SIGTERM)


def stop_listening(listener: int) -> None:
    """Leave new connections to the other processes that hold a listening socket.

    Each number that stands for the socket in this process is made to stand for another one, on
    which nobody calls. The socket itself stays as it is: closing or shutting it down here would
    not stop who waits for it, or would stop everybody.
    """
    deaf = socket.socket(socket.AF_UNIX)
    deaf.bind("")  # Linux chooses an abstract address, which is no file
    deaf.listen(1)
    deaf.setblocking(False)
    sought = os.fstat(listener).st_ino
    for number in [int(entry.name) for entry in DESCRIPTORS.iterdir()]:
        with suppress(OSError):  # that of the listing itself is closed by now
            state = os.fstat(number)
            if stat.S_ISSOCK(state.st_mode) and state.st_ino == sought:
                os.dup2(deaf.fileno(), number)
    deaf.detach()
