"""Cells that a spreadsheet would run: named in what an office wrote, harmless in what we write."""

from __future__ import annotations

import csv
import io

import geopandas as gpd
import pandas as pd
import pytest
from click.testing import CliRunner
from gpxtext import gpx, track

import mapserver
from mapserver.commands.cli import main
from mapserver.settings import Settings
from mapserver.tables import keep
from mapserver.text.formulas import looks_like_formula, restore_safe_cell
from mapserver.web import create_app
from mapserver.writers.export import export

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
        *((text, True) for text in ("-E1", "-1e5+A1", "+1e", "\t=1", "\r=1", "\n@x")),
        *((text, False) for text in ("-1e-05", "+1.5E3", "-.5e2")),
        *((text, False) for text in ("-3.5", "+82 62-350-4114", "-", "5-3", "a=b", "−", "-12 %")),
    ],
)
def test_numbers_and_telephones_are_no_formulas(cell, is_formula):
    assert looks_like_formula(cell) == is_formula


def test_an_export_runs_in_no_spreadsheet_and_comes_in_again_as_it_was(make_folder, tmp_path):
    texts = [
        "=cmd|' /C calc'!A0",
        "'=1+1",
        "@누리",
        "'작은' 따옴표",
        "+82 62-350-4114",
        "-3.5",
        "=",
    ]
    points = gpd.points_from_xy([126.8] * len(texts), [35.1] * len(texts))
    layer = gpd.GeoDataFrame({"id": range(len(texts)), "글": texts}, geometry=points, crs=4326)
    city = mapserver.open_city(make_folder({"layers/places.geojson": layer}))
    export(city, tmp_path / "places.csv", layers=["places"])
    table = (tmp_path / "places.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert not [row for row in rows if looks_like_formula(row["글"])]
    # A number and a telephone number are no formulas, and stay what they are.
    assert [row["글"] for row in rows[4:6]] == texts[4:6]
    again = mapserver.open_city(make_folder({"layers/places.csv": table}, name="again"))
    assert list(again.layers["places"]["글"]) == texts
    assert not list_formulas(again)


def test_tables_of_a_city_are_read_without_the_apostrophe(make_city):
    city = make_city(
        {
            "gpx/a.gpx": TRAIL,
            "gpx/trails.csv": "id,name\na,'=길\n",
            "layers/closures.csv": "trail_id,from,to,reason_ko\na,2026-11-01,2026-11-02,'=공사\n",
        }
    )
    assert list(city.trails["name"]) == ["=길"]
    assert list(city.closures["reason_ko"]) == ["=공사"]


def test_what_add_writes_runs_in_no_spreadsheet_and_is_added_once(make_folder, tmp_path):
    folder, office = make_folder({"gpx/a.gpx": TRAIL}), tmp_path / "점검.csv"
    office.write_text(
        "trail_id,checked_on,grade,finding\n"
        "a,2026-07-01,양호,=1+1\na,2026-07-02,양호,'- 토사\na,2026-07-03,=2,\n",
        "utf-8",
    )
    line = tmp_path / "b.gpx"
    line.write_text(gpx(track([(126.85, 35.14, 20), (126.853, 35.141, 40)], name="=길()")), "utf-8")
    for words in ([str(office), "--as", "inspections"], [str(line), "--as", "trails"]) * 2:
        CliRunner().invoke(main, ["add", *words, "--city", str(folder), "--lang", "en"])
    for name in ("layers/inspections.csv", "gpx/trails.csv"):
        rows = list(csv.reader(io.StringIO((folder / name).read_text("utf-8-sig"))))
        assert not [cell for row in rows for cell in row if looks_like_formula(cell)], name
    city = mapserver.open_city(folder)
    assert list(city.ledgers["inspections"]["finding"]) == ["=1+1", "- 토사", None]
    assert "=길()" in set(city.trails["name"])


SENT = [
    "=1+1",
    "+cmd",
    "-A1",
    "@누리",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    "+82 62-350-4114",
    "-3.5",
    "가게",
]


def require_harmless(table, texts):
    """Check that a table runs in no spreadsheet, and says what it said."""
    rows = list(csv.reader(io.StringIO(table, newline="")))
    assert not [cell for row in rows for cell in row if looks_like_formula(cell)]
    cells = [restore_safe_cell(cell) for row in rows for cell in row]
    assert set(texts) <= set(cells)
    return rows


def test_an_answer_to_rows_of_points_runs_in_no_spreadsheet(make_city):
    city = make_city({"gpx/a.gpx": gpx(track([(126.85, 35.14), (126.853, 35.141)], name="=길()"))})
    body = io.StringIO(newline="")
    rows = [["-1.5e-05", "35.14", text] for text in SENT]
    csv.writer(body).writerows([["lon", "lat", "=글"], *rows])
    data = body.getvalue().encode()
    settings = Settings(city=city.path, tile_url="")
    with create_app(settings).test_client() as client:
        answer = client.post("/api/nearest?limit=1", data=data, content_type="text/csv")
    assert answer.status_code == 200, answer.text
    written = require_harmless(answer.text, [*SENT, "=글", "=길()"])
    # Numbers that were sent come back as they were.
    assert {row[0] for row in written[1:]} == {"-1.5e-05"}


@pytest.mark.parametrize("dtype", ["str", object, "category"])
def test_a_table_that_a_notebook_keeps_runs_in_no_spreadsheet(tmp_path, dtype):
    texts = pd.Series(SENT, dtype=dtype)
    table = pd.DataFrame({"=글": texts, "수": [-1.5] * len(SENT), "gemischt": [1, *SENT[1:]]})
    keep(table, tmp_path, "texts")
    text = (tmp_path / "texts.csv").read_bytes().decode("utf-8-sig")
    written = require_harmless(text, [*SENT, "=글"])
    assert {row[1] for row in written[1:]} == {"-1.5"}
    assert list(table) == ["=글", "수", "gemischt"]


def test_a_heading_that_is_a_formula_is_harmless_in_an_export_and_comes_in_again(
    make_folder, tmp_path
):
    layer = gpd.GeoDataFrame(
        {"id": [1], "=1+1": ["=2"]}, geometry=gpd.points_from_xy([126.8], [35.1]), crs=4326
    )
    city = mapserver.open_city(make_folder({"layers/places.geojson": layer}))
    findings = export(city, tmp_path / "places.csv", layers=["places"]).findings
    assert "text-formula" in {finding.code for finding in findings}
    table = (tmp_path / "places.csv").read_bytes()
    require_harmless(table.decode("utf-8-sig"), ["=1+1", "=2"])
    again = mapserver.open_city(make_folder({"layers/places.csv": table}, name="again"))
    assert list(again.layers["places"]["=1+1"]) == ["=2"]


def test_own_columns_of_a_ledger_are_harmless_in_what_add_writes(make_folder, tmp_path):
    folder, office = make_folder({"gpx/a.gpx": TRAIL}), tmp_path / "점검.csv"
    office.write_text("trail_id,checked_on,grade,=메모\na,2026-07-01,양호,=1\n", "utf-8")
    for _ in range(2):
        words = ["add", str(office), "--as", "inspections", "--city", str(folder)]
        result = CliRunner().invoke(main, words)
        assert result.exit_code == 0, result.output
    text = (folder / "layers/inspections.csv").read_text("utf-8-sig")
    assert len(require_harmless(text, ["=메모", "=1"])) == 2
    rows = mapserver.open_city(folder).ledgers["inspections"]
    assert list(rows["=메모"]) == ["=1"]
