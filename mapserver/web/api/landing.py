"""The front door of the API: what there is, and which standards it keeps to."""

from __future__ import annotations

from mapserver.errors import N_, fill
from mapserver.web.api.conformance import CLASSES
from mapserver.web.api.formats import HTML, JSON, OPENAPI
from mapserver.web.api.links import REL, link_formats, link_formats_of, make_link
from mapserver.web.api.operations import Document, Operation, Question


def answer_landing(question: Question) -> Document:
    """Answer with what the API is and where everything is."""
    city = question.served.city
    say = city.phrases(question.lang).say
    title = city.catalog.title.in_language(question.lang)
    links = link_formats(question)
    links += [
        make_link(
            question,
            "service-desc",
            "/api/openapi.json",
            OPENAPI.mimetype,
            title=say(N_("Description of the API")),
        ),
        make_link(
            question, "service-doc", "/api/docs", HTML.mimetype, title=say(N_("The API, to read"))
        ),
    ]
    standards = say(N_("Standards that it keeps to"))
    links += link_formats_of(question, "conformance", "/api/conformance", (JSON, HTML), standards)
    links += link_formats_of(
        question, "data", "/api/collections", (JSON, HTML), say(N_("Collections"))
    )
    functions = say(N_("Functions of filters"))
    rel = f"{REL}/functions"
    links += link_formats_of(question, rel, "/api/functions", (JSON, HTML), functions)
    content = {
        "title": title,
        "description": fill(
            say(N_("Trails, districts and everything else that {city} shows, for programs")),
            {"city": title},
        ),
        "links": links,
    }
    return Document(content, "api/landing.html")


def answer_conformance(question: Question) -> Document:
    """Answer with the conformance classes that tests prove."""
    content = {"conformsTo": list(CLASSES), "links": link_formats(question)}
    return Document(content, "api/conformance.html")


OPERATIONS = (
    Operation(
        "getLandingPage",
        "",
        "What there is",
        (JSON, HTML),
        answer_landing,
        schemas={"json": "Landing"},
    ),
    Operation(
        "getConformance",
        "/conformance",
        "The standards that the API keeps to",
        (JSON, HTML),
        answer_conformance,
        schemas={"json": "Conformance"},
    ),
)
