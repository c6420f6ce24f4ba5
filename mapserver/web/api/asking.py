"""Reads requests as questions to operations, and answers them, whoever received them.

Flask's views and the short way before Flask (:mod:`mapserver.web.shortcut`) both come here, so
both give the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from mapserver.files.program import read_program
from mapserver.filters.folding import compose
from mapserver.model import encode
from mapserver.web.accepted import choose_language, read_query
from mapserver.web.api.collection_views import list_property_names
from mapserver.web.api.formats import HTML, choose_format
from mapserver.web.api.operations import (
    Document,
    Encoded,
    Operation,
    Outcome,
    Question,
    ask_operation,
    list_parameter_names,
)
from mapserver.web.api.parameter_rows import SIZE
from mapserver.web.api.parameters import Parameters
from mapserver.web.responses import REVALIDATE, REVALIDATE_SOON, Body
from mapserver.web.served_city import ServedCity

Digest: TypeAlias = hashlib.blake2b


class Received(NamedTuple):
    """What is read of a request.

    Attributes
    ----------
    root
        Address of the site, without a trailing slash.
    path
        Path below it, not quoted.
    query
        The query, as WSGI has it.
    accept, accept_language
        The headers; empty where there are none.
    """

    root: str
    path: str
    query: str
    accept: str
    accept_language: str


def read_question(
    operation: Operation, places: Mapping[str, str], served: ServedCity, received: Received
) -> Question:
    """Read a request as a question to an operation.

    Raises
    ------
    QueryError
        It has a parameter that the operation does not know, or one twice.
    NotAcceptable
        It accepts none of the formats.
    """
    return _read_whole(operation, places, served, received, read_query(received.query))


def repeat_question(shape: Question, pairs: list[tuple[str, str]], query: str) -> Question:
    """Return a question that differs from an earlier one by :data:`FREE` alone.

    Most questions of a busy server differ by the place alone: whether they are well formed, their
    language and their format were found out when the first of them was read.

    Parameters
    ----------
    shape
        The earlier question.
    pairs, query
        The query of the new one, and as WSGI has it.
    """
    values = dict(pairs)
    return Question(
        shape.operation,
        shape.served,
        shape.lang,
        shape.format,
        Parameters.from_checked(values),
        shape.places,
        shape.root,
        shape.path,
        values,
        _finish_tag(shape.read_once("tag", _begin_tag), query),
        query if PLAIN_QUERY.fullmatch(query) else "",
        shape.notes,
    )


FAILURE = "mapserver.failure"
"""Under this key of a request stands why it was not answered, for whoever says it."""
PLAIN_QUERY = re.compile(
    r"[A-Za-z0-9_.~-]+=[A-Za-z0-9_.,~-]*(?:&[A-Za-z0-9_.~-]+=[A-Za-z0-9_.,~-]*)*"
)
"""A query that is written as links write it, but for its commas."""


def _read_whole(
    operation: Operation,
    places: Mapping[str, str],
    served: ServedCity,
    received: Received,
    pairs: list[tuple[str, str]],
) -> Question:
    places = {name: compose(text) for name, text in places.items()}
    is_get = operation.method == "get"
    allowed = list_parameter_names(operation)
    may_be_property = operation.has_properties and places["collectionId"] in served.features
    if may_be_property and not allowed.issuperset(name for name, _ in pairs):
        allowed |= list_property_names(served, places["collectionId"])
    # What is sent comes back in the form in which it was sent.
    format_ = operation.formats[0]
    if is_get:
        format_ = choose_format(operation.formats, dict(pairs).get("f"), received.accept)
    if format_ is HTML:
        # A form sends the fields that nobody has filled in, too.
        pairs = [(name, text) for name, text in pairs if text]
    parameters = Parameters(pairs, allowed)
    languages = served.city.catalog.page_languages
    if "lang" in parameters:  # a language that the city has not is refused, as what is unknown is
        parameters.choice("lang", languages, "")
    if SIZE.name in parameters:
        parameters.choice(SIZE.name, SIZE.schema["enum"], "")
    lang = choose_language(parameters.optional_text("lang"), received.accept_language, languages)
    question = Question(
        operation,
        served,
        lang,
        format_,
        parameters,
        places,
        root=received.root,
        path=received.path,
        query=dict(pairs),
    )
    question.tag = _finish_tag(question.read_once("tag", _begin_tag), received.query)
    return question


def _begin_tag(question: Question) -> Digest:
    """Begin a digest of all that an answer follows from: data, day, program, and the question.

    Only the query, which comes last, is another for each question of a shape.
    """
    city = question.served.city
    parts = (
        *(city.version, read_program().digest.hex(), city.today().isoformat(), question.root),
        *(question.path, question.format.mimetype),
        question.lang if question.depends_on_language else "",
    )
    return hashlib.blake2b("\n".join((*parts, "")).encode("utf-8", "replace"), digest_size=10)


def _finish_tag(begun: Digest, query: str) -> str:
    digest = begun.copy()
    digest.update(query.encode("utf-8", "replace"))
    return digest.hexdigest()


def answer_question(question: Question) -> Outcome:
    """Answer a question: as bytes or their parts, or for a person as what a template shows."""
    answer = ask_operation(question)
    if isinstance(answer, Document) and question.format is not HTML:
        data = encode(answer.content)
        body = Body(data, question.format.mimetype, kept=False, tag=question.tag)
        return Encoded(body, answer.headers)
    return answer


def choose_cache_control(question: Question, body: Body) -> str:
    """Choose how long others may keep an answer.

    Programs that ask often are answered at once by what is a moment old; what is sent here is
    nobody else's, and is asked anew each time.
    """
    if question.operation.method == "get" and body.cache_control == REVALIDATE:
        return REVALIDATE_SOON
    return body.cache_control
