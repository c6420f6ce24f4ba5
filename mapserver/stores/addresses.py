"""Addresses of databases: ``postgresql://user@host/database?schema=seogu``, read and shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from mapserver.errors import N_, UNPRINTABLE, SettingsError, printable
from mapserver.settings import limits

SCHEMES = ("postgresql", "postgres")
BAD_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
IN_ADDRESS = re.compile(r"(:/{1,2}[^\s:/@]*:)\S+@")
"""A password in an address: all between the user and the last @ before a space. As a path an
address has one slash."""
IN_WORDS = re.compile(r"(:/{1,2}[^\s:/@]*:).+@", re.DOTALL)
"""One in what somebody has typed, who may have left spaces in it."""
IN_CONNINFO = re.compile(r"(password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&'\"]+)", re.IGNORECASE)
"""One in a connection string, or among the parameters of an address."""
LEAST_UNLIKE_WORDS = 6
"""So many letters with a digit or sign among them are no word of a message."""
SCHEMA = "schema"
"""The parameter of an address that is ours: the schema in which the city is."""


@dataclass(frozen=True, slots=True)
class StoreAddress:
    """Where a city is in a database.

    Attributes
    ----------
    conninfo
        How to connect, with the password; it is never shown.
    label
        The address without a password and without what else only the connection needs.
    schema
        The schema of the city; empty for the only one that the database has.
    secrets
        Texts that no message may hold.
    """

    conninfo: str = field(repr=False)
    label: str
    schema: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def hide_secrets(self, text: str) -> str:
        """Return a text of the database on one line, without what nobody is to read."""
        # Where a password stands, whosesoever it is; a short one may be a part of any word.
        text = IN_ADDRESS.sub(r"\1***@", text)
        text = IN_CONNINFO.sub(r"\1***", text)
        for secret in self.secrets:
            # No message has such a word by itself.
            if len(secret) >= LEAST_UNLIKE_WORDS and not secret.isalpha():
                text = text.replace(secret, "***")
        return printable(" ".join(text.split()))


def hide_passwords(text: str) -> str:
    """Return what somebody has typed as a message may repeat it: without a password."""
    return IN_CONNINFO.sub(r"\1***", IN_WORDS.sub(r"\1***@", text))


def is_address(text: object) -> bool:
    """Return whether something is the address of a database, and not a folder."""
    return isinstance(text, str) and text.strip().lower().startswith(
        tuple(f"{scheme}://" for scheme in SCHEMES)
    )


def read_address(text: str, where: str = "", schema: str = "") -> StoreAddress:
    """Read the address of a database.

    Parameters
    ----------
    text
        ``postgresql://user:password@host:port/database``, with what libpq knows as parameters and
        ``schema=NAME``.
    where
        Where it was given: an option or a setting.
    schema
        A schema that wins over that of the address.

    Raises
    ------
    SettingsError
        It is no such address; the message never repeats it, since it may hold a password.
    """
    _require_plain(text, where)
    try:
        parts = urlsplit(text.strip())
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        # What Python says of it would quote it, password and all.
        raise _refuse_address(where) from None
    if parts.scheme.lower() not in SCHEMES or UNPRINTABLE.search(text) or parts.fragment:
        raise _refuse_address(where)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    _require_known(pairs, where, is_doubtful="@" in parts.query)
    if not (host or parts.path.strip("/") or pairs):
        raise SettingsError(
            N_("the address names neither a host nor a database"),
            where=where,
            mend=N_("Write it as postgresql://user@host:5432/database?schema=NAME"),
        )
    host = f"[{host}]" if ":" in host else host
    named_schema = next((value for name, value in pairs if name == SCHEMA), "")
    if schema and named_schema and schema != named_schema:
        raise SettingsError(
            N_("the address names the schema {named}, and --schema another: {asked}"),
            where=where,
            mend=N_("Name one of them"),
            named=repr(printable(named_schema[:40])),
            asked=repr(printable(schema[:40])),
        )
    asked_schema = schema or named_schema
    if asked_schema:
        require_schema_name(asked_schema, where)
    libpq = urlencode([pair for pair in pairs if pair[0] != SCHEMA], quote_via=quote)
    secrets = [unquote(parts.password or ""), parts.password or ""]
    secrets += [value for name, value in pairs if "password" in name]
    user = unquote(parts.username or "")
    place = f"{host}:{port}" if port else host
    shown = f"postgresql://{user + '@' if user else ''}{place}{unquote(parts.path)}"
    return StoreAddress(
        conninfo=urlunsplit(("postgresql", parts.netloc, parts.path, libpq, "")),
        label=printable(f"{shown}?{SCHEMA}={asked_schema}" if asked_schema else shown),
        schema=asked_schema,
        secrets=tuple(dict.fromkeys(secret for secret in secrets if secret)),
    )


def _require_plain(text: str, where: str) -> None:
    """Refuse what would be taken for a fault of the server, without repeating it."""
    if BAD_PERCENT.search(text):
        raise SettingsError(
            N_("two hexadecimal digits are to follow each percent sign of the address"),
            where=where,
            mend=N_("Write a percent sign itself as %25"),
        )
    place = text.strip().partition("://")[2].partition("?")[0]
    authority, _, path = place.partition("/")
    # libpq would take what follows the first @ or / for the host, and name it: it may well be the
    # end of a password. A space it would refuse with the whole address.
    if place.count("@") > 1 or "@" in path or re.search(r"\s", place):
        raise _refuse_address(where)
    if "," in authority.rpartition("@")[2]:
        raise SettingsError(
            N_("the address names several hosts"),
            where=where,
            mend=N_("Name the one that is written to"),
        )


def _require_known(pairs: list[tuple[str, str]], where: str, *, is_doubtful: bool) -> None:
    """Refuse parameters that nobody knows, and a second schema.

    A doubtful name is not repeated: it may be the end of a password with a question mark in it.
    """
    if sum(name == SCHEMA for name, _ in pairs) > 1:
        raise SettingsError(
            N_("the address names several schemas"), where=where, mend=N_("Name one")
        )
    try:
        from psycopg import pq  # noqa: PLC0415 -- only an extra brings it
    except ImportError:
        return  # which is said as soon as somebody connects
    known = {SCHEMA, "ssl", *(each.keyword.decode() for each in pq.Conninfo.get_defaults())}
    for name, _ in pairs:
        if name not in known:
            if is_doubtful:
                raise _refuse_address(where)
            raise SettingsError(
                N_("PostgreSQL knows no parameter {name} of an address"),
                where=where,
                mend=N_("Correct or remove it"),
                name=repr(printable(name[:40])),
            )


def require_schema_name(name: str, where: str) -> None:
    """Refuse what can be no schema of a city.

    Raises
    ------
    SettingsError
        It is empty, too long, or belongs to PostgreSQL.
    """
    is_too_long = len(name.encode("utf-8", "replace")) > limits.MAX_IDENTIFIER_BYTES
    is_reserved = name.lower().startswith("pg_") or name in {"information_schema", "public"}
    if not name.strip() or is_too_long or is_reserved or UNPRINTABLE.search(name):
        raise SettingsError(
            N_("{name} cannot be the schema of a city"),
            where=where,
            mend=N_(
                "Choose a name of its own, as seogu: no pg_, not public, at most 63 bytes "
                "(21 Korean letters); load takes it as --schema"
            ),
            name=repr(name[:80]),
        )


def _refuse_address(where: str) -> SettingsError:
    return SettingsError(
        N_("this is not the address of a database"),
        where=where,
        mend=N_(
            "Write it as postgresql://user@host:5432/database?schema=NAME, with signs such as "
            "@, /, ? and spaces of a password as %40, %2F, %3F and %20"
        ),
    )
