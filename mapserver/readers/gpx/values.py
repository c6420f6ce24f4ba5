"""Values as GPX files write them: names, elevations and times."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field

from mapserver.errors import N_
from mapserver.text.findings import Finding, Severity

# A coordinate is a decimal number; XML Schema also has INF and NaN, which are no place.
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
INFINITY = float("inf")


def clean_text(text: str) -> str:
    """Return a text in one line, without control characters."""
    return " ".join(CONTROL.sub(" ", text).split())


def parse_elevation(text: str) -> float | None:
    """Return metres above the sea; None where the text is no finite decimal number."""
    try:
        elevation_m = float(text)
    except ValueError:
        # A text that is wrong as it stands may be right without control characters.
        cleaned = clean_text(text)
        return parse_elevation(cleaned) if cleaned != text else None
    # Python reads 1_000 and inf as numbers, and XML Schema's decimals are neither.
    return elevation_m if -INFINITY < elevation_m < INFINITY and "_" not in text else None


def parse_time(text: str) -> dt.datetime | None:
    """Return a time in UTC in whole milliseconds; one without a zone is in UTC, as GPX says."""
    try:
        time = dt.datetime.fromisoformat(text)
    except ValueError:
        cleaned = clean_text(text)
        return parse_time(cleaned) if cleaned != text else None
    zone = time.tzinfo
    if zone is None:
        time = time.replace(tzinfo=dt.UTC)
    elif zone is not dt.UTC:
        try:
            time = time.astimezone(dt.UTC)
        except OverflowError:
            return None
    return time.replace(microsecond=time.microsecond // 1000 * 1000) if time.microsecond else time


@dataclass(slots=True)
class BadValues:
    """Elevations and times that cannot be used: the line and the text of each."""

    _values: dict[str, list[tuple[int, str]]] = field(
        default_factory=lambda: {"ele": [], "time": []}
    )

    def add(self, tag: str, text: str, line: int) -> None:
        """Add a value, unless it is empty: an empty element says that there is none."""
        if text := clean_text(text):
            self._values[tag].append((line, text[:40]))

    def describe(self, file: str) -> list[Finding]:
        """Write a finding for all elevations and one for all times that cannot be used."""
        what = {
            "ele": N_(
                "elevations that cannot be used: {count}, first {value}; those points have none"
            ),
            "time": N_("times that cannot be used: {count}, first {value}; those points have none"),
        }
        mend = {
            "ele": N_("Write metres with a decimal point, or leave <ele> out"),
            "time": N_("Write times as 2026-11-23T09:00:00Z, or leave <time> out"),
        }
        return [
            Finding(
                Severity.WARNING,
                f"bad-{kind}",
                file,
                what[kind],
                mend[kind],
                f"line {bad[0][0]}",
                {"count": len(bad), "value": repr(bad[0][1])},
            )
            for kind, bad in self._values.items()
            if bad
        ]
