"""Read the parameters in the tagged cell of a notebook, and insert other values after them."""

from __future__ import annotations

import ast
import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mapserver.errors import N_, SettingsError

if TYPE_CHECKING:
    from nbformat import NotebookNode

TAG = "parameters"
INJECTED = "injected-parameters"
"""The tag of the cell with the new values, as papermill names it."""

REPORT_PARAMETERS = ("CITY", "OUT", "LANG", "DAY")
"""Parameters that the report sets itself: folder of the city, of the tables, language, day."""


def read_defaults(notebook: NotebookNode) -> dict[str, str]:
    """Return the parameters of a notebook: the names to which its tagged cell assigns values.

    Returns
    -------
    dict of str to str
        The source of each value by name. A notebook without such a cell has none.
    """
    texts: dict[str, str] = {}
    for cell in notebook.cells:
        if has_tag(cell, TAG):
            texts |= _read_assignments(cell.source)
    return texts


def read_literals(notebook: NotebookNode) -> dict[str, Any]:
    """Return the values of the defaults that are written as literals."""
    values = {}
    for name, text in read_defaults(notebook).items():
        with suppress(ValueError):
            values[name] = ast.literal_eval(text)
    return values


def has_tag(cell: NotebookNode, tag: str) -> bool:
    """Return whether a cell has a tag."""
    return tag in cell.metadata.get("tags", ())


def inject_values(notebook: NotebookNode, values: Mapping[str, Any]) -> NotebookNode:
    """Insert values after the defaults of a notebook, without names that it does not have.

    Returns
    -------
    NotebookNode
        A copy with an additional cell after the tagged one, as papermill inserts it. Defaults that
        depend on others must therefore stand in a later cell.
    """
    import nbformat  # noqa: PLC0415 -- takes a second, and only a report needs it

    copy = nbformat.from_dict(notebook)
    names = read_defaults(copy)
    lines = [f"{name} = {value!r}" for name, value in values.items() if name in names]
    if lines:
        # Right after the defaults, so that everything below sees the new values.
        position = next(number for number, cell in enumerate(copy.cells) if has_tag(cell, TAG))
        cell = nbformat.v4.new_code_cell("\n".join(lines), metadata={"tags": [INJECTED]})
        if copy.get("nbformat_minor", 0) < 5:
            # Cells have an id only since version 4.5 of the format.
            cell.pop("id", None)
        copy.cells.insert(position + 1, cell)
    return copy


def read_settings(settings: Iterable[str], names: Iterable[str]) -> dict[str, Any]:
    """Read ``NAME=VALUE`` settings of the command line.

    Parameters
    ----------
    settings
        Each a name and a literal of TOML or JSON: ``K=3``, ``DISTANCES_M=[300, 500]``,
        ``KIND="카페"``. A date becomes text; ``null`` is None.
    names
        The names of the parameters of all notebooks.

    Raises
    ------
    SettingsError
        A setting has no "=", no notebook has its name, or the value is no literal.
    """
    # Parameters that the report sets itself have options of their own.
    choices = sorted(set(names) - set(REPORT_PARAMETERS))
    values = {}
    for setting in settings:
        name, sign, text = setting.partition("=")
        name = name.strip()
        if not sign or not name.isidentifier():
            raise SettingsError(
                N_("{setting} is no NAME=VALUE"),
                where="-p",
                mend=N_("Write it as K=3"),
                setting=repr(setting),
            )
        if name in REPORT_PARAMETERS:
            raise SettingsError(
                N_("{name} is set by an option of its own"),
                where="-p",
                mend=N_("Use --city, --out, --lang or --day"),
                name=name,
            )
        if name not in choices:
            raise SettingsError(
                N_("no notebook has a parameter {name}"),
                where="-p",
                mend=N_("There are {names}"),
                name=repr(name),
                names=", ".join(choices) or "-",
            )
        values[name] = _parse_literal(name, text)
    return values


def _parse_literal(name: str, text: str) -> Any:
    """Return the value of a literal of TOML; ``null``, which TOML lacks, is None."""
    if text.strip() == "null":
        return None
    try:
        document = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        document = {}
    # A text with a line break could define further names.
    if list(document) != ["value"]:
        raise SettingsError(
            N_("the value {text} of {name} is no literal"),
            where="-p",
            mend=N_("""Write numbers as they are, text in quotes: -p '{name}="text"'"""),
            name=name,
            text=repr(text),
        )
    return _write_dates(document["value"])


def _write_dates(value: Any) -> Any:
    """Return a value of TOML that a Python literal can express: dates and times become text."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list):
        return [_write_dates(item) for item in value]
    if isinstance(value, dict):
        return {key: _write_dates(item) for key, item in value.items()}
    return value


def _read_assignments(source: str) -> dict[str, str]:
    """Return the source of the value of each name that a cell assigns."""
    try:
        body = ast.parse(source).body
    # The run of the notebook reports the error together with its cell.
    except SyntaxError:
        return {}
    texts: dict[str, str] = {}
    for node in body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                texts |= _pair_names(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            texts |= _pair_names(node.target, node.value)
    return texts


def _pair_names(target: ast.expr, value: ast.expr) -> dict[str, str]:
    """Return the source of the value of each name, also where a line assigns several."""
    if isinstance(target, ast.Name):
        return {target.id: ast.unparse(value)}
    sequences = ast.Tuple | ast.List
    if (
        isinstance(target, sequences)
        and isinstance(value, sequences)
        and len(target.elts) == len(value.elts)
    ):
        pairs = zip(target.elts, value.elts, strict=True)
        return {name: text for pair in pairs for name, text in _pair_names(*pair).items()}
    return {}
