"""Processes that tests fork: what fails in one ends it, and never goes on with other tests."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable


def fork(work: Callable[[], int | None]) -> int:
    """Do some work in a forked process, which ends with what it returns, and give its id.

    A forked process has the whole run of tests on its stack. Without an end of its own, one that
    fails would go on with the next test, and report it to whoever waits for the first run.
    """
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = work() or 0
        except BaseException:  # noqa: BLE001 -- whatever it is, it ends here
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def wait_for_end(child: int) -> int:
    """Wait for a forked process, and give what it ended with."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
