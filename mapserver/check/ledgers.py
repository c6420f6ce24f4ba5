"""Checks of lines of buses and of messages: rows that reach nothing, or say what cannot be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from mapserver.check.survey import Survey
from mapserver.errors import N_
from mapserver.model import BUS_LINES, LEDGERS, Role, find_row_stops
from mapserver.text.cell_text import read_cell_text
from mapserver.text.findings import Finding, Severity

if TYPE_CHECKING:
    from mapserver.model import Snapshot


def check_ledgers(survey: Survey) -> Iterator[Finding]:
    """Examine lines of buses against stops, and messages against days and neighbourhoods."""
    city = survey.city
    if BUS_LINES.id in city.ledgers:
        yield from _check_bus_lines(survey, city.ledgers[BUS_LINES.id])
    requests = city.ledgers.get("requests")
    if requests is not None:
        yield from _check_moments(city, requests)
        yield from _check_answers(requests)
        yield from _check_areas(city, requests)


def _check_bus_lines(survey: Survey, rows: pd.DataFrame) -> Iterator[Finding]:
    """Report in one line the rows that match no stop: their lines are said nowhere."""
    layers = [each.frame for each in survey.subjects if each.role == Role.STOPS]
    is_lost = [True] * len(rows)
    for stops in layers:
        row_stops = find_row_stops(stops, rows)
        is_lost = [lost and not own for lost, own in zip(is_lost, row_stops, strict=True)]
    lost = rows[is_lost]
    if not len(lost):
        return
    what = N_("rows that match no stop: {count} of {all}; the first is {line} at {stop}")
    if not layers:
        what = N_("there is no layer of stops, so its lines are said nowhere")
    first = lost.iloc[0]
    names = [read_cell_text(first[name]) for name in ("stop_name", "pole_number", "stop_id")]
    yield Finding(
        Severity.WARNING,
        "line-without-stop",
        BUS_LINES.file,
        what,
        N_("Bring in stops of the same source, or write the number on the pole into both"),
        f"line {lost.index[0]}" if layers else "",
        {
            "count": len(lost),
            "all": len(rows),
            "line": repr(read_cell_text(first["line"])),
            "stop": repr(next(filter(None, names), "")),
        },
    )


def _check_moments(city: Snapshot, rows: pd.DataFrame) -> Iterator[Finding]:
    """Report messages from a day that has not come, and answers from before their message."""
    today, zone = city.today(), city.catalog.zone
    is_future: list[bool] = []
    is_reversed: list[bool] = []
    for received, answered in rows[["received", "answered"]].itertuples(index=False, name=None):
        moments = [each for each in (received, answered) if isinstance(each, dt.datetime)]
        is_future.append(any(each.astimezone(zone).date() > today for each in moments))
        is_reversed.append(len(moments) == 2 and answered < received)
    yield from _report_rows(
        rows,
        is_future,
        "request-in-the-future",
        N_("messages of a day that has not come yet: {count}; they are not counted until then"),
        N_("Write when the message came, and when it was answered"),
    )
    yield from _report_rows(
        rows,
        is_reversed,
        "answered-before-received",
        N_("messages that were answered before they came: {count}; how long is not known"),
        N_("Correct one of the times"),
    )


def _check_answers(rows: pd.DataFrame) -> Iterator[Finding]:
    """Report messages that agree in all but their answer: they may be one that was corrected.

    Nothing tells messages apart but what they say, since a ledger has no number of them: two people
    may have written in one minute. So each counts, and how many do is said.
    """
    keys = pd.DataFrame(
        {
            "received": rows["received"],
            **{
                name: rows[name].map(lambda cell: " ".join(read_cell_text(cell).split()).casefold())
                for name in ("neighborhood", "category")
            },
        },
        dtype=object,
    )
    answers = [
        texts.get("answered", str(cell or ""))
        for texts, cell in zip(rows["as_written"], rows["answered"], strict=True)
    ]
    known = keys.assign(answer=answers)[keys["received"].notna()]
    by_message = known.groupby([*keys], sort=False)["answer"]
    is_odd = (by_message.transform("nunique") > 1).reindex(rows.index, fill_value=False)
    yield from _report_rows(
        rows,
        is_odd.tolist(),
        "answers-differ",
        N_(
            "messages that agree with another in all but the answer: {count}; nobody can tell "
            "whether they are one whose answer was corrected, so each of them counts"
        ),
        N_("Where they are one message, remove the row that no longer holds"),
    )


def _check_areas(city: Snapshot, rows: pd.DataFrame) -> Iterator[Finding]:
    """Report neighbourhoods that the city has not: their messages are published under none."""
    areas = city.neighborhoods
    if areas is None or "name" not in areas:
        return
    names = {" ".join(str(name).split()) for name in areas["name"].dropna()}
    cells = rows["neighborhood"].map(lambda cell: " ".join(read_cell_text(cell).split()))
    is_unknown = (cells != "") & ~cells.isin(names)
    # Each way of writing one is reported once, at the first of its rows.
    for name, group in rows[is_unknown].groupby(cells[is_unknown], sort=False):
        yield Finding(
            Severity.WARNING,
            "request-unknown-neighborhood",
            LEDGERS["requests"].file,
            N_("there is no neighbourhood {name}, so its messages ({count}) count for none"),
            N_("Write the name that the neighbourhoods have"),
            f"line {group.index[0]}",
            {"name": repr(name), "count": len(group)},
        )


def _report_rows(
    rows: pd.DataFrame, is_odd: Sequence[bool], code: str, what: str, mend: str
) -> Iterator[Finding]:
    """Report in one line how many rows of messages are odd, at the first of them."""
    odd = rows[list(is_odd)]
    if len(odd):
        yield Finding(
            Severity.WARNING,
            code,
            LEDGERS["requests"].file,
            what,
            mend,
            f"line {odd.index[0]}",
            {"count": len(odd)},
        )
