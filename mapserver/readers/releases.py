"""Releases: earlier states of a city that were kept, each a folder with what changed in it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from mapserver.errors import N_, DataError

CHANGES = "changes.json"
"""The file of a release that says what changed since the one before it."""
STAMP = "%Y%m%dT%H%M%SZ"
NAME = re.compile(r"(\d{8}T\d{6}Z)-([0-9a-f]{4,64})")
"""The name of a release: the time from which it was served, and its version."""


@dataclass(frozen=True, slots=True)
class Release:
    """An earlier state of a city, or the one that is served.

    Attributes
    ----------
    path
        Its folder, which is a city folder without pictures and backdrop.
    served_at
        The time from which it was served.
    version
        The digest of its files, as it was served.
    records
        What changed since the one before it, as records; None for the first of all.
    """

    path: Path
    served_at: dt.datetime
    version: str
    records: tuple[dict[str, object], ...] | None = None

    @property
    def key(self) -> str:
        """A short text that no other release has: the same files may be served twice."""
        return hashlib.sha256(self.path.name.encode()).hexdigest()[:12]


def list_release_names(folder: Path) -> list[str]:
    """List the names of the releases in a folder, the earliest first; none where there is none."""
    try:
        return sorted(path.name for path in folder.iterdir() if NAME.fullmatch(path.name))
    except OSError:
        return []


def list_releases(folder: Path) -> list[Release]:
    """Read the releases in a folder, the earliest first.

    One that is removed meanwhile, or whose record cannot be read, is left out.
    """
    releases = (_read_release(folder / name) for name in list_release_names(folder))
    return [release for release in releases if release is not None]


def find_release(folder: Path, wish: str) -> Release:
    """Find the release that somebody names.

    Parameters
    ----------
    folder
        Where releases are kept.
    wish
        Its name, the beginning of its version, or a day (UTC) for the last one of it.

    Raises
    ------
    DataError
        There is none, or several are meant.
    """
    releases = list_releases(folder)
    # A whole name says most, then a day, then the beginning of a version.
    by_day = [release for release in releases if f"{release.served_at:%Y-%m-%d}" == wish]
    matches = [release for release in releases if wish == release.path.name] or by_day[-1:]
    if not matches and len(wish) >= 4:
        matches = [release for release in releases if release.version.startswith(wish)]
    if len({release.version for release in matches}) != 1:
        names = ", ".join(release.path.name for release in releases[-5:])
        raise DataError(
            N_("{name} is neither a city folder nor one kept release"),
            mend=N_("The latest releases are: {names}"),
            name=repr(wish),
            names=names or "-",
        )
    return matches[-1]


def _read_release(path: Path) -> Release | None:
    match = NAME.fullmatch(path.name)
    if match is None:
        return None
    # A folder that is being removed, or was edited, is no release.
    try:
        served_at = dt.datetime.strptime(match[1], STAMP).replace(tzinfo=dt.UTC)
        records = json.loads((path / CHANGES).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if records is not None and not isinstance(records, list):
        return None
    return Release(path, served_at, match[2], None if records is None else tuple(records))
