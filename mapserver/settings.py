"""What the operator can set: read once from the environment, checked at start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from mapserver.errors import N_, SettingsError

OSM_TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
OSM_ATTRIBUTION = "© OpenStreetMap contributors"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the city is and how it is served.

    Attributes
    ----------
    city
        The city folder (``MAPSERVER_CITY``).
    tile_url
        Template of the background tiles with ``{z}``, ``{x}``, ``{y}`` (``MAPSERVER_TILE_URL``);
        empty for none: the map then stands on its own backdrop.
    tile_attribution
        Credit shown while tiles are (``MAPSERVER_TILE_ATTRIBUTION``), as plain text.
    base_url
        Public address of the site without a trailing slash (``MAPSERVER_BASE_URL``); empty means
        that links follow the address of the request.
    """

    city: Path = Path()
    tile_url: str = OSM_TILES
    tile_attribution: str = OSM_ATTRIBUTION
    base_url: str = ""

    @property
    def tile_origin(self) -> str:
        """Scheme and host of the tiles, which the content security policy must allow."""
        parts = urlsplit(self.tile_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str] = os.environ, *, city: Path | None = None
    ) -> Settings:
        """Read the settings; a ``city`` given on the command line wins.

        Raises
        ------
        SettingsError
            A variable has a value that cannot work.
        """
        tile_url = environ.get("MAPSERVER_TILE_URL", OSM_TILES).strip()
        default_credit = OSM_ATTRIBUTION if tile_url == OSM_TILES else ""
        return cls(
            city=city or expand_home(environ.get("MAPSERVER_CITY") or "."),
            tile_url=_tile_url(tile_url),
            tile_attribution=environ.get("MAPSERVER_TILE_ATTRIBUTION", default_credit).strip(),
            base_url=_base_url(environ.get("MAPSERVER_BASE_URL", "").strip().rstrip("/")),
        )


def _tile_url(url: str) -> str:
    parts = urlsplit(url)
    complete = all(mark in url for mark in ("{z}", "{x}", "{y}"))
    plain = not set(parts.netloc) & set(" ;,{}'\"")
    if url and not (parts.scheme in {"http", "https"} and parts.netloc and plain and complete):
        raise SettingsError(
            N_("{url} is not the address of map tiles"),
            where="MAPSERVER_TILE_URL",
            mend=N_("Write https://host/path/{{z}}/{{x}}/{{y}}.png, or leave it empty for none"),
            url=repr(url),
        )
    return url


def _base_url(url: str) -> str:
    parts = urlsplit(url)
    if url and not (parts.scheme in {"http", "https"} and parts.netloc):
        raise SettingsError(
            N_("{url} is not a web address"),
            where="MAPSERVER_BASE_URL",
            mend=N_("Write it as https://host or https://host/path"),
            url=repr(url),
        )
    return url


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
