"""The lock of a city folder: the system itself frees it when the program that has it ends.

A number of a process in a file would not do: in a container each program is number 1, and another
machine knows nothing of it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt

    def _lock_file(file: BinaryIO) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock_file(file: BinaryIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


def take_lock(path: Path) -> BinaryIO | None:
    """Lock a file, which is made for it.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    file
        The open file, for :func:`free_lock`; None while another program has the lock.
    """
    file = path.open("ab")
    try:
        _lock_file(file)
        # Whoever had it may have removed the file meanwhile: then this is a lock on nothing.
        if os.fstat(file.fileno()).st_ino == path.stat().st_ino:
            return file
    except (BlockingIOError, PermissionError, FileNotFoundError):
        pass
    file.close()
    return None


def free_lock(path: Path, file: BinaryIO) -> None:
    """Remove a locked file, and free the lock."""
    # Windows cannot remove an open file; elsewhere it goes before the lock, so that whoever waits
    # for it finds either the lock held or no file.
    if sys.platform == "win32":
        file.close()
        with contextlib.suppress(OSError):
            path.unlink()
    else:
        path.unlink(missing_ok=True)
        file.close()


def is_locked(path: Path) -> bool:
    """Return whether a program that still runs has locked a file; one that is left over is not."""
    if not path.exists():
        return False
    try:
        file = path.open("ab")
    except OSError:
        # A disk that is only read: nobody changes it from here.
        return False
    with file:
        try:
            _lock_file(file)
        except OSError:
            return True
    return False
