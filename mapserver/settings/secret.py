"""The secret of an office, which no message repeats."""

from __future__ import annotations

from typing import Any

from mapserver.errors import N_, UNPRINTABLE, SettingsError
from mapserver.settings import limits


def read_secret(value: Any, where: str) -> str:
    """Return a secret; what is wrong with it is said without repeating it."""
    text = value.strip() if isinstance(value, str) else ""
    if text and UNPRINTABLE.search(text):
        text = ""
    is_long_enough = limits.MIN_SECRET_LETTERS <= len(text) <= limits.MAX_SECRET_LETTERS
    if (value and not text) or (text and not is_long_enough):
        raise SettingsError(
            N_("this is no secret of {least} to {most} letters on one line"),
            where=where,
            mend=N_('Make one with: python -c "import secrets; print(secrets.token_urlsafe(32))"'),
            least=limits.MIN_SECRET_LETTERS,
            most=limits.MAX_SECRET_LETTERS,
        )
    return text
