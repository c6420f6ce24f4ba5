"""The national welfare lists in their own layouts, brought in by ``add``, and what `check` says."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest
from click.testing import CliRunner

import mapserver
from mapserver.commands.cli import main
from mapserver.text.welfare_words import read_lives, read_needs

CENTRAL = """<?xml version="1.0" encoding="UTF-8"?>
<wantedList><totalCount>2</totalCount><pageNo>1</pageNo><numOfRows>10</numOfRows>
<resultCode>0</resultCode><resultMessage>SUCCESS</resultMessage>
<servList><inqNum>1</inqNum><intrsThemaArray>030,120</intrsThemaArray><jurMnofNm>보건복지부</jurMnofNm>
<jurOrgNm>청년정책팀</jurOrgNm><lifeArray>003,004</lifeArray><onapPsbltYn>Y</onapPsbltYn>
<rprsCtadr>129</rprsCtadr><servDgst>가족을 돌보는 청년&lt;br/&gt;을 돕습니다</servDgst>
<servDtlLink>https://www.bokjiro.go.kr/a?wlfareInfoId=WLF1&amp;b=2</servDtlLink><servId>WLF1</servId>
<servNm>가족돌봄청년</servNm><sprtCycNm>년</sprtCycNm><srvPvsnNm>현금지급</srvPvsnNm>
<trgterIndvdlArray>050</trgterIndvdlArray></servList>
<servList><servId>WLF2</servId><servNm>둘째</servNm></servList></wantedList>"""
CENTRAL_DETAIL = """<wantedDtl><resultCode>0</resultCode><servId>WLF1</servId>
<servNm>가족돌봄청년</servNm><tgtrDtlCn>만 34세 이하</tgtrDtlCn>
<slctCritCn>중위소득 100%</slctCritCn>
<alwServCn>자기돌봄비</alwServCn><crtrYr>2026</crtrYr>
<applmetList><servSeCode>070</servSeCode><servSeDetailNm>방문</servSeDetailNm>
<servSeDetailLink>동 행정복지센터 방문</servSeDetailLink></applmetList>
<inqplCtadrList><servSeCode>010</servSeCode><servSeDetailNm>상담</servSeDetailNm>
<servSeDetailLink>062-000-0001</servSeDetailLink></inqplCtadrList></wantedDtl>"""
LOCAL = """<wantedList><resultCode>0</resultCode><servList><servId>L1</servId>
<servNm>집수리</servNm><servDgst>문턱을 없앱니다</servDgst><bizChrDeptNm>복지정책과</bizChrDeptNm>
<ctpvNm>광주광역시</ctpvNm>
<sggNm>서구</sggNm><lifeNmArray>노년,중장년</lifeNmArray>
<intrsThemaNmArray>주거,안전·위기</intrsThemaNmArray>
<trgterIndvdlNmArray>저소득,장애인</trgterIndvdlNmArray><aplyMtdNm>방문</aplyMtdNm>
<lastModYmd>20260413</lastModYmd><servDtlLink>https://www.bokjiro.go.kr/l</servDtlLink>
</servList></wantedList>"""
LOCAL_DETAIL = """<wantedDtl><resultCode>0</resultCode><servId>L1</servId><servNm>집수리</servNm>
<enfcBgngYmd>20260101</enfcBgngYmd><enfcEndYmd>99991231</enfcEndYmd>
<sprtTrgtCn>65세 이상</sprtTrgtCn>
<slctCritCn/><alwServCn>손잡이</alwServCn><aplyMtdCn>동에 신청</aplyMtdCn>
<inqplCtadrList><wlfareInfoReldNm>서구청</wlfareInfoReldNm>
<wlfareInfoReldCn>062-000-0002</wlfareInfoReldCn>
</inqplCtadrList></wantedDtl>"""
NOTHING = (
    "<wantedList><resultCode>40</resultCode><resultMessage>NODATA</resultMessage></wantedList>"
)
GOV24_LIST = [
    {
        "서비스ID": "G1",
        "지원유형": "현금",
        "서비스명": "청년 수당",
        "서비스목적요약": "짧게",
        "지원대상": "청년",
        "선정기준": None,
        "지원내용": "돈을 냅니다",
        "신청방법": "방문신청||온라인신청",
        "신청기한": "2026.01.01~2026.12.31",
        "상세조회URL": "https://www.gov.kr/G1",
        "소관기관명": "광주광역시 서구",
        "서비스분야": "생활안정",
        "접수기관": "동 행정복지센터",
        "전화문의": "서구청/062-000-0003",
        "수정일시": "20260301120000",
    }
]
GOV24_DETAIL = [
    {
        "서비스ID": "G1",
        "서비스명": "청년 수당",
        "서비스목적": "길게",
        "구비서류": "신청서\r\n통장 사본",
        "공무원확인구비서류": "주민등록등본",
        "본인확인필요구비서류": "신분증",
        "접수기관명": "",
    }
]
CONDITIONS = [
    {"서비스ID": "G1", "JA0110": 19, "JA0111": 34, "JA0201": "Y", "JA0202": "Y", "JA0203": None}
]
AREA = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"가"},'
    '"geometry":{"type":"Polygon","coordinates":[[[126.8,35.1],[126.9,35.1],[126.9,35.2],'
    "[126.8,35.1]]]}}]}"
)


@pytest.fixture
def add_lists(make_folder, tmp_path):
    """Bring files into a city as they are; return what was printed, and the programmes."""

    def add(*names: str, files: dict[str, object], options: tuple[str, ...] = ()):
        folder = tmp_path / "city"
        if not folder.exists():
            make_folder({"layers/neighborhoods.geojson": AREA})
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            (tmp_path / name).write_text(text, "utf-8")
        paths = [str(tmp_path / name) for name in names or files]
        arguments = ["add", *paths, "--as", "programmes", "--city", str(folder), "--lang", "en"]
        result = CliRunner().invoke(main, [*arguments, *options])
        rows = mapserver.open_city(folder).ledgers.get("programmes")
        return result, None if rows is None else rows.set_index("id")

    return add


def test_the_central_list_comes_in_with_its_codes(add_lists):
    result, rows = add_lists(files={"list.xml": CENTRAL, "detail.xml": CENTRAL_DETAIL})
    assert result.exit_code == 0, result.output
    row = rows.loc["WLF1"]
    assert read_needs(row["need"]).codes == ("030", "120")
    assert read_lives(row["life"]).codes == ("003", "004")
    assert row["who"] == "만 34세 이하 · 중위소득 100%"
    assert row["what"] == "자기돌봄비"
    assert row["apply_at"] == "동 행정복지센터 방문"
    assert row["phone"] == "062-000-0001"
    assert row["url"] == "https://www.bokjiro.go.kr/a?wlfareInfoId=WLF1&b=2"
    assert "보건복지부" in row["source"]
    # The cycle of a payment is no term in which one applies, and no list has papers.
    assert row["period"] is None
    assert rows.loc["WLF2", "what"] is None


def test_the_local_list_has_names_with_commas_and_no_last_day(add_lists):
    result, rows = add_lists(files={"l.xml": LOCAL, "d.xml": LOCAL_DETAIL})
    assert result.exit_code == 0, result.output
    row = rows.loc["L1"]
    assert read_needs(row["need"]).codes == ("040", "070")
    assert read_lives(row["life"]).codes == ("005", "006")
    assert row["period"] == "2026-01-01 ~"
    assert row["who"] == "65세 이상"
    assert row["phone"] == "062-000-0002"
    assert row["source"] == "복지로 광주광역시 서구 복지정책과 · 2026-04-13 수정"


def test_an_office_that_its_list_names_twice_is_named_once(add_lists):
    whole = "<bizChrDeptNm>광주광역시 서구 복지정책과</bizChrDeptNm>"
    text = re.sub("<bizChrDeptNm>[^<]*</bizChrDeptNm>", whole, LOCAL)
    assert text != LOCAL
    _, rows = add_lists(files={"l.xml": text, "d.xml": LOCAL_DETAIL})
    assert rows.loc["L1", "source"] == "복지로 광주광역시 서구 복지정책과 · 2026-04-13 수정"


def test_a_list_of_nothing_is_no_error_and_takes_nothing_away(add_lists):
    add_lists(files={"l.xml": LOCAL})
    result, rows = add_lists(files={"none.xml": NOTHING}, options=("--replace",))
    assert result.exit_code == 0, result.output
    assert "the list says that there is nothing" in " ".join(result.output.split())
    assert list(rows.index) == ["L1"]
    result, rows = add_lists("none.xml", "list.xml", files={"list.xml": CENTRAL})
    assert result.exit_code == 0, result.output
    assert list(rows.index) == ["L1", "WLF1", "WLF2"]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_three_tables_of_one_service_become_one_row(add_lists, form):
    parts = {"list": GOV24_LIST, "detail": GOV24_DETAIL, "conditions": CONDITIONS}
    if form == "json":
        files = {f"{name}.json": {"data": rows} for name, rows in parts.items()}
    else:
        tables = {name: pd.DataFrame(rows) for name, rows in parts.items()}
        files = {f"{name}.csv": table.to_csv(index=False) for name, table in tables.items()}
    result, rows = add_lists(files=files)
    assert result.exit_code == 0, result.output
    assert len(rows) == 1
    row = rows.loc["G1"]
    assert row["papers"] == "신청서 통장 사본"
    assert row["papers_office"] == "주민등록등본"
    assert row["papers_identity"] == "신분증"
    assert read_needs(row["need"]).codes == ("030",)
    assert read_lives(row["life"]).codes == ("004",)
    assert row["who"] == "청년 · 만 19~34세 · 중위소득 0~50%, 51~75%"
    assert row["apply_at"] == "동 행정복지센터 · 방문신청, 온라인신청"
    assert row["period"] == "2026.01.01~2026.12.31"
    assert row["source"] == "보조금24 광주광역시 서구 · 2026-03-01 수정"


@pytest.mark.parametrize(
    ("first", "last", "lives"),
    [(0, 999, ("all",)), (65, None, ("006",)), (None, 5, ("001",)), (None, None, ()), (70, 20, ())],
)
def test_ages_are_parts_of_life(add_lists, first, last, lives):
    row = {"서비스ID": "G", "서비스명": "가", "JA0110": first, "JA0111": last}
    _, rows = add_lists(files={"a.json": [row]})
    assert read_lives(rows.loc["G", "life"] or "").codes == lives


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.xml", "<!DOCTYPE x [<!ENTITY e 'boom'>]><wantedList><servList><servId>&e;</servId>"),
        ("a.xml", CENTRAL[:400]),
        ("a.xml", "<wantedList><resultCode>30</resultCode></wantedList>"),
        ("a.xml", "<gpx/>"),
        ("a.json", '{"data": [{"name": "x"}]}'),
        ("a.json", "[" * 100_000),
        ("a.json", "{"),
    ],
)
def test_what_is_no_list_is_refused_and_changes_nothing(add_lists, name, text):
    result, rows = add_lists(files={name: text})
    assert result.exit_code != 0
    assert "boom" not in result.output
    assert "Traceback" not in result.output
    assert name in result.output
    assert rows is None


def test_a_list_that_is_too_large_is_refused(add_lists, monkeypatch):
    monkeypatch.setattr("mapserver.settings.limits.MAX_WELFARE_LIST_BYTES", 100)
    result, rows = add_lists(files={"a.xml": CENTRAL})
    assert result.exit_code != 0
    assert rows is None


# -- check -----------------------------------------------------------------------------------------


def test_check_names_what_is_wrong_with_programmes(make_city):
    head = "id,name,need,life,period,url,source,checked_on\n"
    rows = (
        "a,좋은 지원,주거,노년,상시,https://a.kr,구청,2026-11-20\n"
        "a,둘,우주,청년,2026-01-01~2026-02-01,http://a.kr,,2024-01-01\n"
        "c,셋,,노년,예산 소진 시까지,,구청,2027-05-05\n"
        "d,넷,주거,노년,,,구청,\n"
    )
    city = make_city({"layers/neighborhoods.geojson": AREA, "layers/programmes.csv": head + rows})
    by_line: dict[str, set[str]] = {}
    for finding in city.check():
        if finding.file == "layers/programmes.csv":
            by_line.setdefault(finding.feature, set()).add(finding.code)
    assert by_line == {
        "line 3": {
            *("programme-id-twice", "programme-unknown-word", "programme-over"),
            *("programme-url-unsafe", "programme-source-missing", "programme-checked-long-ago"),
        },
        "line 4": {"programme-not-sorted", "programme-term-unclear", "checked-in-the-future"},
        "line 5": {"programme-not-checked"},
    }


@pytest.mark.parametrize("role", ["programmes", "layer", "shops"])
def test_xml_with_a_document_type_is_refused_with_what_to_delete(make_folder, tmp_path, role):
    folder = make_folder({"layers/neighborhoods.geojson": AREA})
    suffix = "kml" if role == "layer" else "xml"
    path = tmp_path / f"list.{suffix}"
    path.write_text(f'<!DOCTYPE a SYSTEM "a.dtd">{LOCAL}', "utf-8")
    words = ["add", str(path), "--as", role, "--city", str(folder), "--lang", "en"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    assert "Delete the line that begins with <!DOCTYPE" in said
    assert "Forbidden" not in said
