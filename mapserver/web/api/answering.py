"""Flask's views of the operations: each asks, and shows a page to who comes with a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from flask import Blueprint, Response, request

from mapserver.web.api.asking import (
    FAILURE,
    Received,
    answer_question,
    choose_cache_control,
    read_question,
)
from mapserver.web.api.operations import Document, Encoded, Operation, Question, Streamed
from mapserver.web.api.pages import describe_page
from mapserver.web.asked import asked_language
from mapserver.web.live import current
from mapserver.web.rendering import edition
from mapserver.web.responses import Body, send
from mapserver.web.streams import send_stream


def register(blueprint: Blueprint, operations: Iterable[Operation]) -> None:
    """Register a route for each operation."""
    for operation in operations:
        blueprint.add_url_rule(
            write_rule(operation) or "/",
            operation.id,
            _make_view(operation),
            methods=[operation.method.upper()],
        )


def write_rule(operation: Operation) -> str:
    """Write the rule of a route, as Flask has it."""
    # The id of a feature may hold anything, a slash too.
    rule = operation.path.replace("{featureId}", "<path:featureId>")
    return re.sub(r"\{(\w+)\}", r"<\1>", rule)


def _make_view(operation: Operation) -> Callable[..., Response]:
    def view(**places: str) -> Response:
        received = Received(
            root=current().settings.base_url or request.url_root.rstrip("/"),
            path=request.path,
            query=request.environ.get("QUERY_STRING", ""),
            accept=request.headers.get("Accept", ""),
            accept_language=request.headers.get("Accept-Language", ""),
        )
        question = read_question(operation, places, current().snapshot, received)
        # Taken out, since its traceback holds the request in turn.
        if failure := request.environ.pop(FAILURE, None):
            raise failure
        answer = answer_question(question)
        if isinstance(answer, Document):
            answer = _show_page(question, answer)
        if isinstance(answer, Streamed):
            return send_stream(answer.parts, answer.mimetype, answer.tag, request)
        response = send(answer.body, request, status=answer.status, has_ranges=answer.has_ranges)
        response.headers["Cache-Control"] = choose_cache_control(question, answer.body)
        response.headers.update(answer.headers)
        if operation.method == "get":
            response.vary.add("Accept")
            if question.depends_on_language:
                asked_language()  # it notes that
        return response

    return view


def _show_page(question: Question, document: Document) -> Encoded:
    """Show a document to a person."""
    pages = edition(question.lang)
    context = {"document": document.content, "question": question, **document.context}
    context |= describe_page(question, document)
    text = pages.render(question.path.lstrip("/"), document.template, context)
    return Encoded(Body(text.encode(), "text/html; charset=utf-8", kept=False), document.headers)
