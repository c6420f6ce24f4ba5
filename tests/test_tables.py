"""CSV tables in every shape, the register and dated tables, and files of answers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from mapserver import tables
from mapserver.errors import CrsError, DataError, QueryError
from mapserver.readers import csv_text
from mapserver.readers.csv_text import read_table
from mapserver.readers.register import read_benefits, read_closures, read_trail_register
from mapserver.settings import limits
from mapserver.text import encoding
from mapserver.text.encoding_names import find_codec
from mapserver.text.header_row import match_columns

# -- text ----------------------------------------------------------------------------------------


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1))
def test_text_in_utf_8_is_utf_8(text):
    assert encoding.decode_text(text.encode("utf-8"), where="x") == text


@pytest.mark.parametrize(
    "label", ["EUC-KR", "KS_C_5601-1987", "MS949", "UHC", "cp949", "949", "ANSI 949"]
)
def test_every_label_of_korean_is_cp949(label):
    assert find_codec(label) == "cp949"


# -- tables --------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "|", "\t"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_separators_and_encodings(tmp_path, separator, codec):
    rows = [["이름", "값"], ["가나", '"두\n줄"'], ["다라", "3"]]
    text = "\r\n".join(separator.join(row) for row in rows) + "\r\n"
    (tmp_path / "t.csv").write_bytes(text.encode(codec))
    table, findings = read_table(tmp_path / "t.csv", name="t.csv")
    assert table["이름"].tolist() == ["가나", "다라"]
    assert table["값"].tolist() == ["두\n줄", "3"]
    assert list(table.index) == [2, 4]  # the line on which each row begins
    assert findings == []


def test_rows_of_another_width_are_told_and_left_out(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2\n1,2,3\n4\n5,6\n", "utf-8")
    table, findings = read_table(tmp_path / "t.csv", name="t.csv")
    assert table["a"].tolist()[0] == "1"
    assert table["a"].tolist()[-1] == "5"
    assert any("3" in str(finding) for finding in findings)


WIDE = {
    "a header": ("{cells}\n1,2\n", 1),
    "below a title": ("제목\n\n{cells}\n", 3),
    "a row": ("name{separator}lon\n{cells}\n", 2),
    "every cell in quotation marks": ('"' + "{quoted}" + '"\n', 1),
}


@pytest.mark.parametrize("separator", [",", ";", "|", "\t"])
@pytest.mark.parametrize("kind", WIDE)
def test_a_table_of_too_many_columns_is_refused_before_it_is_taken_apart(
    tmp_path, monkeypatch, kind, separator
):
    cells = [f"이름{n}" for n in range(limits.MAX_TABLE_COLUMNS + 1)]
    text, line = WIDE[kind]
    quoted = f'"{separator}"'.join(cells)
    text = text.format(cells=separator.join(cells), quoted=quoted, separator=separator)
    (tmp_path / "t.csv").write_text(text, "utf-8")
    looked_at = []

    def match(row, columns):
        looked_at.append(len(row))
        return match_columns(row, columns)

    monkeypatch.setattr(csv_text, "match_columns", match)
    monkeypatch.setattr(csv_text, "_split_rows", None)  # which takes all of it apart
    with pytest.raises(DataError, match=rf"t\.csv:{line}: the table has 2001 columns"):
        csv_text.read_text(tmp_path / "t.csv", name="t.csv", columns={"name": (), "lon": ()})
    assert max(looked_at) <= limits.MAX_TABLE_COLUMNS


def test_empty_cells_at_the_end_and_commas_in_texts_make_no_table_wide(tmp_path):
    commas = "," * 5000
    for text in (f"a,b{commas}\n1,2{commas}\n", f'a,b\n1,"{commas}"\n', f"a\tb\n1\tx{commas}x\n"):
        (tmp_path / "t.csv").write_text(text, "utf-8")
        assert list(read_table(tmp_path / "t.csv", name="t.csv")[0].columns) == ["a", "b"]


# -- the register --------------------------------------------------------------------------------


def register(tmp_path, text: str):
    (tmp_path / "trails.csv").write_text(text, "utf-8-sig")
    return read_trail_register(tmp_path)


def test_the_register_is_typed(tmp_path):
    table, findings = register(
        tmp_path,
        "id,name,width_m,lighting,foot_wash,season,status,opened,extra\n"
        "a,가,1.5,예,no,03-01/11-30,운영중,2023,무엇\n"
        "b,나,,,,,,,\n",
    )
    assert [(f.code, f.severity) for f in findings] == [("column-unknown", "note")]
    assert table.loc["a", "width_m"] == 1.5
    assert bool(table.loc["a", "lighting"]) is True
    assert bool(table.loc["a", "foot_wash"]) is False
    assert table.loc["a", ["season", "status", "extra"]].tolist() == ["03-01/11-30", "open", "무엇"]
    assert table.loc["b"].drop("name").isna().all()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("width_m", value) for value in ("wide", "-1", "0", "nan", "inf")),
        *(("season", value) for value in ("2-30/11-30", "13-01/11-30", "summer")),
        ("lighting", "perhaps"),
        ("status", "half open"),
        *(("opened", value) for value in ("2027-02-30", "봄에")),
    ],
)
def test_a_value_that_cannot_be_used_is_told_by_line(tmp_path, column, value):
    table, findings = register(tmp_path, f"id,{column}\na,{value}\n")
    # What a state follows from stays as it was typed, for people to read.
    assert pd.isna(table.loc["a", column]) or table.loc["a", column] == value
    assert pd.isna(table.loc["a", column]) == (column in {"width_m", "lighting"})
    assert [finding.feature for finding in findings] == ["line 2"]
    assert value in str(findings[0])
    assert findings[0].mend


def test_ids_doubled_or_missing_in_the_register_are_told(tmp_path):
    table, findings = register(tmp_path, "id,name\na,1\na,2\n,3\n")
    assert table.index.is_unique
    assert {finding.feature for finding in findings} == {"line 3", "line 4"}
    with pytest.raises(DataError, match="id"):
        register(tmp_path, "name\nx\n")


def test_closures_and_benefits_are_dated(tmp_path):
    (tmp_path / "closures.csv").write_text(
        "trail_id,from,to,reason_ko,reason_en\na,2026-04-06,2026.4.24,공사,Works\nb,봄,,,\n",
        "utf-8",
    )
    closures, findings = read_closures(tmp_path)
    assert closures.iloc[0][["from", "to"]].tolist() == [
        dt.date(2026, 4, 6),
        dt.date(2026, 4, 24),
    ]
    assert any("봄" in str(finding) for finding in findings)
    (tmp_path / "benefits.csv").write_text(
        "from,to,rate,cap_won,payment,title,source,checked_on\n"
        "2026-01-01,2026-02-01,10%,20000,카드,할인,구청,2026-01-01\n"
        "2026-01-01,2026-02-01,maybe,,card,x,y,2026-01-01\n",
        "utf-8",
    )
    benefits, findings = read_benefits(tmp_path)
    assert benefits["rate"].tolist() == [0.1]
    assert benefits["payment"].tolist() == ["card"]
    assert [finding.feature for finding in findings] == ["line 3"]


# -- files of points and answers -----------------------------------------------------------------

ANSWERS = gpd.GeoDataFrame(
    {"name": ["=1+1", "<b>"], "distance_m": [1.5, np.nan], "count": pd.array([1, None], "Int64")},
    geometry=gpd.points_from_xy([126.85, 126.86], [35.15, 35.16]),
    crs=4326,
    index=pd.Index(["a", "b"], name="id"),
)


@pytest.mark.parametrize("suffix", [".csv", ".geojson", ".gpkg", ".fgb", ".parquet"])
def test_what_is_written_is_read_again(tmp_path, suffix):
    path = tmp_path / f"answers{suffix}"
    tables.write(ANSWERS, path)
    back, _ = tables.read_points(path)
    back = back.loc[["a", "b"]]  # FlatGeobuf has an order of its own
    assert back["name"].tolist() == ANSWERS["name"].tolist()
    assert back["distance_m"].astype(float).tolist()[0] == 1.5
    assert shapely.equals_exact(back.geometry, ANSWERS.geometry, 1e-7).all()
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_csv_opens_in_a_korean_spreadsheet(tmp_path):
    tables.write(ANSWERS, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_file_that_fails_leaves_the_old_one(tmp_path):
    path = tmp_path / "a.parquet"
    tables.write(ANSWERS, path)
    before = path.read_bytes()
    with pytest.raises(DataError, match="cannot be written"):
        tables.write(ANSWERS.assign(name=[object(), object()]), path)
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["a.parquet"]


def test_wrong_endings_and_folders_are_said(tmp_path):
    with pytest.raises(DataError, match=r"\.csv"):
        tables.write(ANSWERS, tmp_path / "a.xls")
    with pytest.raises(DataError, match="folder"):
        tables.write(ANSWERS, tmp_path / "nowhere" / "a.csv")
    with pytest.raises(DataError, match="no such file"):
        tables.read_points(tmp_path / "a.csv")


# -- tables of notebooks -------------------------------------------------------------------------


def kept(**columns) -> gpd.GeoDataFrame:
    index = pd.Index(["a", "b"], name="id")
    points = [shapely.Point(190_000, 280_000), None]
    return gpd.GeoDataFrame(columns, geometry=points, crs=5186, index=index)


def test_a_table_is_kept_whole_for_excel_and_qgis(tmp_path):
    out = tmp_path / "new" / "tables"
    tables.keep(kept(이름=["가", "나"], share=[1 / 3, np.nan], fid=[1, 1]), out, "points")
    read = pd.read_csv(out / "points.csv", encoding="utf-8")
    assert (out / "points.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert list(read.columns.str.lstrip("\ufeff")) == ["id", "이름", "share", "fid", "lon", "lat"]
    assert read["share"][0] == 1 / 3
    # 10 km west of the central meridian at 35.116° N: 10 000 m / (111 320 m × cos 35.116°).
    assert read["lon"][0] == pytest.approx(127 - 10_000 / (111_320 * 0.818), abs=1e-3)
    layer = gpd.read_file(out / "tables.gpkg", layer="points")
    assert layer["이름"].tolist() == ["가", "나"]
    assert layer.crs.to_epsg() == 5186
    assert layer.geometry[0].x == 190_000
    assert layer.geometry[1] is None


def test_a_layer_is_replaced_and_the_others_stay(tmp_path):
    tables.keep(kept(n=[1, 2]), tmp_path, "one")
    tables.keep(kept(n=[3, 4]), str(tmp_path), "two")
    tables.keep(kept(m=[5, 6]), tmp_path, "one")
    tables.keep(pd.DataFrame({"n": [1]}), tmp_path, "plain")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "one.csv", "plain.csv", "tables.gpkg", "two.csv"
    ]  # fmt: skip
    assert gpd.read_file(tmp_path / "tables.gpkg", layer="one")["m"].tolist() == [5, 6]
    assert gpd.read_file(tmp_path / "tables.gpkg", layer="two")["n"].tolist() == [3, 4]


def test_an_index_is_kept_where_it_says_something(tmp_path):
    counted = pd.DataFrame({"동": ["가", "나", "가"], "k": [1, 1, 2]}).groupby(["동", "k"]).size()
    tables.keep(counted.to_frame("n"), tmp_path, "counted")
    assert list(pd.read_csv(tmp_path / "counted.csv").columns) == ["동", "k", "n"]
    rows = pd.DataFrame({"id": ["x"], "n": [1]}, index=pd.Index(["x"], name="id"))
    tables.keep(rows, tmp_path, "doubled")
    assert list(pd.read_csv(tmp_path / "doubled.csv").columns) == ["id", "n"]


@pytest.mark.parametrize("out", ["", None])
def test_without_a_folder_nothing_is_kept(tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    tables.keep(kept(n=[1, 2]), out, "points")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["가", "a/b", "../a", "A", "", "a.b"])
def test_a_table_has_a_name_that_any_file_system_takes(tmp_path, name):
    with pytest.raises(QueryError, match="small letters"):
        tables.keep(kept(n=[1, 2]), tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_shapes_without_a_crs_are_not_kept(tmp_path):
    with pytest.raises(CrsError, match="set_crs"):
        tables.keep(kept(n=[1, 2]).set_crs(None, allow_override=True), tmp_path, "points")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", [".csv", ".shp"])
@pytest.mark.parametrize("value", [Decimal("1.5"), dt.time(8), 1j, pd.Interval(0, 1)], ids=repr)
def test_values_of_any_kind_are_written_as_text(tmp_path, suffix, value):
    frame = ANSWERS.assign(value=pd.Series([value] * len(ANSWERS), ANSWERS.index, dtype=object))
    tables.write(frame, tmp_path / f"a{suffix}")
    read = gpd.read_file(tmp_path / f"a{suffix}")["value"]
    assert set(read.astype(str).str[:2]) == {str(value)[:2]}


@pytest.mark.parametrize("suffix", [".csv", ".geojson", ".gpkg", ".fgb", ".parquet"])
def test_whole_numbers_beyond_64_bits_keep_all_digits(tmp_path, suffix):
    numbers = pd.Series([2**80] * len(ANSWERS), ANSWERS.index, dtype=object)
    path = tmp_path / f"a{suffix}"
    tables.write(ANSWERS.assign(pnu=numbers), path)
    read = gpd.read_parquet(path) if suffix == ".parquet" else gpd.read_file(path)
    assert set(read["pnu"].astype(str)) == {str(2**80)}
