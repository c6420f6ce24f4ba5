"""The answers of shops on certificates and types, of which any may be missing: read and counted."""

from __future__ import annotations

import pandas as pd

YES = frozenset({"true", "1", "1.0", "y", "yes"})
NO = frozenset({"false", "0", "0.0", "n", "no"})


def count_members(answers: pd.Series, area_ids: pd.Series, shop_counts: pd.Series) -> pd.Series:
    """Count the shops of each area that answer yes; NaN where no shop answers."""
    groups = answers.groupby(area_ids)
    yes_counts = groups.sum().reindex(shop_counts.index, fill_value=0).astype(float)
    answer_counts = groups.count().reindex(shop_counts.index, fill_value=0)
    # In an area without shops the count is 0, unless no shop of the whole layer answers: then the
    # layer knows nothing of members, and neither does any count.
    is_unknown = (
        (answer_counts == 0) & (shop_counts > 0) if answers.notna().any() else shop_counts >= 0
    )
    return convert_counts(yes_counts.mask(is_unknown))


def convert_counts(counts: pd.Series) -> pd.Series:
    """Return counts as integers, or as floats where one of them is unknown."""
    return counts if counts.isna().any() else counts.astype(int)


def read_types(shops: pd.DataFrame) -> pd.Series:
    """Return the business type of each shop as text, empty where it has none."""
    if "category" not in shops:
        return pd.Series("", shops.index, dtype=object)
    category = shops["category"].astype(object)
    return category.where(category.notna(), "").map(lambda value: str(value).strip())


def parse_answer(value: object) -> bool | None:
    """Return true or false for yes or no, None where a cell says neither."""
    word = str(value).strip().lower()
    if word in YES:
        return True
    return False if word in NO else None
