"""What changed between two states of a city, as rows: what a change is, and their order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from mapserver.model import LEDGERS

TOLERANCE_M = 1.0
"""A line, border or point that lies nearer than this to what it was has not moved: coordinates of
five decimals, the fewest that programs write, are rounded by up to 0.7 m."""

KINDS = (
    *("unknown", "layer_come", "layer_gone", "count"),
    *("come", "gone", "renumbered", "renamed"),
    *("rerouted", "reshaped", "moved", "measured", "changed"),
    *("column_come", "column_gone"),
)
"""Kinds of changes, in the order in which those of one thing are listed.

``unknown``: it is not there because a file could not be read, so nobody knows. ``rerouted`` are
lines, ``reshaped`` areas, ``moved`` points; ``measured`` is a length or an area, ``count`` a number
of rows of which no more is said."""

Value = str | float | None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was.

    Attributes
    ----------
    subject
        The layer's or ledger's id, ``closures`` or ``benefits``.
    kind
        One of ``KINDS``.
    id
        Of the feature, the new one where it has two; empty for what is not a feature.
    name
        Its name, the new one where it has two; of a row what tells it apart, of a file its name.
    role
        Of the layer; empty for what is no layer.
    attribute
        Which column or measure changed.
    before, after
        What it was and is; None where nothing is known. Lengths are in metres, areas in square
        metres, geodesic.
    distance_m
        The largest distance in metres between the two lines, borders or points.
    """

    subject: str
    kind: str
    id: str = ""
    name: str = ""
    role: str = ""
    attribute: str = ""
    before: Value = None
    after: Value = None
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """All that changed between two states of a city, in an order that depends on nothing else.

    Attributes
    ----------
    rows
        The changes. There are none where the two say the same.
    """

    rows: tuple[Change, ...] = ()

    @classmethod
    def in_order(cls, rows: Iterable[Change]) -> Changes:
        """Sort changes by what they are about, their kind and their id."""
        # Every field takes part, so that no two orders of the same changes are possible.
        ranks = {kind: rank for rank, kind in enumerate(KINDS)}
        return cls(
            tuple(
                sorted(
                    rows,
                    key=lambda row: (
                        *(row.subject, ranks[row.kind], row.id, row.name),
                        *(row.attribute, str(row.before), str(row.after)),
                    ),
                )
            )
        )

    def select_public(self) -> Changes:
        """Select what everybody may read: nothing about ledgers that are not public.

        Two counts of messages tell how few came in between, and when; their statistics hide small
        numbers. That such a file cannot be read is left out as well: a row for each of its states
        would tell of each message.
        """
        private_ledgers = [ledger for ledger in LEDGERS.values() if not ledger.is_public]
        subjects = {ledger.id for ledger in private_ledgers}
        # Files are named as they stand in the folder, in whatever case.
        files = {ledger.file.casefold() for ledger in private_ledgers}
        return Changes(
            tuple(
                row
                for row in self.rows
                if row.subject not in subjects
                and not (row.subject == "files" and row.name.casefold() in files)
            )
        )

    def to_records(self) -> list[dict[str, Any]]:
        """Return the changes as records of plain values, for JSON."""
        return [asdict(row) for row in self.rows]

    @classmethod
    def from_records(cls, records: Any) -> Changes:
        """Read changes from records, as :meth:`to_records` writes them.

        Raises
        ------
        ValueError
            They are none.
        """
        # Only what this program may have written itself is taken for a change.
        names = {field.name for field in fields(Change)}
        if not isinstance(records, list) or not all(
            isinstance(record, dict) and set(record) <= names and record.get("kind") in KINDS
            for record in records
        ):
            raise ValueError("these are no changes")
        return cls(tuple(Change(**record) for record in records))

    def __len__(self) -> int:
        return len(self.rows)
