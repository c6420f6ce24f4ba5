"""Cells that a spreadsheet would run instead of showing them (OWASP, "CSV Injection")."""

from __future__ import annotations

import re

FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What such a cell begins with, in both widths."""
UNSEEN = " \ufeff\u200b\u00a0\0"
"""Blanks and marks that nobody sees, which may stand before the sign."""
BEGINNINGS = frozenset((*FORMULA_MARKS, *UNSEEN))
"""One look at the first letter answers for nearly every cell of a large table."""
FIGURES = re.compile(r"[+\-＋－](?:[\d\s().,/%\-]*|\d*\.?\d+[eE][+\-]?\d+)")
"""A number below zero (-1e-05, too), a telephone number with its country, a dash: at worst a wrong
sum."""


def begins_as_formula(cell: str) -> bool:
    """Return whether a cell begins with a sign that a spreadsheet takes for a formula's."""
    return cell.lstrip(UNSEEN).startswith(FORMULA_MARKS)


def looks_like_formula(cell: str) -> bool:
    """Return whether a cell begins as a formula, and is no number of any kind.

    Examples
    --------
    >>> [looks_like_formula(cell) for cell in ("=1+1", "+82 62-350-4114", "-3.5", "@누리")]
    [True, False, False, True]
    """
    return begins_as_formula(cell) and not FIGURES.fullmatch(cell.strip(UNSEEN))


def make_safe_cell(cell: str) -> str:
    """Return a cell that no spreadsheet runs: with an apostrophe before it, as OWASP advises.

    Examples
    --------
    >>> [make_safe_cell(cell) for cell in ("=1+1", "'=1+1", "a=1")]
    ["'=1+1", "''=1+1", 'a=1']
    """
    return f"'{cell}" if begins_as_formula(cell.lstrip("'")) else cell


def make_safe_text(text: str) -> str:
    """Return a text as :func:`make_safe_cell` does, but a number of any kind as it is."""
    return text if FIGURES.fullmatch(text.strip(UNSEEN)) else make_safe_cell(text)


def restore_safe_cell(cell: str) -> str:
    """Return a cell as it was before :func:`make_safe_cell`; the apostrophe is no part of it.

    Examples
    --------
    >>> [restore_safe_cell(cell) for cell in ("'=1+1", "''=1+1", "'a'")]
    ['=1+1', "'=1+1", "'a'"]
    """
    is_safe = cell.startswith("'") and begins_as_formula(cell.lstrip("'"))
    return cell[1:] if is_safe else cell
