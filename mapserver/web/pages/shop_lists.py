"""The shops of districts as pages list and count them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
import shapely

from mapserver.analysis import shops as shop_analysis
from mapserver.drawing.shop_counts import count_shops, read_payments
from mapserver.errors import N_
from mapserver.geo.geodesy import MAP_DECIMALS
from mapserver.model import Snapshot
from mapserver.text import language
from mapserver.text.cell_text import read_cell_text
from mapserver.web.pages.benefits import PAYMENT_WORDS
from mapserver.web.pages.members import ShopCount

NEAR_BORDER_M = 5.0
"""So near to the border of a district, whether a shop belongs to it is asked in the shop."""


UNKNOWN_TYPE = "unknown"
"""Stands in addresses for the business type of shops that have none in the data."""

FOOD = re.compile(
    r"음식|식당|휴게|카페|커피|제과|분식|베이커리|먹거리|restaurant|caf[eé]|coffee|food|bakery|diner",
    re.IGNORECASE,
)
"""Business types where a walker finds something to eat, which lists show first."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop in the list of a district.

    Attributes
    ----------
    id, name
        Which it is, and what it is called.
    kind, category
        Its business type: as it stands in the data (or ``UNKNOWN_TYPE``), and in words.
    takes, unknown
        Kinds of certificate that it says it takes, and those of which it says nothing.
    answer
        Whether it takes any: ``yes``, ``no`` or ``unknown``; empty where no shop of the city says.
    near_border
        Whether it lies so near to the border of the district that one better asks.
    lon, lat
        Its place, in degrees.
    """

    id: str
    name: str
    kind: str
    category: str
    takes: tuple[str, ...]
    unknown: tuple[str, ...]
    answer: str
    near_border: bool
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class ShopFilter:
    """Which shops of a district are shown.

    Attributes
    ----------
    kind
        Only those of this business type; None for all types.
    vouchers
        Only those that say that they take one of these kinds of certificate; empty for all shops.
    """

    kind: str | None = None
    vouchers: frozenset[str] = frozenset()

    def has_type(self, shop: Shop) -> bool:
        """Return whether a shop is of the business type."""
        return self.kind in {None, shop.kind}

    def fits(self, shop: Shop) -> bool:
        """Return whether a shop is shown."""
        takes_one = not self.vouchers or not self.vouchers.isdisjoint(shop.takes)
        return self.has_type(shop) and takes_one

    def is_open_question(self, shop: Shop) -> bool:
        """Return whether a shop is left out only because nobody knows what it takes."""
        may_take = not self.vouchers.isdisjoint(shop.unknown)
        return self.has_type(shop) and not self.fits(shop) and may_take


class ShopLists:
    """The shops of a city by district, worked out when they are first asked for, and kept.

    Parameters
    ----------
    city
        A snapshot.
    lang
        ``ko`` or ``en``.
    district_names
        Names of the districts in that language, by id.
    """

    def __init__(self, city: Snapshot, lang: str, district_names: Mapping[str, str]) -> None:
        self.city = city
        self.lang = lang
        self.say = city.phrases(lang).say
        self._district_names = district_names

    @cached_property
    def rows(self) -> pd.DataFrame:
        """All shops with the district they lie in, as plain columns."""
        # They are the same in every language.
        sources = (self.city.shops, self.city.districts)
        return self.city.derived.get("shop rows", sources, self._tabulate_shops)

    def _tabulate_shops(self) -> pd.DataFrame:
        shops, districts = self.city.shops, self.city.districts
        payments = read_payments(self.city)
        if shops is None or payments is None:
            return pd.DataFrame({"district": [], "name": [], "category": []})
        table = payments.assign(
            name=shops["name"].map(read_cell_text) if "name" in shops else shops.index.astype(str),
            category=shops["category"].map(read_cell_text) if "category" in shops else "",
        )
        if districts is None:
            return table.assign(district=None)
        return table.assign(district=shop_analysis.assign(shops, districts))

    def _find_near_border(self) -> pd.Series:
        """Find the shops so near to the border of their district that a survey could move them."""
        shops, districts = self.city.shops, self.city.districts
        if shops is None or districts is None:
            return pd.Series(False, self.rows.index)
        crs = self.city.metric_crs
        return self.city.derived.get(
            ("near border", crs),
            (shops, districts),
            lambda: shop_analysis.near_border(shops, districts, crs, NEAR_BORDER_M),
        )

    @cached_property
    def city_count(self) -> ShopCount:
        """Count all shops, and those that take Onnuri certificates."""
        answers = self.rows["any"] if "any" in self.rows else pd.Series(dtype="boolean")
        return ShopCount.count_answers(answers)

    @property
    def has_members(self) -> bool:
        """Whether the shops say if they take Onnuri certificates; no word is not a no."""
        return self.city_count.members is not None

    @cached_property
    def counts(self) -> dict[str, ShopCount]:
        """Count the shops of each district, and those that take Onnuri certificates."""
        districts = self.city.districts
        if districts is None or (counted := count_shops(self.city, districts)) is None:
            return dict.fromkeys(self._district_names, ShopCount(0, None, 0))
        return {str(id_): ShopCount.from_row(row) for id_, row in counted.iterrows()}

    @cached_property
    def map_table(self) -> dict[str, Any]:
        """All shops with a place, as briefly as they can be written for the map.

        ``shops`` has longitude, latitude, name, position in ``kinds``, the certificates taken (a
        bit for each of ``payments``; None where the shop does not say) and position in
        ``districts``.
        """
        shops = self.city.shops
        rows = self.rows
        if shops is None or rows.empty:
            return {"shops": [], "kinds": [], "districts": [], "payments": []}
        placed = (~(shops.geometry.is_empty | shops.geometry.isna())).to_numpy()
        rows, points = rows[placed], shops.geometry.to_numpy()[placed]
        kinds = sorted(rows["category"].unique())
        districts = sorted(rows["district"].dropna().unique())
        # A bit for each certificate; a shop that does not say is none of the sums.
        payments = sum(
            rows[kind].fillna(False).astype(int) * 2**bit
            for bit, kind in enumerate(shop_analysis.PAYMENTS)
        )
        payments = payments.astype(object).mask(rows["any"].isna(), None)
        columns = (
            shapely.get_x(points).round(MAP_DECIMALS).tolist(),
            shapely.get_y(points).round(MAP_DECIMALS).tolist(),
            rows["name"].tolist(),
            pd.Index(kinds).get_indexer(pd.Index(rows["category"])).tolist(),
            payments.tolist(),
            pd.Index(districts).get_indexer(pd.Index(rows["district"])).tolist(),
        )
        return {
            "kinds": [language.word(str(kind), self.lang) for kind in kinds],
            "districts": [self._district_names[id_] for id_ in districts],
            "districtIds": districts,
            "payments": [self.say(PAYMENT_WORDS[kind]) for kind in shop_analysis.PAYMENTS],
            "takes": self.say(N_("Takes Onnuri")),
            "takesNone": self.say(N_("Takes no Onnuri")),
            "takesUnknown": self.say(N_("Onnuri unknown")) if self.has_members else "",
            "shops": list(zip(*columns, strict=True)),
        }

    @cached_property
    def vouchers(self) -> tuple[str, ...]:
        """Kinds of certificate of which any shop says whether it takes them."""
        rows = self.rows
        return tuple(
            kind for kind in shop_analysis.PAYMENTS if kind in rows and rows[kind].notna().any()
        )

    def list_shops(self, district: str) -> list[Shop]:
        """List the shops of a district by business type, in the order of its types, and by name.

        Those that take no certificate come after all others.

        Parameters
        ----------
        district
            Its id.
        """
        rows = self.rows[self.rows["district"] == district]
        if rows.empty or self.city.shops is None:
            return []
        points = self.city.shops.geometry[rows.index].to_numpy()
        rows = rows.assign(
            near_border=self._find_near_border()[rows.index],
            lon=shapely.get_x(points).round(MAP_DECIMALS),
            lat=shapely.get_y(points).round(MAP_DECIMALS),
        )
        types = self.count_categories(district)
        ranks = {kind["value"]: rank for rank, kind in enumerate(types)}
        shops = [
            self._describe_shop(str(id_), row)
            for id_, row in zip(rows.index, rows.to_dict("records"), strict=True)
        ]
        return sorted(
            shops,
            key=lambda shop: (
                shop.answer == "no",
                ranks[shop.kind],
                shop.name.casefold(),
                shop.id,
            ),
        )

    def _describe_shop(self, id_: str, row: Mapping[Any, Any]) -> Shop:
        # A kind of which no shop of the city says anything is no question that one could ask.
        unknown_kinds = tuple(kind for kind in self.vouchers if pd.isna(row[kind]))
        answer = ""
        if self.has_members:
            answer = "unknown" if pd.isna(row["any"]) else ("yes" if row["any"] else "no")
        return Shop(
            id=id_,
            name=row["name"] or id_,
            kind=row["category"] or UNKNOWN_TYPE,
            category=self._name_type(row["category"]),
            takes=tuple(kind for kind in self.vouchers if row[kind] is True),
            unknown=unknown_kinds,
            answer=answer,
            near_border=bool(row["near_border"]),
            lon=row["lon"],
            lat=row["lat"],
        )

    def _name_type(self, category: str) -> str:
        return language.word(category, self.lang) or self.say(N_("Type unknown"))

    def count_categories(self, district: str) -> list[dict[str, Any]]:
        """Count the shops of a district by business type: what one eats first, the unknown last.

        Those of a kind come in the order of their number, the most frequent first.
        """
        counts = self._category_counts
        counted = counts[counts.index.get_level_values("area") == district].reset_index()
        types = [
            {
                "value": row["category"] or UNKNOWN_TYPE,
                "name": self._name_type(row["category"]),
                "shops": row["shops"],
                "is_food": FOOD.search(row["category"]) is not None,
            }
            for row in counted.to_dict("records")
        ]
        return sorted(types, key=lambda kind: (not kind["is_food"], kind["value"] == UNKNOWN_TYPE))

    @cached_property
    def _category_counts(self) -> pd.DataFrame:
        shops, districts = self.city.shops, self.city.districts
        if shops is None or districts is None:
            return pd.DataFrame({"area": []}).set_index("area")
        kinds = shops.assign(category=self.rows["category"])
        return shop_analysis.mix(kinds, districts)
