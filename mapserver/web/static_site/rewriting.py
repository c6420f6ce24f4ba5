"""Pages of the application as files: every link leads to a file, the policy stands in the page."""

from __future__ import annotations

import html
import json
import posixpath
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import quote, unquote, urljoin, urlsplit

from mapserver.web.static_site.addresses import StaticAddresses

LINKS = frozenset(
    [
        "href",
        "src",
        "srcset",
        "data-shops",
        "data-cluster-script",
        "data-cluster-style",
        "data-worker",
        "data-backdrop",
        "data-tiles",
    ]
)
"""Attributes that hold an address."""

SHARED = frozenset(["og:url", "og:image", "twitter:image"])
"""Names of ``<meta>`` elements whose content is an address."""

HERE = "http://site.invalid/"
"""Stands for the application while an address is resolved; no host has this name (RFC 2606)."""


class PageRewriter(HTMLParser):
    """Writes a page of the application as a file.

    Parameters
    ----------
    address
        Path and query of the page in the application, without a leading slash, quoted.
    lang
        Its language.
    addresses
        Where everything is.
    policy
        Content security policy of the page, for a ``<meta>`` element.
    has_page
        Answers whether an address of the application can be followed.
    prefix
        What links begin with; by default they are relative to the page.
    """

    def __init__(  # noqa: PLR0913 -- what a page depends on
        self,
        address: str,
        lang: str,
        addresses: StaticAddresses,
        policy: str,
        has_page: Callable[[str, str], bool],
        *,
        prefix: str | None = None,
    ) -> None:
        super().__init__(convert_charrefs=False)
        self._lang = lang
        self._addresses = addresses
        self._base_url = addresses.base_url
        self._prefix = prefix
        self._policy = policy
        self._has_page = has_page
        self._url = urljoin(HERE, address)
        self._folder = posixpath.dirname(unquote(addresses.below_root(address, lang)))
        self._written: list[str] = []

    def rewrite(self, page: str) -> str:
        """Return the page with links to files."""
        self.feed(page)
        self.close()
        return "".join(self._written)

    # -- links ---------------------------------------------------------------------------------

    def _link(self, link: str) -> str | None:
        """Return a link as it stands in the file; None where it leads to nothing."""
        if link.startswith("#"):
            return link
        is_whole = bool(self._base_url) and f"{link}/".startswith(f"{self._base_url}/")
        url = HERE + link.removeprefix(self._base_url).lstrip("/") if is_whole else link
        parts = urlsplit(urljoin(self._url, url))
        if not parts.geturl().startswith(HERE):
            return link  # to somewhere else
        address = parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
        if not self._has_page(address, self._lang):
            return None
        if is_whole:
            page = parts.path.lstrip("/")
            return self._addresses.public(page, _language(parts.query, self._lang), self._base_url)
        file, mark, query = self._addresses.below_root(address, self._lang).partition("?")
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        return self._relative(file) + mark + query + fragment

    def _relative(self, file: str) -> str:
        if self._prefix is not None:
            return self._prefix + file
        return quote(posixpath.relpath(unquote(file), self._folder or "."))

    def _root(self) -> str:
        """Return where the pages of this language begin, for addresses that scripts make."""
        index = unquote(self._addresses.page("", self._lang))
        root = posixpath.relpath(posixpath.dirname(index) or ".", self._folder or ".")
        return "" if root == "." else f"{root}/"

    # -- what is written -----------------------------------------------------------------------

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write an element, with its links changed."""
        changed = [(name, self._changed(name, value)) for name, value in attrs]
        if tag == "meta" and SHARED & {value for _, value in attrs}:
            changed = [(k, self._link(v) if k == "content" and v else v) for k, v in attrs]
        if tag == "body":
            changed.append(("data-static", "yes"))
            if self._addresses.renamed:
                changed.append(("data-renamed", json.dumps(self._addresses.renamed)))
        if changed == attrs:
            self._written.append(self.get_starttag_text() or "")
        else:
            texts = (
                name if value is None else f'{name}="{html.escape(value)}"'
                for name, value in changed
                if value is not None or (name, None) in attrs  # a link to nothing is none
            )
            self._written.append(f"<{' '.join((tag, *texts))}>")
        if tag == "head":
            policy = html.escape(self._policy)
            self._written.append(
                f'\n<meta http-equiv="Content-Security-Policy" content="{policy}">'
            )

    def _changed(self, name: str, value: str | None) -> str | None:
        if name == "data-root":
            return self._root()
        return self._link(value) if name in LINKS and value else value

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 -- of HTMLParser
        """Write an element that closes itself: those of a drawing, which have no links."""
        self._written.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        """Write the end of an element."""
        self._written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Write text as it is."""
        self._written.append(data)

    def handle_entityref(self, name: str) -> None:
        """Write ``&name;`` as it is."""
        self._written.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Write ``&#number;`` as it is."""
        self._written.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        """Write a comment as it is."""
        self._written.append(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        """Write the document type."""
        self._written.append(f"<!{decl}>")


def _language(query: str, lang: str) -> str:
    languages = [
        part.removeprefix("lang=") for part in query.split("&") if part.startswith("lang=")
    ]
    return languages[0] if languages else lang
