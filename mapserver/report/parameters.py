"""The parameters of notebooks: what their tagged cell names, and the values put in their place."""

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

OWN = ("CITY", "OUT", "LANG", "DAY")
"""What the report sets itself: folder of the city, of the tables, language, day."""


def defaults(notebook: NotebookNode) -> dict[str, str]:
    """List the parameters of a notebook: the names that its tagged cell gives values to.

    Returns
    -------
    dict of str to str
        By name the value as it is written there. A notebook without such a cell has none.
    """
    found: dict[str, str] = {}
    for cell in notebook.cells:
        if has_tag(cell, TAG):
            found |= _assigned(cell.source)
    return found


def literals(notebook: NotebookNode) -> dict[str, Any]:
    """Read the defaults that are written as literals."""
    values = {}
    for name, text in defaults(notebook).items():
        with suppress(ValueError):
            values[name] = ast.literal_eval(text)
    return values


def has_tag(cell: NotebookNode, tag: str) -> bool:
    """Tell whether a cell carries a tag."""
    return tag in cell.metadata.get("tags", ())


def inject(notebook: NotebookNode, values: Mapping[str, Any]) -> NotebookNode:
    """Put values after the defaults of a notebook; names that it does not have are left out.

    Returns
    -------
    NotebookNode
        A copy, with a cell of its own after the tagged one, as papermill does it. Defaults that
        follow from others must therefore stand in a later cell.
    """
    import nbformat  # noqa: PLC0415 -- takes a second, and only a report needs it

    copy = nbformat.from_dict(notebook)
    known = defaults(copy)
    lines = [f"{name} = {value!r}" for name, value in values.items() if name in known]
    if lines:
        at = next(n for n, cell in enumerate(copy.cells) if has_tag(cell, TAG))
        cell = nbformat.v4.new_code_cell("\n".join(lines), metadata={"tags": [INJECTED]})
        if copy.get("nbformat_minor", 0) < 5:
            cell.pop("id", None)  # cells have had an id since 4.5
        copy.cells.insert(at + 1, cell)
    return copy


def read(settings: Iterable[str], known: Iterable[str]) -> dict[str, Any]:
    """Read ``NAME=VALUE`` settings of the command line.

    Parameters
    ----------
    settings
        Each a name and a literal as TOML or JSON writes it: ``K=3``, ``DISTANCES_M=[300, 500]``,
        ``KIND="카페"``. A date becomes text; ``null`` is None.
    known
        The names that the notebooks have.

    Raises
    ------
    SettingsError
        It is no setting, no notebook has that name, or the value is no literal.
    """
    free = sorted(set(known) - set(OWN))
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
        if name in OWN:
            raise SettingsError(
                N_("{name} is set by an option of its own"),
                where="-p",
                mend=N_("Use --city, --out, --lang or --day"),
                name=name,
            )
        if name not in free:
            raise SettingsError(
                N_("no notebook has a parameter {name}"),
                where="-p",
                mend=N_("There are {names}"),
                name=repr(name),
                names=", ".join(free) or "-",
            )
        values[name] = _literal(name, text)
    return values


def _literal(name: str, text: str) -> Any:
    if text.strip() == "null":
        return None
    try:
        document = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        document = {}
    if list(document) != ["value"]:
        raise SettingsError(
            N_("the value {text} of {name} is no literal"),
            where="-p",
            mend=N_("""Write numbers as they are, text in quotes: -p '{name}="text"'"""),
            name=name,
            text=repr(text),
        )
    return _plain(document["value"])


def _plain(value: Any) -> Any:
    """Keep what a Python literal can say; dates and times become text."""
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return value


def _assigned(source: str) -> dict[str, str]:
    try:
        body = ast.parse(source).body
    except SyntaxError:  # the run will say so, with the cell
        return {}
    found: dict[str, str] = {}
    for node in body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                found |= _pairs(target, node.value)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            found |= _pairs(node.target, node.value)
    return found


def _pairs(target: ast.expr, value: ast.expr) -> dict[str, str]:
    """Give names their values, also where several stand on a line."""
    if isinstance(target, ast.Name):
        return {target.id: ast.unparse(value)}
    several = ast.Tuple | ast.List
    if (
        isinstance(target, several)
        and isinstance(value, several)
        and len(target.elts) == len(value.elts)
    ):
        pairs = zip(target.elts, value.elts, strict=True)
        return {name: text for pair in pairs for name, text in _pairs(*pair).items()}
    return {}
