"""The file of published figures: rows are added to it, and none is ever written over."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mapserver.errors import N_, DataError
from mapserver.files.drafts import write_file
from mapserver.model import FROZEN, write_figure
from mapserver.text.formulas import make_safe_text


def append_published(path: Path, rows: pd.DataFrame, new_rows: pd.DataFrame) -> None:
    """Write the file of published figures whole or not at all, with rows that are new.

    Parameters
    ----------
    path
        The file.
    rows
        What it has, as it was read.
    new_rows
        Text, as :func:`mapserver.analysis.frozen_months.freeze` makes it.

    Raises
    ------
    DataError
        A period of the new rows has been published before.
    """
    again = sorted(set(rows["period"]) & set(new_rows["period"]))
    if again:
        raise DataError(
            N_("{period} has been published before"),
            where=FROZEN.file,
            mend=N_("What was published stays as it is"),
            period=again[0],
        )
    # Written by the same rule, what was there before comes out byte for byte, also where a
    # spreadsheet has saved it in another encoding meanwhile.
    columns = list(FROZEN.columns)
    table = pd.concat([rows[columns].map(write_figure), new_rows[columns]]).map(make_safe_text)
    write_file(path, table.to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig"))
