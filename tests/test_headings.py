"""Tables as people read them: names, units, round numbers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from mapserver.headings import headed, names, sort_columns
from mapserver.text.heading_names import HEADINGS

TABLE = pd.DataFrame(
    {
        "surface": ["황토", None],
        "length_m": [12.4, np.nan],
        "membership_rate": [0.12345, 1.0],
        "area_m2": [25_000.0, 10.0],
        "under": [True, False],
        "people_share": [0.5, 0.25],
        "own": [1.23456, 2.0],
    },
    index=pd.Index(["a", "b"], name="district"),
)


def test_headers_have_names_and_units_in_the_language():
    assert list(headed(TABLE, "en")) == [
        *("Surface", "Length (m)", "Membership rate (%)", "Ground (ha)", "Under the threshold"),
        *("people: share within reach (%)", "own"),
    ]
    assert list(headed(TABLE, "ko"))[:2] == ["바닥", "길이 (m)"]
    assert headed(TABLE, "en").index.name == "Shopping district"


def test_numbers_are_rounded_in_their_unit_and_what_is_missing_is_a_dash():
    shown = headed(TABLE, "en").set_axis(list(TABLE), axis=1)
    assert shown["length_m"].tolist() == [12, "–"]
    assert shown["membership_rate"].tolist() == [12.3, 100.0]
    assert shown["area_m2"].tolist() == [2.5, 0.0]
    assert shown["under"].tolist() == ["yes", "no"]
    assert shown["people_share"].tolist() == [50.0, 25.0]


def test_words_of_the_data_are_translated_and_unknown_columns_left():
    shown = headed(TABLE, "en")
    assert shown["Surface"].tolist() == ["Red clay", "–"]
    assert shown["own"].tolist() == TABLE["own"].tolist()


def test_the_table_itself_is_not_changed():
    before = TABLE.copy()
    headed(TABLE, "ko")
    pd.testing.assert_frame_equal(TABLE, before)


def test_every_known_column_has_a_korean_name():
    table = pd.DataFrame({column: [1.0] for column in HEADINGS})
    assert all(any("가" <= letter <= "힣" for letter in name) for name in headed(table, "ko"))


def test_every_column_of_trails_on_a_day_has_a_name_and_two_never_share_one(sample_city):
    table = sample_city.trails_on(dt.date(2026, 11, 26)).drop(columns="geometry")
    for lang in ("ko", "en"):
        shown = headed(table, lang, city=sample_city)
        assert not set(shown) & set(table)
        assert shown.columns.is_unique
    assert {"Open until", "Opens on", "Reason in Korean"} <= set(headed(table, "en"))
    assert set(headed(table, "en")["Opens on"].map(type)) <= {dt.date, str}


@pytest.mark.parametrize(("lang", "called"), [("ko", ["가", "2"]), ("en", ["A", "2"])])
def test_a_feature_is_called_by_its_name_in_the_language_or_its_id(lang, called):
    frame = pd.DataFrame({"name": ["가", None], "name_en": ["A", None]}, index=["1", "2"])
    assert names(frame, lang).tolist() == called


def test_columns_that_a_reader_looks_for_come_first():
    columns = ["file", "kind", "own", "season", "surface", "name"]
    table = pd.DataFrame([range(6)], columns=columns)
    shown = sort_columns(table)
    assert list(shown) == ["name", "surface", "season", "own", "file", "kind"]


def test_columns_of_the_sample_have_headings_in_both_languages(sample_city):
    own = {
        *("code", "code_until_2026", "brand", "round", "programmes", "programmes_en", "zone_en"),
        *("onnuri_paper", "onnuri_card", "onnuri_mobile", "time_start", "time_end", "geometry"),
        *("address_en", "hours_en", "lunch_en", "direction_en", "fee_en", "hours_note_en"),
        # Hours of car parks stay as their standard file calls them.
        *(
            f"{days}운영{turn}시각"
            for days in ("평일", "토요일", "공휴일")
            for turn in ("시작", "종료")
        ),
    }
    for layer in sample_city.layers.values():
        columns = [column for column in layer if column not in own]
        assert not {*columns} & {*headed(pd.DataFrame(layer)[columns].head(1), "ko")}
        assert not {*columns} & {*headed(pd.DataFrame(layer)[columns].head(1), "en")}


def test_degrees_keep_their_decimals():
    place = pd.DataFrame({"lon": [126.852612345], "lat": [35.1], "elevation_m": [23.04]})
    shown = headed(place, "en")
    assert list(shown) == ["Longitude (°)", "Latitude (°)", "Height above sea level (m)"]
    assert shown.iloc[0].tolist() == [126.852612, 35.1, 23.0]
