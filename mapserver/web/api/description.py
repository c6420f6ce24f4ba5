"""The description of the API (OpenAPI 3.0), written from the rows that requests are checked by."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from apispec import APISpec

from mapserver import __version__, headings
from mapserver.errors import N_, fill
from mapserver.web.api import parameter_rows as rows
from mapserver.web.api.answer_schemas import (
    FEATURE,
    FEATURES,
    SCHEMAS,
    list_own_properties,
    make_own_schemas,
)
from mapserver.web.api.collection_views import view_collection
from mapserver.web.api.described_answers import ANSWERS, describe_answers, describe_body
from mapserver.web.api.documentation import list_chapters
from mapserver.web.api.downloads import is_download, list_downloads
from mapserver.web.api.examples import SYSTEM_PARAMETERS, find_examples
from mapserver.web.api.formats import HTML, OPENAPI, Format
from mapserver.web.api.operations import Document, Operation, Question
from mapserver.web.api.parameter_rows import Parameter
from mapserver.web.api.schemas import ID, KINDS, list_sortable
from mapserver.web.api.systems import list_systems

OPENAPI_VERSION = "3.0.3"
TAGS = {
    "Discovery": N_("What there is"),
    "Collections": N_("The collections of the city"),
    "Features": N_("Trails, districts and all else, one by one"),
    "Schemas": N_("What features have"),
    "Tiles": N_("Vector tiles for maps"),
    "Queries": N_("Questions about places"),
}
"""The groups of operations, with what they are about."""


def write_description(question: Question, operations: tuple[Operation, ...]) -> dict[str, Any]:
    """Write the description of the API for the city that is served.

    It is worked out once for a state of the city and a language; the address of the site is that
    of the request.
    """
    key = ("description", question.lang)
    kept = question.served.shelf.get(key)
    if kept is None:
        kept = question.served.shelf[key] = _describe_city(question, operations)
    document: dict[str, Any] = kept | {"servers": [{"url": f"{question.root}/api"}]}
    return document


def _describe_city(question: Question, operations: tuple[Operation, ...]) -> dict[str, Any]:
    served = question.served
    document = APISpec(
        title=served.city.catalog.title.in_language(question.lang),
        version=__version__,
        openapi_version=OPENAPI_VERSION,
        info=_describe_info(question),
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
    )
    own = [make_own_schemas(served, collection) for collection in served.features]
    for schemas in (SCHEMAS, *own):
        for name, schema in schemas.items():
            document.components.schema(name, schema)
    for name, answer in ANSWERS.items():
        document.components.response(name, answer)
    writer = _Writer(question, document)
    for operation in operations:
        if operation.ledger and operation.ledger not in question.served.city.ledgers:
            continue
        writer.add_operation(operation)
    return document.to_dict()


def _describe_info(question: Question) -> dict[str, Any]:
    """Describe whose API it is: the licence only where all data has the same."""
    city = question.served.city
    title = city.catalog.title.in_language(question.lang)
    about = N_("Trails, districts and everything else that {city} shows, for programs")
    info: dict[str, Any] = {
        "description": fill(city.phrases(question.lang).say(about), {"city": title}),
        "contact": {"name": title},
    }
    if city.catalog.direct_line:
        info["contact"]["x-telephone"] = city.catalog.direct_line
    licences = {city.entry(collection).licence for collection in question.served.features}
    if len(licences) == 1 and (licence := licences.pop()):
        info["license"] = {"name": licence}
    return info


class _Writer:
    """Adds operations to a document.

    Parameters
    ----------
    question
        Has the city and the language.
    document
        Is added to.
    """

    def __init__(self, question: Question, document: APISpec) -> None:
        self._served = question.served
        self._lang = question.lang
        self._say = question.served.city.phrases(question.lang).say
        self._document = document
        self._examples = find_examples(question.served)
        self._shared: dict[str, Parameter] = {}

    def add_operation(self, operation: Operation) -> None:
        """Add an operation; one whose parameters depend on the collection, for each of them."""
        if not operation.has_properties:
            self._add_path(operation)
            return
        for collection in self._served.features:
            self._add_path(operation, collection)

    def _add_path(self, operation: Operation, collection: str = "") -> None:
        path = operation.path or "/"
        description: dict[str, Any] = {
            "operationId": operation.id,
            "summary": operation.summary,
            "tags": [operation.tag],
        }
        formats: Iterable[Format] = operation.formats
        schemas = dict(operation.schemas)
        if collection:
            path = path.replace("{collectionId}", collection)
            description["operationId"] = f"{operation.id}.{collection}"
            description["summary"] = f"{operation.summary}: {self._name_collection(collection)}"
            offered = list_downloads(self._served.city.find_columns(collection))
            formats = [each for each in formats if not is_download(each) or each in offered]
            own = {FEATURES, FEATURE} & set(schemas.values())
            schemas |= {
                name: f"{schema}.{collection}" for name, schema in schemas.items() if schema in own
            }
        parameters: list[dict[str, Any] | str] = [
            self._describe_parameter(rows.IN_PATHS[name], collection, place="path")
            for name in re.findall(r"\{(\w+)\}", path)
        ]
        parameters += [self._refer_parameter(row, collection) for row in operation.parameters]
        if collection:
            parameters += self._describe_properties(operation, collection)
        if operation.method == "get":
            parameters.append(self._describe_format(formats))
            parameters += [
                self._refer_parameter(rows.LANG, ""),
                self._refer_parameter(rows.SIZE, ""),
            ]
        else:
            description["requestBody"] = describe_body(self._examples.lon, self._examples.lat)
        description |= {
            "parameters": parameters,
            "responses": describe_answers(operation, formats, schemas),
        }
        self._document.path(path=path, operations={operation.method: description})

    def _name_collection(self, collection: str) -> str:
        return self._served.city.entry(collection).title.in_language(self._lang)

    def _refer_parameter(self, row: Parameter, collection: str) -> dict[str, Any] | str:
        """Refer to a parameter that operations share; one with an example of its own is in place.

        Clients look for ``#/components/parameters/limit`` to know how large a page may be.
        """
        is_own = bool(collection) and self._examples.find(row.name) != self._examples.find(
            row.name, collection
        )
        if is_own or self._shared.setdefault(row.name, row) is not row:
            return self._describe_parameter(row, collection)
        if row.name not in self._document.components.parameters:
            content = self._describe_parameter(row, collection)
            self._document.components.parameter(row.name, "query", content)
        return row.name  # apispec makes a reference of it

    def _describe_parameter(
        self, row: Parameter, collection: str, place: str = "query"
    ) -> dict[str, Any]:
        schema = dict(row.schema)
        choices = self._list_choices(row.name, collection)
        if choices and row.is_list:
            schema["items"] = {"type": "string", "enum": choices}
        elif choices:
            schema["enum"] = choices
        is_required = row.is_required
        # What is usual elsewhere and is not there cannot be left out.
        if choices and schema.get("default", choices[0]) not in choices:
            del schema["default"]
            is_required = True
        description: dict[str, Any] = {
            "name": row.name,
            "in": place,
            "required": is_required,
            "description": row.description,
            "schema": schema,
        }
        if place == "query":
            # As the abstract tests of Part 1 have it; a single value is written the same way.
            description |= {"style": "form", "explode": False}
        example = self._examples.find(row.name, collection)
        example = row.example if example is None else example
        if example is not None:
            description["example"] = example
        return description

    def _list_choices(self, name: str, collection: str) -> list[str]:
        """List the values that a parameter may have on this city; none where they are free."""
        city = self._served.city
        if collection and name == "properties":
            return [each.name for each in list_own_properties(self._served, collection)]
        if collection and name == "sortby":
            view = view_collection(self._served, collection, city.today())
            names = [ID, *(each.name for each in list_sortable(view))]
            return [f"{sign}{each}" for each in names for sign in ("", "-")]
        if name == "collectionId":
            return list(self._served.features)
        if name == "collection":  # is searched by place, which rows of ledgers have none of
            return list(city.layers)
        if name in SYSTEM_PARAMETERS:
            return [system.uri for system in list_systems(city)]
        return list(city.catalog.page_languages) if name == "lang" else []

    def _describe_format(self, formats: Iterable[Format]) -> dict[str, Any]:
        names = [each.name for each in formats]
        schema = rows.FORMAT.schema | {"enum": names}
        description = self._describe_parameter(rows.FORMAT, "")
        return description | {"schema": schema, "example": names[0]}

    def _describe_properties(self, operation: Operation, collection: str) -> list[dict[str, Any]]:
        """Describe the properties of a collection, which are parameters, too."""
        reserved = {row.name for row in (*operation.parameters, *rows.EVERYWHERE)}
        values = self._examples.values.get(collection, {})
        return [
            {
                "name": each.name,
                "in": "query",
                "required": False,
                "description": headings.write_title(
                    each.name, self._lang, self._say, is_converted=False
                ),
                "schema": {"type": KINDS[each.kind]["type"]}
                if each.kind in {"number", "integer", "boolean"}
                else {"type": "string"},
                "style": "form",
                "explode": False,
                "x-property": True,
            }
            | ({"example": values[each.name]} if each.name in values else {})
            for each in list_own_properties(self._served, collection)
            if each.name not in reserved
        ]


def add_description(*operations: Operation) -> tuple[Operation, ...]:
    """Add to operations those that describe all of them, themselves included."""

    def answer_description(question: Question) -> Document:
        """Answer with the description of the API, for programs or to be read."""
        document = write_description(question, described)
        context = {"chapters": list_chapters(document)} if question.is_page else {}
        return Document(document, "api/docs.html", context=context)

    described = (
        *operations,
        Operation(
            "getDescription",
            "/openapi.json",
            "The description of the API, for programs",
            (OPENAPI, HTML),
            answer_description,
            schemas={"json": "Description"},
        ),
        Operation(
            "getDocs", "/docs", "The description of the API, to read", (HTML,), answer_description
        ),
    )
    return described
