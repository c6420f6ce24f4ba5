"""A city as it was read, kept in the cache folder: who opens it again need not read its files.

The file holds Python's own form of objects (pickle), which can do anything when it is loaded. So it
is loaded only from a folder and a file that this user owns and nobody else may write. It is of use
as long as all is as it was: each file of the city by its name, size, times and number, as whoever
watches a folder sees changes; the sources of this program, the packages that are installed, and
who reads. Whatever differs or is wrong, the files of the city are read, and the file made anew.
"""

from __future__ import annotations

import hashlib
import io
import locale
import logging
import os
import pickle
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import pyproj

from mapserver.files.change import FOLDERS, recover_city
from mapserver.files.drafts import draft_file
from mapserver.files.program import read_program
from mapserver.index import OTHERS_MAY_WRITE, find_shelf, remove_least_used
from mapserver.model import CityData
from mapserver.settings import limits
from mapserver.text.findings import Severity

log = logging.getLogger("mapserver")

FORMAT = b"maencty1"
"""The first bytes of a file; the number grows when what is around the city changes."""
NAME, ENDING = "city-", ".city"
DIGEST_LENGTH = 32
"""Of each of the two digests that follow: of all that the city follows from, and of its bytes."""
VARIABLES = ("GDAL_", "OGR_", "CPL_", "PROJ_", "SHAPE_", "OSR_")
"""How the names of variables begin by which libraries read files in other ways.

``LANG`` and ``LC_*`` are none: readers name the encoding of each file, sort by code points, and
read numbers by Python or by GDAL, which has the C locale for that. What of a locale counts are the
encodings that Python has from it, for names of files above all.
"""


def digest_conditions(path: Path, *, folder: Path | None = None) -> bytes:
    """Digest all that an opened city follows from, without reading a file of it.

    Parameters
    ----------
    path
        The city folder.
    folder
        The cache folder; None for that of the settings.

    Returns
    -------
    bytes
        Empty where nothing can be kept.
    """
    if find_shelf(folder) is None:
        return b""
    recover_city(path)
    user = (os.getuid(), os.getgid(), os.getgroups()) if hasattr(os, "getuid") else ()
    facts = (os.fspath(path.resolve()), sys.version, user, _list_manners(path))
    program = read_program()
    if not program.is_at_rest:
        return b""
    return _digest(
        program.digest,
        repr(facts).encode("utf-8", "surrogatepass"),
        repr(list(_list_states(path))).encode("utf-8", "surrogatepass"),
        repr(_list_packages()).encode(),
    )


def _list_manners(path: Path) -> tuple[object, ...]:
    """List what two shells of a user may differ in, and would throw away each other's file by."""
    encodings = sys.getfilesystemencoding(), locale.getpreferredencoding(do_setlocale=False)
    variables = sorted((k, v) for k, v in os.environ.items() if k.startswith(VARIABLES))
    # Paths within a city begin with the path by which it was opened.
    return str(path), encodings, variables


def reopen_city(path: Path, conditions: bytes, *, folder: Path | None = None) -> CityData | None:
    """Open a city from the cache folder.

    Parameters
    ----------
    path
        The city folder.
    conditions
        Of :func:`digest_conditions`, just now.
    folder
        The cache folder; None for that of the settings.

    Returns
    -------
    CityData or None
        The same as ``read_city`` returns; None where it was not kept under these conditions.
    """
    place = _find_place(path, folder) if conditions else None
    return _try_to_open(place, conditions) if place else None


def keep_city(path: Path, conditions: bytes, data: CityData, *, folder: Path | None = None) -> None:
    """Keep a city that was read in the cache folder, whole or not at all; a fault is logged.

    Parameters
    ----------
    path
        The city folder.
    conditions
        Of :func:`digest_conditions`, before the city was read.
    data
        What was read.
    folder
        The cache folder; None for that of the settings.
    """
    place = _find_place(path, folder) if conditions else None
    # A fault of the disk may be over when the city is read the next time. What was written in the
    # last moment before that may have been written again without a trace in its times.
    is_whole = not any(finding.severity == Severity.ERROR for finding in data.findings)
    try:
        if (
            place is not None
            and is_whole
            and _is_at_rest(path)
            and conditions == digest_conditions(path, folder=folder)
        ):
            _write(place, conditions, data)
            remove_least_used(place, ENDING, limits.MAX_OPENED_CITIES_BYTES)
    except Exception as error:  # noqa: BLE001 -- the city is open, whatever happens to its copy
        reason = (isinstance(error, OSError) and error.strerror) or repr(error)
        log.warning("the opened city is not kept in %s: %s", place, reason)


def forget_city(path: Path, *, folder: Path | None = None) -> None:
    """Remove what was kept of a city: its files may have changed without a trace."""
    if (shelf := find_shelf(folder)) is None:
        return
    # Those of all manners of reading. What is not there is not removed: a disk that cannot be
    # written to would refuse even that.
    for place in shelf.glob(f"{_name_city(path)}*{ENDING}"):
        try:
            place.unlink(missing_ok=True)
        except OSError as error:
            log.warning("the opened city in %s cannot be removed: %s", place, error.strerror)


def _find_place(path: Path, folder: Path | None) -> Path | None:
    """Find the file of a city in the cache folder.

    It is one for each manner of reading, so that a newer state takes the place of an older one.
    """
    shelf = find_shelf(folder)
    manner = _digest(repr(_list_manners(path)).encode("utf-8", "surrogatepass")).hex()[:8]
    return shelf and shelf / f"{_name_city(path)}{manner}{ENDING}"


def _name_city(path: Path) -> str:
    """Return how the names of all files of a city begin."""
    return f"{NAME}{_digest(os.fsencode(path.resolve())).hex()[:32]}-"


def _digest(*parts: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.digest()


def _list_entries(path: Path) -> Iterator[str]:
    """List everything below the folders of a city, also what is no file of it, such as a link.

    A link that leads nowhere, or out of the city, and a folder that nobody may read are findings.
    """
    for top in FOLDERS:
        for place, folders, names in os.walk(path / top):
            folders.sort()
            yield place
            yield from (os.path.join(place, name) for name in sorted(names + folders))  # noqa: PTH118 -- as os.walk has it


def _list_states(path: Path) -> Iterator[tuple[object, ...]]:
    """List the states of all entries: of links their own, and of what they lead to."""
    for entry in _list_entries(path):
        yield entry, *_state_of(entry, os.lstat), *_state_of(entry, os.stat)


def _state_of(path: str, ask: Callable[[str], os.stat_result]) -> tuple[int, ...]:
    try:
        state = ask(path)
    except OSError as error:
        return (error.errno or 0,)
    where = (state.st_mode, state.st_uid, state.st_gid, state.st_dev, state.st_ino)
    if stat.S_ISDIR(state.st_mode):
        return where  # its own times change with files that are none of the city's
    return (*where, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


def _list_packages() -> list[str]:
    """List what is installed: the folders that installers leave have names and versions in them."""
    names: set[str] = {pyproj.proj_version_str}
    for place in sys.path:
        try:
            names.update(name for name in os.listdir(place) if name.endswith("-info"))  # noqa: PTH208 -- a part of sys.path may be no folder
        except OSError:
            continue
    return sorted(names)


def _is_at_rest(path: Path) -> bool:
    """Return whether nothing in a city is so young that it could change and look the same."""
    now_s = time.time()
    for entry in _list_entries(path):
        with suppress(OSError):  # a link that leads nowhere, or a file that went
            # A disk whose clock is ahead counts as young.
            if now_s - os.stat(entry).st_ctime < limits.FOLDER_REST_S:  # noqa: PTH116 -- likewise
                return False
    return True


# -- the file ----------------------------------------------------------------------------------


def _try_to_open(place: Path, conditions: bytes) -> CityData | None:
    """Open a city from a file; return None where that cannot be used, and log why."""
    try:
        content = _read_own_file(place)
    except FileNotFoundError:
        return None
    except OSError as error:
        log.warning("the opened city in %s is not used: %s", place, error.strerror or error)
        return None
    start = len(FORMAT) + 2 * DIGEST_LENGTH
    head, body = content[:start], memoryview(content)[start:]
    if head[: len(FORMAT) + DIGEST_LENGTH] != FORMAT + conditions:
        log.info("the city has changed since it was kept in %s, and is read", place)
        return None
    if head[len(FORMAT) + DIGEST_LENGTH :] != hashlib.sha256(body).digest():
        log.warning("the opened city in %s is damaged or cut off, and is made anew", place)
        return None
    try:
        data = pickle.loads(body)  # noqa: S301 -- of this user's own file alone, see above
    except Exception as error:  # noqa: BLE001 -- what it may raise has no limits
        log.warning("the opened city in %s cannot be used: %r", place, error)
        return None
    return cast("CityData", data)


def _read_own_file(place: Path) -> bytes:
    """Read a file that only this user can have written.

    Raises
    ------
    OSError
        It cannot be read, it is larger than any of ours, or somebody else may have written it.
    """
    # A pipe in its place is opened without waiting for whoever writes into it.
    flags = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_BINARY", "O_NONBLOCK"))
    descriptor = os.open(place, os.O_RDONLY | flags)
    try:
        state = os.fstat(descriptor)  # of what was opened, whatever has its name by now
        if not stat.S_ISREG(state.st_mode):
            raise OSError(0, "what has its name is no file")
        # Windows knows neither owners nor modes of this kind, and keeps a user's folders apart.
        is_foreign = hasattr(os, "getuid") and (
            state.st_uid != os.getuid() or state.st_mode & OTHERS_MAY_WRITE
        )
        if is_foreign:
            raise PermissionError(0, "somebody else may have written it")
        if state.st_size > limits.MAX_OPENED_CITY_BYTES + limits.KEPT_OBJECT_BYTES:
            raise OSError(0, "it is larger than any that is kept")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


class _CityPickler(pickle.Pickler):
    """Writes a city in Python's own form; what is shared in it stays shared."""

    def reducer_override(self, value: object) -> Any:
        """Write a mapping that cannot be changed as what it is made of."""
        if isinstance(value, MappingProxyType):
            return make_proxy, (dict(value),)
        return NotImplemented


def make_proxy(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    """Make a mapping that cannot be changed; files name this function."""
    return MappingProxyType(values)


def _write(place: Path, conditions: bytes, data: CityData) -> None:
    """Write a city into the cache folder, whole or not at all."""
    buffer = io.BytesIO()
    _CityPickler(buffer, pickle.HIGHEST_PROTOCOL).dump(data)
    body = buffer.getbuffer()
    if len(body) > limits.MAX_OPENED_CITY_BYTES:
        log.info("the opened city is not kept: it has %d bytes", len(body))
        return
    with draft_file(place) as draft:
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600, exist_ok=False)
        with draft.open("wb") as file:
            file.write(FORMAT + conditions + hashlib.sha256(body).digest())
            file.write(body)
