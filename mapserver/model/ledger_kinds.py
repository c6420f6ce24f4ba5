"""What is known of a ledger and its columns, and the registry in which each ledger has a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mapserver.model.titles import Title
from mapserver.text.header_row import Synonyms

Read = Callable[[str, dt.tzinfo], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerColumn:
    """A column of a ledger.

    Attributes
    ----------
    words
        What offices call it, best first.
    read
        Reads a cell in the city's time zone, and raises ``ValueError`` where it does not
        understand it; None for text.
    mend
        How to write a cell, where it was not understood.
    is_required
        A row without it says nothing.
    is_number
        Its cells are numbers, NaN where nothing is known.
    time_of
        The column of days whose cells may say the time, too: where a file has no column of this
        name, its cells are those times. Empty for none.
    loose_words
        Those of its words that may as well be about something else: ``시설명`` is a trail here and
        a basin for feet there.
    is_filled
        Where several columns mean it, an empty cell is filled from the next best.
    says_no
        What the check and ``add`` say of the rows that have ``no`` there, as ``{count}`` of
        ``{all}``; empty for nothing.
    is_role
        Its cells name roles: one that may be the name of a person stays in the file.
    """

    words: tuple[str, ...] = ()
    read: Read | None = None
    mend: str = ""
    is_required: bool = False
    is_number: bool = False
    time_of: str = ""
    keeps_unread: bool = False
    says_no: str = ""
    loose_words: tuple[str, ...] = ()
    is_filled: bool = False
    is_role: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What is known of a ledger.

    Attributes
    ----------
    id
        Its file is ``layers/ID.csv``, and ``add --as ID`` writes it.
    title
        What it is called.
    columns
        Its columns by name.
    key
        Columns that tell its rows apart: a row that is added takes the place of one with the same.
        Empty where rows have no identity but what they say.
    measured
        The column of what a row with a key has measured or decided: one in which it is not known
        takes no place of one in which it is. Empty for none.
    filled_later
        The column that is empty until something has happened: a row that differs in it alone from
        one in which it is not known yet is that row. Empty for none.
    decides_states
        The state of trails follows from it: what cannot be read of it puts trails in doubt.
    evidence
        Columns that prove something, understood or not: ``add`` brings a row in as it is written if
        one of them has a text, since a closure or a poison in it may not be lost. Without any, rows
        that are not understood are left out and named.
    refuses_others
        A file with any other column is not read, so that nothing of a person gets into the city.
    is_public
        Its rows may be shown and served as they are.
    written_by
        The command that alone writes it; empty for a ledger that an office keeps.
    """

    id: str
    title: Title
    columns: Mapping[str, LedgerColumn]
    key: tuple[str, ...] = ()
    measured: str = ""
    filled_later: str = ""
    decides_states: bool = False
    evidence: tuple[str, ...] = ()
    refuses_others: bool = False
    is_public: bool = True
    written_by: str = ""

    @property
    def file(self) -> str:
        """Its file, relative to the city folder."""
        return f"layers/{self.id}.csv"

    @property
    def synonyms(self) -> Synonyms:
        """The names by which its columns are recognised."""
        return {name: column.words for name, column in self.columns.items()}

    @property
    def text_columns(self) -> tuple[str, ...]:
        """Its columns of text, in which any cell can be understood."""
        return tuple(name for name, column in self.columns.items() if column.read is None)

    @property
    def filled_columns(self) -> tuple[str, ...]:
        """Its columns of which an empty cell is filled from another column of their meaning."""
        return tuple(name for name, column in self.columns.items() if column.is_filled)

    @property
    def required(self) -> tuple[str, ...]:
        """Its columns without which a row says nothing."""
        return tuple(name for name, column in self.columns.items() if column.is_required)


LEDGERS: dict[str, Ledger] = {}
"""Every ledger by its id."""


def register_ledger(ledger: Ledger) -> Ledger:
    """Add a ledger to those that the program knows."""
    if ledger.id in LEDGERS:
        raise ValueError(f"there is a ledger {ledger.id!r} already")
    LEDGERS[ledger.id] = ledger
    return ledger
