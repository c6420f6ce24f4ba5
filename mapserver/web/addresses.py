"""Where the pages are: on a server by path and ``?lang=``, in files by name."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from flask import Flask, abort, current_app, request
from werkzeug.sansio.utils import get_host

if TYPE_CHECKING:
    from flask import Request
    from werkzeug.routing import MapAdapter

HOST = re.compile(
    r"([a-z0-9._-]{1,253}|\[(?P<ipv6>[0-9a-f:.]{2,45})\])(:(?P<port>[1-9][0-9]{0,4}))?",
    re.ASCII | re.IGNORECASE,
)
"""A host with or without a port, which is a plain number: browsers have no ``:080`` and no ``:0``.

Names with an underscore are none of DNS's hosts (RFC 952), but Docker gives them to its services.
"""
LAST_PORT = 65535
DEFAULT_PORTS = {"http": ":80", "https": ":443"}
"""Ports that addresses leave out."""


class Addresses:
    """The addresses of a server: a path, and the language as a parameter."""

    is_static = False
    """Whether the pages are files, which no server makes anew each day."""

    def below_root(self, address: str, lang: str) -> str:  # noqa: ARG002 -- of files
        """Return where an address of the application is, relative to the root of the site.

        Parameters
        ----------
        address
            Path of the application without a leading slash, quoted, with its query.
        lang
            Language of the page that it is written for.
        """
        return address

    def page(self, path: str, lang: str) -> str:
        """Return where a page is in a language, relative to the root of the site."""
        return self.below_root(f"{path}?lang={lang}", lang)

    def public(self, path: str, lang: str, root: str) -> str:
        """Return the whole address of a page, as a poster has it.

        Parameters
        ----------
        path
            Path of the application without a leading slash, quoted.
        lang
            Its language.
        root
            The address of the site without a trailing slash.

        Returns
        -------
        str
            Empty where the address of the site is not known.
        """
        return f"{root}/{self.page(path, lang)}"


def addresses() -> Addresses:
    """Return the addresses of the application that answers the current request."""
    return cast("Addresses", current_app.extensions["mapserver-addresses"])


class SiteApp(Flask):
    """An application that knows by which name it is called, also where werkzeug does not.

    Werkzeug takes a name with an underscore for none, and would write links without a host.
    """

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Make what finds routes, and writes where a client is sent on to."""
        adapter = super().create_url_adapter(request)
        if request is not None and adapter is not None and not request.host:
            request.host = write_host(request.scheme, request.environ.get("HTTP_HOST", ""))
            adapter.server_name = request.host.lower()
        return adapter


@lru_cache(maxsize=64)
def is_host(text: str) -> bool:
    """Return whether a text is a host; a server has a few names, and most requests one of them."""
    match = HOST.fullmatch(text)
    if match is None or int(match["port"] or 1) > LAST_PORT:
        return False
    if match["ipv6"] is None:
        return True
    try:
        ipaddress.IPv6Address(match["ipv6"])
    except ValueError:
        return False
    return True


def write_host(scheme: str, host: str) -> str:
    """Write a host as links have it: without the port that its scheme has by default.

    Parameters
    ----------
    scheme
        ``http`` or ``https``.
    host
        Of a request, checked at the entrance (:func:`is_host`).
    """
    return get_host(scheme, host) or host.removesuffix(DEFAULT_PORTS.get(scheme, ":"))


def require_host() -> None:
    """Check the name by which a client calls this host, before it stands in any link.

    Its form has been checked at the entrance (:func:`is_host`).

    Raises
    ------
    BadRequest
        It begins with xn-- and is no name in Punycode.
    """
    try:
        _ = request.url_root
    except ValueError:
        abort(400, "Host: this is not the name of a host; send one name, with a port at most")
