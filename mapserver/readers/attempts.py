"""Reading what must not take the rest of a city down when it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from mapserver.errors import MapserverError
from mapserver.files.damage import translate_read_errors
from mapserver.text.findings import Doubt, Finding

T = TypeVar("T")


def attempt_read(
    read: Callable[[], tuple[T, list[Finding]]],
    file: str,
    findings: list[Finding],
    doubt: Doubt | None = None,
) -> T | None:
    """Read something whose failure must not take the rest down, but may put trails in doubt."""
    try:
        with translate_read_errors(file):
            result, remarks = read()
    except MapserverError as error:
        fault = Finding.from_error(error, code="layer-unreadable", file=file)
        findings.append(fault.with_doubt(doubt))
        return None
    findings.extend(remarks)
    return result
