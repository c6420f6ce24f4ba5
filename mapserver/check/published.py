"""Checks of published figures: periods that were taken out of their file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from mapserver.analysis.city_messages import tabulate_messages
from mapserver.analysis.frozen_months import Standing
from mapserver.check.survey import Survey
from mapserver.errors import N_
from mapserver.model import FROZEN
from mapserver.text.findings import Finding, Severity


def check_published(survey: Survey) -> Iterator[Finding]:
    """Report months that are not in the file of published figures, though what follows them is.

    Each run of ``mapserver publish`` writes all complete months, so such a month was taken out, or
    its first messages came after it was over. That the last of all months was taken out cannot be
    seen.
    """
    frozen = survey.city.frozen
    if frozen is None or not frozen.is_whole:
        return
    out = {*frozen.cells, *frozen.unknown}
    figures = tabulate_messages(survey.city)
    if figures is None or not out:
        return
    is_open = (figures["standing"] == Standing.PROVISIONAL) & (figures["table"] == "month")
    last_month = max((period for period in out if "-" in period), default="")
    missing = {month for month in figures["period"][is_open] if month < last_month}
    missing |= _find_lost_ends(figures, {year for year in out if "-" not in year}) - out
    for month in sorted(missing):
        yield Finding(
            Severity.WARNING,
            "published-taken-out",
            FROZEN.file,
            N_("{period} is not in it, though what was published after it is"),
            N_(
                "Put its rows back from a copy if somebody took them out: mapserver publish would"
                " publish it a second time, and whoever has the first can compare them"
            ),
            values={"period": month},
        )


def _find_lost_ends(figures: pd.DataFrame, years: Iterable[str]) -> set[str]:
    """Find the Decembers of years that are out, and that must have had a message.

    A year came out with all of its months, and a month without a message is none of them: one has
    to be missing where the ledger still has it, or the months do not make up the year.
    """
    lost = set()
    months = figures[figures["table"] == "month"]
    for year in years:
        own = months[months["period"].str.startswith(f"{year}-")]
        whole = figures[(figures["table"] == "year") & (figures["period"] == year)]
        count = whole["requests"].sum()
        # Where a month is hidden the year is, too, so these are the numbers of all its months.
        if f"{year}-12" in set(own["period"]) or count > own["requests"].sum():
            lost.add(f"{year}-12")
    return lost
