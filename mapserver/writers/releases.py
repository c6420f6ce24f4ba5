"""Keep a state of a city as a release: a copy of its files, and what changed since the last."""

from __future__ import annotations

import datetime as dt
import filecmp
import os
import shutil
from pathlib import Path

from mapserver.analysis.city_changes import Changes
from mapserver.analysis.city_comparison import compare_cities
from mapserver.errors import N_, UnrestError
from mapserver.files.drafts import draft_beside, move_folder
from mapserver.files.lock import free_lock, take_lock
from mapserver.model import Snapshot, encode
from mapserver.readers.basemap import BASEMAP
from mapserver.readers.city_folder import fingerprint, read_city
from mapserver.readers.releases import CHANGES, STAMP, Release, list_releases
from mapserver.settings import limits

LOCK = ".releases.lock"
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".heic", ".gif", ".tif", ".tiff"})
"""Endings of files that no comparison looks at, and that would fill the disk."""


def keep_release(city: Snapshot, folder: Path, most: int, served_at: dt.datetime) -> Path | None:
    """Keep a state of a city, unless it says the same to the public as the last one that was kept.

    A release is there whole or not at all. Files that the last one has, too, are shared with it (as
    hard links); those of the city are copied, since programs may write into them.

    Parameters
    ----------
    city
        The state, as its folder is now.
    folder
        Where releases are kept; it is made.
    most
        How many are kept at most. The earliest go first, also where all of them take more than
        ``limits.MAX_RELEASES_BYTES``.
    served_at
        The time from which it was served.

    Returns
    -------
    Path or None
        The folder of the release; None where nothing public changed, or another program keeps one
        now.

    Raises
    ------
    UnrestError
        The files of the city have changed since it was read.
    OSError
        The disk is full, or the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = take_lock(folder / LOCK)
    if lock is None:
        return None
    try:
        return _keep(city, folder, most, served_at)
    finally:
        free_lock(folder / LOCK, lock)


def _keep(city: Snapshot, folder: Path, most: int, served_at: dt.datetime) -> Path | None:
    releases = list_releases(folder)
    last = releases[-1] if releases else None
    changes: Changes | None = None
    if last is not None:
        if last.version == city.version:
            return None
        # The copy that was kept is read again, so that two kept states are compared. What only the
        # office may know makes no release: even its time would tell of single messages.
        changes = compare_cities(Snapshot(read_city(last.path)), city).select_public()
        if not changes.rows:
            return None
        # A clock that was set back must not put a release before the last one.
        served_at = max(served_at, last.served_at + dt.timedelta(seconds=1))
    place = folder / f"{served_at.astimezone(dt.UTC).strftime(STAMP)}-{city.version}"
    # Whoever lists releases meanwhile sees no hidden folder.
    with draft_beside(place) as draft:
        _copy_files(city, draft, last)
        records = None if changes is None else changes.to_records()
        (draft / CHANGES).write_bytes(encode(records))
        move_folder(draft, place)
    _remove_earliest(folder, most)
    return place


def _copy_files(city: Snapshot, draft: Path, last: Release | None) -> None:
    """Copy the files of a city, and share those that the last release has."""
    for part in ("gpx", "layers"):
        (draft / part).mkdir()
    for name, *_ in city.data.files:
        source, target = city.path / name, draft / name
        if name == BASEMAP or target.suffix.lower() in PICTURES:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        earlier = last.path / name if last else None
        if earlier is None or not _share_file(source, earlier, target):
            shutil.copyfile(source, target)
    # What was copied must be what was compared.
    if fingerprint(city.path) != city.data.files:
        raise UnrestError(N_("the files of the city changed while they were copied"))


def _share_file(source: Path, earlier: Path, target: Path) -> bool:
    """Link a file of the last release that is the same; return whether that was possible."""
    if not earlier.is_file() or not filecmp.cmp(source, earlier, shallow=False):
        return False
    try:
        os.link(earlier, target)
    except OSError:  # a disk without links
        return False
    return True


def _remove_earliest(folder: Path, most: int) -> None:
    """Remove the earliest releases that are too many, or too large together; the last one stays."""
    releases = list_releases(folder)
    while len(releases) > 1 and (
        len(releases) > most or _count_bytes(releases) > limits.MAX_RELEASES_BYTES
    ):
        # Without its record it is no release any more, however far its removal comes.
        (releases[0].path / CHANGES).unlink(missing_ok=True)
        shutil.rmtree(releases.pop(0).path, ignore_errors=True)


def _count_bytes(releases: list[Release]) -> int:
    """Count the bytes of all files of releases; one that several share takes its bytes once."""
    files = (file for release in releases for file in release.path.rglob("*") if file.is_file())
    return sum({(stat := file.stat()).st_ino: stat.st_size for file in files}.values())
