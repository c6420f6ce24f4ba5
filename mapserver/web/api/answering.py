"""Answers requests by the rows of operations: checks, asks, and gives the answer its format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from flask import Blueprint, Response, request

from mapserver.model import encode
from mapserver.web.api.collection_views import list_property_names
from mapserver.web.api.formats import choose_format
from mapserver.web.api.operations import Document, Encoded, Operation, Question
from mapserver.web.api.parameter_rows import EVERYWHERE
from mapserver.web.api.parameters import Parameters
from mapserver.web.asked import asked_language
from mapserver.web.live import current
from mapserver.web.rendering import edition
from mapserver.web.responses import Body, send


def register(blueprint: Blueprint, operations: Iterable[Operation]) -> None:
    """Register a route for each operation."""
    for operation in operations:
        # The id of a feature may hold anything, a slash too.
        rule = operation.path.replace("{featureId}", "<path:featureId>")
        rule = re.sub(r"\{(\w+)\}", r"<\1>", rule)
        blueprint.add_url_rule(
            rule or "/", operation.id, _make_view(operation), methods=[operation.method.upper()]
        )


def _make_view(operation: Operation) -> Callable[..., Response]:
    def view(**places: str) -> Response:
        question = read_question(operation, places)
        answer = operation.answer(question)
        if isinstance(answer, Document):
            answer = encode_document(question, answer)
        response = send(answer.body, request, status=answer.status, has_ranges=answer.has_ranges)
        response.headers.update(answer.headers)
        if operation.method == "get":
            response.vary.add("Accept")
        return response

    return view


def read_question(operation: Operation, places: dict[str, str]) -> Question:
    """Read the request that is being answered as a question to an operation.

    Raises
    ------
    QueryError
        It has a parameter that the operation does not know, or one twice.
    NotAcceptable
        It accepts none of the formats.
    """
    served = current().snapshot
    everywhere = EVERYWHERE if operation.method == "get" else ()
    allowed = {row.name for row in (*operation.parameters, *everywhere)}
    if operation.has_properties and places["collectionId"] in served.features:
        allowed |= set(list_property_names(served, places["collectionId"]))
    parameters = Parameters(request.args, allowed)
    format_ = operation.formats[0]
    if operation.method == "get":  # what is sent comes back in the form in which it was sent
        format_ = choose_format(operation.formats, request.args.get("f"), request.accept_mimetypes)
    return Question(
        operation,
        served,
        asked_language(),
        format_,
        parameters,
        places,
        root=current().settings.base_url or request.url_root.rstrip("/"),
        path=request.path,
        query=request.args.to_dict(),
    )


def encode_document(question: Question, document: Document) -> Encoded:
    """Encode a document in the format that was asked for."""
    if question.is_page:
        pages = edition(question.lang)
        context = {"document": document.content, "question": question, **document.context}
        text = pages.render(request.path.lstrip("/"), document.template, context)
        body = Body(text.encode(), "text/html; charset=utf-8", kept=False)
    else:
        body = Body(encode(document.content), question.format.mimetype, kept=False)
    return Encoded(body, document.headers)
