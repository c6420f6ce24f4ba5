"""Scripts, styles and pictures of the map: as addresses on the server, as data elsewhere."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath

from mapserver.errors import N_, DataError

STATIC = Path(__file__).parents[1] / "web" / "static"
COMPANY = Path(__file__).parent / "company"
"""What a map in a notebook may need beside: never served."""

# What the map of a page loads: in one file each what maps of planners have in several, of Leaflet
# only the parts that residents use. hatch_build.py makes both.
MAP_SCRIPT, MAP_STYLE = "resident_map.js", "vendor/resident_map.css"
# What maps of planners need, to which anything of Leaflet's can be added, in the order of loading.
LEAFLET_SCRIPT, LEAFLET_STYLE = "vendor/leaflet.js", "vendor/leaflet.css"
PLANNER_STYLES = ("map.css", "planner.css")
# A control that shows where one is, cards and a legend.
PLANNER_SCRIPT = "planner.js"
LOCATE_SCRIPT, LOCATE_STYLE = "vendor/locate.js", "vendor/locate.css"

REBUILD = N_("Run `make serve` in the checkout, or install the package again")

SERVED = frozenset({".js", ".css", ".svg", ".png", ".txt"})
URL = re.compile(r"url\(['\"]?([^)\"':#]+)['\"]?\)")


@dataclass(frozen=True)
class Asset:
    """One static file.

    Attributes
    ----------
    name
        Its path below ``static/``.
    data
        Its bytes.
    """

    name: str
    data: bytes

    @property
    def mimetype(self) -> str:
        """Media type, with charset where it is text."""
        kind = mimetypes.guess_type(self.name)[0] or "application/octet-stream"
        return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind

    @cached_property
    def digest(self) -> str:
        """Digest of the bytes, which names this version in the address."""
        return hashlib.sha256(self.data).hexdigest()[:12]

    @property
    def url(self) -> str:
        """Address below the root of the site; it changes when the bytes do."""
        return f"static/{self.name}?v={self.digest}"

    @property
    def text(self) -> str:
        """The file as text."""
        return self.data.decode()

    @property
    def self_contained(self) -> str:
        """A style sheet that carries its pictures."""
        return URL.sub(self._inline_picture, self.text)

    @cached_property
    def data_url(self) -> str:
        """The file as an address that needs no server."""
        data = self.self_contained.encode() if self.name.endswith(".css") else self.data
        kind = self.mimetype.replace(" ", "")
        return f"data:{kind};base64,{base64.b64encode(data).decode()}"

    def _inline_picture(self, link: re.Match[str]) -> str:
        picture = PurePosixPath(self.name).parent / link[1]
        return f"url({asset(str(picture)).data_url})"


class Companion(Asset):
    """A file that is not served; the pictures of its style sheet lie beside it."""

    def _inline_picture(self, link: re.Match[str]) -> str:
        return f"url({companion(link[1]).data_url})"


@lru_cache
def assets() -> dict[str, Asset]:
    """Load every static file, by name.

    Raises
    ------
    DataError
        The libraries that npm brings are missing: this is a checkout that was never built.
    """
    names = sorted(
        path.relative_to(STATIC).as_posix()
        for path in STATIC.rglob("*")
        if path.suffix in SERVED and path.is_file()
    )
    needed = (MAP_SCRIPT, MAP_STYLE, LEAFLET_SCRIPT, LEAFLET_STYLE, LOCATE_SCRIPT, LOCATE_STYLE)
    missing = next((name for name in needed if name not in names), None)
    if missing is not None:
        raise DataError(
            N_("the file is missing"),
            where=f"mapserver/web/static/{missing}",
            mend=REBUILD,
        )
    return {name: Asset(name, (STATIC / name).read_bytes()) for name in names}


def asset(name: str) -> Asset:
    """Return one static file by its path below ``static/``."""
    return assets()[name]


def list_planner_scripts() -> list[Asset]:
    """List the scripts of a map in a notebook or a saved file, in the order of loading."""
    served = [asset(name) for name in (LEAFLET_SCRIPT, LOCATE_SCRIPT, "map.js")]
    return [*served, companion(PLANNER_SCRIPT)]


def list_planner_styles() -> list[Asset]:
    """List the style sheets of such a map."""
    return [asset(name) for name in (LOCATE_STYLE, LEAFLET_STYLE, *PLANNER_STYLES)]


@lru_cache
def companion(name: str) -> Companion:
    """Load a file that travels with maps in notebooks alone, by its name.

    Raises
    ------
    DataError
        It is not there: this is a checkout that was never built.
    """
    path = next(
        (file for file in (COMPANY / name, COMPANY / "vendor" / name) if file.is_file()), None
    )
    if path is None:
        raise DataError(
            N_("the file is missing"),
            where=f"mapserver/drawing/company/vendor/{name}",
            mend=REBUILD,
        )
    return Companion(name, path.read_bytes())
