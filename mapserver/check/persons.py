"""Checks of texts that everybody can read: what belongs to a person should not be among them."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from mapserver.check.survey import Survey
from mapserver.errors import N_
from mapserver.model import LEDGERS
from mapserver.text.findings import Finding, Severity
from mapserver.text.person_marks import has_person_marks, looks_like_name

OPEN_TEXTS = ("item", "finding", "by")
"""Columns of inspections whose texts pages, API and exports repeat."""


def check_persons(survey: Survey) -> Iterator[Finding]:
    """Report what looks like a person's in inspections: numbers in texts, names of who looked.

    The text itself is not repeated, since reports are passed on.
    """
    rows = survey.city.ledgers.get("inspections")
    if rows is None:
        return
    for column in OPEN_TEXTS:
        texts = rows[column].dropna().map(str)
        lines = texts.index[texts.map(has_person_marks).astype(bool)]
        if len(lines):
            yield _describe(
                "person-number",
                N_("column {column}: cells with a number or an address of a person: {count}"),
                N_("Take them out: everybody can read this column"),
                column,
                lines,
            )
    roles = rows["by"].dropna().map(str)
    lines = roles.index[roles.map(looks_like_name).astype(bool)]
    if len(lines):
        yield _describe(
            "person-name",
            N_("column {column}: cells that look like the name of a person: {count}"),
            N_("Write who looked as a role, such as 점검반: everybody can read this column"),
            "by",
            lines,
        )


def _describe(code: str, what: str, mend: str, column: str, lines: pd.Index) -> Finding:
    """Describe cells of a column at the first of their lines."""
    return Finding(
        Severity.WARNING,
        code,
        LEDGERS["inspections"].file,
        what,
        mend,
        f"line {lines[0]}",
        {"column": repr(column), "count": len(lines)},
    )
