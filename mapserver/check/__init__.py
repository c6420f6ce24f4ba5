"""Examine the data of an opened city: what looks wrong, where, and how to mend it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from mapserver.check import dated, ids, places, shapes, statements, trails, zones
from mapserver.check.summary import LayerSummary, summarise
from mapserver.check.survey import Survey
from mapserver.errors import N_
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity

if TYPE_CHECKING:
    from mapserver.model import Snapshot

__all__ = ["LayerSummary", "examine", "in_order", "summarise"]


def examine(city: Snapshot) -> list[Finding]:
    """Look at every layer of a city, and at how they fit together.

    Parameters
    ----------
    city
        An opened city. What its readers have reported is not repeated.

    Returns
    -------
    list of Finding
        In order of severity, file, kind and feature: the same for the same city.
    """
    survey = Survey(city)
    parts = (shapes, trails, places, zones, statements, dated, ids)
    return in_order(_limited(in_order(chain(*(part.examine(survey) for part in parts)))))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings: the worst first, then by file, kind and feature."""
    severities = list(Severity)
    return sorted(
        findings,
        key=lambda f: (
            severities.index(f.severity),
            f.file,
            f.code,
            _natural(f.feature),
            f.message,
        ),
    )


def _natural(text: str) -> list[str | int]:
    """Make a key that sorts line 9 before line 10."""
    return [int(p) if p.isdecimal() else p for p in re.split(r"(\d+)", text)]


def _limited(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Cut what would be hundreds of lines about one mistake, such as a layer in a wrong CRS."""
    seen: Counter[str] = Counter()
    beyond: dict[str, Finding] = {}
    for finding in findings:
        seen[finding.code] += 1
        if seen[finding.code] <= limits.MAX_ALIKE_FINDINGS:
            yield finding
        else:
            beyond.setdefault(finding.code, finding)
    for code, first in beyond.items():
        what = N_("more findings of this kind: {count}; they are not listed")
        count = seen[code] - limits.MAX_ALIKE_FINDINGS
        yield Finding(first.severity, code, first.file, what, first.mend, values={"count": count})
