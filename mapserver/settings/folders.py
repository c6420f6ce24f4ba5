"""Folders that a setting names: written out, and not one within another."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from mapserver.errors import N_, SettingsError
from mapserver.settings.store import require_no_address


def expand_home(path: str | Path, where: str = "") -> Path:
    """Write out the ``~`` that a path begins with; a user whom nobody knows stays as it is.

    Parameters
    ----------
    path
        As somebody has named it.
    where
        Where it was named: a setting, or nothing.

    Raises
    ------
    SettingsError
        It is no path, or the address of a database, which no message is to repeat.
    """
    if not isinstance(path, str | os.PathLike):
        raise SettingsError(
            N_("{value} is no path"),
            mend=N_('Give the name of a file or folder in quotation marks, as "layers/a.geojson"'),
            value=repr(path),
        )
    require_no_address(path, where)
    return Path(os.path.expanduser(path))  # noqa: PTH111 -- pathlib's raises for such a user


CACHE = "MAPSERVER_CACHE"
"""The variable that names the folder of the cache."""


def find_cache_folder(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Find the folder for what can be made anew, such as indexes of large layers.

    Returns
    -------
    Path or None
        That of ``MAPSERVER_CACHE``, else one in the cache folder of this user, as the system has
        it; None where the variable is empty, or the user has no home. It need not be there.
    """
    chosen = environ.get(CACHE)
    if chosen is not None:
        return expand_home(chosen, CACHE) if chosen.strip() else None
    try:
        if sys.platform == "win32":
            local = environ.get("LOCALAPPDATA", "")
            base = Path(local) if local else Path.home() / "AppData" / "Local"
            return base / "mapserver" / "Cache"
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Caches" / "mapserver"
        # A relative path is to be ignored (XDG Base Directory Specification 0.8).
        given = Path(environ.get("XDG_CACHE_HOME", ""))
        return (given if given.is_absolute() else Path.home() / ".cache") / "mapserver"
    except RuntimeError:  # a user without a home
        return None


def require_outside(releases: Path | None, city: Path, where: str) -> None:
    """Refuse to keep earlier states of a city inside of it.

    Parameters
    ----------
    releases
        The folder of earlier states; None where there is none.
    city
        The city folder.
    where
        The setting that names the first.

    Raises
    ------
    SettingsError
        The first lies in the second.
    """
    if releases is not None and releases.resolve().is_relative_to(city.resolve()):
        raise SettingsError(
            N_("{path} lies inside of the city folder"),
            where=where,
            mend=N_("Name a folder outside of it, as /var/lib/maenballo/releases"),
            path=repr(str(releases)),
        )
