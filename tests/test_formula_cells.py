"""Cells that a spreadsheet would run: named in what an office wrote, harmless in what we write."""

from __future__ import annotations

import pytest
from gpxtext import gpx, track

from mapserver.text.formulas import looks_like_formula

TRAIL = gpx(track([(126.85, 35.14, 20), (126.853, 35.141, 40)], name="A"))


def list_formulas(city):
    return {
        (f.file, f.values["column"], f.feature, f.values["count"])
        for f in city.check()
        if f.code == "cell-formula"
    }


def test_every_table_of_an_office_names_file_line_and_column_of_its_formulas(make_city):
    city = make_city(
        {
            "gpx/a.gpx": TRAIL,
            "gpx/trails.csv": 'id,name,notes\na,A,"=HYPERLINK(""http://x"")"\n',
            "layers/closures.csv": "trail_id,from,to,reason_ko\na,2026-07-01,,@SUM(1)\n",
            "layers/inspections.csv": (
                "trail_id,checked_on,grade,finding\na,2026-07-01,양호,괜찮음\n"
                "a,2026-07-02,양호,+cmd\na,2026-07-03,양호,＝1+1\n"
            ),
            "layers/shops.csv": "id,name,lon,lat\n1,가게,126.85,35.14\n2,-A1,126.85,35.14\n",
        }
    )
    assert list_formulas(city) == {
        ("gpx/trails.csv", "'notes'", "line 2", 1),
        ("layers/closures.csv", "'reason_ko'", "line 2", 1),
        ("layers/inspections.csv", "'finding'", "line 3", 2),
        ("layers/shops.csv", "'name'", "line 3", 1),
    }
    # They are texts to us, and are shown as they are.
    assert city.trails.loc["a", "notes"] == '=HYPERLINK("http://x")'


@pytest.mark.parametrize(
    ("cell", "is_formula"),
    [
        *((text, True) for text in ("=1", "=A1", "+A1", "-A1", "@x", "\ufeff=1", "＝1", "- 벤치")),
        *((text, False) for text in ("-3.5", "+82 62-350-4114", "-", "5-3", "a=b", "−", "-12 %")),
    ],
)
def test_numbers_and_telephones_are_no_formulas(cell, is_formula):
    assert looks_like_formula(cell) == is_formula
