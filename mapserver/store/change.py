"""One change of a city folder at a time, whole or not at all: a draft takes the folder's place."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mapserver.errors import N_, DataError

LOCK = ".adding"
FOLDERS = ("gpx", "layers")


@contextmanager
def changing(city: Path, folder: str) -> Iterator[Path]:
    """Give a draft of ``gpx/`` or ``layers/`` to be changed; at the end it takes its place.

    The draft begins with the folder's files (as hard links, which cost nothing), so what is in it
    must be replaced and not written over: see :func:`put`. When the block fails, or the program is
    ended in it, the folder is as it was.

    Raises
    ------
    DataError
        Somebody else is changing the city.
    """
    if city.exists() and not city.is_dir():
        raise DataError(
            N_("this is a file and no folder"),
            where=str(city),
            mend=N_("Name the folder of a city with --city"),
        )
    city.mkdir(parents=True, exist_ok=True)
    lock = city / LOCK
    _take(lock)
    place, draft, old = _find_places(city, folder)
    try:
        for name in FOLDERS:  # an add that was ended may have been at the other one
            restore(city, name)
            shutil.rmtree(_find_places(city, name)[1], ignore_errors=True)
        if place.is_dir():
            shutil.copytree(place, draft, symlinks=True, copy_function=_link)
        else:
            draft.mkdir()
        yield draft
        if place.is_dir():
            place.rename(old)
        try:
            draft.rename(place)
        except OSError:
            restore(city, folder)
            raise
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        lock.unlink(missing_ok=True)


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


def recover(city: Path) -> None:
    """Put back what an interrupted change left behind, unless a change is going on.

    Whoever reads a city in order to change it calls this first; otherwise it would see a city
    without the folder that had been taken from its place.
    """
    lock = city / LOCK
    leftover = [name for name in FOLDERS if _find_places(city, name)[2].is_dir()]
    if leftover and not (lock.exists() and _is_held(lock)):
        for folder in leftover:
            restore(city, folder)


def restore(city: Path, folder: str) -> None:
    """Put back a folder that an interrupted change had taken from its place."""
    place, _, old = _find_places(city, folder)
    if old.is_dir() and not place.is_dir():
        old.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _find_places(city: Path, folder: str) -> tuple[Path, Path, Path]:
    """Find where a folder is, where its draft is made, and where it stands meanwhile.

    All three are beside each other, so that they can be renamed. A folder that is a link to one
    elsewhere, as on a shared disk, is changed there, and the link stays.
    """
    place = city / folder
    if place.is_symlink():
        place = place.resolve()
    return place, place.with_name(f".{place.name}.new"), place.with_name(f".{place.name}.old")


def put(path: Path, data: bytes) -> None:
    """Write a file anew; what was there stays as it is in other folders that link to it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(data)
    draft.replace(path)


def _take(lock: Path) -> None:
    try:
        with lock.open("x", encoding="ascii") as file:
            file.write(str(os.getpid()))
    except FileExistsError:
        if _is_held(lock):
            raise DataError(
                N_("another program is changing this city"),
                where=str(lock),
                mend=N_("Wait until it is done, and try again"),
            ) from None
        lock.unlink(missing_ok=True)
        _take(lock)


def _is_held(lock: Path) -> bool:
    """Tell whether the process that took the lock still lives."""
    try:
        os.kill(int(lock.read_text("ascii") or 0) or os.getpid(), 0)
    except (ProcessLookupError, ValueError, FileNotFoundError):
        return False
    except PermissionError:  # it lives and is another's
        return True
    return True


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copy2(source, target)
