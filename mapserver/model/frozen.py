"""Figures of the direct line that are out: each month as it was published, never computed again.

``layers/published.csv`` holds the cells of each published period (a month, or a year that is over)
after hiding, and a checksum for each. Whoever has read a month finds it as it was, and nobody can
compute a hidden number from two versions of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Hashable, Mapping

import pandas as pd

from mapserver.errors import N_
from mapserver.model.frozen_figures import SMALLEST_COUNTS, TABLES, TIMES, FrozenFigures, Hidden
from mapserver.model.ledger_kinds import Ledger, LedgerColumn, register_ledger
from mapserver.model.titles import Title
from mapserver.text.dates import WRITE_DAY, read_day
from mapserver.text.findings import Finding, Severity
from mapserver.text.ledger_words import read_amount


def _read_period(text: str, _: dt.tzinfo) -> str:
    """Read a month or a year; what Excel makes of one (``Oct-26``) is neither."""
    if not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", text):
        raise ValueError(text)
    return text


def _read_month(text: str, zone: dt.tzinfo) -> str:
    if "-" not in _read_period(text, zone):
        raise ValueError(text)
    return text


def _read_table_name(text: str, _: dt.tzinfo) -> str:
    if text not in TABLES:
        raise ValueError(text)
    return text


def _read_hidden(text: str, _: dt.tzinfo) -> str:
    # What is unknown is never published, so it is no word of the file.
    if text not in {Hidden.SMALL, Hidden.PARTNER, Hidden.WITHHELD}:
        raise ValueError(text)
    return text


def _read_number(text: str, _: dt.tzinfo) -> float:
    return read_amount(text)


def _read_smallest_count(text: str, _: dt.tzinfo) -> float:
    count = read_amount(text)
    if count not in SMALLEST_COUNTS:
        raise ValueError(text)
    return count


def _read_checksum(text: str, _: dt.tzinfo) -> str:
    if not re.fullmatch(r"sha256:[0-9a-f]{32}", text):
        raise ValueError(text)
    return text


AS_WRITTEN = N_("Put the file back as mapserver publish wrote it, from a copy")
TEXT = LedgerColumn()
NUMBER = LedgerColumn(read=_read_number, mend=AS_WRITTEN, is_number=True)
FROZEN = register_ledger(
    Ledger(
        id="published",
        title=Title(N_("Published figures of the direct line")),
        columns={
            "period": LedgerColumn(read=_read_period, mend=AS_WRITTEN, is_required=True),
            "table": LedgerColumn(read=_read_table_name, mend=AS_WRITTEN, is_required=True),
            "neighborhood": TEXT,
            "category": TEXT,
            "requests": NUMBER,
            "hidden": LedgerColumn(read=_read_hidden, mend=AS_WRITTEN),
            **dict.fromkeys(TIMES, NUMBER),
            "missing_holidays": TEXT,
            "smallest_count": LedgerColumn(
                read=_read_smallest_count, mend=AS_WRITTEN, is_number=True, is_required=True
            ),
            "published_on": LedgerColumn(
                read=lambda text, zone: read_day(text, zone=zone), mend=WRITE_DAY, is_required=True
            ),
            "sample": TEXT,
            "first_month": LedgerColumn(read=_read_month, mend=AS_WRITTEN),
            "checksum": LedgerColumn(read=_read_checksum, mend=AS_WRITTEN, is_required=True),
        },
        key=("period", "table", "neighborhood", "category"),
        refuses_others=True,
        written_by="publish",
    )
)


def compute_checksum(cells: pd.DataFrame) -> str:
    """Compute the checksum of a period: of every value in it, in whatever order its rows are.

    Parameters
    ----------
    cells
        The rows of one period, with the columns of :data:`FROZEN` but ``checksum``.
    """
    # Spreadsheets sort rows and drop zeros at the end of decimals, which changes nothing said.
    rows = sorted(
        json.dumps([write_figure(row[name]) for name in _list_summed(row)], ensure_ascii=False)
        for row in cells.to_dict("records")
    )
    digest = hashlib.sha256("\n".join(rows).encode("utf-8", "surrogatepass"))
    return f"sha256:{digest.hexdigest()[:32]}"


def _list_summed(row: Mapping[Hashable, object]) -> list[str]:
    """List the columns of a row of which a checksum is made."""
    # What was published before years said where they begin has no such column: its sums stay.
    left_out = {"checksum"} if write_figure(row["first_month"]) else {"checksum", "first_month"}
    return [name for name in FROZEN.columns if name not in left_out]


def write_figure(value: object) -> str:
    """Write a value of a published cell as its file has it; nothing where nothing is known."""
    # pd.NA, NaN and None all mean that nothing is known; they are never equal to themselves.
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return ""
    # Ten digits hold each share (two decimals) and each median (one) without the rest of a float.
    if isinstance(value, (int, float)):
        return format(float(value), ".10g")
    # Files are read in NFC, so a name is written so, too.
    return unicodedata.normalize("NFC", str(value)).strip()


def read_frozen(
    rows: pd.DataFrame | None, *, is_whole: bool = True
) -> tuple[FrozenFigures, list[Finding]]:
    """Read what was published; a period whose rows are not as they were written is unknown.

    Parameters
    ----------
    rows
        The ledger ``published`` as it was read; None where its file cannot be read at all.
    is_whole
        Whether every line of the file became a row.

    Returns
    -------
    figures : FrozenFigures
        What can be relied on.
    findings : list of Finding
        What cannot, by line.
    """
    if rows is None:
        # Whoever could not read it has reported why.
        return FrozenFigures(is_whole=False), []
    findings: list[Finding] = []
    cells: dict[str, pd.DataFrame] = {}
    unknown: set[str] = set()
    for period, part in ((str(name), group) for name, group in rows.groupby("period")):
        if _is_as_written(part):
            cells[period] = part.drop(columns=["unclear", "as_written"])
            continue
        unknown.add(period)
        findings.append(
            Finding(
                Severity.ERROR,
                "published-damaged",
                FROZEN.file,
                N_("the rows of {period} are not those that were published; they are not used"),
                N_(
                    "Put the file back from a copy; only if there is none, take out every row of"
                    " {period}, and let mapserver publish write it anew"
                ),
                f"line {part.index[0]}",
                {"period": period},
            )
        )
    is_nameless = rows["period"].isna()
    if not is_whole or is_nameless.any():
        line = next((f"line {number}" for number in rows.index[is_nameless]), "")
        findings.append(_describe_loss(line))
        is_whole = False
    return FrozenFigures(cells, frozenset(unknown), is_whole), findings


def _is_as_written(part: pd.DataFrame) -> bool:
    """Return whether the rows of a period are as they were published."""
    is_clear = all(fault is None for fault in part["unclear"])
    # Rows of two publications of one period would have two checksums, and neither is right.
    return (
        is_clear
        and part["checksum"].nunique() == 1
        and part["smallest_count"].nunique() == 1
        and compute_checksum(part) == part["checksum"].iloc[0]
    )


def _describe_loss(line: str) -> Finding:
    return Finding(
        Severity.ERROR,
        "published-unreadable",
        FROZEN.file,
        N_(
            "it cannot be read which months were published, so months that are not in it whole"
            " count as unknown"
        ),
        AS_WRITTEN,
        line,
    )
