"""The direct line in figures, for programs: what its page shows, as JSON and CSV."""

from __future__ import annotations

from typing import Any

from mapserver.analysis.city_messages import is_made_up, tabulate_messages
from mapserver.analysis.waiting import PROMISED_H, PROMISED_WORKING_H
from mapserver.errors import N_, NotFoundError
from mapserver.web.api.formats import HTML, JSON, Format
from mapserver.web.api.links import link_formats
from mapserver.web.api.operations import Document, Encoded, Operation, Question
from mapserver.web.responses import Body
from mapserver.writers.message_table import list_figures, write_figures

CSV = Format("csv", "text/csv", "CSV")
MEMBERS = {
    "months": ("month", ("month",)),
    "neighborhoods": ("neighborhood", ("month", "neighborhood")),
    "categories": ("category", ("month", "category")),
    "years": ("year", ("year",)),
    "neighborhoods_categories": ("neighborhood_category", ("year", "neighborhood", "category")),
}
"""The tables of the answer: the rows that belong to each, and by what they are."""
FIGURES = (
    *("requests", "suppressed", "hidden", "share_48h", "share_working"),
    *("median_h", "median_working_h", "missing_holidays"),
    *("smallest_count", "standing", "published_on", "first_month"),
)

NULLABLE_TEXTS = ("missing_holidays", "published_on", "first_month")


def answer_requests(question: Question) -> Document | Encoded:
    """Answer how many messages came to the direct line, and how soon they were answered.

    Raises
    ------
    NotFoundError
        The city keeps no ledger of messages.
    """
    city = question.served.city
    figures = tabulate_messages(city)
    if figures is None:
        raise NotFoundError(
            N_("this city keeps no times of messages to its direct line"),
            mend=N_("They stand in {file}"),
            file="layers/requests.csv",
        )
    if question.format is CSV:
        body = Body(write_figures(figures), "text/csv; charset=utf-8", kept=False, tag=question.tag)
        return Encoded(body)
    say = city.phrases(question.lang).say
    content = {
        "title": say(N_("The direct line in figures")),
        "links": link_formats(question),
        "smallest_count": city.catalog.smallest_count,
        "promised_hours": PROMISED_H,
        "promised_working_hours": PROMISED_WORKING_H,
        "sample": is_made_up(city),
    }
    return Document(content | gather_tables(list_figures(figures)), "api/statistics.html")


def gather_tables(records: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Gather published cells by table; an unknown neighbourhood or category is None."""
    # One list of published cells makes all tables, so page, CSV and JSON cannot disagree.
    tables: dict[str, list[dict[str, Any]]] = {}
    for member, (table, keys) in MEMBERS.items():
        tables[member] = [
            {
                **{
                    key: record["period" if key in {"month", "year"} else key] or None
                    for key in keys
                },
                **{name: record[name] for name in FIGURES},
                **{name: record[name] or None for name in NULLABLE_TEXTS},
            }
            for record in records
            if record["table"] == table
        ]
    return tables


OPERATIONS = (
    Operation(
        "getRequestStatistics",
        "/statistics/requests",
        "How soon messages to the direct line were answered",
        (JSON, HTML, CSV),
        answer_requests,
        tag="Queries",
        schemas={"json": "RequestStatistics"},
        statuses=(404,),
        ledger="requests",
    ),
)
