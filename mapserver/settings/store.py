"""The address of a database with a city, which no message repeats: it may hold a password."""

from __future__ import annotations

from typing import Any

from mapserver.errors import N_, UNPRINTABLE, SettingsError


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
