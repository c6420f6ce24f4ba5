"""Files that appear whole or not at all: written beside their place, then moved there."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mapserver.errors import N_, DataError
from mapserver.files.damage import FULL, describe_os_error
from mapserver.settings import limits

DRAFT_ENDING = ".draft"
"""What the hidden name of a file ends in that is not whole yet."""
OLD_ENDING = ".old"
"""What the hidden name of a folder ends in whose place a draft takes."""


def name_draft(name: str, mark: str, ending: str = DRAFT_ENDING) -> str:
    """Return the hidden name of a draft, which a disk takes however long the name itself is.

    Parameters
    ----------
    name
        Of the file or folder that it becomes.
    mark
        What tells it from other drafts of the same name.
    ending
        Of the draft's name; whoever cleans up goes by it.

    Examples
    --------
    >>> name_draft("trails.csv", "17")
    '.trails.csv.17.draft'
    >>> len(name_draft("a" * 250, "17"))
    255
    """
    tail = f".{mark}{ending}"
    room = limits.MAX_DRAFT_NAME_BYTES - 1 - len(tail.encode())
    # Bytes as they stand on the disk: a name may have some that are no letters.
    encoded = os.fsencode(name)
    if len(encoded) > room:
        # Two long names that differ at their ends alone have two drafts.
        digest = f".{hashlib.sha256(encoded).hexdigest()[:16]}"
        name = encoded[: room - len(digest)].decode(errors="ignore") + digest
    return f".{name}{tail}"


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
    # A hidden name beside the place: on the same disk, so that a rename is one step, and of this
    # process alone, so that two at once do not meet.
    draft = place.absolute().parent / name_draft(place.name, str(os.getpid()), "")
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
    old = name_draft(place.name, str(os.getpid()), OLD_ENDING)
    exchange_folders(draft, place, draft.with_name(old))


def exchange_folders(draft: Path, place: Path, old: Path) -> None:
    """Let a draft take the place of a folder; when that fails, the folder is where it was.

    Parameters
    ----------
    draft
        A folder, whole.
    place
        A folder that may be there; it is removed.
    old
        Where it stands meanwhile, beside the others: whoever finds it there while nothing is at the
        place knows that an exchange was interrupted, and calls :func:`put_back_folder`.
    """
    # A folder cannot be renamed to one that exists, so the one at the place is moved away first.
    if place.is_dir():
        place.rename(old)
    try:
        draft.rename(place)
    except OSError:
        put_back_folder(place, old)
        raise
    shutil.rmtree(old, ignore_errors=True)


def put_back_folder(place: Path, old: Path) -> None:
    """Return a folder to its place after an exchange that stopped half way.

    When something is at the place, the exchange was done, and only the old folder is left over.
    """
    if old.is_dir() and not place.is_dir():
        old.rename(place)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def draft_file(path: Path) -> Iterator[Path]:
    """Yield the path of a draft beside a file; at the end the draft takes the file's place.

    The file may be there. Readers see the earlier one or the new one and never half of it, and
    other names of the earlier one (hard links) still lead to what it was. A draft whose program was
    killed ends in :data:`DRAFT_ENDING`.
    """
    draft = path.with_name(name_draft(path.name, str(os.getpid())))
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def write_file(path: Path, data: bytes) -> None:
    """Write a file whole or not at all, in place of one that may be there."""
    with draft_file(path) as draft:
        draft.write_bytes(data)
