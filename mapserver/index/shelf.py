"""The cache folder: indexes of large layers as files, made when first needed, shared by processes.

A file is named by a digest of all that its bytes follow from, so it is never out of date: a layer
that changes gets another file. What was longest not opened goes when the folder is full. Whatever
is wrong with the folder or a file in it, an index is made in memory, and the question is answered.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import pyproj
import shapely
from pyproj import CRS

from mapserver.errors import DataError
from mapserver.files.drafts import DRAFT_ENDING
from mapserver.geo.geodesy import Geometries
from mapserver.index import index_file
from mapserver.index.nearest import NearestIndex
from mapserver.index.one_point import OnePointIndex
from mapserver.index.stored_geometries import list_wkb
from mapserver.index.within import WithinIndex
from mapserver.settings import limits
from mapserver.settings.folders import find_cache_folder

log = logging.getLogger("mapserver")

ENDING = ".index"
LARGE_VERTICES = 50_000
"""A layer of fewer vertices has no file. So many are indexed in 0.05 s (lines) or 0.1 s (areas) and
listed for one-point searches in 0.2 s; to digest them and open a file takes 0.015 s. Whatever the
size, opening is three to ten times as fast, but nobody notices it below."""
BATCH = 4_096
"""Geometries that are digested together, as well-known binary."""
OTHERS_MAY_WRITE = 0o022
"""Bits of a folder's mode: its group or everybody may write there."""

_lock = threading.Lock()
"""Two threads of one process do not make the same index twice; two processes may, and either file
is right. It is a lock of the module, which a forked worker renews (``web/forking``)."""


class Kept(Protocol):
    """What can be written into a file."""

    def write(self, path: Path) -> None:
        """Write it, whole or not at all."""


T = TypeVar("T", bound=Kept)


def open_nearest(geometries: Geometries, crs: CRS, *, folder: Path | None = None) -> NearestIndex:
    """Open the nearest index of geometries from the cache folder, or make it and write it there.

    Parameters
    ----------
    geometries
        In lon/lat (EPSG:4326).
    crs
        Projected CRS in metres in which to search.
    folder
        The cache folder; None for that of the settings.

    Returns
    -------
    NearestIndex
        Its ``path`` is the file, or None where it is in memory alone: the layer is small, or the
        folder cannot be used. Its lists of one-point searches are kept in the same way.
    """
    shelf = find_shelf(folder)
    if shelf is None or not is_large(geometries):
        return NearestIndex.of(geometries, crs)
    name = compute_key("nearest", geometries, crs)
    index = _open_or_make(
        shelf / f"{name}{ENDING}",
        lambda path: NearestIndex.open(path, geometries),
        lambda: NearestIndex.of(geometries, crs),
    )
    lists = shelf / f"{name}-lists{ENDING}"
    index.keep_lists(lambda make: _open_or_make(lists, OnePointIndex.open, make))
    return index


def open_within(geometries: Geometries, *, folder: Path | None = None) -> WithinIndex:
    """Open the index of areas from the cache folder, or make it and write it there.

    Parameters and result are those of :func:`open_nearest`.
    """
    shelf = find_shelf(folder)
    if shelf is None or not is_large(geometries):
        return WithinIndex.of(geometries)
    return _open_or_make(
        shelf / f"{compute_key('within', geometries)}{ENDING}",
        lambda path: WithinIndex.open(path, geometries),
        lambda: WithinIndex.of(geometries),
    )


def is_large(geometries: Geometries) -> bool:
    """Return whether an index takes so long to build that a file is worth it."""
    return int(shapely.get_num_coordinates(geometries).sum()) >= LARGE_VERTICES


def compute_key(kind: str, geometries: Geometries, crs: CRS | None = None) -> str:
    """Compute the digest of all that an index's file follows from.

    Parameters
    ----------
    kind
        Which index it is.
    geometries
        All of the layer, in their order.
    crs
        The plane of the index; None where it has none.
    """
    # PROJ places the vertices in the plane, and another version may place them elsewhere.
    facts = (index_file.FORMAT, kind, crs.to_json() if crs else "", pyproj.proj_version_str)
    digest = hashlib.blake2b(repr(facts).encode(), digest_size=16)
    for start in range(0, len(geometries), BATCH):
        pieces = list_wkb(geometries[start : start + BATCH])
        # The lengths, so that no two rows of geometries have the same bytes.
        digest.update(np.array([len(piece) for piece in pieces], "<i8").tobytes())
        digest.update(b"".join(pieces))
    return f"{kind}-{digest.hexdigest()}"


def find_shelf(folder: Path | None = None) -> Path | None:
    """Find the cache folder, and make it where there is none.

    Parameters
    ----------
    folder
        The folder; None for that of the settings.

    Returns
    -------
    Path or None
        None where there is to be none, it cannot be made, or others could write into it: what is
        mapped from it must be what this user has written.
    """
    shelf = folder or find_cache_folder()
    if shelf is None:
        return None
    try:
        shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = shelf.stat()
    except OSError as error:
        _note_unused(shelf, error.strerror or type(error).__name__, logging.INFO)
        return None
    # Windows knows neither owners nor modes of this kind, and keeps a user's folders apart.
    is_shared = hasattr(os, "getuid") and (
        state.st_uid != os.getuid() or state.st_mode & OTHERS_MAY_WRITE
    )
    if is_shared:
        _note_unused(shelf, "other users may write there", logging.WARNING)
        return None
    return shelf


@lru_cache(maxsize=16)
def _note_unused(shelf: Path, reason: str, level: int) -> None:
    """Log why nothing is kept in a folder: once, though each index and each city looks for it."""
    log.log(level, "neither indexes nor the opened city are kept in %s: %s", shelf, reason)


def _open_or_make(path: Path, open_: Callable[[Path], T], make: Callable[[], T]) -> T:
    """Open what a file has; where that cannot be used, make it, and write it there."""
    index = _try_to_open(path, open_)
    if index is not None:
        return index
    # Whoever only opens a file does not wait for those who make another.
    with _lock:
        index = _try_to_open(path, open_)
        if index is not None:
            return index
        index = make()
        try:
            index.write(path)
            remove_least_used(path, ENDING, limits.MAX_CACHE_BYTES)
            # From the file, so that all processes share one copy in memory.
            return open_(path)
        except (OSError, DataError) as error:
            log.info("the index is not kept in %s: %s", path.parent, error)
            return index


def _try_to_open(path: Path, open_: Callable[[Path], T]) -> T | None:
    """Open what a file has, and mark its use; return None where that cannot be used."""
    try:
        index = open_(path)
    except DataError as error:
        if path.exists():
            log.info("an index is made anew: %s", error)
        return None
    _mark_use(path)
    return index


def _mark_use(path: Path) -> None:
    """Set the time of a file, by which the least used are known."""
    try:
        os.utime(path)
    except OSError:
        log.debug("the time of %s cannot be set", path)


def remove_least_used(newest: Path, ending: str, most_bytes: int) -> None:
    """Remove files of one kind until the rest are no more than a limit, and drafts left over.

    Parameters
    ----------
    newest
        The file that has just been written; it stays however large it is.
    ending
        Of the names of its kind.
    most_bytes
        How much all files of the kind may have together.
    """
    files = []
    for path in newest.parent.iterdir():
        try:
            state = path.stat()
            is_old = time.time() - state.st_mtime > limits.MAX_DRAFT_AGE_S
            if path.name.endswith(DRAFT_ENDING) and is_old:
                path.unlink()
            elif path.suffix == ending:
                files.append((path != newest, -state.st_mtime, path, state.st_size))
        except OSError:  # another process was quicker
            continue
    total = 0
    # The newest comes first, and then those used last: each has what was used later before it.
    for is_other, _, path, size in sorted(files):
        total += size
        if is_other and total > most_bytes:
            # Who has it open keeps it: a name is removed and not what is mapped.
            path.unlink(missing_ok=True)
