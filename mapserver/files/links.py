"""Links that lead out of a city's folders: they are not followed, as ``..`` is not."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from mapserver.errors import N_
from mapserver.text import encoding
from mapserver.text.findings import Doubt, Finding, Severity

ABOUT_STATES = frozenset({"trails", "closures", "inspections"})
"""Stems of files without which no trail can be called open, if they are there."""


def is_own_file(path: Path, folder: Path) -> bool:
    """Return whether a path is a file that lies in a folder, also when links are followed.

    Parameters
    ----------
    path
        A path that begins with the folder.
    folder
        ``gpx/`` or ``layers/`` of a city. It may itself be a link to a folder elsewhere.
    """
    return path.is_file() and not leads_out(path, folder)


def leads_out(path: Path, folder: Path) -> bool:
    """Return whether a path lies outside of a folder when links are followed."""
    try:
        # Both are resolved: the folder itself may be a link to another disk.
        return not path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        # A ring of links leads nowhere.
        return True


def find_links_out(folder: Path) -> Iterator[Path]:
    """Find the links in a folder, and in those below it, that lead out of it or nowhere."""
    for parent, folders, files in os.walk(folder):
        for name in sorted([*folders, *files]):
            path = Path(parent, name)
            # Hidden files are not read anyway, so their links are not reported.
            if path.is_symlink() and not name.startswith(".") and leads_out(path, folder):
                yield path


def report_links_out(folder: Path) -> list[Finding]:
    """Report the links that lead out of ``gpx/`` or ``layers/``; what they name is not read."""
    return [
        Finding(
            Severity.ERROR,
            "link-outside",
            f"{folder.name}/{encoding.decode_file_name(path.relative_to(folder).as_posix())}",
            N_("this is a link that leads out of the folder; it is not followed"),
            N_("Copy the file here, or let the folder as a whole be the link"),
            doubt=Doubt() if path.stem.casefold() in ABOUT_STATES else None,
        )
        for path in find_links_out(folder)
    ]


def report_false_files(
    folder: Path, names: Collection[str], doubt: Doubt | None = None
) -> list[Finding]:
    """Report what has the name of a file that is read and is none: a folder, or a link to nothing.

    Links that lead out of the folder are reported by :func:`report_links_out`.

    Parameters
    ----------
    folder
        ``gpx/`` or ``layers/`` of a city.
    names
        Names of files that are read, in small letters.
    doubt
        What is in doubt without them; None where no state is.
    """
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return [
        Finding(
            Severity.ERROR,
            "no-file",
            f"{folder.name}/{path.name}",
            N_("this is no file of the folder, so nothing is read from it"),
            N_("Put the file itself there under this name"),
            doubt=doubt,
        )
        for path in paths
        if path.name.casefold() in names
        and not is_own_file(path, folder)
        and (not leads_out(path, folder) or _is_silent_link(path, doubt))
    ]


def _is_silent_link(path: Path, doubt: Doubt | None) -> bool:
    """Return whether a link out of the folder puts in doubt what its own finding does not say."""
    return doubt is not None and path.stem.casefold() not in ABOUT_STATES
