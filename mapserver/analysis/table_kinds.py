"""Dated tables and ledgers: what tells their rows apart, and by what people know them."""

from __future__ import annotations

from collections.abc import Mapping

from mapserver.analysis.table_changes import TableKind
from mapserver.model import LEDGERS, Ledger

CLOSURES = TableKind(
    subject="closures",
    keys=(("trail_id", "from"), ("trail_id", "to"), ("geometry", "from")),
    labels=("trail_id", "from", "to", "reason_ko"),
    id_column="trail_id",
)
BENEFITS = TableKind(
    subject="benefits",
    keys=(("title", "from", "payment"), ("title", "to", "payment")),
    labels=("title", "from", "to", "payment", "rate"),
)
LABELS: Mapping[str, tuple[str, ...]] = {
    "inspections": ("trail_id", "checked_on", "item", "grade"),
    "soil": ("trail_id", "sampled_on", "point"),
    "rain": ("date", "station_name", "rain_mm"),
    "programmes": ("name",),
    "holidays": ("date", "name"),
}
"""Columns by which people know the rows of a ledger."""
KEYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    # A day may have two looks at one item, which what was found tells apart: it comes first.
    "inspections": (
        ("trail_id", "checked_on", "item", "finding", "grade"),
        ("trail_id", "checked_on", "item", "finding"),
        ("trail_id", "checked_on", "item"),
    ),
    "soil": (("trail_id", "sampled_on", "point"), ("trail_id", "sampled_on")),
    # Two rows of a list that has no ids are the same programme by its name.
    "programmes": (("id",), ("name",)),
    "holidays": (("date", "name"), ("date",)),
}
"""Columns that tell the rows of a ledger apart for readers, where ``add`` has no or another key."""


def describe_ledger(ledger: Ledger) -> TableKind:
    """Describe how the rows of a ledger are told apart."""
    own_key = (ledger.key,) if ledger.key else ()
    return TableKind(
        subject=ledger.id,
        keys=KEYS.get(ledger.id, own_key),
        labels=LABELS.get(ledger.id, ()),
        id_column="trail_id" if "trail_id" in ledger.columns else "",
        # Published figures come by hundreds, and none of them ever changes.
        is_counted_only=not ledger.is_public or bool(ledger.written_by),
    )


TABLE_FILES: Mapping[str, TableKind] = {
    "layers/closures": CLOSURES,
    "layers/benefits": BENEFITS,
    **{f"layers/{ledger.id}": describe_ledger(ledger) for ledger in LEDGERS.values()},
}
"""Every table by its file without the ending, of which closures may have any."""
