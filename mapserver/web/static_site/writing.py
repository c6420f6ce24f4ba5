"""Writes the site into a folder: whole or not at all, and never over what is not its own."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from mapserver.errors import N_, DataError
from mapserver.files.drafts import draft_beside, move_folder
from mapserver.model import Words, encode
from mapserver.settings import Settings, limits
from mapserver.text.findings import Finding, Severity
from mapserver.web import create_app
from mapserver.web.backdrop import find_backdrop
from mapserver.web.keeping import keep_served
from mapserver.web.live import Live
from mapserver.web.static_site.addresses import StaticAddresses
from mapserver.web.static_site.crawl import crawl
from mapserver.web.static_site.hosts import write_for_hosts

MARKER = "maenballo-site.json"
"""Lists the files of a site: a folder with these and nothing else may be replaced."""


@dataclass(frozen=True, slots=True)
class WrittenSite:
    """What was written.

    Attributes
    ----------
    path
        The folder.
    files, size_bytes
        How many files it has, and their bytes together.
    last_day
        The last day on which the pages know the states of the trails.
    findings
        What was left out, and why.
    words
        What the city calls its things.
    """

    path: Path
    files: int
    size_bytes: int
    last_day: dt.date
    findings: list[Finding]
    words: Words


class OneSnapshot:
    """A live city that does not change while its site is written.

    Parameters
    ----------
    live
        The city as it was opened.
    """

    def __init__(self, live: Live) -> None:
        self.settings = live.settings
        self.snapshot = live.snapshot
        self.city = self.snapshot.city


class SiteFolder:
    """The folder that a site is written into: counts files and bytes, and stops at the limits.

    Parameters
    ----------
    folder
        An empty folder.
    progress
        Called with the number of files after each.
    """

    def __init__(self, folder: Path, progress: Callable[[int], Any]) -> None:
        self.files: set[str] = set()
        self.size_bytes = 0
        self._folder = folder
        self._progress = progress

    def write(self, file: str, data: bytes) -> None:
        """Write a file, given by its path below the folder and its bytes."""
        self.write_pieces(file, [data], len(data))

    def write_pieces(self, file: str, pieces: Iterable[bytes], size_bytes: int) -> None:
        """Write a file piece by piece, so that a large one is never in memory.

        Raises
        ------
        DataError
            There would be too many files or bytes.
        """
        self.size_bytes += size_bytes
        if len(self.files) >= limits.MAX_SITE_FILES or self.size_bytes > limits.MAX_SITE_BYTES:
            raise DataError(
                N_("the site would have more than {files} files or {size} GB"),
                mend=N_("Serve so large a city with `mapserver serve`"),
                files=limits.MAX_SITE_FILES,
                size=limits.MAX_SITE_BYTES // 2**30,
            )
        path = self._folder / file
        # Names come from ids; one that leads out, or to a file that is there, is a fault of ours.
        if file in self.files or ".." in path.parts:
            raise AssertionError(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            out.writelines(pieces)
        self.files.add(file)
        self._progress(len(self.files))


def write_site(
    settings: Settings,
    out: Path,
    *,
    day: dt.date | None = None,
    progress: Callable[[int], Any] = lambda _: None,
) -> WrittenSite:
    """Write the public site of a city into a folder.

    Parameters
    ----------
    settings
        The city, its tiles, and in ``base_url`` the public address of the site. Without an address
        there are no canonical links, no site map, no codes on the posters, and no pictures beside
        links in messengers.
    out
        The folder. It may be there if it is empty or a site that was written before.
    day
        The day on which it is written; today in the city by default.
    progress
        Called with the number of files after each.

    Returns
    -------
    WrittenSite
        How many files, and what was left out.

    Raises
    ------
    DataError
        The folder holds something else; a page could not be made; the site would be too large;
        the disk is full. What was there before stays.

    Notes
    -----
    All is written into a draft beside ``out``, which then takes its place.
    """
    place = out.resolve()
    require_own_folder(place)
    app = create_app(settings)
    live = OneSnapshot(app.extensions["mapserver"])
    keep_served(settings, live.city, dt.datetime.now(dt.UTC))
    day = day or live.city.today()
    addresses = StaticAddresses(live.city, settings.base_url)
    app.extensions |= {"mapserver": live, "mapserver-addresses": addresses}
    # A mistake of ours is no missing page: it is raised, and nothing is written.
    app.config |= {"MAPSERVER_DAY": day, "PROPAGATE_EXCEPTIONS": True}
    app.register_error_handler(Exception, _hand_on)
    with draft_beside(place) as draft:
        folder = SiteFolder(draft, progress)
        try:
            findings, pages = crawl(app, folder.write)
            if backdrop := find_backdrop(live.city):
                folder.write_pieces(backdrop.name, backdrop.read_pieces(), backdrop.size_bytes)
            for layer, features in live.snapshot.features.items():
                collection_features = [
                    features.feature(position) for position in range(len(features))
                ]
                document = {"type": "FeatureCollection", "features": collection_features}
                folder.write(addresses.collection(layer), encode(document))
            write_for_hosts(app, folder.write, pages)
            marker = {"city": live.city.version, "day": day, "files": sorted(folder.files)}
            folder.write(MARKER, encode(marker))
            move_folder(draft, place)
        except OSError as error:
            raise DataError(
                N_("nothing can be written there: {reason}"),
                where=str(place.parent),
                mend=N_("Look whether the disk is full, and whether the folder may be written"),
                reason=str(error.strerror or error),
            ) from error
    if not settings.base_url:
        findings.append(_find_no_address())
    last_day = day + dt.timedelta(days=limits.DAYS_AHEAD - 1)
    words = live.city.catalog.words
    return WrittenSite(out, len(folder.files), folder.size_bytes, last_day, findings, words)


def _find_no_address() -> Finding:
    """Return the finding of a site whose address is not known: messengers take whole ones only."""
    return Finding(
        Severity.NOTE,
        "no-public-address",
        file="",
        what=N_("links to these pages have no picture in messengers, as their address is unknown"),
        mend=N_("Give the public address: --base-url https://host/path, or MAPSERVER_BASE_URL"),
    )


def _hand_on(error: Exception) -> NoReturn:
    """Raise what a page cannot foresee: a server answers 500 and goes on, a site is not written."""
    raise error


def require_own_folder(place: Path) -> None:
    """Require that a folder is not there, is empty, or holds a site of ours and nothing else.

    Raises
    ------
    DataError
        Something in it would be lost.
    """
    if not place.exists():
        return
    present = {place.name}
    if place.is_dir():
        files = (path for path in place.rglob("*") if path.is_symlink() or not path.is_dir())
        present = {path.relative_to(place).as_posix() for path in files}
    if foreign := sorted(present - _files_of_ours(place)):
        raise DataError(
            N_("{file} is no part of a site that was written before, and would be lost"),
            where=str(place),
            mend=N_("Name another folder, or move that file away"),
            file=foreign[0],
        )


def _files_of_ours(place: Path) -> set[str]:
    """Return the files that the marker of an earlier site lists; none where there is no marker."""
    try:
        return {MARKER, *json.loads((place / MARKER).read_bytes())["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
