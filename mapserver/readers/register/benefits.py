"""Dated benefits, ``layers/benefits.csv``: what is offered, from which day to which."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from mapserver.errors import N_
from mapserver.files.links import is_own_file, report_false_files
from mapserver.readers.csv_text import read_table
from mapserver.readers.formula_cells import restore_cells_of_table
from mapserver.readers.register.cells import Cells, make_object_column, require_columns
from mapserver.readers.register.column_names import BENEFIT_COLUMNS
from mapserver.readers.register.columns import find_columns_about, rename_known_columns
from mapserver.text.dates import KOREA, WRITE_DAY, read_day
from mapserver.text.findings import Finding
from mapserver.text.person_cells import report_person_cells
from mapserver.text.register_words import read_payment, read_rate, read_won
from mapserver.text.spans import read_span

BENEFITS = "layers/benefits.csv"
Days = list[dt.date | None]
TEXT_COLUMNS = ("title", "source", "notes")


def read_benefits(
    layers_dir: Path, zone: dt.tzinfo = KOREA
) -> tuple[pd.DataFrame | None, list[Finding]]:
    """Read ``layers/benefits.csv``: what is offered, from which day to which.

    Parameters
    ----------
    layers_dir
        The folder ``layers/`` of a city.
    zone
        The city's time zone, where a time with an offset becomes a day.

    Returns
    -------
    benefits : DataFrame or None
        ``from``, ``to`` and ``checked_on`` as ``datetime.date``, ``rate`` from 0 to 1,
        ``cap_won`` (Int64), ``payment`` (``paper``, ``card``, ``mobile``), ``title``, ``source``.
        None when there is no such file.
    findings : list of Finding
        By line. A row of which the days, the rate, the cap or the payment was not understood is
        left out: no offer is better than a wrong one.

    Raises
    ------
    DataError
        The table cannot be read or lacks a column.
    """
    path = layers_dir / "benefits.csv"
    if not is_own_file(path, layers_dir):
        return None, report_false_files(layers_dir, ["benefits.csv"])
    table, findings = read_table(path, name=BENEFITS, columns=BENEFIT_COLUMNS)
    table = restore_cells_of_table(table)
    table, column_findings = rename_known_columns(
        table, BENEFIT_COLUMNS, BENEFITS, text_columns=TEXT_COLUMNS
    )
    findings += column_findings
    findings += report_person_cells(table, TEXT_COLUMNS, BENEFITS)
    # A period in one column becomes two columns first, so that the check for missing ones sees
    # them.
    table = _split_periods(table, findings, zone)
    require_columns(table, ["from", "to", "rate"], BENEFITS)
    cells = Cells(table, BENEFITS, findings, zone)
    read_serial_day = partial(read_day, is_serial=True, zone=zone)
    first_days = cells.parse("from", read_serial_day, WRITE_DAY, is_required=True)
    last_days = cells.parse("to", read_serial_day, WRITE_DAY, is_required=True)
    rate = cells.parse("rate", read_rate, N_("Write a share such as 0.1, or 10%"), is_required=True)
    cap = cells.parse("cap_won", read_won, N_("Write whole won, as 50000"))
    payment = cells.parse("payment", read_payment, N_("Write paper, card or mobile"))
    checked = cells.parse("checked_on", read_serial_day, WRITE_DAY)
    frame = table.assign(
        **{
            "from": make_object_column(first_days, table),
            "to": make_object_column(last_days, table),
        },
        rate=pd.Series(rate, table.index, dtype=float),
        cap_won=pd.Series(cap, table.index, dtype="Int64"),
        payment=pd.Series(payment, table.index, dtype="str"),
        checked_on=make_object_column(checked, table),
    )
    for column in ("title", "source"):
        frame[column] = table.get(column, pd.Series(None, table.index, dtype="str"))
    # Left out rather than shown wrong: an offer without its days or rate would be a false promise.
    is_certain = [None not in row for row in zip(first_days, last_days, rate, strict=True)]
    is_unread = np.array(
        [cells.is_unread("cap_won", cap), cells.is_unread("payment", payment)], dtype=bool
    ).any(axis=0)
    # A column that may be the cap or the payment, misspelt: its offers would be shown without.
    for column in find_columns_about(table, BENEFIT_COLUMNS, ("cap_won", "payment")):
        is_unread |= table[column].notna().to_numpy()
    # Reversed days are reported, never swapped: either of them may be the wrong one.
    is_in_order = _find_in_order(cells, table, first_days, last_days)
    holds = np.array(is_certain, dtype=bool) & ~is_unread & is_in_order
    return frame[holds].reset_index(drop=True), findings


def _split_periods(table: pd.DataFrame, findings: list[Finding], zone: dt.tzinfo) -> pd.DataFrame:
    """Make the columns of the first and the last day out of one that holds both."""
    if "period" not in table or {"from", "to"} <= set(table.columns):
        return table
    mend = N_("Write two days, as 2026-07-01 ~ 2026-07-31")
    cells = Cells(table, BENEFITS, findings, zone)
    spans = cells.parse("period", partial(read_span, zone=zone), mend)
    for column, ends in (
        ("from", [span and span.first for span in spans]),
        ("to", [span and span.last for span in spans]),
    ):
        days = [str(end) if end else None for end in ends]
        table = table.assign(**{column: pd.Series(days, table.index, dtype="str")})
    return table


def _find_in_order(
    cells: Cells, table: pd.DataFrame, first_days: Days, last_days: Days
) -> npt.NDArray[np.bool_]:
    """Find the rows that do not end before they begin, and report the others."""
    result = []
    for row, start, end in zip(table.index, first_days, last_days, strict=True):
        result.append(start is None or end is None or start <= end)
        if not result[-1]:
            what = N_("it ends on {value}, before it begins; the row is left out")
            cells.report(row, what, N_("Correct from or to"), "to", str(end))
    return np.array(result, dtype=bool)
