"""Arithmetic of filters: six operations on numbers, with nothing infinite and nothing guessed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mapserver.filters.operands import Kind, Operand, require_kind


def _divide_whole(left: Any, right: Any) -> Any:
    """Divide and drop what stands behind the point, towards zero, as SQL does."""
    return np.trunc(left / right)


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    # The remainder has the sign of what is divided, so that it fits ``div``.
    "%": np.fmod,
    "div": _divide_whole,
    "^": np.float_power,
}


def calculate(sign: str, left: Operand, right: Operand) -> Operand:
    """Compute one of the six operations; a division by zero is unknown, and so is what overflows.

    Raises
    ------
    QueryError
        One of the values is no number.
    """
    require_kind(left, (Kind.NUMBER,), sign)
    require_kind(right, (Kind.NUMBER,), sign)
    with np.errstate(all="ignore"):
        values = OPERATIONS[sign](left.values, right.values)
    is_unknown = left.is_unknown | right.is_unknown | ~np.isfinite(values)
    name = f"{left.name} {sign} {right.name}"
    return Operand(Kind.NUMBER, np.where(is_unknown, 0.0, values), is_unknown, name)
