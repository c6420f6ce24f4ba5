"""One change of a city folder at a time, whole or not at all: a draft takes the folder's place."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mapserver.errors import N_, DataError, UnrestError
from mapserver.files.drafts import DRAFT_ENDING, exchange_folders, put_back_folder
from mapserver.files.lock import free_lock, is_locked, take_lock
from mapserver.settings import limits

LOCK = ".adding"
FOLDERS = ("gpx", "layers")
ORIGINALS = "originals"
"""The folder in which what is brought in is kept, by the day."""


_locks_of_ours: set[Path] = set()
"""Locks that this process has taken itself."""


@contextmanager
def change_folder(city: Path, folder: str) -> Iterator[Path]:
    """Yield a draft of ``gpx/`` or ``layers/`` to be changed; at the end it takes its place.

    The draft begins with the folder's files (as hard links, which cost nothing), so what is in it
    must be replaced and not written over: see :func:`.drafts.write_file`. When the block fails, or
    the program is ended in it, the folder is as it was.

    Raises
    ------
    DataError
        Somebody else is changing the city.
    """
    place, draft, old = _find_places(city, folder)
    with lock_city(city):
        shutil.rmtree(draft, ignore_errors=True)
        try:
            if place.is_dir():
                shutil.copytree(place, draft, symlinks=True, copy_function=_copy_as_link)
            else:
                draft.mkdir()
            yield draft
            exchange_folders(draft, place, old)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def lock_city(city: Path) -> Iterator[None]:
    """Be the only program that changes a city; what is read in the block stays true in it.

    Another program is waited for. A block within a block of the same process waits for nothing.

    Raises
    ------
    DataError
        Another program has been changing the city for ``limits.LOCK_WAIT_S``.
    """
    if city.exists() and not city.is_dir():
        raise DataError(
            N_("this is a file and no folder"),
            where=str(city),
            mend=N_("Name the folder of a city with --city"),
        )
    with removing_new_folders(city):
        city.mkdir(parents=True, exist_ok=True)
        lock = city.resolve() / LOCK
        # A change within a change must not wait for itself.
        if lock in _locks_of_ours:
            yield
            return
        file = _wait_for(lock)
        _locks_of_ours.add(lock)
        try:
            # An add that was ended may have been at either folder.
            for folder in FOLDERS:
                restore_folder(city, folder)
                shutil.rmtree(_find_places(city, folder)[1], ignore_errors=True)
            _remove_draft_copies(city)
            yield
        finally:
            _locks_of_ours.discard(lock)
            free_lock(lock, file)


def _remove_draft_copies(city: Path) -> None:
    """Remove copies of originals that an `add` was making when it was ended: they are not whole."""
    for draft in (city / ORIGINALS).glob(f"*/.*{DRAFT_ENDING}"):
        draft.unlink(missing_ok=True)
        # A day's folder with other originals in it stays.
        with suppress(OSError):
            draft.parent.rmdir()


@contextmanager
def removing_new_folders(city: Path) -> Iterator[None]:
    """Remove the city folder, and those it lies in, if they were made for a change that failed.

    A folder with something in it stays.
    """
    missing = [folder for folder in (city, *city.parents) if not folder.exists()]
    try:
        yield
    except BaseException:
        for folder in missing:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        raise


def recover_city(city: Path) -> None:
    """Return folders to their places after an interrupted change, unless a change is going on.

    Whoever reads a city calls this first; otherwise it would see a city without the folder that
    had been taken from its place. On a disk that is only read, what does no harm stays.

    Raises
    ------
    DataError
        A folder is not in its place, and cannot be put back.
    UnrestError
        A folder is not in its place, and another program does not put its draft there.
    """
    # Only an exchange that was interrupted leaves a folder beside its place.
    leftover = [name for name in FOLDERS if _find_places(city, name)[2].is_dir()]
    lock = city.resolve() / LOCK
    deadline_s = time.monotonic() + limits.LOCK_WAIT_S
    while leftover and lock not in _locks_of_ours and is_locked(lock):
        # The change that is going on may be between its two renames, which takes no time.
        if all(_find_places(city, name)[0].is_dir() for name in leftover):
            return
        if time.monotonic() > deadline_s:
            raise _describe_busy_city(UnrestError, lock)
        time.sleep(limits.LOCK_POLL_S)
    if leftover:
        # Under the lock: otherwise an `add` that begins now could find its own folder put back.
        with suppress(OSError), lock_city(city):
            pass
    for name in leftover:
        place, _, old = _find_places(city, name)
        if old.is_dir() and not place.is_dir():
            raise DataError(
                N_("an interrupted change left the folder as {old}, and it cannot be put back"),
                where=f"{name}/",
                mend=N_("Rename it to {name}, as somebody who may write there"),
                old=repr(old.name),
                name=repr(place.name),
            )


def restore_folder(city: Path, folder: str) -> None:
    """Return a folder to its place that an interrupted change had taken from there."""
    place, _, old = _find_places(city, folder)
    put_back_folder(place, old)


def _find_places(city: Path, folder: str) -> tuple[Path, Path, Path]:
    """Find where a folder is, where its draft is made, and where it stands meanwhile.

    All three are beside each other, so that they can be renamed. A folder that is a link to one
    elsewhere, as on a shared disk, is changed there, and the link stays.
    """
    place = city / folder
    if place.is_symlink():
        place = place.resolve()
    return place, place.with_name(f".{place.name}.new"), place.with_name(f".{place.name}.old")


def _wait_for(lock: Path) -> BinaryIO:
    """Lock a city, and wait while another program has the lock."""
    deadline_s = time.monotonic() + limits.LOCK_WAIT_S
    while (file := take_lock(lock)) is None:
        if time.monotonic() > deadline_s:
            raise _describe_busy_city(DataError, lock)
        time.sleep(limits.LOCK_POLL_S)
    return file


def _describe_busy_city(kind: type[DataError], lock: Path) -> DataError:
    return kind(
        N_("another program is changing this city"),
        where=str(lock),
        mend=N_("Wait until it is done, and try again"),
    )


def _copy_as_link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        # A file system without hard links, such as that of a USB stick.
        shutil.copy2(source, target)
