"""Parse the text of a catalogue within limits, with errors in the words of a catalogue."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from mapserver.errors import N_, CatalogError, DataError
from mapserver.model.catalog import FILE
from mapserver.model.roles import ROLES
from mapserver.settings import limits
from mapserver.text import encoding

TEXTS = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL
)
"""Strings and comments of TOML, in which brackets and points mean nothing."""
LONG_KEY = re.compile(rf"(?:\.[ \t]*[\w-]+[ \t]*){{{limits.MAX_CATALOG_DEPTH}}}")


def read_catalog_text(path: Path) -> str:
    """Read the file, in UTF-8 or another encoding that is certain.

    Raises
    ------
    CatalogError
        It is too large, or its letters cannot be read.
    """
    # The size is asked before memory is taken.
    if path.stat().st_size > limits.MAX_CATALOG_BYTES:
        raise CatalogError(
            N_("the catalogue is larger than 1 MB"),
            where=FILE,
            mend=N_("Describe the layers in it, and keep the data in files of their own"),
        )
    try:
        return encoding.decode_text(path.read_bytes(), where=FILE)
    except DataError as error:
        raise CatalogError(
            error.what, where=error.where, mend=N_("Save the file as UTF-8"), **error.values
        ) from error


def parse_document(text: str) -> dict[str, Any]:
    """Parse TOML, with titles and sources in the form in which a catalogue's types have them.

    Raises
    ------
    CatalogError
        It is no TOML, is nested too deep, or has too many layers.
    """
    # Depth comes first: a parser that recurses ends the process on 100,000 brackets.
    _require_simple(text)
    try:
        document = tomllib.loads(text)
    except ValueError as error:  # also a number of thousands of digits
        reason, _, place = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", place)
        raise CatalogError(
            N_("this is not TOML: {reason}"),
            where=f"{FILE}:{line[1]}" if line else FILE,
            mend=N_('Write key = "value", and [[layers]] before each layer'),
            reason=reason,
        ) from error
    layers = document.get("layers", [])
    if isinstance(layers, list) and len(layers) > limits.MAX_CATALOG_LAYERS:
        raise CatalogError(
            N_("the catalogue has {count} layers; {limit} are read"),
            where=FILE,
            mend=N_("Describe fewer layers"),
            count=len(layers),
            limit=limits.MAX_CATALOG_LAYERS,
        )
    return document


def _require_simple(text: str) -> None:
    """Refuse what is nested far deeper than a catalogue is: a parser would not come to an end."""
    plain = TEXTS.sub("_", text)
    depth = deepest = 0
    for bracket in re.findall(r"[\[{\]}]", plain):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > limits.MAX_CATALOG_DEPTH or LONG_KEY.search(plain):
        raise CatalogError(
            N_("brackets or keys are nested more than {depth} deep"),
            where=FILE,
            mend=N_('Write key = "value", and [[layers]] before each layer'),
            depth=limits.MAX_CATALOG_DEPTH,
        )


OUT_OF_RANGE = N_("{key}: this number is not possible")
OTHER_KIND = N_("{key}: the value is of another kind")
VALUES = (
    (r"`\w+` >= (?P<bound>[\d.]+)$", OUT_OF_RANGE, N_("Write {bound} or more")),
    (r"<= (?P<bound>[\d.]+)$", OUT_OF_RANGE, N_("Write {bound} or less")),
    (r"> (?P<bound>[\d.]+)$", OUT_OF_RANGE, N_("Write a number above {bound}")),
    (r"of length >= 1", N_("{key} is empty"), N_("Write it, or take the line out")),
    (
        r"matching regex '\^\[0-9",
        N_("{key}: it has other signs than those of a telephone number"),
        N_("Write digits with hyphens, as 062-000-0000"),
    ),
    (r"Expected `str", OTHER_KIND, N_("Write a text in quotation marks")),
    (r"Expected `int", OTHER_KIND, N_("Write a whole number, without quotation marks")),
    (r"Expected `float", OTHER_KIND, N_("Write a number, without quotation marks")),
    (r"Expected `bool", OTHER_KIND, N_("Write true or false, without quotation marks")),
    (r"Expected `array", OTHER_KIND, N_("Write a list in square brackets")),
    (r"Expected `object", OTHER_KIND, N_("Write keys and values below a heading, or in braces")),
)
"""What msgspec says of a value, what of it is said, and how to mend it; the first that fits."""


def explain_conversion(problem: str, document: dict[str, Any]) -> CatalogError:
    """Translate what msgspec found (``... - at `$.layers[0].role```) into the catalogue's words."""
    reason, _, path = problem.partition(" - at `$")
    path = path.rstrip("`").lstrip(".")
    where, key = FILE, path
    if inside := re.match(r"layers\[(\d+)\]\.?(.*)", path):
        where, key = f"{FILE}, {_name_layer(document, int(inside[1]))}", inside[2]
    if unknown := re.search(r"unknown field `(.*)`", reason):
        return CatalogError(
            N_("there is no key {key}"),
            where=where,
            mend=N_("Correct the spelling, or take the line out"),
            key=_join_keys(key, unknown[1]),
        )
    if missing := re.search(r"missing required field `(.*)`", reason):
        return CatalogError(
            N_("{key} is missing"),
            where=where,
            mend=N_("Add it"),
            key=_join_keys(key, missing[1]),
        )
    if value := re.search(r"Invalid enum value (.*)", reason):
        mend = N_("Use one of: {choices}")
        choices = ", ".join(ROLES)
        return CatalogError(
            N_("{key}: {value} is not possible"),
            where=where,
            mend=mend,
            key=key,
            value=value[1],
            choices=choices,
        )
    return _explain_value(reason, where, key)


def _explain_value(reason: str, where: str, key: str) -> CatalogError:
    """Say of a value what it is not, and how it is written, in words instead of Python's types."""
    for pattern, what, mend in VALUES:
        if match := re.search(pattern, reason):
            return CatalogError(
                what, where=where, mend=mend, key=key or "catalog.toml", **match.groupdict()
            )
    return CatalogError(
        N_("{key}: {reason}"),
        where=where,
        mend=N_("Give the value the right type"),
        key=key or "catalog.toml",
        reason=reason,
    )


def _join_keys(*keys: str) -> str:
    return ".".join(key for key in keys if key)


def _name_layer(document: dict[str, Any], number: int) -> str:
    table = document["layers"][number]
    id_ = table.get("id") if isinstance(table, dict) else None
    return f"layer '{id_}'" if isinstance(id_, str) else f"layer number {number + 1}"
