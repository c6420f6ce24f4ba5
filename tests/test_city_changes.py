"""Two states of a city: what changed, what is only written in another way, what nobody knows."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import shapely
from cities import city_of, frame_of, in_plane, line
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import mapserver
from mapserver.analysis.city_changes import Change, Changes
from mapserver.analysis.city_comparison import compare_cities
from mapserver.analysis.shifts import measure_shift_m
from mapserver.commands.cli import main
from mapserver.drawing.change_words import describe_changes
from mapserver.writers.change_table import write_changes

HEAD = '<gpx xmlns="http://www.topografix.com/GPX/1/1" version="1.1" creator="x">'
SHOPS = (
    "id,name,lon,lat,onnuri_paper\n"
    "s1,빵집,126.85,35.14,yes\n"
    "s2,국수집,126.86,35.14,no\n"
    "s3,국수집,126.87,35.14,no\n"
)


def gpx(*points: tuple[float, float], name: str = "길", waypoints: str = "") -> str:
    rows = "".join(f'<trkpt lon="{lon}" lat="{lat}"/>' for lon, lat in points)
    return f"{HEAD}{waypoints}<trk><name>{name}</name><trkseg>{rows}</trkseg></trk></gpx>"


def waypoint(name: str, lon: float) -> str:
    return f'<wpt lon="{lon}" lat="35.14"><name>{name}</name></wpt>'


LINE = ((126.85, 35.14), (126.8512345, 35.1412345), (126.853, 35.142))


@pytest.fixture
def compare(make_folder):
    """Compare two cities of files, the second of the first's files and others."""

    def compare_files(old: dict, changes: dict, **options) -> list[Change]:
        new = {path: text for path, text in (old | changes).items() if text is not None}
        cities = [
            mapserver.open_city(make_folder(files, name))
            for name, files in (("old", old), ("new", new))
        ]
        rows = compare_cities(*cities, **options).rows
        # Whatever is compared here, the other way round is the mirror of it.
        assert mirror(rows) == list(compare_cities(*reversed(cities), **options).rows)
        return list(rows)

    return compare_files


def mirror(rows: tuple[Change, ...] | list[Change]) -> list[Change]:
    """Write changes as they are the other way round."""
    old_ids = {(r.subject, r.after): r.before for r in rows if r.kind == "renumbered"}
    old_names = {(r.subject, r.id): r.before or "" for r in rows if r.kind == "renamed"}
    opposite = {"come": "gone", "layer_come": "layer_gone", "column_come": "column_gone"}
    opposite |= {new: old for old, new in opposite.items()}
    other = {"before": "after", "after": "before"}
    mirrored = []
    for row in rows:
        key = (row.subject, row.id)
        # What came or went has one id only, and one that another had in the other state.
        is_alone = row.kind in opposite or row.kind == "unknown"
        mirrored.append(
            Change(
                row.subject,
                opposite.get(row.kind, row.kind),
                id=row.id if is_alone else str(old_ids.get(key, row.id)),
                name=row.name if is_alone else str(old_names.get(key, row.name)),
                role=row.role,
                attribute=other.get(row.attribute, row.attribute),
                before=row.after,
                after=row.before,
                distance_m=row.distance_m,
            )
        )
    return list(Changes.in_order(mirrored).rows)


def briefly(rows: list[Change]) -> list[tuple]:
    return [(row.subject, row.kind, row.id, row.attribute) for row in rows]


# -- what is no change -----------------------------------------------------------------------------


def test_the_sample_is_the_same_as_itself(sample_city):
    assert compare_cities(sample_city, sample_city) == Changes()


@pytest.mark.parametrize(
    "points",
    [
        LINE[::-1],
        [(round(lon, 5), round(lat, 5)) for lon, lat in LINE],
        [LINE[0], ((LINE[0][0] + LINE[1][0]) / 2, (LINE[0][1] + LINE[1][1]) / 2), *LINE[1:]],
    ],
    ids=["walked the other way", "five decimals", "a vertex more"],
)
def test_a_line_that_is_only_written_anew_is_no_change(compare, points):
    assert compare({"gpx/a.gpx": gpx(*LINE)}, {"gpx/a.gpx": gpx(*points)}) == []


@pytest.mark.parametrize(
    "shops",
    [
        "\n".join([SHOPS.splitlines()[0], *SHOPS.splitlines()[:0:-1]]),
        SHOPS.replace("\n", "\r\n").replace("yes", "Yes "),
        SHOPS.replace("126.85,", "126.850000,").replace(",no\n", ",N\n"),
        "onnuri_paper,lat,lon,name,id\nyes,35.14,126.85,빵집,s1\n"
        "no,35.14,126.86,국수집,s2\nno,35.14,126.87,국수집,s3\n",
    ],
    ids=["other order", "words in capitals", "more decimals", "columns in another order"],
)
def test_a_table_that_is_only_written_anew_is_no_change(compare, shops):
    assert compare({"layers/shops.csv": SHOPS}, {"layers/shops.csv": shops}) == []


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "parquet", "fgb"])
def test_layers_in_another_format_are_no_change(make_folder, ending):
    """Our own writers and readers hand on the same city, whatever the format."""
    areas = in_plane(
        [shapely.box(0, 0, 300, 300), shapely.box(400, 0, 700, 300)], name=["가", "나"]
    )
    areas.index = ["D-1", "D-2"]
    areas.index.name = "id"
    old = city_of(districts=areas)
    folder = make_folder({})
    old.export(folder / "layers" / f"districts.{ending}", layers=["districts"])
    (folder / "layers/catalog.toml").write_text(
        'title = "시험"\nlanguages = ["ko", "en"]\n[[layers]]\nid = "districts"\n'
        f'role = "districts"\nfile = "districts.{ending}"\n'
        + ('name_column = "name"\n' if ending == "geojson" else 'id_column = "id"\n'),
        "utf-8",
    )
    assert list(compare_cities(old, mapserver.open_city(folder)).rows) == []


def test_closures_in_another_order_and_with_other_dates_written_are_no_change(compare):
    old = "trail_id,from,to,reason\na,2026-11-01,2026-11-30,공사\nb,2026-12-01,,공사\n"
    new = "reason,to,from,trail_id\n공사,,2026.12.1,b\n공사,2026.11.30.,2026. 11. 1.,a\n"
    lines = {"gpx/a.gpx": gpx(*LINE), "gpx/b.gpx": gpx((126.8, 35.1), (126.81, 35.1))}
    assert compare({**lines, "layers/closures.csv": old}, {"layers/closures.csv": new}) == []


TWO_TRAILS = {
    "gpx/a.gpx": gpx(*LINE, name="개울길"),
    "gpx/b.gpx": gpx((126.8, 35.1), (126.81, 35.1), name="언덕길"),
}


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (
            "closures",
            "trail_id,from,to,reason\na,2026-11-01,2026-11-30,공사\n",
            "개울길,2026-11-01,2026-11-30,공사\n",
        ),
        (
            *(
                "closures",
                "trail_id,from,to,reason\na,2026-11-01,2026-11-30,공사\nb,2026-11-01,2026-11-30,공사\n",
            ),
            '"언덕길, 개울길",2026-11-01,2026-11-30,공사\n',
        ),
        (
            *("inspections", "trail_id,checked_on,by,item,grade\na,2026-11-01,점검반,배수,양호\n"),
            "개울길,2026.11.1,Inspection team,배수시설,정상\n",
        ),
        ("soil", "trail_id,sampled_on,lead\na,2026-05-01,불검출\n", "개울길,2026-05-01,ND\n"),
        ("rain", "date,station,rain_mm\n2026-05-01,156,3\n", "2026-05-01,0156,3.0\n"),
        (
            *("programmes", 'id,name,need,life\np,수당,"120,030","003,004"\n'),
            'p,수당,"생활지원,보호·돌봄","청소년, 청년"\n',
        ),
        ("holidays", "date,name,is_holiday\n2026-12-25,성탄절,Y\n", "20261225,성탄절,예\n"),
        (
            "parking",
            "id,name,lon,lat,accessible\np,터,126.85,35.14,Y\n",
            "p,터,126.85,35.14,있음\n",
        ),
        ("shops", "id,name,lon,lat,seats\np,터,126.85,35.14,N\n", "p,터,126.85,35.14,아니오\n"),
    ],
)
def test_a_table_that_means_the_same_is_no_change(compare, path, old, new):
    """What was understood is compared: trails by name, parts of life by code, yes as Y."""
    file = f"layers/{path}.csv"
    head = old.splitlines()[0]
    assert compare({**TWO_TRAILS, file: old}, {file: f"{head}\n{new}"}) == []


def test_a_name_means_the_same_while_its_trail_cannot_be_read(compare):
    closures = {
        "layers/closures.csv": "trail_id,from,to,reason\n개울길,2026-11-01,2026-11-30,공사\n"
    }
    rows = compare({**TWO_TRAILS, **closures}, {"gpx/a.gpx": "<gpx"})
    assert "closures" not in {row.subject for row in rows}


def test_a_trail_that_another_row_of_names_has_is_said_by_its_id(compare):
    closures = "trail_id,from,to,reason\n개울길,2026-11-01,2026-11-30,공사\n"
    rows = compare(
        {**TWO_TRAILS, "layers/closures.csv": closures},
        {"layers/closures.csv": closures.replace("개울길", '"개울길, 언덕길"')},
    )
    assert briefly(rows) == [("closures", "come", "b", "")]


def test_parts_of_life_that_changed_are_said_in_words(describe):
    rows = 'id,name,life\np,수당,"003"\n'
    lines = describe(
        {"layers/programmes.csv": rows}, {"layers/programmes.csv": rows.replace("003", "노인,003")}
    )
    assert len(lines) == 1
    assert lines[0].startswith("수당: ")
    assert lines[0].endswith(" 청소년 → 청소년, 어르신")


# -- what is one -----------------------------------------------------------------------------------


def test_a_trail_that_was_rerouted_says_by_how_much_and_how_long_it_is(compare):
    detour = (LINE[0], (126.8512345, 35.1432345), LINE[2])
    rows = compare({"gpx/a.gpx": gpx(*LINE)}, {"gpx/a.gpx": gpx(*detour)})
    assert briefly(rows) == [
        ("trails", "rerouted", "a", ""),
        ("trails", "measured", "a", "length_m"),
    ]
    # One vertex was moved by two thousandths of a degree to the north.
    assert 150 < rows[0].distance_m < 223
    assert rows[1].after - rows[1].before > 50
    assert compare({"gpx/a.gpx": gpx(*LINE)}, {"gpx/a.gpx": gpx(*detour)}, tolerance_m=300)


def test_a_gap_in_a_straight_line_that_was_closed_is_seen():
    """All vertices of both lie on both lines: only the middle of the gap is far from one."""
    gap = shapely.MultiLineString([[(0, 0), (100, 0)], [(300, 0), (400, 0)]])
    assert measure_shift_m(gap, line((0, 0), (400, 0))) == pytest.approx(100, abs=2)
    assert measure_shift_m(gap, gap.reverse()) == 0
    assert measure_shift_m(gap, None) is None
    assert measure_shift_m(None, None) == 0


@given(
    st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), min_size=2, max_size=6),
    st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), min_size=2, max_size=6),
)
@settings(max_examples=25)
def test_the_distance_of_two_lines_is_that_of_places_close_by_one_another(old, new):
    first, second = shapely.LineString(old), shapely.LineString(new)
    if not (first.length and second.length):
        assert measure_shift_m(first, second) == pytest.approx(
            max(
                shapely.distance(shapely.points(old), second).max(),
                shapely.distance(shapely.points(new), first).max(),
            ),
            abs=1.0,
        )
        return
    fine = [
        shapely.points(shapely.get_coordinates(shapely.segmentize(x, 0.5))) for x in (first, second)
    ]
    oracle = max(shapely.distance(fine[0], second).max(), shapely.distance(fine[1], first).max())
    assert measure_shift_m(first, second) == pytest.approx(oracle, abs=1.0)


def test_ids_that_changed_are_followed_by_name_and_place(compare):
    register = "id,name,width_m\na,길,1.5\n"
    rows = compare(
        {"gpx/a.gpx": gpx(*LINE), "gpx/trails.csv": register},
        {
            "gpx/a.gpx": None,
            "gpx/b.gpx": gpx(*LINE),
            "gpx/trails.csv": register.replace("a,", "b,"),
        },
    )
    assert briefly(rows) == [("trails", "renumbered", "b", "id")]
    assert (rows[0].before, rows[0].after) == ("a", "b")


def test_a_shop_whose_id_changed_is_followed_by_name_and_place(compare):
    shops = {"layers/shops.csv": SHOPS}
    rows = compare(shops, {"layers/shops.csv": SHOPS.replace("s2", "x9")})
    assert briefly(rows) == [("shops", "renumbered", "x9", "id")]


def test_shops_and_their_certificates_come_and_go(compare):
    new = SHOPS.replace("s2,국수집,126.86,35.14,no\n", "").replace("35.14,no", "35.14,yes")
    rows = compare({"layers/shops.csv": SHOPS}, {"layers/shops.csv": f"{new}s9,새집,126.9,35.1,\n"})
    assert briefly(rows) == [
        ("shops", "come", "s9", ""),
        ("shops", "gone", "s2", ""),
        ("shops", "changed", "s3", "onnuri_paper"),
    ]
    assert (rows[2].before, rows[2].after) == ("no", "yes")


def test_a_row_above_all_others_changes_no_shop_that_is_only_numbered(compare):
    plain = "name,lon,lat\n빵집,126.85,35.14\n국수집,126.85,35.14\n찻집,126.87,35.14\n"
    new = plain.replace("빵집", "꽃집,126.8,35.1\n빵집")
    rows = compare({"layers/shops.csv": plain}, {"layers/shops.csv": new})
    assert [(row.kind, row.name) for row in rows] == [("come", "꽃집")]


def test_a_facility_above_all_others_changes_none_of_them(compare):
    points = waypoint("입구", 126.85) + waypoint("입구", 126.853)
    rows = compare(
        {"gpx/a.gpx": gpx(*LINE, waypoints=points)},
        {"gpx/a.gpx": gpx(*LINE, waypoints=waypoint("벤치", 126.851) + points)},
    )
    assert [(row.subject, row.kind, row.name) for row in rows] == [("facilities", "come", "벤치")]


def test_register_cells_are_said_by_trail(compare):
    old = {"gpx/a.gpx": gpx(*LINE), "gpx/trails.csv": "id,name,width_m\na,길,1.5\n"}
    rows = compare(old, {"gpx/trails.csv": "id,name,surface,width_m\na,새길,황토,\n"})
    assert [(row.kind, row.attribute, row.before, row.after) for row in rows] == [
        ("renamed", "name", "길", "새길"),
        ("changed", "surface", None, "황토"),
        ("changed", "width_m", "1.5", None),
    ]


def test_areas_say_how_large_they_were_and_are():
    old = in_plane([shapely.box(0, 0, 100, 100), shapely.box(100, 0, 200, 100)], name=["가", "나"])
    new = in_plane(
        [shapely.box(0, 0, 100, 150), shapely.box(100, 0, 200, 100.4)], name=["가", "나"]
    )
    rows = compare_cities(city_of(districts=old), city_of(districts=new)).rows
    assert [row.kind for row in rows] == ["reshaped", "measured"]
    assert rows[0].distance_m == pytest.approx(50, abs=0.1)
    assert (rows[1].before, rows[1].after) == (
        pytest.approx(10_000, rel=1e-3),
        pytest.approx(15_000, rel=1e-3),
    )


def test_closures_benefits_and_ledgers_say_which_row_came_went_or_changed(compare):
    old = {
        "gpx/a.gpx": gpx(*LINE),
        "layers/closures.csv": "trail_id,from,to,reason\na,2026-11-01,2026-11-30,공사\n",
        "layers/benefits.csv": "title,from,to,rate,payment\n환급,2026-01-01,2026-06-30,0.1,paper\n",
        "layers/programmes.csv": "id,name,what\np1,돌봄,식사\np2,수당,현금\n",
        "layers/requests.csv": "received,category\n2026-11-01 09:00,도로\n",
    }
    rows = compare(
        old,
        {
            "layers/closures.csv": old["layers/closures.csv"].replace("11-30", "12-15"),
            "layers/benefits.csv": old["layers/benefits.csv"]
            + "할인,2026-07-01,2026-12-31,0.05,card\n",
            "layers/programmes.csv": "id,name,what\np1,돌봄,식사와 청소\n",
            "layers/requests.csv": old["layers/requests.csv"] + "2026-11-02 09:00,나무\n",
        },
    )
    assert [(row.subject, row.kind, row.attribute, row.before, row.after) for row in rows] == [
        ("benefits", "come", "", None, None),
        ("closures", "changed", "to", "2026-11-30", "2026-12-15"),
        ("programmes", "gone", "", None, None),
        ("programmes", "changed", "what", "식사", "식사와 청소"),
        ("requests", "count", "", 1, 2),
    ]
    # Of messages to the direct line nothing is said but how many they are.
    assert "나무" not in json.dumps(Changes(tuple(rows)).to_records(), ensure_ascii=False)


INSPECTIONS = (
    "trail_id,checked_on,item,grade,finding,fixed_on\n"
    "a,2026-11-20,배수시설,요수리,막힘,\n"
    "a,2026-11-20,배수시설,요주의,낙엽,\n"
    "a,2026-11-20,세족장,이용금지,물이 샘,\n"
)
SOIL = "trail_id,sampled_on,point,lead,zinc\na,2026-05-01,입구,14.2,\na,2026-05-01,정상,9,80\n"


@pytest.fixture
def describe(make_folder):
    """Describe what changed from one city of files to another, in a language."""

    def describe_files(old: dict, changes: dict, lang: str = "ko") -> list[str]:
        files = {"gpx/a.gpx": gpx(*LINE, name="개울길"), **old}
        before = mapserver.open_city(make_folder(files, "before"))
        city = mapserver.open_city(make_folder(files | changes, "after"))
        sections = describe_changes(compare_cities(before, city), city, lang)
        return [line.text for section in sections for line in section.lines]

    return describe_files


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("ko", "개울길 · 2026년 11월 20일 · 배수시설 · 요수리: 2026년 11월 26일 고침"),
        (
            "en",
            "개울길 · 20 November 2026 · Drainage · to be repaired: repaired on 26 November 2026",
        ),
    ],
)
def test_a_repair_is_said_once_as_a_repair(describe, lang, sentence):
    files = {"layers/inspections.csv": INSPECTIONS}
    repaired = INSPECTIONS.replace("막힘,", "막힘,2026-11-26")
    assert describe(files, {"layers/inspections.csv": repaired}, lang) == [sentence]


def test_what_changed_of_a_look_is_said_in_the_words_of_the_pages(describe):
    files = {"layers/inspections.csv": INSPECTIONS}
    lines = describe(files, {"layers/inspections.csv": INSPECTIONS.replace("이용금지", "요수리")})
    assert lines == ["개울길 · 2026년 11월 20일 · 세족장: 판정 이용금지 → 요수리"]
    more = f"{INSPECTIONS}a,2026-11-27,빗자루,양호,,\n"
    lines = describe(files, {"layers/inspections.csv": more})
    assert lines == ["추가됨: 개울길 · 2026년 11월 27일 · 빗자루 · 양호"]


def test_one_value_of_a_soil_test_is_one_change(describe):
    soil = SOIL.replace("14.2,", "불검출,3")
    assert describe({"layers/soil.csv": SOIL}, {"layers/soil.csv": soil}) == [
        "개울길 · 2026년 5월 1일 · 입구: 납 (mg/kg) 14.2 → 불검출",
        "개울길 · 2026년 5월 1일 · 입구: 아연 (mg/kg) 검사하지 않음 → 3",
    ]


CATALOG = """title = "서구"
[rain.high]
mm = 60
closes = true
source = "구청 지침"
[[layers]]
id = "shops"
role = "shops"
file = "shops.csv"
source = "구청"
"""
WITH_CATALOG = {"layers/catalog.toml": CATALOG, "layers/shops.csv": SHOPS}


@pytest.mark.parametrize(
    ("old", "new", "korean", "english"),
    [
        (
            *(
                "mm = 60",
                "mm = 30",
                "비 규칙(손이 많이 가는 바닥), 하루 강수량 기준: 60 mm → 30 mm",
            ),
            "Rain rule for surfaces that need much care, rain of a day from: 60 mm → 30 mm",
        ),
        (
            *(
                "closes = true",
                "closes = false",
                "비 규칙(손이 많이 가는 바닥), 길을 닫음: 예 → 아니요",
            ),
            "Rain rule for surfaces that need much care, closed then: yes → no",
        ),
        ('"서구"', '"남구"', "이름: 서구 → 남구", "Title: 서구 → 남구"),
        (
            *('"서구"', '{ ko = "서구", en = "Seogu" }', "이름 (en): 서구 → Seogu"),
            "Title (en): 서구 → Seogu",
        ),
        (
            *("[rain.high]", 'direct_line = "062-1"\n[rain.high]'),
            *("문자 민원 번호: 정하지 않음 → 062-1", "Number of the direct line: not set → 062-1"),
        ),
        (
            *("[rain.high]", "check_days = 7\n[rain.high]", "다음 점검까지 날수: 31 → 7"),
            "Days until the next inspection is due: 31 → 7",
        ),
        (
            *("[rain.high]", "smallest_count = 9\n[rain.high]", "공개하는 가장 작은 건수: 5 → 9"),
            "Smallest count that is published: 5 → 9",
        ),
        (
            *("[rain.high]", 'time_zone = "Asia/Tokyo"\n[rain.high]'),
            *("시간대: Asia/Seoul → Asia/Tokyo", "Time zone: Asia/Seoul → Asia/Tokyo"),
        ),
        (
            *("[[layers]]", '[words]\ntrail = "산책로"\n[[layers]]'),
            *("‘trail’을 부르는 말: 정하지 않음 → 산책로", "Word for “trail”: not set → 산책로"),
        ),
        ('source = "구청"', 'source = "협회"', "출처: 구청 → 협회", "Source: 구청 → 협회"),
        (
            *('source = "구청"', 'source = "구청"\nsample = true', "견본 자료: 아니요 → 예"),
            "Made-up data: no → yes",
        ),
    ],
)
def test_what_the_catalogue_says_is_news_in_both_languages(describe, old, new, korean, english):
    changes = {"layers/catalog.toml": CATALOG.replace(old, new)}
    for lang, sentence in (("ko", korean), ("en", english)):
        lines = describe(WITH_CATALOG, changes, lang)
        assert sentence.replace(" mm", "\N{NO-BREAK SPACE}mm") in lines


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('title = "서구"', '# 서구\ntitle = { ko = "서구" }\ntime_zone = "Asia/Seoul"'),
        ("mm = 60", "days = 1\nmm = 60.0"),
        ('source = "구청"', 'source = "구청"\nname_column = "name"'),
        ("[[layers]]", '[rain]\nstation = ""\n[[layers]]'),
    ],
    ids=["defaults", "numbers", "columns", "an empty station"],
)
def test_a_catalogue_that_is_only_written_anew_is_no_change(compare, old, new):
    files = {"gpx/a.gpx": gpx(*LINE), **WITH_CATALOG}
    assert compare(files, {"layers/catalog.toml": CATALOG.replace(old, new)}) == []


def test_a_city_without_a_title_has_none_that_its_folder_changes(compare):
    """A release lies in a folder of another name than its city."""
    assert compare({"layers/shops.csv": SHOPS}, {}) == []


def test_a_catalogue_that_cannot_be_read_says_nothing_else(compare):
    files = {"gpx/a.gpx": gpx(*LINE), **WITH_CATALOG}
    rows = compare(files, {"layers/catalog.toml": "title = ["})
    assert {row.kind for row in rows} == {"unknown"}


def test_a_layer_that_only_one_state_has_is_said_once(compare):
    rows = compare({"layers/shops.csv": SHOPS}, {"layers/shops.csv": None})
    assert [(r.kind, r.before, r.after) for r in rows] == [("layer_gone", 3, None)]


# -- what nobody knows -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text", "subject"),
    [
        ("gpx/a.gpx", "<gpx", "trails"),
        ("layers/shops.csv", SHOPS.replace("126.86", "x"), "shops"),
        ("layers/shops.csv", "\0\0", "shops"),
    ],
    ids=["a broken GPX file", "a row without a place", "a broken table"],
)
def test_what_cannot_be_read_is_unknown_and_not_gone(compare, path, text, subject):
    old = {"gpx/a.gpx": gpx(*LINE), "gpx/b.gpx": gpx((126.8, 35.1), (126.81, 35.1))}
    rows = compare({**old, "layers/shops.csv": SHOPS}, {path: text})
    assert {row.kind for row in rows} == {"unknown"}
    assert ("files", path) in [(row.subject, row.name) for row in rows]
    assert subject in [row.subject for row in rows]


@pytest.mark.parametrize(
    "path", ["layers/closures.csv", "layers/inspections.csv", "layers/benefits.csv"]
)
def test_a_table_that_cannot_be_read_is_unknown_and_its_rows_are_not_gone(compare, path):
    head = "trail_id,from,to,checked_on,grade,title,rate\n"
    table = f"{head}a,2026-11-01,2026-11-30,2026-11-02,양호,x,0.1\n"
    rows = compare({"gpx/a.gpx": gpx(*LINE), path: table}, {path: "무엇\n1\n"})
    assert {(row.subject, row.kind) for row in rows} == {("files", "unknown")}


def test_a_file_that_cannot_be_read_in_both_states_is_said_where_it_is_another(compare):
    old = {"gpx/a.gpx": gpx(*LINE), "gpx/b.gpx": "<gpx"}
    assert compare(old, {}) == []
    assert briefly(compare(old, {"gpx/b.gpx": "<gpx><trk>"})) == [("files", "unknown", "", "")]


def test_an_offer_that_is_left_out_for_a_cell_is_not_gone(compare):
    old = "title,from,to,rate\n환급,2026-01-01,2026-06-30,0.1\n"
    rows = compare(
        {"layers/benefits.csv": old}, {"layers/benefits.csv": old.replace("06-30", "06-99")}
    )
    assert briefly(rows) == [("files", "unknown", "", "")]


def test_a_cell_of_the_register_that_cannot_be_read_is_no_change_to_nothing(compare):
    old = {"gpx/a.gpx": gpx(*LINE), "gpx/trails.csv": "id,name,width_m\na,길,1.5\n"}
    assert compare(old, {"gpx/trails.csv": "id,name,width_m\na,길,넓음\n"}) == []


# -- any two states --------------------------------------------------------------------------------

PLACES = st.lists(
    st.tuples(st.sampled_from("가나다라"), st.integers(0, 5), st.sampled_from(["예", "", "1.0"])),
    max_size=6,
)


@given(PLACES, PLACES)
@settings(max_examples=40)
def test_any_two_layers_mirror_each_other_and_equal_themselves(old, new):
    cities = [
        city_of(
            shops=frame_of(
                [shapely.Point(126.8 + n / 100, 35.1) for _, n, _ in rows],
                name=np.array([name for name, _, _ in rows], dtype=object),
                word=np.array([word for _, _, word in rows], dtype=object),
            )
        )
        for rows in (old, new)
    ]
    there, back = compare_cities(*cities), compare_cities(*reversed(cities))
    assert mirror(there.rows) == list(back.rows)
    assert compare_cities(cities[0], cities[0]) == Changes()
    assert Changes.from_records(json.loads(json.dumps(there.to_records()))) == there


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture
def two_folders(make_folder) -> tuple[Path, Path]:
    old = make_folder({"gpx/a.gpx": gpx(*LINE), "layers/shops.csv": SHOPS}, "old")
    new = Path(shutil.copytree(old, old.with_name("new")))
    hostile = 's7,"=HYPERLINK(""http://x"")",126.9,35.1,\ns8,<b>\x1b[31m</b>,126.9,35.2,\n'
    (new / "layers/shops.csv").write_text(SHOPS + hostile, "utf-8")
    return old, new


def test_the_command_says_what_changed_and_ends_with_0(two_folders):
    words = ["diff", *map(str, two_folders)]
    result = CliRunner().invoke(main, [*words, "--lang", "ko"])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1:] == [
        '  새로 생김: =HYPERLINK("http://x")',
        "  새로 생김: <b>\N{REPLACEMENT CHARACTER}[31m</b>",
    ]
    document = json.loads(CliRunner().invoke(main, [*words, "--format", "json"]).stdout)
    assert [row["id"] for row in document["changes"]] == ["s7", "s8"]
    old = str(two_folders[0])
    for lang, text in (("en", "no change\n"), ("ko", "바뀐 것이 없습니다\n")):
        assert CliRunner().invoke(main, ["diff", old, old, "--lang", lang]).stdout == text


def test_a_name_is_never_run_by_a_spreadsheet(two_folders):
    result = CliRunner().invoke(main, ["diff", *map(str, two_folders), "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(result.stdout_bytes.decode("utf-8-sig"))))
    assert next(row["name"] for row in rows) == '\'=HYPERLINK("http://x")'


@pytest.mark.parametrize(
    "name", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "＝1", "\ufeff=1", "\n-1"]
)
def test_every_beginning_of_a_formula_is_text_in_csv(name):
    data = write_changes([((), [Change("shops", "come", name=name)])]).decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(data, newline="")))["name"] == f"'{name}"


def test_a_folder_that_is_no_city_is_wrong_usage(tmp_path):
    result = CliRunner().invoke(main, ["diff", str(tmp_path), str(tmp_path / "b")])
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
