"""Functions that filters can call beside those of the standard: of texts, numbers, geometries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mapserver.errors import N_, QueryError
from mapserver.filters.operands import (
    EMPTY_VALUES,
    Kind,
    Operand,
    change_texts,
    require_count,
    require_kind,
)
from mapserver.geo import geodesy


@dataclass(frozen=True, slots=True)
class Function:
    """A function that filters can call.

    Attributes
    ----------
    name
        In small letters; filters may write it in any case.
    arguments
        The kind of each argument.
    result
        The kind of what it returns.
    compute
        Gets an array for each argument, ``(n,)`` or ``(1,)`` for a constant, as ``Operand``
        describes them, and returns an array of as many results.
    description
        What it computes, as a message id.
    """

    name: str
    arguments: tuple[Kind, ...]
    result: Kind
    compute: Callable[..., npt.NDArray[Any]]
    description: str = ""


def _change(change: Callable[[str], object]) -> Callable[..., npt.NDArray[Any]]:
    """Return a function of an array that changes each of its texts."""
    return lambda texts: change_texts(texts, change)


FUNCTIONS = {
    function.name: function
    for function in (
        Function("lower", (Kind.TEXT,), Kind.TEXT, _change(str.lower), N_("small letters")),
        Function("upper", (Kind.TEXT,), Kind.TEXT, _change(str.upper), N_("capital letters")),
        Function("char_length", (Kind.TEXT,), Kind.NUMBER, _change(len), N_("letters")),
        Function("abs", (Kind.NUMBER,), Kind.NUMBER, np.abs, N_("number without its sign")),
        Function("floor", (Kind.NUMBER,), Kind.NUMBER, np.floor, N_("next smaller whole number")),
        Function("ceil", (Kind.NUMBER,), Kind.NUMBER, np.ceil, N_("next larger whole number")),
        Function("length_m", (Kind.GEOMETRY,), Kind.NUMBER, geodesy.length_m, N_("length in m")),
        Function("area_m2", (Kind.GEOMETRY,), Kind.NUMBER, geodesy.area_m2, N_("area in m²")),
    )
}
"""What can be called, by name. Lengths and areas are those on the ellipsoid, as on the pages."""


def call_function(function: Function, arguments: list[Operand]) -> Operand:
    """Call a function with operands; where one of them is unknown, so is the result.

    Raises
    ------
    QueryError
        The number or a kind of the arguments does not fit.
    """
    require_count(arguments, len(function.arguments), function.name)
    # Three-valued logic: what is computed of an unknown value is unknown, as in CQL2.
    is_unknown = np.zeros(1, dtype=bool)
    for argument, kind in zip(arguments, function.arguments, strict=True):
        require_kind(argument, (kind,), function.name)
        is_unknown = is_unknown | argument.is_unknown
    if any(argument.kind is Kind.NULL for argument in arguments) or is_unknown.all():
        # Nothing is left to compute; values stand in that have the right type and mean nothing.
        filler = np.full(is_unknown.shape, EMPTY_VALUES.get(function.result), dtype=object)
        values = filler.astype(float) if function.result is Kind.NUMBER else filler
        return Operand(function.result, values, np.ones_like(is_unknown), function.name)
    values = np.asarray(function.compute(*(argument.values for argument in arguments)))
    if function.result is Kind.NUMBER:
        values = values.astype(np.float64)
        # A length of no geometry and the like: NaN is no number that can be compared.
        is_unknown = is_unknown | ~np.isfinite(values)
        values = np.where(is_unknown, 0.0, values)
    elif function.result is Kind.BOOLEAN:
        values = values.astype(bool)
    return Operand(function.result, values, is_unknown, function.name)


def find_function(name: str, functions: dict[str, Function]) -> Function:
    """Return a function by the name that a filter calls it.

    Raises
    ------
    QueryError
        There is none, with the names of those that there are.
    """
    function = functions.get(name.lower())
    if function is None:
        raise QueryError(
            N_("there is no function {name}"),
            parameter="filter",
            mend=N_("There are: {names}"),
            name=name or '""',
            names=", ".join(functions),
        )
    return function
