"""What libraries raise over a damaged file or a full disk, as one error with place and mend.

The rule: what a reader that is not ours raises means that the file is damaged, whatever kind of
exception it is. What our own code raises is a mistake of ours: it is never blamed on the file, and
it is never a traceback to the user either, but an error that says so (:class:`MistakeError`).
"""

from __future__ import annotations

import errno
import logging
import os
import re
import shutil
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType

from mapserver.errors import N_, DataError, MapserverError, MistakeError

log = logging.getLogger("mapserver")

READERS = (
    *("pyogrio", "pyarrow", "fiona", "geopandas.io", "python_calamine", "gpxpy", "defusedxml"),
    *("zipfile", "gzip", "zlib", "bz2", "lzma", "xml", "json", "csv", "tomllib", "sqlite3"),
)
"""Modules that read files; the innermost of their frames or ours says whose an exception is."""

RAISE_OF_DATA = (*READERS, "pyo3_runtime", "shapely", "pyproj", "msgspec", "pyexpat", "_csv")
"""Modules whose own kinds of exception always mean the data, wherever they surface."""

ALWAYS_DATA = (EOFError, UnicodeDecodeError, zlib.error, struct.error, RecursionError)

MAX_REASON = 300
"""Characters of what a library says, which may be the whole of a file."""

LEAST_FREE_BYTES = 8 * 2**20
"""A disk with less room than this is full, whatever a library makes of it."""

SAYS_FULL = re.compile("(?i)disk is full|disk full|no space left|file too large")
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
OF_THE_SYSTEM = FULL | {
    *(errno.ENOENT, errno.EACCES, errno.EPERM, errno.EIO, errno.EISDIR, errno.ENOTDIR),
    *(errno.ELOOP, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENAMETOOLONG, errno.ESTALE),
}
"""Numbers of errors that say something of the disk or the rights, and nothing of the content."""


@contextmanager
def translate_read_errors(name: str, path: Path | None = None) -> Iterator[None]:
    """Turn whatever is raised while a file is read into one error about that file.

    Parameters
    ----------
    name
        What to call the file in messages: its path within the city folder.
    path
        Where it lies, which is taken out of the messages of libraries.

    Raises
    ------
    DataError
        The file is damaged, cannot be opened, or needs more memory than there is; and whatever
        error of ours was raised inside.
    MistakeError
        Our own code failed; the file may be sound.
    """
    try:
        yield
    except MapserverError:
        raise
    except MemoryError as error:
        raise DataError(
            N_("there is not enough memory to read the file"),
            where=name,
            mend=N_("Split it, or leave out what the map does not need"),
        ) from error
    except OSError as error:
        if error.errno in OF_THE_SYSTEM:
            # Rights and disks first: they say nothing about the content of the file.
            raise describe_os_error(error, name) from error
        raise _describe_damage(error, name, path) from error
    except Exception as error:
        if is_of_data(error):
            raise _describe_damage(error, name, path) from error
        log.debug("a mistake of this program over %s", name, exc_info=True)
        raise _describe_mistake(error, name) from error
    except BaseException as error:
        # Interrupts and exits are no damage and go on.
        if not _is_panic(error):
            raise
        raise _describe_damage(error, name, path) from error


@contextmanager
def translate_write_errors(name: str, path: Path, mend: str) -> Iterator[None]:
    """Turn whatever is raised while a file is written into one error, and name a full disk.

    Parameters
    ----------
    name
        What is written, for messages.
    path
        The file, which is taken out of the messages of libraries.
    mend
        What to do if the disk is not full: a message id.

    Raises
    ------
    DataError
        The disk is full, or a library cannot write this.
    """
    try:
        yield
    except MapserverError:
        raise
    except Exception as error:
        if is_disk_full(error, path.parent):
            raise describe_os_error(OSError(errno.ENOSPC, ""), name) from error
        raise DataError(
            N_("it cannot be written: {reason}"),
            where=name,
            mend=mend,
            reason=_without_path(error, path),
        ) from error


def is_disk_full(error: BaseException, folder: Path) -> bool:
    """Return whether an exception comes of a full disk, which libraries say in many ways."""
    chain: list[BaseException] = [error]
    # The cause may be several exceptions deep; a ring of causes ends the search.
    while (inner := chain[-1].__cause__ or chain[-1].__context__) and inner not in chain:
        chain.append(inner)
    if any(isinstance(link, OSError) and link.errno in FULL for link in chain):
        return True
    if any(SAYS_FULL.search(str(link)) for link in chain):
        return True
    return folder.is_dir() and not _has_room(folder)


def _has_room(folder: Path) -> bool:
    """Return whether a few megabytes can be written, which a quota may forbid, too.

    It must be asked while the unfinished file that took the room is there.
    """
    if shutil.disk_usage(folder).free < LEAST_FREE_BYTES:
        return False
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(bytes(LEAST_FREE_BYTES))
            file.flush()
    except OSError as error:
        return error.errno not in FULL
    return True


def is_of_data(error: BaseException) -> bool:
    """Return whether an exception says that a file is damaged, and not that our code is wrong."""
    if isinstance(error, ALWAYS_DATA) or _belongs_to(type(error).__module__, RAISE_OF_DATA):
        return True
    # The innermost frame of a reader or of ours decides; frames of pandas or NumPy belong to
    # whoever called them.
    for module in _modules_from_within(error.__traceback__):
        if _belongs_to(module, ("mapserver",)):
            return False
        if _belongs_to(module, READERS):
            return True
    return False


def describe_os_error(error: OSError, name: str) -> DataError:
    """Return what the system's error means to whoever looks after the folder."""
    if error.errno in FULL:
        return DataError(
            N_("the disk is full"),
            where=name,
            mend=N_("Free some space, and try again; nothing was changed"),
        )
    return DataError(
        N_("the file cannot be opened: {reason}"),
        where=name,
        mend=N_("Look whether it is there and may be read"),
        reason=os.strerror(error.errno) if error.errno else str(error),
    )


def _describe_damage(error: BaseException, name: str, path: Path | None) -> DataError:
    return DataError(
        N_("the file cannot be read: {reason}"),
        where=name,
        mend=N_("Open it in QGIS to see whether it is whole, and save it again"),
        reason=_without_path(error, path),
    )


def _without_path(error: BaseException, path: Path | None) -> str:
    """Return what an exception says, without where the file lies on this machine."""
    reason = str(error) or type(error).__name__
    if path is not None:
        reason = reason.replace(str(path.absolute()), path.name).replace(str(path), path.name)
    return reason[:MAX_REASON]


def _describe_mistake(error: Exception, name: str) -> MistakeError:
    return MistakeError(
        N_("this program made a mistake over the file ({reason}); the file may be sound"),
        where=name,
        mend=N_("Tell those who make this program, and send them the file; --debug shows more"),
        reason=f"{type(error).__name__}: {error}"[:MAX_REASON],
    )


def _is_panic(error: BaseException) -> bool:
    """Return whether a reader written in Rust gave up, which Python shows as no Exception."""
    return type(error).__name__ == "PanicException"


def _modules_from_within(traceback: TracebackType | None) -> list[str]:
    """Return the modules of the frames of an exception, the innermost first."""
    modules = []
    while traceback is not None:
        modules.append(str(traceback.tb_frame.f_globals.get("__name__", "")))
        traceback = traceback.tb_next
    return modules[::-1]


def _belongs_to(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)
