"""Names of shops that somebody should look at; they are brought in as they are."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from mapserver.errors import N_
from mapserver.text.findings import Finding, Severity


def find_odd_names(shops: gpd.GeoDataFrame, file: str) -> list[Finding]:
    """Find names that are missing, doubled, or hold what names rarely hold."""
    names = shops["name"].astype(object).where(shops["name"].notna(), "")
    # Two shops of one name at one place are probably one; without a place nobody can say.
    places = pd.DataFrame({"name": names, "x": shops.geometry.x, "y": shops.geometry.y})
    doubled = names.ne("") & places["x"].notna() & places.duplicated()
    codes = shops.get("행정동코드")
    # A code, which rows are odd, and what is said of each.
    tests: list[tuple[str, Any, str]] = [
        ("name-missing", names == "", N_("it has no name")),
        ("name-lines", names.str.contains(r"[\r\n]"), N_("its name has a line break: {name}")),
        (
            "name-formula",
            names.str.contains(r"^[=+@-]"),
            N_("its name begins as a formula: {name}"),
        ),
        ("name-markup", names.str.contains(r"<[^>]+>"), N_("its name holds markup: {name}")),
        ("name-quotes", names.str.contains(r'[",]'), N_("its name has a comma or quotes: {name}")),
        ("name-rare", ~names.map(_is_common), N_("its name has rare syllables: {name}")),
        ("doubled", doubled, N_("another row has the same name and place: {name}")),
    ]
    if codes is not None:
        tests.append(("code-missing", codes.isna(), N_("it has no code of a neighbourhood")))
    return [
        Finding(
            Severity.NOTE,
            code,
            file,
            what,
            N_("Look whether this is meant; it is kept as it is"),
            str(id_),
            {"name": repr(names[id_])},
        )
        for code, is_odd, what in tests
        for id_ in shops.index[np.asarray(is_odd, dtype=bool)]
    ]


def _is_common(name: str) -> bool:
    """Check whether all syllables are among the 2,350 of KS X 1001, which every font has."""
    # Python writes the others in pieces, each of eight bytes.
    return all(len(letter.encode("euc-kr", "replace")) <= 2 for letter in name)
