"""Files that appear whole or not at all: written beside their place, then moved there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mapserver.errors import N_, DataError
from mapserver.files.damage import FULL, describe_os_error


@contextmanager
def draft_beside(place: Path) -> Iterator[Path]:
    """Make an empty folder beside a place and remove it afterwards, with all that was not moved.

    Raises
    ------
    DataError
        The folder of the place is not there.
    """
    if not place.parent.is_dir():
        raise DataError(
            N_("there is no such folder"), where=str(place.parent), mend=N_("Make it first")
        )
    draft = place.absolute().parent / f".{place.name}.{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir()
    except OSError as error:
        if error.errno in FULL:
            raise describe_os_error(error, str(place.parent)) from error
        raise DataError(
            N_("nothing can be written there: {reason}"),
            where=str(place.parent),
            mend=N_("Look whether the disk is full, and whether the folder may be written"),
            reason=str(error.strerror),
        ) from error
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def move_files(draft: Path, folder: Path) -> list[str]:
    """Move the files of a draft into a folder, in place of those of their names.

    Returns
    -------
    list of str
        The names.
    """
    # A shapefile's main file comes last: until then readers see the old set or nothing.
    files = sorted(draft.iterdir(), key=lambda file: (file.suffix == ".shp", file.name))
    for file in files:
        file.replace(folder / file.name)
    return sorted(file.name for file in files)


def move_folder(draft: Path, place: Path) -> None:
    """Let a draft take the place of a folder, which may be there."""
    old = draft.with_name(f"{draft.name}.old")
    if place.exists():
        place.rename(old)
    try:
        draft.rename(place)
    except OSError:
        if old.exists():
            old.rename(place)
        raise
    shutil.rmtree(old, ignore_errors=True)
