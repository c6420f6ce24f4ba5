"""Which file each address of the application becomes."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from mapserver.model import ROLES, Snapshot, list_programmes, make_slug
from mapserver.settings import limits
from mapserver.web.addresses import Addresses

DOWNLOADS = ("gpx", "kml", "geojson", "svg")

ONE_FOR_ALL = re.compile(
    r"static/.+|(?:map|days)-[0-9a-f-]+\.\w+\.js|shops-[0-9a-f]+\.\w+\.json|basemap-[0-9a-f]+\.pmtiles"
    r"|manifest\.\w+\.webmanifest|sw\.js|robots\.txt|sitemap\.xml|_headers"
)
"""Addresses that are the same in every language, or that carry it in their name."""

INDEX = re.compile(r"(?<![^/])index\.html$")
SAFE_NAME = re.compile(r"\w(?:[\w.-]*[\w-])?")
RESERVED = frozenset(
    [
        "index",
        "con",
        "prn",
        "aux",
        "nul",
        *(f"{port}{n}" for port in ("com", "lpt") for n in range(10)),
    ]
)
"""Names with a meaning of their own, on web hosts or in Windows."""


class StaticAddresses(Addresses):
    """The files of a static site.

    Parameters
    ----------
    city
        The city, whose ids become names of files.
    base_url
        The public address of the site without a trailing slash; empty where it is not known.
    """

    is_static = True

    def __init__(self, city: Snapshot, base_url: str) -> None:
        self._city = city
        self.languages = city.catalog.page_languages
        self.base_url = base_url

    def below_root(self, address: str, lang: str) -> str:
        """Return the address of the file that an address of the application becomes."""
        parts = urlsplit(address)
        query = dict(parse_qsl(parts.query))
        file = self.file_of(unquote(parts.path), query, lang)
        query_left = {name: value for name, value in query.items() if name not in {"lang", "v"}}
        if parts.path == "board":
            query_left.pop("area", None)
        return quote(file) + (f"?{urlencode(query_left)}" if query_left else "")

    def public(self, path: str, lang: str, root: str) -> str:  # noqa: ARG002 -- of servers
        """Return the whole address of a page; empty where that of the site is not known."""
        if not self.base_url:
            return ""
        file = self.page(path, lang)
        # The address of a folder is shorter, and every host answers it with its index.
        return f"{self.base_url}/{INDEX.sub('', file)}"

    def file_of(self, path: str, query: Mapping[str, str], lang: str) -> str:
        """Return the file that an address becomes.

        Parameters
        ----------
        path
            Path of the application without a leading slash, not quoted.
        query
            Its query: ``lang``, ``v`` of a static file and ``area`` of the board choose a file.
        lang
            The language where the query names none.

        Returns
        -------
        str
            Path below the root of the site, not quoted.
        """
        if path.startswith("static/") and query.get("v"):
            # Not every CDN minds the query, so what is kept for ever is named by its content.
            plain = PurePosixPath(path)
            return str(plain.with_name(f"{plain.stem}.{query['v']}{plain.suffix}"))
        if ONE_FOR_ALL.fullmatch(path):
            return path
        if path.startswith("cards/"):
            return self._card_file(path)
        lang = query.get("lang", lang)
        folder = "" if lang == self.languages[0] else f"{lang}/"
        return folder + self._page_file(path, query)

    def _page_file(self, path: str, query: Mapping[str, str]) -> str:
        head, _, id_path = path.partition("/")
        if head in self.names and id_path:
            return self._trail_file(id_path) if head == "trails" else self._area_file(head, id_path)
        if path in {"changes.csv", "changes.atom", "statistics.csv"}:
            return path
        if path == "" or path.endswith("/"):
            return f"{path}index.html"
        if path == "map.html":
            return "files/map.html"
        if path == "board" and (area := query.get("area")):
            return f"board/{self._name('neighborhoods', area)}.html"
        return f"{path}.html"

    def _card_file(self, path: str) -> str:
        """Return the file of a picture of a page: its address ends in folder and id."""
        stem, dot, suffix = path.rpartition(".")
        is_outline = path.startswith("cards/outline")
        *head, name = stem.split("/", 3 if is_outline else 4)
        # The picture of the whole city has no folder.
        if len(head) == (3 if is_outline else 4):
            name = self._name(head[-1], name)
        return "/".join((*head, f"{name}{dot}{suffix}"))

    def _area_file(self, folder: str, id_path: str) -> str:
        if (
            folder == "neighborhoods"
            and id_path.endswith(".html")
            and id_path not in self.names[folder]
        ):
            return f"files/neighborhoods/{self._name(folder, id_path.removesuffix('.html'))}.html"
        return f"{folder}/{self._name(folder, id_path)}.html"

    def _trail_file(self, id_path: str) -> str:
        id_, _, part = id_path.partition("/")
        folder = f"trails/{self._name('trails', id_)}"
        if part == "photo":
            photo = self._city.photos.get(id_)
            suffix = photo.path.suffix.lower() if photo else ""
            return f"{folder}/photo{suffix}"
        if part:
            return f"{folder}/{part}.html"
        stem, _, suffix = id_.rpartition(".")
        # An id may itself end like a file: then it is the page.
        if suffix in DOWNLOADS and id_ not in self.names["trails"]:
            return f"trails/{self._name('trails', stem)}.{suffix}"
        return f"{folder}.html"

    def _name(self, folder: str, id_: str) -> str:
        name = self.names.get(folder, {}).get(id_)
        return name or make_names([id_])[id_]

    @cached_property
    def names(self) -> dict[str, dict[str, str]]:
        """Names of files by folder and id."""
        names = {}
        for role in reversed(ROLES.values()):
            if not role.row.has_pages:
                continue
            layer = self._city.layer_of(role)
            ids = [] if layer is None else [str(id_) for id_ in self._city.layers[layer].index]
            names[str(role)] = make_names(ids)
        programmes = list_programmes(self._city.ledgers.get("programmes"))
        return names | {"help": make_names(programme.id for programme in programmes)}

    def collection(self, layer: str) -> str:
        """Return the file of all features of a layer."""
        return f"api/collections/{make_names([layer])[layer]}.geojson"

    @property
    def renamed(self) -> dict[str, str]:
        """Ids that cannot be names of files, as ``FOLDER/ID``, with the names they have instead."""
        return {
            f"{folder}/{id_}": name
            for folder, names in self.names.items()
            for id_, name in names.items()
            if name != id_
        }


def make_names(ids: Iterable[str]) -> dict[str, str]:
    """Make names of files from ids: the id itself where it can be one on every system.

    Examples
    --------
    >>> make_names(["chipyeong", "금호1동", "a/b"])
    {'chipyeong': 'chipyeong', '금호1동': '금호1동', 'a/b': 'a-b-c14cddc033'}
    """
    texts = list(ids)
    # Two ids that differ in case alone are one file in Windows and on a Mac.
    alike = Counter(_fold_case(id_) for id_ in texts)
    return {
        id_: id_ if _is_name(id_) and alike[_fold_case(id_)] == 1 else _hash_name(id_)
        for id_ in texts
    }


def _fold_case(id_: str) -> str:
    return unicodedata.normalize("NFC", id_).casefold()


def _is_name(id_: str) -> bool:
    is_short = len(id_.encode()) <= limits.MAX_FILE_NAME_BYTES
    is_composed = unicodedata.is_normalized("NFC", id_)
    return (
        is_short
        and is_composed
        and SAFE_NAME.fullmatch(id_) is not None
        and _fold_case(id_).partition(".")[0] not in RESERVED
    )


def _hash_name(id_: str) -> str:
    digest = hashlib.sha256(id_.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return "-".join(filter(None, (make_slug(id_), digest)))
