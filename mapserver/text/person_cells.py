"""Cells of tables that everybody can read, and in which stands what belongs to a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import pandas as pd

from mapserver.errors import N_
from mapserver.text.findings import Finding, Severity
from mapserver.text.person_marks import has_person_marks

STAMP = re.compile(r"(?:19|20)\d{2}[-_.]?\d{2}[-_.]?\d{2}(?:[-_ T]?\d{6,9})?")
"""The day and the time in the name of a photograph, whose digits may look like a number."""
WITH_NUMBER = N_(
    "column {column}: cells with a telephone number, an e-mail address or a number of a person:"
    " {count}"
)
TAKE_OUT = N_("Take them out: everybody can read this column")


def report_person_cells(
    table: pd.DataFrame, columns: Iterable[str], file: str, mend: str = TAKE_OUT
) -> Iterator[Finding]:
    """Report the columns with cells in which a number or an address of a person stands.

    The text itself is not repeated, since reports are passed on.

    Parameters
    ----------
    table
        Indexed by line, or by the id of a feature.
    columns
        Which to look at; one that the table does not have is passed over.
    file
        Where it comes from.
    mend
        What to do.
    """
    for column in columns:
        if column in table:
            yield from report_cells(
                table[column], has_number, "person-number", file, WITH_NUMBER, mend
            )


def report_cells(  # noqa: PLR0913, PLR0917 -- a column, a rule, and what a finding says
    cells: pd.Series, is_odd: Callable[[str], bool], code: str, file: str, what: str, mend: str
) -> Iterator[Finding]:
    """Report in one line how many cells of a column are odd, at the first of them.

    Parameters
    ----------
    cells
        The column, indexed by line, or by the id of a feature.
    is_odd
        Looks at the text of a cell; each text is looked at once.
    code
        The kind of finding.
    file
        Where it comes from.
    what, mend
        What is odd and how to mend it, with ``{column}`` and ``{count}``.
    """
    texts = cells.dropna().map(str)
    odd = {text for text in texts.unique() if is_odd(text)}
    places = texts.index[texts.isin(odd)]
    if len(places):
        yield Finding(
            Severity.WARNING,
            code,
            file,
            what,
            mend,
            places[0] if isinstance(places[0], str) else f"line {places[0]}",
            {"column": repr(str(cells.name)), "count": len(places)},
        )


def has_number(text: str) -> bool:
    """Return whether a cell has a number or an address of a person; stamps of photographs none.

    Examples
    --------
    >>> [has_number(text) for text in ("010-1234-5678.jpg", "PXL_20261124_023456789.jpg")]
    [True, False]
    """
    return has_person_marks(text) and has_person_marks(STAMP.sub(" ", text))


def replace_numbered_cells(table: pd.DataFrame, mark: str) -> pd.DataFrame:
    """Replace the cells of a table of texts in which a number or an address of a person stands.

    Parameters
    ----------
    table
        Texts alone.
    mark
        What stands there instead.
    """
    names = {text for column in table for text in table[column].unique()}
    return table.where(~table.isin({name for name in names if has_number(name)}), mark)
