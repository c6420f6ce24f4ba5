"""Asks the application for every page that a link leads to."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from mapserver.drawing import assets
from mapserver.errors import N_, DataError, MapserverError, MistakeError
from mapserver.text.findings import Finding, Severity
from mapserver.web.static_site.addresses import StaticAddresses
from mapserver.web.static_site.rewriting import PageRewriter

PARTS = frozenset({"sw.js", "onefile.css", "onefile.js"})
"""Static files that are parts of others: no page loads them by themselves."""

SEEDS = ("", "offline", "map")
"""Pages that no link leads to, and the one that all begin with."""

ONLY_IN_HEADERS = ("frame-ancestors",)
"""Parts of a content security policy that a page cannot say of itself."""

BACKDROP = re.compile(r"basemap-[0-9a-f]+\.pmtiles")

Write = Callable[[str, bytes], None]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site: where it is in the application, in which language, and its file."""

    path: str
    lang: str
    file: str


def crawl(app: Flask, write: Write) -> tuple[list[Finding], list[Page]]:
    """Write every file that can be reached from the first pages.

    Parameters
    ----------
    app
        An application whose addresses are static.
    write
        Writes a file, given by its path below the root of the site and its bytes.

    Returns
    -------
    findings : list of Finding
        Pages that the application does not give; no link leads to them.
    pages : list of Page
        The pages, for a site map.

    Raises
    ------
    DataError
        One of the first pages is not there, or a page could not be made.
    """
    crawler = _Crawler(app, write)
    languages = cast("StaticAddresses", app.extensions["mapserver-addresses"]).languages
    for lang in languages:
        for seed in SEEDS:
            address = f"{seed}?lang={lang}"
            if not crawler.has(address, lang):
                raise _not_made(address, crawler.statuses[address])
    for asset in assets.assets().values():  # some are named by scripts alone
        if asset.name not in PARTS:
            crawler.has(asset.url, languages[0])
    crawler.write_pages()
    return [_missing(address) for address in crawler.missing.values()], crawler.pages


class _Crawler:
    """Asks for each address once; files are written at once, pages when their turn comes."""

    def __init__(self, app: Flask, write: Write) -> None:
        self.missing: dict[str, str] = {}
        self.statuses: dict[str, int] = {}
        self.pages: list[Page] = []
        self._client = app.test_client()
        self._addresses = cast("StaticAddresses", app.extensions["mapserver-addresses"])
        self._write = write
        self._known: set[str] = set()
        self._waiting: deque[tuple[str, str, str]] = deque()

    def has(self, address: str, lang: str) -> bool:
        """Return whether the application answers at an address; the answer becomes a file.

        Parameters
        ----------
        address
            Path without a leading slash, quoted, with its query.
        lang
            Language of the page that leads there.

        Raises
        ------
        DataError
            The application failed over it: a site without this page must not take the place of
            one that has it.
        """
        file = unquote(self._addresses.below_root(address, lang).partition("?")[0])
        if file in self._known:
            return file not in self.missing
        self._known.add(file)
        if BACKDROP.fullmatch(file):
            return True  # it may be too large for one answer: `write_site` copies it
        response = self._ask(address, lang)
        if response.status_code != HTTPStatus.OK:
            self.missing[file] = address
            self.statuses[address] = response.status_code
            return False
        # A page with a policy of its own is a file to be kept: it links to nothing.
        if response.mimetype == "text/html" and not file.startswith("files/"):
            # It is asked for again when it is written, so that not all are in memory at once.
            self._waiting.append((address, lang, file))
            return True
        self._write(file, response.get_data())
        if response.mimetype == "text/css":
            for picture in assets.URL.findall(response.get_data(as_text=True)):
                if not picture.startswith("data:"):
                    self.has(urljoin(address, picture), lang)
        return True

    def write_pages(self) -> None:
        """Write the pages that are waiting, and those that they lead to."""
        while self._waiting:
            address, from_lang, file = self._waiting.popleft()
            query = dict(parse_qsl(urlsplit(address).query))
            lang = query.get("lang", from_lang)
            response = self._ask(address, from_lang)
            if response.status_code != HTTPStatus.OK:  # it was there when a link was found
                raise _not_made(address, response.status_code)
            policy = page_policy(response)
            rewriter = PageRewriter(address, lang, self._addresses, policy, self.has)
            page = rewriter.rewrite(response.get_data(as_text=True))
            self._write(file, page.encode())
            self.pages.append(Page(unquote(urlsplit(address).path), lang, file))

    def _ask(self, address: str, lang: str) -> TestResponse:
        return ask(self._client, address, lang)


def ask(client: FlaskClient, address: str, lang: str) -> TestResponse:
    """Ask the application for a page.

    Parameters
    ----------
    client
        Of an application that hands on what it cannot foresee.
    address
        Path without a leading slash, quoted, with its query.
    lang
        Language in which it is asked.

    Raises
    ------
    DataError
        The application failed over it. A :class:`MistakeError` where our own code is wrong.
    """
    try:
        response = client.get(f"/{address}", headers={"Accept-Language": lang})
    except MapserverError as error:
        raise _not_made(address, error) from error
    except OSError as error:
        raise _not_made(address, error.strerror or str(error)) from error
    except Exception as error:
        raise MistakeError(
            N_("this program made a mistake over the page {address} ({reason})"),
            mend=N_("Tell those who make this program; no site was written, --debug shows more"),
            address=f"/{address}",
            reason=f"{type(error).__name__}: {error}",
        ) from error
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise _not_made(address, response.status_code)
    return response


def _not_made(address: str, reason: MapserverError | str | int) -> DataError:
    return DataError(
        N_("the page {address} could not be made, so no site is written: {reason}"),
        mend=N_("Look at what mapserver check says of the city; an earlier site is as it was"),
        address=f"/{unquote(address)}",
        reason=reason,
    )


def page_policy(response: TestResponse) -> str:
    """Return the content security policy of an answer, as far as a page can say it of itself."""
    parts = response.headers["Content-Security-Policy"].split("; ")
    return "; ".join(part for part in parts if not part.startswith(ONLY_IN_HEADERS))


def _missing(address: str) -> Finding:
    return Finding(
        Severity.WARNING,
        "page-missing",
        file="",
        what=N_("there is no page at {address}, and no link to it"),
        mend=N_("Give the feature an id of letters, digits and hyphens"),
        values={"address": unquote(address)},
    )
