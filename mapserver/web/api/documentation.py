"""The description of the API as a person reads it: operations by group, with examples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ParameterLine:
    """A line of the table of parameters.

    Attributes
    ----------
    name
        Its name.
    kind
        What it may be, in short (``integer, 1 to 100, usually 1``).
    meaning
        What it does.
    example
        An example as it stands in an address; empty where there is none.
    is_required
        Whether it must be there.
    is_property
        Whether it is a property of the collection.
    """

    name: str
    kind: str
    meaning: str
    example: str
    is_required: bool
    is_property: bool


@dataclass(frozen=True, slots=True)
class Chapter:
    """An operation as it is read.

    Attributes
    ----------
    id
        Its id in the description.
    method, path
        How it is asked.
    summary
        What it answers, in a line.
    parameters
        Its parameters.
    address
        An example below the root of the API that works on this city; empty where there is none.
    body
        An example of what is sent, with its media type; None where nothing is sent.
    answers
        Each status with what it means and its media types.
    """

    id: str
    method: str
    path: str
    summary: str
    parameters: tuple[ParameterLine, ...]
    address: str
    body: tuple[str, str] | None
    answers: tuple[tuple[str, str, tuple[str, ...]], ...]


def list_chapters(document: Document) -> dict[str, list[Chapter]]:
    """List the operations of a description by their groups, in its order."""
    groups: dict[str, list[Chapter]] = {tag["name"]: [] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups[operation["tags"][0]].append(_read_chapter(document, path, method, operation))
    return groups


def _read_chapter(document: Document, path: str, method: str, operation: dict[str, Any]) -> Chapter:
    parameters = [_resolve(document, each) for each in operation["parameters"]]
    body = operation.get("requestBody", {}).get("content", {}).get("text/csv")
    return Chapter(
        operation["operationId"],
        method.upper(),
        path,
        operation["summary"],
        tuple(map(_read_parameter, parameters)),
        _write_address(path, parameters),
        ("text/csv", body["example"]) if body else None,
        tuple(_list_answers(document, operation)),
    )


def _resolve(document: Document, part: dict[str, Any]) -> dict[str, Any]:
    """Return a part of a description itself where there is a reference to it."""
    if "$ref" not in part:
        return part
    found: Any = document
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    resolved: dict[str, Any] = found
    return resolved


def _read_parameter(parameter: dict[str, Any]) -> ParameterLine:
    example = parameter.get("example")
    return ParameterLine(
        parameter["name"],
        ", ".join(_list_rules(parameter["schema"])),
        parameter["description"],
        "" if example is None else _write_value(example),
        parameter["required"],
        parameter.get("x-property", False),
    )


def _list_rules(schema: dict[str, Any]) -> Iterator[str]:
    """List what a value must be, as short words of English."""
    if schema["type"] == "array":
        yield f"{schema['items']['type']}s, with commas between"
    elif "enum" in schema:
        yield " | ".join(schema["enum"])
    else:
        yield schema["type"]
    if "minimum" in schema and "maximum" in schema:
        yield f"{schema['minimum']} to {schema['maximum']}"
    elif "minimum" in schema:
        yield f"from {schema['minimum']}"
    if "default" in schema:
        yield f"usually {schema['default']}"


def _write_value(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _write_address(path: str, parameters: list[dict[str, Any]]) -> str:
    """Write an example: what must be there, and a number of features where there is one."""
    query = {}
    for each in parameters:
        if each["in"] == "path":
            if "example" not in each:
                return ""
            path = path.replace(f"{{{each['name']}}}", quote(str(each["example"]), safe=""))
        elif "example" in each and (each["required"] or each["name"] == "limit"):
            query[each["name"]] = _write_value(each["example"])
    return path + (f"?{urlencode(query, safe=',:/')}" if query else "")


def _list_answers(
    document: Document, operation: dict[str, Any]
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for status, part in operation["responses"].items():
        answer = _resolve(document, part)
        yield status, answer["description"], tuple(answer.get("content", ()))
