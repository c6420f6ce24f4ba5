"""Folders that a setting names: written out, and not one within another."""

from __future__ import annotations

import os
from pathlib import Path

from mapserver.errors import N_, SettingsError


def expand_home(path: str | Path) -> Path:
    """Write out the ``~`` that a path begins with; a user whom nobody knows stays as it is.

    Raises
    ------
    SettingsError
        It is no path.
    """
    if not isinstance(path, str | os.PathLike):
        raise SettingsError(
            N_("{value} is no path"),
            mend=N_('Give the name of a file or folder in quotation marks, as "layers/a.geojson"'),
            value=repr(path),
        )
    return Path(os.path.expanduser(path))  # noqa: PTH111 -- pathlib's raises for such a user


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
