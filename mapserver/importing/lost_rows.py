"""Tables that are written anew by ``add``: refused where a row of them would be lost."""

from __future__ import annotations

from collections.abc import Iterable

from mapserver.errors import N_, DataError, Phrase
from mapserver.text.findings import Finding


def require_whole_rows(findings: Iterable[Finding], name: str) -> None:
    """Refuse a table of which rows cannot be read, since their cells are not under their headings.

    Parameters
    ----------
    findings
        What was found when it was read.
    name
        What to call its file.

    Raises
    ------
    DataError
        It has rows that would be lost; the message says what is wrong with the first of them.
    """
    lost = next((fault for fault in findings if fault.code == "row-shape"), None)
    if lost is not None:
        raise DataError(
            N_("it has rows that would be lost: {first}"),
            where=f"{name}, {lost.feature}",
            mend=N_("Mend them first"),
            first=Phrase(lost.what, **lost.values),
        )
