"""A setting that is a text of one line."""

from __future__ import annotations

from typing import Any

from mapserver.errors import N_, UNPRINTABLE, SettingsError


def read_line(value: Any, where: str) -> str:
    """Return a text of one line."""
    if not isinstance(value, str):
        raise SettingsError(
            N_("{value} is no text"),
            where=where,
            mend=N_('Write it in quotation marks, as key = "value"'),
            value=repr(value),
        )
    # Settings are shown in pages, headers and logs, where a line break would act.
    if UNPRINTABLE.search(text := value.strip()):
        raise SettingsError(
            N_("{value} has characters that cannot be shown"),
            where=where,
            mend=N_("Write it on one line"),
            value=repr(value),
        )
    return text
