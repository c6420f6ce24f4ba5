"""The functions that filters may call beside those of the standard."""

from __future__ import annotations

from mapserver.filters import FUNCTIONS, Kind
from mapserver.web.api.formats import HTML, JSON
from mapserver.web.api.links import link_formats
from mapserver.web.api.operations import Document, Operation, Question

KINDS = {
    Kind.TEXT: "string",
    Kind.NUMBER: "number",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "datetime",
    Kind.TIMESTAMP: "datetime",
    Kind.GEOMETRY: "geometry",
}
"""What kinds of values are called in the description of functions (19-079r2, 8.5)."""


def answer_functions(question: Question) -> Document:
    """Answer with the functions that filters may call, with what they take and return."""
    say = question.served.city.phrases(question.lang).say
    content = {
        "links": link_formats(question),
        "functions": [
            {
                "name": function.name,
                "description": say(function.description),
                "arguments": [{"type": [KINDS[kind]]} for kind in function.arguments],
                "returns": [KINDS[function.result]],
            }
            for function in FUNCTIONS.values()
        ],
    }
    return Document(content, "api/functions.html")


OPERATIONS = (
    Operation(
        "getFunctions",
        "/functions",
        "The functions that filters may call",
        (JSON, HTML),
        answer_functions,
        tag="Schemas",
        schemas={"json": "Functions"},
    ),
)
