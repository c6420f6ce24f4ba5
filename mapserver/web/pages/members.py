"""How many shops take Onnuri certificates, as pages write it: unknown is a dash, and never none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mapserver.text import language

UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class ShopCount:
    """The shops of an area, those that say that they take certificates, and those that do not say.

    Attributes
    ----------
    shops
        How many there are.
    members
        How many say that they take certificates; None where no shop says whether it does.
    unknown
        How many do not say.
    """

    shops: int
    members: int | None
    unknown: int

    @classmethod
    def from_row(cls, row: Mapping[Any, Any] | pd.Series) -> ShopCount:
        """Read a row of :func:`mapserver.analysis.shops.figures` or :func:`~.shops.mix`."""
        members = None if pd.isna(row["members"]) else int(row["members"])
        return cls(int(row["shops"]), members, int(row["members_unknown"]))

    @classmethod
    def count_answers(cls, answers: pd.Series) -> ShopCount:
        """Count shops by their answers: true, false or missing."""
        unknown = int(answers.isna().sum())
        says_none = unknown == len(answers)
        return cls(len(answers), None if says_none else int(answers.sum()), unknown)

    @classmethod
    def add_up(cls, counts: Iterable[ShopCount]) -> ShopCount:
        """Add up the counts of areas that share no shop; areas without shops say nothing."""
        rows = list(counts)
        members = [row.members for row in rows if row.members is not None]
        return cls(
            sum(row.shops for row in rows),
            sum(members) if members else None,
            sum(row.unknown for row in rows),
        )

    @property
    def rate(self) -> float | None:
        """Members of the shops that say whether they are; None where none says."""
        answering = self.shops - self.unknown
        return None if self.members is None or not answering else self.members / answering

    def members_text(self, lang: str) -> str:
        """Write the number of members; at least so many where some shops do not say."""
        if self.members is None:
            return UNKNOWN
        return ("≥ " if self.unknown else "") + language.number(self.members, lang)

    def rate_text(self, lang: str, digits: int = 1) -> str:
        """Write the rate in per cent."""
        return UNKNOWN if self.rate is None else language.percent(self.rate, lang, digits)
