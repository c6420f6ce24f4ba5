"""What the API can be asked: each operation with its path, its parameters and its formats.

The rows say all that there is to know of an operation. Requests are checked against them
(:mod:`mapserver.web.api.answering`), and the description of the API is written from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from mapserver.errors import N_, NotFoundError, QueryError
from mapserver.web.api.formats import GEOJSON, HTML, JSON, JSONFG, Format
from mapserver.web.api.parameter_rows import EVERYWHERE, Parameter
from mapserver.web.api.parameters import Parameters
from mapserver.web.responses import Body
from mapserver.web.served_city import ServedCity

T = TypeVar("T")
FREE = frozenset({"lon", "lat", "bbox"})
"""Parameters that hardly ever have the same value twice. What these are changes nothing about how a
question is read: neither its language nor its format, nor which other parameters there may be."""
WORDLESS = (GEOJSON, JSON, JSONFG)
"""Formats that hold data alone, unless an operation writes words into them."""


# Neither this nor the next is frozen, though nobody changes one: it is made for each answer.
@dataclass(slots=True, eq=False)
class Document:
    """An answer before it has a format.

    Attributes
    ----------
    content
        Its members, as JSON has them, or what has them as its fields; templates find them under
        ``document``.
    template
        The template that shows it to a person.
    headers
        Headers that belong to it.
    context
        What else the template shows.
    """

    content: Any
    template: str
    headers: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Encoded:
    """An answer that has its bytes already.

    Attributes
    ----------
    body
        The bytes.
    headers
        Headers that belong to it.
    status
        Status of HTTP.
    has_ranges
        Whether a client may ask for a part of it.
    """

    body: Body
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    has_ranges: bool = False


@dataclass(frozen=True)
class Streamed:
    """An answer that is written while it is sent.

    Attributes
    ----------
    parts
        Its bytes, as they are asked for. When they end in an error, what has left shows it.
    mimetype
        Media type, with charset where it is text.
    tag
        A digest of all that it follows from.
    """

    parts: Iterator[bytes]
    mimetype: str
    tag: str


Outcome = Document | Encoded | Streamed
"""What an operation answers."""


# Not frozen, though nobody changes one: each field of a frozen one takes a call to set.
@dataclass(slots=True, eq=False)
class Question:
    """A request, checked.

    Attributes
    ----------
    operation
        What is asked.
    served
        The state of the city that the whole answer is of.
    lang
        Code of the language of titles and pages.
    format
        The format of the answer.
    parameters
        The parameters of the query.
    places
        The parts of the path that vary, by name.
    root
        Address of the site without a trailing slash, with which links begin.
    path, query
        The address that was asked for: its path below that of the site, not quoted, and its query.
    tag
        A digest of all that the answer follows from, but for a body that is sent here.
    plain_query
        The query as it came, where it is written as links write it, but for its commas; else empty.
    notes
        What was read of questions that differ from this one by :data:`FREE` alone.
    """

    operation: Operation
    served: ServedCity
    lang: str
    format: Format
    parameters: Parameters
    places: Mapping[str, str]
    root: str
    path: str
    query: Mapping[str, str]
    tag: str = ""
    plain_query: str = ""
    notes: dict[str, Any] = field(default_factory=dict)

    def read_once(self, name: str, read: Callable[[Question], T]) -> T:
        """Return what a function reads of a question that has nothing to do with :data:`FREE`.

        Questions of a shape share it, so it is read of the first of them alone.
        """
        if name not in self.notes:
            self.notes[name] = read(self)
        value: T = self.notes[name]
        return value

    @property
    def collection(self) -> str:
        """The id of the collection that the path names.

        Raises
        ------
        NotFoundError
            The city has no such collection.
        """
        return require_collection(self.served, self.places["collectionId"])

    @property
    def depends_on_language(self) -> bool:
        """Whether the answer has words for readers, and not the data alone."""
        return self.operation.has_words or self.format not in WORDLESS

    @property
    def offered(self) -> Sequence[Format]:
        """The formats that this can be answered in, the usual one first."""
        offer = self.operation.offer
        return self.operation.formats if offer is None else offer(self)

    @property
    def is_page(self) -> bool:
        """Whether a person asks, with a browser."""
        return self.format is HTML


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """Something that the API can be asked.

    Attributes
    ----------
    id
        Its name in the description (``getItems``).
    path
        Its path below ``/api`` with what varies in braces (``/collections/{collectionId}``).
    summary
        What it answers, in a line of English.
    formats
        What it is answered in, the usual one first.
    answer
        Answers a question: with a document, which then gets its format, or whole.
    parameters
        The parameters that it knows, beside ``f`` and ``lang``, which all know.
    method
        ``get`` or ``post``.
    tag
        The group that it belongs to in the description.
    has_words
        Whether its documents have words for readers also as data: titles, descriptions.
    has_properties
        Whether the properties of the collection are parameters, too.
    schemas
        What its answers look like: for the name of a format, that of a schema in
        :mod:`mapserver.web.api.answer_schemas`.
    statuses
        Statuses of HTTP that it answers with beside those of all operations of its method.
    ledger
        The ledger that it is about: of a city without it, it is not described.
    offer
        Lists the formats that a question can be answered in; None where those are ``formats``.
    is_quick
        Whether a question that is as good as this one but for :data:`FREE` takes microseconds to
        answer, so that it is not worth a thread.
    answer_large
        Answers it where it is about a layer that stays in a database; None where nobody can, so
        that no such layer is ever taken for an empty one.
    """

    id: str
    path: str
    summary: str
    formats: tuple[Format, ...]
    answer: Callable[[Question], Outcome]
    parameters: tuple[Parameter, ...] = ()
    method: str = "get"
    tag: str = "Discovery"
    has_words: bool = True
    has_properties: bool = False
    schemas: Mapping[str, str] = field(default_factory=dict)
    statuses: tuple[int, ...] = ()
    ledger: str = ""
    offer: Callable[[Question], Sequence[Format]] | None = None
    is_quick: Callable[[Question], bool] = lambda _: False
    answer_large: Callable[[Question, Any], Outcome] | None = None


def find_large(question: Question) -> Any:
    """Return the layer that a question is about, where it stays in a database; else None."""
    large = question.served.city.data.large
    if not large:
        return None
    collection = question.places.get("collectionId")
    if collection is None and question.operation.path == "/nearest":
        collection = question.parameters.text("collection", "trails")
    return large.get(collection or "")


def ask_operation(question: Question) -> Outcome:
    """Have a question answered by its operation.

    Raises
    ------
    QueryError
        It is about a layer that stays in a database, and cannot be asked there.
    """
    operation, large = question.operation, find_large(question)
    if large is None:
        return operation.answer(question)
    if operation.answer_large is None:
        raise QueryError(
            N_("{collection} is so large that it stays in the database, and is not asked so"),
            mend=N_("Ask for its items, or for what is nearest to one place"),
            collection=large.entry.id,
        )
    return operation.answer_large(question, large)


@lru_cache
def list_parameter_names(operation: Operation) -> frozenset[str]:
    """List the names of the parameters of an operation, without properties of a collection."""
    everywhere = EVERYWHERE if operation.method == "get" else ()
    return frozenset(row.name for row in (*operation.parameters, *everywhere))


def require_collection(served: ServedCity, collection: str, parameter: str = "") -> str:
    """Check that a city has a collection.

    Parameters
    ----------
    served
        The city.
    collection
        Id of a layer.
    parameter
        Name of the parameter that names it; empty for the path.

    Raises
    ------
    NotFoundError
        It has not; the message names those that there are.
    """
    if collection not in served.features:
        raise NotFoundError(
            N_("there is no collection {collection}"),
            parameter=parameter,
            mend=N_("This city has: {collections}"),
            collection=repr(collection[:60]),
            collections=", ".join(served.features) or "-",
        )
    return collection
