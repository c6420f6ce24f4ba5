"""Welfare programmes: rows of their ledger as one asks about them, by need and part of life."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mapserver.text.cell_text import read_cell_text
from mapserver.text.dates import KOREA
from mapserver.text.welfare_words import (
    EVERYBODY,
    Running,
    Term,
    Themes,
    read_lives,
    read_needs,
    read_term,
)

__all__ = ["Programme", "list_programmes"]


@dataclass(frozen=True, slots=True)
class Programme:
    """Something that one can apply for.

    Attributes
    ----------
    id
        Unlike that of any other; that of the row where it has one of its own.
    line
        Where the row stands.
    row
        Its cells as they were read.
    needs, lives
        Codes of what it is for and for whom, and the words that are none.
    term
        When one can apply; None where nobody knows.
    """

    id: str
    line: object
    row: Mapping[str, Any]
    needs: Themes
    lives: Themes
    term: Term | None

    def find_state(self, day: dt.date) -> Running:
        """Return whether one can apply on a day."""
        return Running.UNKNOWN if self.term is None else self.term.find_state(day)

    def fits_need(self, code: str) -> bool | None:
        """Return whether it is for a need; None where nobody knows what it is for."""
        return code in self.needs.codes if self.needs.codes else None

    def fits_life(self, code: str) -> bool | None:
        """Return whether it is for a part of life; None where nobody knows for whom it is."""
        # What is for everybody is found under every part of life.
        if EVERYBODY in self.lives.codes:
            return True
        return code in self.lives.codes if self.lives.codes else None


def list_programmes(rows: pd.DataFrame | None, zone: dt.tzinfo = KOREA) -> list[Programme]:
    """List the programmes of a city, in the order of their file.

    Parameters
    ----------
    rows
        The ledger, as ``city.ledgers["programmes"]`` has it; None where the city has none.
    zone
        The city's time zone.

    Returns
    -------
    list of Programme
        Rows without a name are left out: nobody could ask for one.
    """
    if rows is None:
        return []
    programmes: list[Programme] = []
    taken: set[str] = set()
    for line, cells in zip(rows.index, rows.to_dict("records"), strict=True):
        row = {str(column): value for column, value in cells.items()}
        name = read_cell_text(row.get("name"))
        if not name:
            continue
        # Ids become addresses of pages, so two rows of one id are told apart by a number.
        id_ = _find_free_id(read_cell_text(row.get("id")) or name, taken)
        taken.add(id_)
        programmes.append(
            Programme(
                id=id_,
                line=line,
                row=row,
                needs=read_needs(read_cell_text(row.get("need"))),
                lives=read_lives(read_cell_text(row.get("life"))),
                term=read_term(read_cell_text(row.get("period")), zone),
            )
        )
    return programmes


def _find_free_id(wanted: str, taken: set[str]) -> str:
    """Return an id that no programme before has, nearest to the one of the row."""
    id_, number = wanted, 1
    while id_ in taken:
        number += 1
        id_ = f"{wanted}-{number}"
    return id_
