"""What the operator can set: read from the environment and one file, checked at start."""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from mapserver.errors import N_, SettingsError
from mapserver.settings import limits
from mapserver.settings.folders import CACHE, require_outside
from mapserver.settings.folders import expand_home as expand_home
from mapserver.settings.lines import read_line
from mapserver.settings.networks import LOOPBACK as LOOPBACK
from mapserver.settings.networks import Network as Network
from mapserver.settings.networks import read_networks
from mapserver.settings.rate import Rate as Rate
from mapserver.settings.secret import read_secret
from mapserver.settings.settings_file import read_settings_file
from mapserver.settings.store import read_store

log = logging.getLogger("mapserver")

OSM_TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
OSM_ATTRIBUTION = "© OpenStreetMap contributors"

LARGE_ROWS = 200_000
"""Rows of a layer without a role beyond which it stays in the database: some 200 MB of memory."""

PREFIX = "MAPSERVER_"
FILE = "MAPSERVER_SETTINGS"
"""The variable that names the file of settings."""
OTHER_VARIABLES = (FILE, CACHE, "MAPSERVER_TEST_DATA", "MAPSERVER_TEST_POSTGIS")
LOGS = ("text", "json", "errors")
SIMILARITY = 0.75
"""How alike an unknown name must be to one that is known to pass for a slip of the fingers."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the city is and how it is served.

    Each can be set in the environment (``MAPSERVER_CITY``) and in the file of settings (``city``);
    the environment wins, and an option of the command line wins over both.

    Attributes
    ----------
    city
        The city folder; in the file of settings it may be relative to that file.
    store
        The address of a database that holds the city, in place of a folder; empty for none. It
        may hold a password, so nothing shows it.
    large_rows
        A layer without a role that has more rows in a database stays there, and is asked there.
    host, port
        Where the server listens.
    workers
        Processes of the server; ``None`` for as many as suit the machine.
    tile_url
        Template of the background tiles with ``{z}``, ``{x}``, ``{y}``; empty for none: the map
        then stands on its own backdrop.
    tile_attribution
        Credit shown while tiles are, as plain text.
    base_url
        Public address of the site without a trailing slash; empty means that links follow the
        address of the request.
    trusted_proxies
        Networks of the proxies whose ``X-Forwarded-*`` headers are heard; of nobody else's.
    metrics_for
        Networks that may read ``/metrics``.
    log
        How the log is written: ``text``, ``json``, or ``errors`` where a proxy notes requests.
    releases
        A folder outside of the city in which earlier states of it are kept; None for none.
    releases_kept
        How many of them are kept.
    page_rate, api_rate
        Requests a second that one address may make, of pages with all that they load and of the
        API; 0 for as many as it likes.
    page_burst, api_burst
        Requests that it may make at once; 0 for those of so many seconds as suit most.
    secret_key
        What codes for those who inspect trails are made of; empty for none: nobody writes then.
    """

    city: Path = Path()
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int | None = None
    tile_url: str = OSM_TILES
    tile_attribution: str = OSM_ATTRIBUTION
    base_url: str = ""
    trusted_proxies: tuple[Network, ...] = ()
    metrics_for: tuple[Network, ...] = LOOPBACK
    log: str = "text"
    releases: Path | None = None
    releases_kept: int = 50
    page_rate: int = 0
    page_burst: int = 0
    api_rate: int = 0
    api_burst: int = 0
    secret_key: str = field(default="", repr=False)
    store: str = field(default="", repr=False)
    large_rows: int = LARGE_ROWS

    @property
    def page_limit(self) -> Rate | None:
        """How often one client may ask for pages; None for as often as it likes."""
        return _make_rate(self.page_rate, self.page_burst)

    @property
    def api_limit(self) -> Rate | None:
        """How often one client may ask the API; None for as often as it likes."""
        return _make_rate(self.api_rate, self.api_burst)

    @property
    def tile_origin(self) -> str:
        """Scheme and host of the tiles, which the content security policy must allow."""
        parts = urlsplit(self.tile_url)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

    @classmethod
    def from_environment(
        cls,
        environ: Mapping[str, str] = os.environ,
        *,
        city: Path | None = None,
        file: Path | None = None,
    ) -> Settings:
        """Read the settings; a ``city`` and a ``file`` given on the command line win.

        Raises
        ------
        SettingsError
            A setting has a value that cannot work, or a key of the file or a variable is misspelt.
        """
        _check_variables(environ)
        settings_file = file or (expand_home(environ[FILE], FILE) if environ.get(FILE) else None)
        raw = read_settings_file(settings_file) if settings_file else {}
        _check_keys(raw)
        # Nothing is no city, host or number, but it is a way to switch tiles off.
        raw |= {
            key: (environ[name_variable(key)], name_variable(key))
            for key in READERS
            if name_variable(key) in environ
            and (key in EMPTY_MEANS_NONE or environ[name_variable(key)])
        }
        settings = {key: READERS[key](value, where) for key, (value, where) in raw.items()}
        # Folders that the file names may be relative to it.
        for key in ("city", "releases"):
            is_of_file = key in raw and raw[key][1] != name_variable(key)
            if settings_file and is_of_file and settings[key]:
                settings[key] = settings_file.parent / settings[key]
        if city is not None:
            # A folder that is named on the command line wins over a database of the environment.
            settings |= {"city": city, "store": ""}
        releases, where = settings.get("releases"), name_variable("releases")
        require_outside(releases, settings.get("city", Path()), where)
        # The credit of OpenStreetMap is not that of other tiles.
        if settings.get("tile_url", OSM_TILES) != OSM_TILES:
            settings.setdefault("tile_attribution", "")
        return cls(**settings)

    @property
    def lacks_tile_credit(self) -> bool:
        """Whether the map shows tiles without a credit: whose they are is not ours to guess."""
        return bool(self.tile_url) and not self.tile_attribution.strip()

    def log_missing_credit(self) -> None:
        """Write into the log that tiles lack the credit that most licences ask for."""
        if self.lacks_tile_credit:
            log.warning(
                "tile_attribution is empty: the map shows tiles of %s without their credit",
                self.tile_origin,
            )


def _make_rate(per_s: int, burst: int) -> Rate | None:
    return Rate(per_s, burst or per_s * limits.USUAL_BURST_S) if per_s else None


def name_variable(key: str) -> str:
    """Return the name of the environment variable of a setting."""
    return f"{PREFIX}{key.upper()}"


def _check_variables(environ: Mapping[str, str]) -> None:
    """Refuse variables that look like a misspelt one of ours, and log others with our prefix."""
    known_variables = {*map(name_variable, READERS), *OTHER_VARIABLES}
    for name in sorted(environ):
        if not name.upper().startswith(PREFIX) or name in known_variables:
            continue
        variables_by_tail = {key.removeprefix(PREFIX): key for key in known_variables}
        tail = name.upper().removeprefix(PREFIX)
        if match := difflib.get_close_matches(tail, variables_by_tail, n=1, cutoff=SIMILARITY):
            raise SettingsError(
                N_("there is no such setting"),
                where=name,
                mend=N_("Did you mean {near}? Settings are: {choices}"),
                near=variables_by_tail[match[0]],
                choices=", ".join(map(name_variable, READERS)),
            )
        # Kubernetes, for one, sets MAPSERVER_SERVICE_HOST for a service of this name.
        log.warning("%s is not a setting of mapserver, and nothing is done with it", name)


def _check_keys(raw: Mapping[str, tuple[Any, str]]) -> None:
    for key, (_, where) in raw.items():
        if key in READERS:
            continue
        tail = key.lower().replace("-", "_").removeprefix(PREFIX.lower())
        match = difflib.get_close_matches(tail, READERS, n=1, cutoff=SIMILARITY)
        raise SettingsError(
            N_("there is no such setting"),
            where=where,
            mend=N_("Did you mean {near}? Settings are: {choices}")
            if match
            else N_("Settings are: {choices}"),
            near=match[0] if match else "",
            choices=", ".join(READERS),
        )


# -- one value -----------------------------------------------------------------------------------


def _read_city(value: Any, where: str) -> Path:
    return expand_home(read_line(value, where) or ".", where)


def _read_releases(value: Any, where: str) -> Path | None:
    return expand_home(text, where) if (text := read_line(value, where)) else None


def _read_host(value: Any, where: str) -> str:
    host = read_line(value, where).removeprefix("[").removesuffix("]")
    # One colon would be a port behind the address; an IPv6 address has two at least.
    if not host or set(host) & set(" /,;[]'\"") or host.count(":") == 1:
        raise SettingsError(
            N_("{value} is no address to listen on"),
            where=where,
            mend=N_("Write one without a port, as 127.0.0.1, ::1 or 0.0.0.0 for all"),
            value=repr(value),
        )
    return host


def _read_whole_number(smallest: int, largest: int) -> Callable[[Any, str], int]:
    def read_number(value: Any, where: str) -> int:
        text = value.strip() if isinstance(value, str) else ""
        # Ten digits are enough for all numbers here; int() refuses those of thousands.
        if text.isascii() and text.isdecimal() and len(text) <= 10:
            number: Any = int(text)
        else:
            number = value
        # True is a whole number to Python, but to nobody else.
        if (
            not isinstance(number, int)
            or isinstance(number, bool)
            or not smallest <= number <= largest
        ):
            raise SettingsError(
                N_("{value} is no whole number from {least} to {most}"),
                where=where,
                mend=N_("Write one, as {least}"),
                value=repr(value)[:40],
                least=smallest,
                most=largest,
            )
        return number

    return read_number


def _read_tile_url(value: Any, where: str) -> str:
    url = read_line(value, where)
    parts = _split_address(url)
    # Spaces, commas and quotes would end the source in the content security policy.
    is_complete = all(mark in url for mark in ("{z}", "{x}", "{y}"))
    is_plain = not set(parts.netloc) & set(" ;,{}'\"")
    if url and not (_is_web(parts) and is_plain and is_complete):
        raise SettingsError(
            N_("{url} is not the address of map tiles"),
            where=where,
            mend=N_("Write https://host/path/{{z}}/{{x}}/{{y}}.png, or leave it empty for none"),
            url=repr(url),
        )
    return url


def _read_base_url(value: Any, where: str) -> str:
    url = read_line(value, where).rstrip("/")
    parts = _split_address(url)
    # It stands before every link of the site, so it has no query, and no password.
    is_plain = not set(url) & set(" <>\"'\\{}") and not parts.query and not parts.fragment
    if url and not (_is_web(parts) and is_plain and "@" not in parts.netloc):
        raise SettingsError(
            N_("{url} is not a web address"),
            where=where,
            mend=N_("Write it as https://host or https://host/path"),
            url=repr(url),
        )
    return url


def _read_log(value: Any, where: str) -> str:
    text = read_line(value, where)
    if text not in LOGS:
        raise SettingsError(
            N_("{value} is no form of a log"),
            where=where,
            mend=N_("Choose from: {choices}"),
            value=repr(value),
            choices=", ".join(LOGS),
        )
    return text


def _split_address(url: str) -> SplitResult:
    """Split an address; one that has no parts (``http://[``, port 99999) has none of them."""
    try:
        parts = urlsplit(url)
        # urlsplit looks at the port only when it is asked for.
        _ = parts.port
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def _is_web(parts: SplitResult) -> bool:
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


READERS: dict[str, Callable[[Any, str], Any]] = {
    "city": _read_city,
    "host": _read_host,
    "port": _read_whole_number(1, 65_535),
    "workers": _read_whole_number(1, limits.MAX_SET_WORKERS),
    "tile_url": _read_tile_url,
    "tile_attribution": read_line,
    "base_url": _read_base_url,
    "trusted_proxies": read_networks,
    "metrics_for": read_networks,
    "log": _read_log,
    "releases": _read_releases,
    "releases_kept": _read_whole_number(2, limits.MAX_SET_RELEASES),
    "page_rate": _read_whole_number(0, limits.MAX_RATE_PER_S),
    "page_burst": _read_whole_number(0, limits.MAX_RATE_PER_S * limits.USUAL_BURST_S),
    "api_rate": _read_whole_number(0, limits.MAX_RATE_PER_S),
    "api_burst": _read_whole_number(0, limits.MAX_RATE_PER_S * limits.USUAL_BURST_S),
    "secret_key": read_secret,
    "store": read_store,
    "large_rows": _read_whole_number(0, limits.MAX_SET_LARGE_ROWS),
}
"""What reads each setting: it takes a value and where it stands, and checks it."""

EMPTY_MEANS_NONE = frozenset(
    {
        *("tile_url", "tile_attribution", "base_url", "trusted_proxies", "metrics_for"),
        *("releases", "secret_key", "store"),
    }
)
"""Settings whose variable may be set to nothing; others are not set then."""
