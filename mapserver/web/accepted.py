"""What clients accept, read once for each header that is common: languages, types, encodings."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, unquote_to_bytes

from werkzeug.datastructures import Accept, LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header
from werkzeug.sansio.utils import get_current_url

from mapserver.errors import N_, QueryError
from mapserver.filters.folding import compose
from mapserver.text import language
from mapserver.web.addresses import write_host

HEADERS_KEPT = 512
"""Headers whose reading is kept: browsers of one kind send the same ones."""
VERSIONED = ("application/vnd.oai.openapi+json",)
"""Media types of which another version is another language."""
PREVIEWERS = re.compile(
    r"facebookexternalhit|facebot|kakao|twitterbot|linkedinbot|slackbot|discordbot|telegrambot"
    r"|whatsapp|line-poker|yeti|naver|daum|skypeuripreview|applebot|pinterest|mastodon",
    re.IGNORECASE,
)
"""What messengers call themselves when they fetch a page to show a preview of it."""


@lru_cache(HEADERS_KEPT)
def read_types(header: str) -> MIMEAccept:
    """Read the header ``Accept``: types without their parameters, as they are offered.

    What clients of some libraries add, such as ``;charset=utf-8`` or ``;profile=...``, is no
    reason to refuse them what there is.
    """
    accepted = parse_accept_header(header, MIMEAccept)
    return MIMEAccept((drop_parameters(mimetype), quality) for mimetype, quality in accepted)


def drop_parameters(mimetype: str) -> str:
    """Return a media type without parameters, but the version where one is told from another."""
    name, parameters = parse_options_header(mimetype)
    version = parameters.get("version") if name in VERSIONED else None
    return f"{name};version={version}" if version else name


@lru_cache(HEADERS_KEPT)
def choose_language(wished: str | None, header: str, offered: tuple[str, ...]) -> str:
    """Choose the language of an answer.

    Parameters
    ----------
    wished
        ``lang`` of the address.
    header
        The header ``Accept-Language``.
    offered
        The languages that there are, the default first.
    """
    accepted = [value for value, _ in parse_accept_header(header, LanguageAccept)]
    return language.negotiate(wished, accepted, offered)


@lru_cache(HEADERS_KEPT)
def choose_encoding(header: str, user_agent: str) -> str:
    """Choose how an answer is compressed: ``br``, ``gzip``, or empty for not at all.

    Parameters
    ----------
    header
        The header ``Accept-Encoding``.
    user_agent
        Facebook's reads gzip and no Brotli, and one that asks for all it can name may mean neither.
    """
    accepted = parse_accept_header(header, Accept)
    if PREVIEWERS.search(user_agent):
        return "gzip" if accepted["gzip"] > 0 else ""
    if accepted["br"] > 0 and accepted["br"] >= accepted["gzip"]:
        return "br"
    return "gzip" if accepted["gzip"] > 0 else ""


@lru_cache(HEADERS_KEPT)
def find_root(scheme: str, host: str, script_root: str) -> str:
    """Return the address of the site as a request has it, without a trailing slash.

    Parameters
    ----------
    scheme, host
        Of the request, checked at the entrance.
    script_root
        The path below which the site is, as WSGI has it.
    """
    return get_current_url(scheme, write_host(scheme, host), script_root).rstrip("/")


def read_query(text: str) -> list[tuple[str, str]]:
    """Read a query as WSGI has it: its names and values in their order, blanks included.

    Letters are composed, as those of the data are: some clients take them apart.

    Raises
    ------
    QueryError
        It is not in UTF-8: what is read of another charset would fit nothing. Or a value has a
        null, which no text of the data has.
    """
    if text.isascii() and "%" not in text and "+" not in text:
        # Nothing is quoted, so what is left of reading a query is to divide it.
        return [part.partition("=")[::2] for part in text.split("&") if part]
    raw = text.encode("latin-1", "replace")  # WSGI has bytes as characters
    pairs = parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)
    if any(UNREADABLE in name or UNREADABLE in value for name, value in pairs):
        _require_letters(raw, pairs)
    if NULL in text:
        _require_no_null(pairs)
    return [(compose(name), compose(value)) for name, value in pairs]


UNREADABLE = "\N{REPLACEMENT CHARACTER}"
"""Stands where bytes are no letter."""


NULL = "%00"
"""A null as an address quotes it; none stands in an address as it is."""


def _require_no_null(pairs: list[tuple[str, str]]) -> None:
    """Check that no value has a null."""
    for name, value in pairs:
        if "\0" in value:
            raise QueryError(
                N_("a null (%00) is no letter"), parameter=name, mend=N_("Leave out %00")
            )


def _require_letters(query: bytes, pairs: list[tuple[str, str]]) -> None:
    """Check that what is quoted in a query is UTF-8."""
    try:  # the sign that stands for bytes may be asked for itself
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError as error:
        named = [name for name, value in pairs if UNREADABLE in f"{name}{value}"]
        raise QueryError(
            N_("its letters are not in UTF-8"),
            parameter=named[0],
            mend=N_("Quote the bytes of UTF-8, and a percent sign itself as %25"),
        ) from error
