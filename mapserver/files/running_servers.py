"""Which servers run on this machine, so that they can be told to look at their files."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl

log = logging.getLogger("mapserver")


def find_folder() -> Path:
    """Return the folder of notes about running servers, which belongs to this user alone.

    Raises
    ------
    OSError
        It cannot be made, or somebody else has made it.
    """
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    folder = base / f"mapserver-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    # In a folder that everybody may write to, somebody else may have made one of this name.
    state = folder.lstat()
    if state.st_uid != os.getuid() or state.st_mode & 0o077 or folder.is_symlink():
        raise PermissionError(None, "it does not belong to this user alone", str(folder))
    return folder


@contextmanager
def announce_server(city: Path, port: int) -> Iterator[None]:
    """Leave a note that this process serves a city, as long as it does.

    The note is locked: whoever can lock it knows that its server has ended, however it did. A
    server that cannot leave one serves all the same, and says so.
    """
    if sys.platform == "win32":
        yield
        return
    with contextlib.ExitStack() as stack:
        try:
            note = find_folder() / f"{_name_note(city)}-{port}"
            file = stack.enter_context(note.open("a+", encoding="ascii"))
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            stack.callback(note.unlink, missing_ok=True)
        except OSError as error:
            log.warning("mapserver reload will not find this server (%s); SIGHUP will do", error)
        yield


def reload_servers(city: Path) -> list[int]:
    """Have the servers of a city look at its files now.

    Returns
    -------
    list of int
        The processes that were signalled.
    """
    if sys.platform == "win32":
        return []
    signalled_processes = []
    for note in sorted(find_folder().glob(f"{_name_note(city)}-*")):
        with note.open("r+", encoding="ascii") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                # A server holds the lock, so it runs.
                text = file.read()
                if text.isdecimal():
                    os.kill(int(text), signal.SIGHUP)
                    signalled_processes.append(int(text))
            else:
                note.unlink(missing_ok=True)
    return signalled_processes


def _name_note(city: Path) -> str:
    # A digest, since the path may be longer than a file name, and holds slashes.
    return hashlib.sha256(os.fsencode(city.resolve())).hexdigest()[:16]
