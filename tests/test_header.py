"""The header of a table: found below titles, its names understood in any case and language."""

from __future__ import annotations

import doctest

import pytest

from mapserver.text import header_row
from mapserver.text.header_row import find_header_row, match_columns, simplify_name, suggest_name

COLUMNS = {
    "id": ("아이디",),
    "season": ("운영기간", "개방기간"),
    "status": ("상태",),
    "width_m": ("폭(m)",),
}


def test_examples_in_the_docstrings_hold():
    assert doctest.testmod(header_row).failed == 0


@pytest.mark.parametrize(
    ("rows", "position"),
    [
        ([["id", "season"], ["a", "03-01/11-30"]], 0),
        ([["2026년 맨발길 현황"], [], ["id", "season"]], 2),
        ([["2026년 맨발길 현황", "", ""], ["단위: m", None, None], ["ID", "상태", "폭 (m)"]], 2),
        ([["운영기간"], ["아이디", "운영기간"], ["a", ""]], 1),  # a title that is also a name
        ([["id"], ["a"], ["b"]], 0),
        ([["a", "b"], ["1", "2"]], None),
        ([], None),
    ],
)
def test_header_is_the_row_that_names_most_columns(rows, position):
    assert find_header_row(rows, COLUMNS) == position


def test_of_two_headers_the_upper_one_holds():
    assert find_header_row([["id", "status"], ["a", "open"], ["id", "status"]], COLUMNS) == 0


@pytest.mark.parametrize(
    "cell",
    ["Season", "SEASON", " season ", "\ufeffseason", "운영기간", "운영 기간", "개방기간(월일)"],
)
def test_names_are_known_in_any_case_and_with_blanks(cell):
    assert match_columns([cell], COLUMNS) == ["season"]


def test_unit_in_brackets_belongs_to_the_name():
    assert match_columns(["폭(m)", "폭\n(M)", "폭(cm)"], COLUMNS) == ["width_m", "width_m", None]
    assert simplify_name("폭(ｍ)") == "폭m"


@pytest.mark.parametrize(
    ("text", "name"),
    [("Seasons", "season"), ("stauts", "status"), ("운영기긴", None), ("colour", None)],
)
def test_nearest_name_is_suggested(text, name):
    assert suggest_name(text, COLUMNS) == name
