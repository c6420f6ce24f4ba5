"""What libraries raise over a damaged file or a full disk, as one error with place and mend.

The rule for reading: what a reader that is not ours raises means that the file is damaged, whatever
kind of exception it is. The rule for writing: what a writer that is not ours raises in a kind of
its own, or in one that speaks of values, means that the format cannot hold this. All else is a
mistake of ours: it is never blamed on a file or a format, and it is never a traceback to the user
either, but an error that says so (:class:`MistakeError`), with an id under which the log has the
traceback.
"""

from __future__ import annotations

import errno
import hashlib
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

from mapserver.errors import N_, DataError, MapserverError, MistakeError, printable
from mapserver.settings import limits

MISTAKES = logging.getLogger("mapserver.mistakes")
"""Of its own name, so that commands show tracebacks with ``--debug`` alone; a server writes all."""

READERS = (
    *("pyogrio", "pyarrow", "fiona", "geopandas.io", "python_calamine", "gpxpy", "defusedxml"),
    *("zipfile", "gzip", "zlib", "bz2", "lzma", "xml", "json", "csv", "tomllib", "sqlite3"),
)
"""Modules that read files; the innermost of their frames or ours says whose an exception is."""

RAISE_OF_DATA = (*READERS, "pyo3_runtime", "shapely", "pyproj", "msgspec", "pyexpat", "_csv")
"""Modules whose own kinds of exception always mean the data, wherever they surface."""

ALWAYS_DATA = (EOFError, UnicodeDecodeError, zlib.error, struct.error, RecursionError)

WRITERS = (
    *("pyogrio", "pyarrow", "geopandas.io", "pandas.io", "numcodecs", "pmtiles", "gpxpy"),
    *("zipfile", "gzip", "zlib", "xml", "json", "csv", "sqlite3"),
)
"""Modules that write files; the innermost of their frames or ours says whose an exception is."""

RAISE_OF_VALUES = ("pyogrio", "pyarrow", "shapely", "pyproj", "sqlite3", "zipfile", "_csv", "csv")
"""Modules whose own kinds of exception always mean that a format cannot hold something."""

ALWAYS_REFUSED = (OSError, MemoryError, RecursionError, UnicodeEncodeError)
"""A disk, too little memory, values nested too deep, and letters that an encoding has not."""

KINDS_OF_REFUSAL = (ValueError, OverflowError, NotImplementedError, RuntimeError)
"""Builtin kinds in which writers refuse a value. ``KeyError``, ``TypeError`` and
``AttributeError`` are not among them: a writer that was called rightly does not raise them."""


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
        raise _describe_mistake(
            N_("this program made a mistake over the file ({reason}); the file may be sound"),
            N_("Tell those who make this program, and send them the file; --debug shows more"),
            error,
            name,
        ) from error
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
    MistakeError
        Our own code failed; another format may fail as well.
    """
    try:
        yield
    except MapserverError:
        raise
    except Exception as error:
        if is_disk_full(error, path.parent):
            raise describe_os_error(OSError(errno.ENOSPC, ""), name) from error
        if not is_refusal(error):
            raise _describe_mistake(
                N_("this program made a mistake while it wrote this ({reason})"),
                N_("Tell those who make this program; nothing was changed, --debug shows more"),
                error,
                name,
            ) from error
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
    if shutil.disk_usage(folder).free < limits.MIN_FREE_BYTES:
        return False
    try:
        # A quota shows in no number of the disk: only writing proves that there is room.
        with TemporaryFile(dir=folder) as file:
            file.write(bytes(limits.MIN_FREE_BYTES))
            file.flush()
    except OSError as error:
        return error.errno not in FULL
    return True


def is_of_data(error: BaseException) -> bool:
    """Return whether an exception says that a file is damaged, and not that our code is wrong."""
    is_certain = isinstance(error, ALWAYS_DATA) or _is_kind_of(error, RAISE_OF_DATA)
    return is_certain or _is_raised_within(error, READERS)


def is_refusal(error: BaseException) -> bool:
    """Return whether an exception says that a format cannot hold this, and not that we are wrong.

    Examples
    --------
    >>> is_refusal(OSError("read-only file system")), is_refusal(KeyError("parks"))
    (True, False)
    """
    if isinstance(error, ALWAYS_REFUSED) or _is_kind_of(error, RAISE_OF_VALUES):
        return True
    # A missing entry of a table is a LookupError wherever it is raised, and always a mistake.
    return isinstance(error, KINDS_OF_REFUSAL) and _is_raised_within(error, WRITERS)


def _is_kind_of(error: BaseException, packages: tuple[str, ...]) -> bool:
    return _belongs_to(type(error).__module__, packages)


def _is_raised_within(error: BaseException, packages: tuple[str, ...]) -> bool:
    """Return whether code of some packages raised an exception, and not our own code."""
    # The innermost frame of these packages or of ours decides; frames of pandas or NumPy belong to
    # whoever called them.
    for module in _modules_from_within(error.__traceback__):
        if _belongs_to(module, ("mapserver",)):
            return False
        if _belongs_to(module, packages):
            return True
    return False


def describe_unforeseen(error: Exception) -> MistakeError:
    """Return an error for whatever nobody foresaw, and write its traceback into the log."""
    return _describe_mistake(
        N_("this program made a mistake ({reason})"),
        N_("Tell those who make this program; --debug shows more"),
        error,
    )


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
        # Libraries name the whole path, which a public page must not show.
        reason = reason.replace(str(path.absolute()), path.name).replace(str(path), path.name)
    return reason[: limits.MAX_REASON_LETTERS]


def _describe_mistake(what: str, mend: str, error: Exception, name: str = "") -> MistakeError:
    """Return an error that calls a mistake ours, and write the traceback into the log.

    Parameters
    ----------
    what, mend
        Message ids; ``{reason}`` is what was raised, with the id of the mistake.
    error
        What was raised.
    name
        The file, for messages; empty where it is about none.
    """
    id_ = compute_mistake_id(error)
    MISTAKES.error("mistake %s over %s", id_, printable(name or "a command"), exc_info=error)
    reason = f"{type(error).__name__}: {error}"[: limits.MAX_REASON_LETTERS]
    return MistakeError(what, where=name, mend=mend, reason=f"{reason}, {id_}")


def compute_mistake_id(error: BaseException) -> str:
    """Compute the id of a mistake from its kind and the line of ours that it comes from.

    Each process, each worker of a server and each machine with the same version gives one mistake
    the same id, so that a report can be found in a log.
    """
    places = [type(error).__name__]
    traceback = error.__traceback__
    # A traceback lists the outermost frame first, and its last one is where the error was raised.
    while traceback is not None:
        module = str(traceback.tb_frame.f_globals.get("__name__", ""))
        places.append(f"{module}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    # The same place for every command: only the line of ours counts, not the libraries' frames
    # below it.
    ours = [place for place in places[1:] if _belongs_to(place.partition(":")[0], ("mapserver",))]
    # The innermost line of ours alone: how the program came there differs from command to command.
    text = " ".join([places[0], *(ours or places[1:])[-1:]])
    return hashlib.blake2s(text.encode(), digest_size=4).hexdigest()


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
