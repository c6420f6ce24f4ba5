"""The trail register beside exported GPX files: what GPX has no element for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from mapserver.model import Layer, Role
from mapserver.readers.gpx import MEASURED
from mapserver.text.register_words import REGISTER
from mapserver.writers.columns import make_safe_table


def write_register(layers: list[Layer], draft: Path) -> None:
    """Write what GPX has no element for as the trail register, which a city reads beside it."""
    trails = [layer for layer in layers if layer.entry.role is Role.TRAILS]
    tables = []
    for layer in trails:
        # What follows from the GPX file itself is measured anew when the city is read.
        derived_columns = [*MEASURED, "geometry", "description"]
        table = pd.DataFrame(layer.frame.drop(columns=derived_columns, errors="ignore"))
        # What the register of this city had stated of them goes back under its own names.
        table = table.rename(columns={stated: name for name, stated in MEASURED.items()})
        # Registers write yes and no; a spreadsheet would turn TRUE into its own value.
        for column in table.select_dtypes(["bool", "boolean"]):
            table[column] = table[column].map({True: "yes", False: "no"})
        tables.append(table.rename_axis(index="id").reset_index())
    if tables:
        register = make_safe_table(pd.concat(tables, ignore_index=True))
        register.to_csv(
            draft / Path(REGISTER).name, index=False, encoding="utf-8-sig", lineterminator="\r\n"
        )
