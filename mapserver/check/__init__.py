"""Examine the data of an opened city: what looks wrong, where, and how to mend it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from mapserver.check.backdrop import check_backdrop
from mapserver.check.dated import check_dated_tables
from mapserver.check.ids import check_ids
from mapserver.check.inspections import check_inspections
from mapserver.check.ledgers import check_ledgers
from mapserver.check.persons import check_persons
from mapserver.check.places import check_places
from mapserver.check.programmes import check_programmes
from mapserver.check.published import check_published
from mapserver.check.shapes import check_shapes
from mapserver.check.statements import check_statements
from mapserver.check.summary import LayerSummary, summarise
from mapserver.check.survey import Survey
from mapserver.check.trails import check_trails
from mapserver.check.zones import check_zones
from mapserver.errors import N_
from mapserver.settings import limits
from mapserver.text.findings import Finding, Severity

if TYPE_CHECKING:
    from mapserver.model import Snapshot

__all__ = ["LayerSummary", "examine", "in_order", "summarise"]


CHECKS: tuple[Callable[[Survey], Iterable[Finding]], ...] = (
    check_shapes,
    check_trails,
    check_places,
    check_zones,
    check_statements,
    check_dated_tables,
    check_programmes,
    check_inspections,
    check_ledgers,
    check_persons,
    check_published,
    check_ids,
    check_backdrop,
)


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
    findings = chain(*(check(survey) for check in CHECKS))
    # In order twice: which of many alike are listed must not depend on the order of the checks.
    return in_order(_limit_alike(in_order(findings)))


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings: the worst first, then by file, kind and feature."""
    severities = list(Severity)
    return sorted(
        findings,
        key=lambda f: (
            severities.index(f.severity),
            f.file,
            f.code,
            _make_sort_key(f.feature),
            f.message,
        ),
    )


def _make_sort_key(text: str) -> list[str | int]:
    """Make a key that sorts line 9 before line 10."""
    return [int(p) if p.isdecimal() else p for p in re.split(r"(\d+)", text)]


def _limit_alike(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Cut what would be hundreds of lines about one mistake, such as a layer in a wrong CRS."""
    seen: Counter[str] = Counter()
    unlisted: dict[str, Finding] = {}
    for finding in findings:
        seen[finding.code] += 1
        if seen[finding.code] <= limits.MAX_ALIKE_FINDINGS:
            yield finding
        else:
            unlisted.setdefault(finding.code, finding)
    for code, finding in unlisted.items():
        what = N_("more findings of this kind: {count}; they are not listed")
        count = seen[code] - limits.MAX_ALIKE_FINDINGS
        yield Finding(
            finding.severity, code, finding.file, what, finding.mend, values={"count": count}
        )
