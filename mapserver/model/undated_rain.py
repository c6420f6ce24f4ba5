"""Rows of rain of which nobody knows the day: the days that they may be about, and what follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np
import pandas as pd

from mapserver.errors import N_
from mapserver.model.catalog import Rain, RainRule
from mapserver.model.reasons import write_reason
from mapserver.model.state_facts import DatedReason
from mapserver.model.words import OWN_WORDS, Words
from mapserver.text.cell_text import convert_day

FILE = "layers/rain.csv"
UNDATED_RAIN = N_("{file}: nobody can tell on which day it rained")
ONE_DAY = dt.timedelta(days=1)


def find_undated_rows(rows: pd.DataFrame, rain: Rain, station: str | None) -> pd.DataFrame:
    """Find the rows of rain whose day is empty or was not understood, and that may count.

    Parameters
    ----------
    rows
        The ledger of rain, as it was read, with ``station`` in the one way to compare them.
    rain
        What the catalogue says of it.
    station
        The station whose rows count; None where nobody knows which do.

    Returns
    -------
    DataFrame
        Those rows, with ``amount_mm``: what surely fell then and no more, NaN where nobody knows.
        Rows of another station are not among them, nor those with neither a day nor an amount: a
        form that was laid out and not filled in says nothing of rain.
    """
    is_undated = [convert_day(cell) is None for cell in rows["date"].astype(object)]
    undated = rows[np.array(is_undated, bool)]
    unread = [set(texts) for texts in undated["as_written"]]
    amounts = undated["rain_mm"].to_numpy(float)
    is_blank = np.isnan(amounts) & np.array(["rain_mm" not in names for names in unread], bool)
    is_empty = is_blank & np.array(["date" not in names for names in unread], bool)
    if rain.blank_is_none:
        amounts = np.where(is_blank, 0.0, amounts)
    # Where it was measured that a row without a station says, nobody knows.
    stations = undated["station"].astype(object).to_numpy()
    is_own = stations == station
    undated = undated.assign(amount_mm=np.where(is_own, amounts, np.nan))
    may_count = ~is_empty & (is_own | (stations == "") | (station is None))
    return pd.DataFrame(undated[may_count])


def doubt_undated_rows(
    undated: pd.DataFrame,
    known_days: Iterable[dt.date],
    rule: RainRule,
    words: Words = OWN_WORDS,
    *,
    is_hourly: bool,
) -> list[DatedReason]:
    """List the days on which a rule that closes may hold for rows of which nobody knows the day.

    Parameters
    ----------
    undated
        As :func:`find_undated_rows` returns them.
    known_days
        The days of which the rain is known as a whole: a station has one row for each day, or
        hour, so a row of which nobody knows the day is not about one of these.
    rule
        The rule of a surface.
    words
        What the city calls its trails.
    is_hourly
        Whether rows are of hours: then each may be what a day needs to reach the rule.

    Returns
    -------
    list of DatedReason
        In the order of their days; none where no row can have reached the rule.
    """
    amounts = undated["amount_mm"]
    if not (is_hourly or (amounts.isna() | (amounts >= rule.mm)).any()) or not len(undated):
        return []
    reason = write_reason(UNDATED_RAIN, {"file": FILE}, words)
    spans = []
    first_day: dt.date | None = None
    for begin, end in _join_days(known_days):
        # The rule holds for some days after its rain, so the first of known days are in doubt, too.
        sure_day = begin + rule.days * ONE_DAY
        if sure_day <= end:
            spans.append(DatedReason(first_day, sure_day - ONE_DAY, reason))
            first_day = end + ONE_DAY
    return [*spans, DatedReason(first_day, None, reason)]


def _join_days(days: Iterable[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """Join days that follow each other: the first and the last of each run, in their order."""
    runs: list[tuple[dt.date, dt.date]] = []
    for day in sorted(days):
        if runs and runs[-1][1] == day - ONE_DAY:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs
