"""Workbooks and tables as offices keep them: titles, merged headers, totals, notes, odd cells."""

from __future__ import annotations

import datetime as dt
import zipfile

import openpyxl
import pytest
import xlwt

from mapserver.errors import CrsError, DataError
from mapserver.model import LayerEntry, Role
from mapserver.readers.sheets.cells import parse_degrees, parse_number
from mapserver.readers.sheets.coordinates import find_coordinate_columns
from mapserver.readers.sheets.layout import find_layout, is_total
from mapserver.readers.vector import read_layer

SEOGU = (126.8, 35.1, 126.9, 35.2)
SHOPS = [["가게1", 126.855, 35.145], ["가게2", 126.865, 35.146]]
PLAIN = [["상호명", "경도", "위도"], *SHOPS]


def write_workbook(path, rows, *, merged=(), change=None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    if change:
        change(book)
    book.save(path)
    return path


def read(path, **described):
    entry = LayerEntry("x", Role.SHOPS, **described)
    return read_layer(path, entry, name=path.name, city_box=SEOGU)


def codes(findings):
    return {finding.code for finding in findings}


def places(frame):
    return list(zip(frame["name"], frame.geometry.x, frame.geometry.y, strict=True))


@pytest.mark.parametrize("file", ["plain.xlsx", "titlerow.xlsx", "merged.xlsx"])
def test_the_cases_of_titles_and_merged_headers_give_the_same_two_shops(test_data, file):
    frame, _ = read(test_data / "cases" / "layers" / file)
    assert places(frame) == [("가게1", 126.855, 35.145), ("가게2", 126.865, 35.146)]


def test_the_case_of_dates_keeps_times_of_day_and_zeros(test_data):
    frame, _ = read(test_data / "cases" / "layers" / "dates.xlsx")
    assert frame["등록일"].tolist() == ["2026-03-01T00:00:00", "2026-03-02T09:30:00"]
    assert frame["코드"].tolist() == ["00007", "00012"]


TITLE = ["서구 상점 현황 (2026년 3월)"]
UNIT = ["(단위: 개)"]
LAYOUTS = {
    "a title": [TITLE, *PLAIN],
    "a title, a unit and blank rows": [TITLE, UNIT, [], [], *PLAIN],
    "a title in the middle": [[None, "상점 현황"], *PLAIN],
    "a total": [*PLAIN, ["합 계", None, None]],
    "a total with sums": [*PLAIN, ["총계", 253.72, 70.291]],
    "subtotals": [*PLAIN[:2], ["풍암동 소계", None, None], PLAIN[2], ["금호동 소계"]],
    "a total on top": [PLAIN[0], ["계", None, None], *SHOPS],
    "a total in English": [*PLAIN, ["Total", None, None]],
    "notes below": [*PLAIN, [], ["※ 좌표는 WGS84 기준임"], ["자료: 서구청 경제과"]],
    "a note in the middle": [*PLAIN[:2], ["* 휴업 중"], PLAIN[2]],
    "the header again": [*PLAIN[:2], PLAIN[0], PLAIN[2]],
    "a blank row between": [*PLAIN[:2], [], PLAIN[2]],
    "a blank column": [[None, *row] for row in PLAIN],
    "a blank column between": [[row[0], None, *row[1:]] for row in PLAIN],
    "a number column": [["연번", *PLAIN[0]], [1, *SHOPS[0]], [2, *SHOPS[1]], ["합계", 2]],
    "two rows of headers": [["상호명", "위치", None], [None, "경도", "위도"], *SHOPS],
    "three rows of headers": [
        ["상호명", "위치", None, "규모"],
        [None, "좌표", None, "면적"],
        [None, "경도", "위도", "㎡"],
        *[[*row, 10] for row in SHOPS],
    ],
    "a title above two rows of headers": [
        TITLE,
        UNIT,
        ["상호명", "위치"],
        [None, "경도", "위도"],
        *SHOPS,
    ],
    "English": [["Shops of Seo-gu"], ["Name", "Longitude", "Latitude"], *SHOPS],
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_workbook_gives_its_two_shops_whatever_stands_around_them(tmp_path, layout):
    frame, _ = read(write_workbook(tmp_path / "t.xlsx", LAYOUTS[layout]))
    assert places(frame) == [("가게1", 126.855, 35.145), ("가게2", 126.865, 35.146)]


def write_csv(path, rows, *, separator=",", codec="utf-8-sig"):
    width = max(map(len, rows))
    texts = [["" if cell is None else str(cell) for cell in row] for row in rows if row]
    lines = [separator.join(row + [""] * (width - len(row))) for row in texts]
    path.write_bytes("\r\n".join([*lines, ""]).encode(codec))
    return path


@pytest.mark.parametrize("codec", ["utf-8-sig", "cp949"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_csv_saved_from_it_gives_the_same_shops(tmp_path, layout, codec):
    if codec == "cp949" and layout == "English":
        pytest.skip("it is in the case of UTF-8 already")
    frame, _ = read(write_csv(tmp_path / "t.csv", LAYOUTS[layout], codec=codec))
    assert places(frame) == [("가게1", 126.855, 35.145), ("가게2", 126.865, 35.146)]


def test_notes_of_a_csv_may_have_fewer_cells_than_its_header(tmp_path):
    text = "상점 현황\n\n상호명,경도,위도\n가게1,126.855,35.145\n합계\n※ 참고, 쉼표\n"
    (tmp_path / "t.csv").write_text(text, "utf-8")
    frame, findings = read(tmp_path / "t.csv")
    assert places(frame) == [("가게1", 126.855, 35.145)]
    assert {"header-found", "total-rows", "note-rows"} <= codes(findings)


def test_a_row_of_another_length_is_left_out_and_named_by_its_line(tmp_path):
    text = "상호명,경도,위도\n가게1,126.855,35.145\n가게2,126.86,35.14,1\n가게3,126.86\n"
    (tmp_path / "t.csv").write_text(text, "utf-8")
    frame, findings = read(tmp_path / "t.csv")
    assert frame["name"].tolist() == ["가게1"]
    assert [f.feature for f in findings if f.code == "row-shape"] == ["line 3", "line 4"]


def test_commas_are_decimal_where_semicolons_separate(tmp_path):
    text = "Name;Längengrad;Breitengrad;Fläche\na;126,855;35,145;1,5\nb;126,865;35,146;2,25\n"
    (tmp_path / "t.csv").write_text(text, "utf-8")
    frame, _ = read(tmp_path / "t.csv")
    assert places(frame) == [("a", 126.855, 35.145), ("b", 126.865, 35.146)]
    assert frame["Fläche"].tolist() == [1.5, 2.25]


def test_numbers_with_separators_and_units_are_numbers(tmp_path):
    text = '상호명,경도,위도,매출,면적,전화번호\n가,126.855,35.145,"1,234","1,200㎡",062-350-1234\n'
    (tmp_path / "t.csv").write_text(text, "utf-8")
    frame, _ = read(tmp_path / "t.csv")
    assert frame["매출"].tolist() == [1234]
    assert frame["면적 (㎡)"].tolist() == [1200]
    assert frame["전화번호"].tolist() == ["062-350-1234"]


def test_the_header_can_be_named(tmp_path):
    rows = [["상호명", "경도", "위도"], ["상호명", "경도", "위도"], *SHOPS]
    path = write_workbook(tmp_path / "t.xlsx", [["x", "lon", "lat"], *rows])
    assert read(path, header_row=3, name_column="상호명")[0]["name"].tolist() == ["가게1", "가게2"]
    (tmp_path / "t.csv").write_text(
        "lon,lat,경도,위도\n1,2,경도,위도\n1,2,126.855,35.145\n", "utf-8"
    )
    frame, _ = read(tmp_path / "t.csv", header_row=2)
    assert frame.geometry.x.tolist() == [126.855]


def test_a_header_far_below_can_be_named(tmp_path):
    rows = [[f"설명 {n}", "x"] for n in range(80)] + PLAIN
    frame, _ = read(write_workbook(tmp_path / "t.xlsx", rows), header_row=81)
    assert places(frame) == [("가게1", 126.855, 35.145), ("가게2", 126.865, 35.146)]


def test_merged_cells_of_a_header_are_joined(tmp_path):
    rows = [
        ["점포 현황", None, None, None, None],
        ["상호명", "위치", None, "매출", None],
        [None, "경도", "위도", "평일", "주말"],
        *[[*row, 10, 20] for row in SHOPS],
    ]
    merged = ["A1:E1", "A2:A3", "B2:C2", "D2:E2"]
    frame, findings = read(write_workbook(tmp_path / "t.xlsx", rows, merged=merged))
    assert {"위치 경도", "위치 위도", "매출 평일", "매출 주말"} <= set(frame.columns)
    said = next(str(f) for f in findings if f.code == "header-found")
    assert "row 2-3" in said
    assert "title: 1" in said
    assert "--header" in said


def test_columns_of_a_merged_header_are_known_by_their_last_word(tmp_path):
    rows = [
        ["점포", None, "위치", None],
        ["상호명", "업종", "경도", "위도"],
        *[[row[0], "음식점", *row[1:]] for row in SHOPS],
    ]
    path = write_workbook(tmp_path / "t.xlsx", rows, merged=["A1:B1", "C1:D1"])
    frame, _ = read(path)
    assert frame["점포 상호명"].tolist() == ["가게1", "가게2"]
    assert places(frame) == [("가게1", 126.855, 35.145), ("가게2", 126.865, 35.146)]


def test_totals_and_notes_are_counted_with_their_rows(tmp_path):
    rows = [*PLAIN, ["소계"], ["합계"], ["※ 참고"]]
    _, findings = read(write_workbook(tmp_path / "t.xlsx", rows))
    said = {finding.code: str(finding) for finding in findings}
    assert "2 (rows 4, 5)" in said["total-rows"]
    assert "1 (rows 6)" in said["note-rows"]


def test_a_shop_named_total_with_a_place_is_a_shop(tmp_path):
    frame, _ = read(write_workbook(tmp_path / "t.xlsx", [*PLAIN, ["Total", 126.86, 35.1455]]))
    assert frame["name"].tolist() == ["가게1", "가게2", "Total"]


@pytest.mark.parametrize(
    "text", ["합계상회", "계림동 상점", "총각네", "Totally", "토탈헤어", "소계산"]
)
def test_names_that_resemble_a_total_are_none(text):
    assert not is_total(text)


@pytest.mark.parametrize(
    "text",
    [
        *("합 계", "총합계 (2024)", "소계", "누계", "총", "총 12개소", "풍암동 소계", "평균"),
        *("合計", "小計", "総計", "總計", "合计", "小计", "总计", "平均", "서구 小计"),
        *("Total", "Sub-total:", "SUM", "Gesamt", "Durchschnitt", "Итого", "ВСЕГО", "totale"),
    ],
)
def test_words_of_totals_are_known_in_every_letter(text):
    assert is_total(text)


def test_merged_cells_among_the_rows_count_for_each_of_them(tmp_path):
    rows = [["행정동", *PLAIN[0]], ["풍암동", *SHOPS[0]], [None, *SHOPS[1]]]
    frame, findings = read(write_workbook(tmp_path / "t.xlsx", rows, merged=["A2:A3"]))
    assert frame["행정동"].tolist() == ["풍암동", "풍암동"]
    assert "merged-cells" in codes(findings)


def test_several_sheets_are_asked_about_and_one_can_be_named(tmp_path):
    def change(book):
        other = book.create_sheet("둘째")
        other.append(["상호명", "경도", "위도"])
        other.append(["가게9", 126.859, 35.149])

    path = write_workbook(tmp_path / "t.xlsx", PLAIN, change=change)
    with pytest.raises(DataError, match="Sheet, 둘째"):
        read(path)
    assert read(path, layer="둘째")[0]["name"].tolist() == ["가게9"]
    with pytest.raises(DataError, match="no sheet '셋째'"):
        read(path, layer="셋째")


def test_a_hidden_sheet_is_left_and_said(tmp_path):
    def change(book):
        hidden = book.create_sheet("옛날")
        hidden.append(["상호명", "경도", "위도"])
        hidden.sheet_state = "hidden"

    frame, findings = read(write_workbook(tmp_path / "t.xlsx", PLAIN, change=change))
    assert len(frame) == 2
    assert "옛날" in next(str(f) for f in findings if f.code == "hidden-sheets")


def test_hidden_rows_are_read_and_said(tmp_path):
    def change(book):
        book.active.row_dimensions[3].hidden = True

    frame, findings = read(write_workbook(tmp_path / "t.xlsx", PLAIN, change=change))
    assert len(frame) == 2
    assert "(rows 3)" in next(str(f) for f in findings if f.code == "hidden-rows")


def test_formulas_without_a_value_and_errors_are_named(tmp_path):
    rows = [
        ["상호명", "경도", "위도", "값"],
        ["가게1", 126.855, 35.145, "=1+1"],
        [*SHOPS[1], "#N/A"],
    ]
    frame, findings = read(write_workbook(tmp_path / "t.xlsx", rows))
    assert frame["값"].isna().all()
    said = {finding.code: str(finding) for finding in findings}
    assert "D2" in said["formula-without-value"]
    assert "save it again" in said["formula-without-value"]
    assert "D3" in said["error-cell"]


def test_cells_keep_what_they_are(tmp_path):
    head = [
        "상호명",
        "경도",
        "위도",
        "개업일",
        "시각",
        "취급",
        "코드",
        "번호표",
        "긴수",
        "면적",
        "수",
    ]
    rows = [
        head,
        [*SHOPS[0], dt.date(2026, 3, 1), dt.time(9, 30), True, 7, "007", 29140112000, "1,200㎡", 3],
        [
            *SHOPS[1],
            dt.date(2026, 3, 2),
            dt.time(18, 0),
            False,
            12,
            "012",
            29140112001,
            "85㎡",
            None,
        ],
    ]

    def change(book):
        for row in (2, 3):
            book.active.cell(row, 7).number_format = "00000"

    frame, _ = read(write_workbook(tmp_path / "t.xlsx", rows, change=change))
    first = frame.iloc[0]
    assert frame["개업일"].tolist() == ["2026-03-01", "2026-03-02"]
    assert frame["시각"].tolist() == ["09:30", "18:00"]
    assert frame["취급"].dtype == bool
    assert frame["코드"].tolist() == ["00007", "00012"]
    assert first["번호표"] == "007"
    assert first["긴수"] == 29140112000
    assert frame["면적 (㎡)"].tolist() == [1200, 85]
    assert frame["수"].isna().tolist() == [False, True]
    assert first["수"] == 3


def test_dates_of_the_1904_system_are_the_same_days(tmp_path):
    def change(book):
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    rows = [[*PLAIN[0], "날"], [*SHOPS[0], dt.date(2026, 3, 1)]]
    frame, _ = read(write_workbook(tmp_path / "t.xlsx", rows, change=change))
    assert frame["날"].tolist() == ["2026-03-01"]


def test_an_old_workbook_is_read_too(tmp_path):
    book = xlwt.Workbook()
    sheet = book.add_sheet("상점")
    for row, cells in enumerate([TITLE, *PLAIN]):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    book.save(str(tmp_path / "t.xls"))
    frame, _ = read(tmp_path / "t.xls")
    assert places(frame) == [("가게1", 126.855, 35.145), ("가게2", 126.865, 35.146)]


def test_what_is_no_workbook_is_refused_with_how_to_save_it(tmp_path):
    (tmp_path / "t.xls").write_text("<html><table><tr><td>상호명</td></tr></table></html>", "utf-8")
    with pytest.raises(DataError, match="web page"):
        read(tmp_path / "t.xls")
    (tmp_path / "t.xlsx").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(DataError, match="broken"):
        read(tmp_path / "t.xlsx")


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("mapserver.settings.limits.MAX_FILE_BYTES", 10_000)
    path = write_workbook(tmp_path / "t.xlsx", PLAIN)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/media/big.bin", bytes(20_000), zipfile.ZIP_DEFLATED)
    with pytest.raises(DataError, match="unpacks to"):
        read(path)


def test_a_cell_far_away_does_not_take_the_memory(tmp_path):
    def change(book):
        book.active["XFD1048576"] = "x"

    path = write_workbook(tmp_path / "t.xlsx", PLAIN, change=change)
    with pytest.raises(DataError, match="XFD1048576"):
        read(path)


OPEN_DOCUMENT = """<?xml version="1.0"?><office:document-content
xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="S">{rows}</table:table>
</office:spreadsheet></office:body></office:document-content>"""


def write_open_document(path, rows):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        space = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
        archive.writestr(
            "META-INF/manifest.xml", f'<?xml version="1.0"?><manifest:manifest {space}/>'
        )
        archive.writestr("content.xml", OPEN_DOCUMENT.format(rows=rows))
    return path


def test_an_open_document_is_read(tmp_path):
    def cell(value):
        kind = f'"float" office:value="{value}"' if isinstance(value, float) else '"string"'
        text = f"<text:p>{value}</text:p>"
        return f"<table:table-cell office:value-type={kind}>{text}</table:table-cell>"

    rows = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in PLAIN)
    frame, _ = read(write_open_document(tmp_path / "t.ods", rows))
    assert places(frame) == [("가게1", 126.855, 35.145), ("가게2", 126.865, 35.146)]


def test_an_open_document_that_repeats_a_cell_a_billion_times_is_refused(tmp_path):
    cell = (
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="string">'
        "<text:p>x</text:p></table:table-cell>"
    )
    rows = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    with pytest.raises(DataError, match="too much"):
        read(write_open_document(tmp_path / "t.ods", rows))


# -- coordinates -----------------------------------------------------------------------------------


def test_the_case_of_degrees_minutes_and_seconds_is_read_right(test_data):
    frame, _ = read(test_data / "cases" / "layers" / "dms.csv")
    assert frame.geometry.x.tolist() == pytest.approx([126.855, 126.865])
    assert frame.geometry.y.tolist() == pytest.approx([35.145, 35.146])


DEGREES = [
    "126.8525",
    "126,8525",
    "126°51'09.0\"E",
    "126° 51′ 9″ E",
    "E126 51 9",
    "E 126° 51' 9\"",
    "126-51-09.0",
    "126:51:09",
    "126도 51분 9초",
    "126도51분9.0초",
    "동경 126도 51.15분",
    "126° 51.15'",
    "126º51’9’’",
    "126d51m9s",
    "126 51 9 E",
]


@pytest.mark.parametrize("text", DEGREES)
def test_a_longitude_is_read_however_it_is_written(text):
    assert parse_degrees(text, "lon") == pytest.approx(126.8525)


@pytest.mark.parametrize(
    "text", ["126°61'00\"", "35°08'42\"N", "abc", "", "2026-03-01", "126.5-30", "E126.5E", "1,2,3"]
)
def test_what_is_no_longitude_is_none(text):
    assert not abs(parse_degrees(text, "lon")) <= 180


def test_south_and_west_are_negative():
    assert parse_degrees("33°51'S", "lat") == pytest.approx(-33.85)
    assert parse_degrees("서경 70도 30분", "lon") == pytest.approx(-70.5)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234", 1234), ("188,542.12", 188542.12), ("188542,12", 188542.12), ("1 234", 1234)],
)
def test_a_number_is_read_however_it_is_written(text, number):
    assert parse_number(text) == number


def test_swapped_columns_are_asked_about(tmp_path):
    rows = [["상호명", "경도", "위도"], ["가게1", 35.145, 126.855], ["가게2", 35.146, 126.865]]
    path = write_workbook(tmp_path / "t.xlsx", rows)
    with pytest.raises(DataError, match=r"swapped: '경도' holds 35.145, '위도' holds 126.855"):
        read(path)


def test_swapped_columns_are_asked_about_where_both_ways_are_on_earth(tmp_path):
    rows = [["name", "lon", "lat"], ["a", 50.93, 6.95], ["b", 50.94, 6.96]]
    path = write_workbook(tmp_path / "t.xlsx", rows)
    entry = LayerEntry("x", Role.SHOPS)
    with pytest.raises(DataError, match="swapped"):
        read_layer(path, entry, name="t.xlsx", city_box=(6.8, 50.8, 7.1, 51.0))


@pytest.mark.parametrize(
    "names",
    [
        ("경도", "위도"),
        ("Longitude", "Latitude"),
        ("LNG", "LAT"),
        ("경도(WGS84)", "위도(WGS84)"),
        ("WGS84경도", "WGS84위도"),
        ("X좌표", "Y좌표"),
        ("좌표정보(X)", "좌표정보(Y)"),
        ("EASTING", "NORTHING"),
        ("Längengrad", "Breitengrad"),
        ("経度", "緯度"),
        ("经度", "纬度"),
        ("longitud", "latitud"),
        ("долгота", "широта"),
        ("Bujur", "Lintang"),
        ("Boylam", "Enlem"),
        ("Kinh độ", "Vĩ độ"),
        ("ลองจิจูด", "ละติจูด"),
        ("Rechtswert", "Hochwert"),
        ("위치 경도", "위치 위도"),
        ("POINT_X", "POINT_Y"),
        ("lng", "위도"),
    ],
)
def test_columns_of_coordinates_are_known_by_many_names(names):
    x, y, _ = find_coordinate_columns(["이름", *names], prefer_grid=False)
    assert (x, y) == names


@pytest.mark.slow
def test_projected_coordinates_ask_for_their_crs_with_what_fits_the_city(tmp_path):
    rows = [["이름", "EASTING", "NORTHING"], ["가", "188,542.1", "183,222.7"]]
    path = write_workbook(tmp_path / "t.xlsx", rows)
    with pytest.raises(CrsError, match=r"EPSG:5181 126\.8743, 35\.1453"):
        read(path)
    frame, _ = read(path, crs="EPSG:5181")
    assert frame.geometry.x.iloc[0] == pytest.approx(126.8743, abs=1e-4)


def test_cells_that_say_yes_and_no_are_no_header():
    rows = [["가맹점명", "시장", "지류", "카드"], ["가나식당", "양동", "Y", "N"]]
    layout = find_layout(rows)
    assert layout.header == [0]
    assert layout.data == [1]


def test_a_header_is_found_by_its_shape_where_no_name_is_known():
    rows = [["Liste 2026"], [None, "Stand: März"], ["aa", "bb", "cc"], ["x", 1, 2], ["y", 3, 4]]
    layout = find_layout(rows)
    assert layout.header == [2]
    assert layout.data == [3, 4]


def test_a_row_of_yes_and_no_is_no_header_of_coordinates():
    rows = [
        ["가맹점명", "주소", "지류", "카드"],
        ["가나식당", None, "Y", "N"],
        ["다", None, "N", "Y"],
    ]
    assert find_layout(rows).header == [0]
    assert find_layout([["제목"], ["이름", "X", "Y"], ["가", 1, 2]]).header == [1]
