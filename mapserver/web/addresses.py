"""Where the pages are: on a server by path and ``?lang=``, in files by name."""

from __future__ import annotations

import re
from typing import cast

from flask import abort, current_app, request

HOST = re.compile(r"([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(:[0-9]{1,5})?", re.IGNORECASE)


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


def require_host() -> None:
    """Check the name by which a client calls this host, before it stands in any link.

    Its form has been checked at the entrance (:data:`HOST`).

    Raises
    ------
    BadRequest
        It begins with xn-- and is no name in Punycode.
    """
    try:
        _ = request.url_root
    except ValueError:
        abort(400, "Host: this is not the name of a host; send one name, with a port at most")
