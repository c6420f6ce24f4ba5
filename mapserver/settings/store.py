"""The address of a database with a city, which no message repeats: it may hold a password."""

from __future__ import annotations

import os
import re
from typing import Any

from mapserver.errors import N_, UNPRINTABLE, SettingsError

URL = re.compile(
    r"\s*(?:jdbc:)?(?:postgres|postgis)[\w+]*:|\s*[a-z][\w+.-]+:/.*@", re.IGNORECASE | re.DOTALL
)
"""An address of a database, or any with a user in it; as a path it has one slash. The letter of a
drive is none."""
CONNINFO = re.compile(
    r"(?:^|\s)(?:host(?:addr)?|dbname|user|passfile|password|service|sslmode)\s*=", re.IGNORECASE
)
"""A connection string: words of libpq with their values."""


def require_no_address(path: object, where: str = "") -> None:
    """Refuse the address of a database where a file or folder is to be named.

    Every message about a path says the path, and an address may hold a password.

    Parameters
    ----------
    path
        What was given: a text or a path.
    where
        Where it was given: an option or a setting.

    Raises
    ------
    SettingsError
        It is an address; the message does not repeat it.
    """
    text = str(path)
    # A folder may well be called "user=3", as those are that are parted by a column.
    if URL.match(text) or (CONNINFO.search(text) and not os.path.exists(text)):  # noqa: PTH110 -- too long a path is none
        raise SettingsError(
            N_("this is the address of a database, and no file or folder"),
            where=where,
            mend=N_(
                "Name a city in a database with MAPSERVER_STORE or serve --store, and in Python as "
                "open_city('postgresql://user@host:5432/database?schema=NAME')"
            ),
        )


def read_store(value: Any, where: str) -> str:
    """Return the address of a database; what is wrong with it is said without repeating it."""
    text = value.strip() if isinstance(value, str) else ""
    is_address = text.lower().startswith(("postgresql://", "postgres://"))
    if value and (not is_address or UNPRINTABLE.search(text)):
        raise SettingsError(
            N_("this is not the address of a database"),
            where=where,
            mend=N_("Write it as postgresql://user@host:5432/database?schema=NAME"),
        )
    return text
