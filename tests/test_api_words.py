"""The words of the API's pages: in the reader's language, and true of what stands below them."""

from __future__ import annotations

import html
import re

import pytest

COLUMNS = ("trails", "programmes", "services", "inspections", "stops", "toilets")
"""Collections whose columns the program knows, if not those that only this sample has."""
OWN = {"direction_en", "line_id", "stop_id", "return_flag"}
"""Columns that have no words yet, or are nobody's but the program's."""


@pytest.fixture
def ask(sample_app):
    client = sample_app.test_client()
    return lambda path, **query: client.get(f"/api/{path}", query_string={"lang": "ko"} | query)


@pytest.mark.parametrize("collection", COLUMNS)
def test_columns_that_the_program_knows_have_korean_titles(ask, collection):
    properties = ask(f"collections/{collection}/schema").json["properties"]
    plain = {
        name
        for name, schema in properties.items()
        if not re.search("[가-힣]", schema["title"]) and name not in {"id", "geometry"}
    }
    assert plain <= OWN


def test_a_column_in_english_is_called_after_its_korean_one(ask):
    properties = ask("collections/programmes/schema").json["properties"]
    assert properties["who_en"]["title"] == f"{properties['who']['title']}(영어)"


def test_units_in_titles_of_schemas_are_those_of_the_values(ask, sample_city):
    trails = sample_city.trails
    assert trails["slope_1_18_share"].max() <= 1
    for lang in ("ko", "en"):
        for kind in ("schema", "queryables", "sortables"):
            properties = ask(f"collections/trails/{kind}", lang=lang).json["properties"]
            share = properties["slope_1_18_share"]
            assert share["x-ogc-unit"] == "1"
            assert not share["title"].endswith("(%)")
            assert properties["length_m"]["title"].endswith("(m)")
        files = html.unescape(ask("collections/trails", f="html", lang=lang).text)
        assert share["title"] in files
        assert f"{share['title']} (%)" not in files
        # A page about one trail shows them in per cent, and says so.
        page = html.unescape(
            ask(f"collections/trails/items/{trails.index[0]}", f="html", lang=lang).text
        )
        assert f"{share['title']} (%)" in page


def list_cells(ask, collection: str, **query) -> set[str]:
    page = ask(f"collections/{collection}/items", f="html", **query).text
    return {re.sub("<.*?>", "", cell) for cell in re.findall(r"<td>(.*?)</td>", page)}


def test_answers_and_grades_are_said_in_the_language_of_the_page(ask):
    assert {"예", "아니요"} <= list_cells(ask, "shops")
    assert not {"yes", "no"} & list_cells(ask, "shops")
    assert not {"Y", "N"} & list_cells(ask, "parking")
    assert not {"good", "watch", "repair", "forbidden"} & list_cells(ask, "inspections")
    assert {"good", "to be repaired"} <= list_cells(ask, "inspections", lang="en")
    # Programs are answered with what stands in the file.
    features = ask("collections/inspections/items").json["features"]
    assert {"good", "repair"} <= {each["properties"]["grade"] for each in features}


def test_rows_without_a_place_are_not_counted_as_places(ask, sample_city):
    for address in ("collections", "collections/holidays"):
        page = re.sub("<.*?>", "", ask(address, f="html").text)
        count = len(sample_city.published["holidays"])
        assert f"{count}건" in page
        assert f"{count}곳" not in page
    assert f"{len(sample_city.trails)}곳" in ask("collections", f="html").text
    assert f"{count} rows" in ask("collections/holidays", f="html", lang="en").text


def test_figures_of_messages_have_headings_and_the_names_for_programs(ask):
    page = ask("statistics/requests", f="html").text
    headings = re.findall(r'<th scope="col">(.*?)</th>', page)
    assert all(re.search("[가-힣]", each) for each in headings)
    for name in ask("statistics/requests").json["months"][0].keys() & {"requests", "share_48h"}:
        assert any(f"<code>{name}</code>" in each for each in headings)
