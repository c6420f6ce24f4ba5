"""Checks of texts that everybody can read: what belongs to a person should not be among them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

import pandas as pd

from mapserver.check.survey import Survey
from mapserver.errors import N_
from mapserver.model import LEDGERS
from mapserver.text.findings import Finding
from mapserver.text.person_cells import (
    TAKE_OUT,
    WITH_NUMBER,
    report_cells,
    report_person_cells,
)
from mapserver.text.person_marks import cut_person_marks
from mapserver.text.role_words import is_role

OPEN_TEXTS = {
    "inspections": ("trail_id", "item", "finding", "by", "photo", "source"),
    "soil": ("trail_id", "lab", "point", "source"),
    "rain": ("station_name", "source"),
    "holidays": ("name", "source"),
    "bus_lines": ("source",),
    "requests": ("neighborhood", "category"),
}
"""Columns of ledgers whose texts pages, API or exports repeat. What programmes say is an office's,
and its telephone numbers belong there."""
UNPUBLISHED = N_("Take them out: what stands there is published as not known")
MOBILE = re.compile(r"(?:\+?82\D{0,3}0?|0)1[016789]\D{0,3}\d{3,4}\D{0,3}\d{4}(?!\d)")


def check_persons(survey: Survey) -> Iterator[Finding]:
    """Report what looks like a person's in ledgers: numbers in texts, names of who looked."""
    city = survey.city
    for id_, columns in OPEN_TEXTS.items():
        rows, ledger = city.ledgers.get(id_), LEDGERS[id_]
        if rows is None:
            continue
        mend = TAKE_OUT if ledger.is_public else UNPUBLISHED
        yield from report_person_cells(rows, columns, ledger.file, mend)
        if ledger.is_public:
            yield from report_person_cells(_list_unread(rows), ledger.columns, ledger.file)
        for name in [name for name, column in ledger.columns.items() if column.is_role]:
            yield from report_cells(
                rows[name],
                partial(_is_no_role, places=city.neighborhood_names),
                "person-name",
                ledger.file,
                N_("column {column}: cells that are no known role, so they are not shown: {count}"),
                N_("Write who looked as a role, such as 점검반: everybody can read this column"),
            )
    yield from _check_programmes(city.ledgers.get("programmes"))


def _is_no_role(text: str, places: frozenset[str]) -> bool:
    """Return whether a cell says something that is no known role; an empty one says nothing."""
    return bool(text.strip()) and not is_role(text, places)


def _check_programmes(rows: pd.DataFrame | None) -> Iterator[Finding]:
    """Report mobile telephones beside what is no office: programmes name offices, not persons."""
    if rows is None:
        return
    ledger = LEDGERS["programmes"]
    yield from report_cells(
        rows["phone"],
        _has_mobile_of_somebody,
        "person-number",
        ledger.file,
        WITH_NUMBER,
        N_("Write the number of the office: everybody can read this column"),
    )


def _has_mobile_of_somebody(text: str) -> bool:
    """Return whether a mobile number stands beside a text that is no known role."""
    rest = re.sub(r"[\W_]+", " ", cut_person_marks(text, " ")).strip()
    is_phone_word = rest in {
        "",
        "전화",
        "휴대전화",
        "휴대폰",
        "핸드폰",
        "문자",
        "mobile",
        "phone",
        "tel",
    }
    return bool(MOBILE.search(text)) and not is_phone_word and not is_role(rest)


def _list_unread(rows: pd.DataFrame) -> pd.DataFrame:
    """List the cells that were not understood, which the API repeats as they are written."""
    return pd.DataFrame(list(rows["as_written"]), rows.index, dtype=object)
