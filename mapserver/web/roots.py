"""Whole addresses in pages that are kept for all: where the site is, the request alone may know."""

from __future__ import annotations

from html import escape

ROOT = "https://root.invalid"
"""Stands in pages for the address of the site where only a request knows it (RFC 2606)."""


def lacks_root(page: bytes) -> bool:
    """Return whether a page waits for the address of the site."""
    return ROOT.encode() in page


def write_root(page: bytes, root: str) -> bytes:
    """Write the address of the site into a page.

    Parameters
    ----------
    page
        A page with :data:`ROOT`.
    root
        The address as a request has it, without a trailing slash.
    """
    return page.replace(ROOT.encode(), escape(root).encode())
