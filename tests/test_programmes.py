"""Welfare by need: words of the lists, the page ``/help/``, and a programme's own page."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
from browsing import serve
from click.testing import CliRunner

from mapserver.commands.cli import main
from mapserver.model import list_programmes
from mapserver.text.welfare_words import (
    LIVES,
    NEEDS,
    Running,
    Term,
    read_lives,
    read_needs,
    read_term,
)

HEAD = "id,name,need,life,who,what,papers,papers_office,period,phone,url,source,checked_on\n"
ROWS = (
    HEAD + "heat,난방비 도움,생활지원,노년,혼자 사는 어르신,난방비를 냅니다,신청서,주민등록등본,"
    "2026-11-01 ~ 2026-12-31,062-000-0001,https://example.kr/heat,구청,2026-11-20\n"
    "law,법률 상담,140,전체,누구나,변호사와 이야기합니다,,,상시,,javascript:alert(1),,\n"
    "care,돌봄 수당,120,,,,,,예산 소진 시까지,,,,\n"
    "past,지난 지원,생활지원,청년,,,,,2026-03-02 ~ 2026-09-30,,,,\n"
)
AREA = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","id":"a","properties":'
    '{"name":"가동"},"geometry":{"type":"Polygon","coordinates":'
    "[[[126.8,35.1],[126.9,35.1],[126.9,35.2],[126.8,35.2],[126.8,35.1]]]}}]}"
)
CATALOG = (
    '[[layers]]\nid = "services"\nrole = "services"\nfile = "services.csv"\n'
    '[[layers]]\nid = "neighborhoods"\nrole = "neighborhoods"\nfile = "neighborhoods.geojson"\n'
)
CENTRES = (
    "id,name,neighborhood,phone,hours,lunch,lon,lat\nc,가동 센터,가동,062-000-0009,,,126.85,35.15\n"
)
FILES = {
    "layers/programmes.csv": ROWS,
    "layers/services.csv": CENTRES,
    "layers/neighborhoods.geojson": AREA,
    "layers/catalog.toml": CATALOG,
}


@pytest.fixture
def serve_files(make_folder):
    return lambda files: serve(make_folder(files)).test_client()


@pytest.fixture
def help_client(serve_files):
    return serve_files(FILES)


def list_cards(page: str) -> list[str]:
    names = re.findall(
        r'<li class="programme".*?<h3><a [^>]*><bdi[^>]*>(.*?)</bdi>', page, re.DOTALL
    )
    return [unescape(name) for name in names]


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("생활지원", ("030",)),
        ("보호ㆍ돌봄,문화 여가", ("060", "120")),
        ("010, 20", ("010", "020")),
        ("보육·교육", ("090", "100")),
        ("", ()),
    ],
)
def test_needs_are_read_as_lists_write_them(text, codes):
    assert read_needs(text).codes == codes


def test_a_need_that_no_list_has_is_named_and_leaves_the_others():
    assert read_needs("우주여행;주거").codes == ("040",)
    assert read_needs("우주여행;주거").unknown == ("우주여행",)


def test_every_official_name_and_code_is_read():
    for themes, read in ((NEEDS, read_needs), (LIVES, read_lives)):
        for code, theme in themes.items():
            assert read(code).codes == (code,)
            assert read(theme.words[0]).codes == (code,)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("상시", Term()),
        ("상시 (주말 제외)", Term()),
        ("2026.3.2 ~ 9.30", Term(dt.date(2026, 3, 2), dt.date(2026, 9, 30))),
        ("2026-03-02~", Term(dt.date(2026, 3, 2), None)),
        ("예산 소진 시까지", None),
        ("접수기관 별 상이", None),
        ("2026-09-30 ~ 2026-03-02", None),
        ("", None),
    ],
)
def test_when_one_can_apply_is_read_or_unknown(text, term):
    assert read_term(text) == term


def test_a_term_has_its_first_and_its_last_day():
    term = Term(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    days = [dt.date(2026, 10, 31), term.first, term.last, dt.date(2026, 12, 1)]
    states = [Running.LATER, Running.YES, Running.YES, Running.OVER]
    assert [term.find_state(day) for day in days] == states


def test_two_rows_of_one_id_have_pages_of_their_own(make_city):
    text = HEAD + "a,하나,,,,,,,,,,,\na,둘,,,,,,,,,,,\n,셋,,,,,,,,,,,\n"
    city = make_city({"layers/areas.geojson": AREA, "layers/programmes.csv": text})
    ids = [programme.id for programme in list_programmes(city.ledgers["programmes"])]
    assert ids == ["a", "a-2", "셋"]


# -- pages -----------------------------------------------------------------------------------------


def test_a_city_without_programmes_has_no_such_page(serve_files):
    client = serve_files({name: FILES[name] for name in FILES if "programmes" not in name})
    assert client.get("/help/").status_code == 404
    assert "help/" not in client.get("/").text


def test_the_list_is_chosen_by_need_and_life_without_a_script(help_client):
    assert len(list_cards(help_client.get("/help/?lang=ko").text)) == 4
    page = help_client.get("/help/?lang=ko&need=030").text
    assert list_cards(page) == ["난방비 도움", "지난 지원"]
    page = help_client.get("/help/?lang=ko&need=030&life=006").text
    assert list_cards(page) == ["난방비 도움"]
    assert list_cards(help_client.get("/help/?lang=ko&q=ㄴㅂㅂ").text) == ["난방비 도움"]
    # What means nothing is as if it were not there.
    assert len(list_cards(help_client.get("/help/?need=999&life=<b>").text)) == 4


def test_for_whom_nobody_knows_is_left_out_and_counted(help_client):
    page = help_client.get("/help/?lang=en&life=006").text
    assert list_cards(page) == ["난방비 도움", "법률 상담"]  # one for everybody fits, too
    assert re.search(r"Left out because not confirmed: 1<", page)


def test_each_link_says_how_many_it_leaves(help_client):
    page = help_client.get("/help/?lang=en&life=004").text
    links = re.findall(r'data-field="(\w+)" data-value="(\d+)".*?data-left>(\d+)', page)
    counts = {(field, value): int(count) for field, value, count in links}
    assert counts["need", "030"] == 1  # of two, one is for young adults
    assert counts["need", "120"] == 0
    assert counts["life", "006"] == 2
    for (field, value), count in counts.items():
        query = f"{field}={value}" + ("&life=004" if field == "need" else "")
        assert len(list_cards(help_client.get(f"/help/?lang=en&{query}").text)) == count


@pytest.mark.parametrize(
    ("day", "id_", "words"),
    [
        ("2026-10-31", "heat", "Not running yet: from 1 November 2026"),
        ("2026-12-31", "heat", "One can apply until 31 December 2026"),
        ("2027-01-01", "heat", "Not running: ended on 31 December 2026"),
        ("2026-12-20", "law", "One can apply at any time"),
        ("2026-12-20", "care", "When one can apply is not known: ask first"),
    ],
)
def test_whether_one_can_apply_is_said_for_the_day_of_the_page(help_client, day, id_, words):
    page = help_client.get(f"/help/{id_}?lang=en&date={day}").text
    assert re.search(rf"data-running[^>]*>\s*{re.escape(words)}</span>", page)


def test_the_page_of_a_programme_says_all_and_what_is_not_known(help_client):
    page = help_client.get("/help/heat?lang=en").text
    for words in ("혼자 사는 어르신", "신청서", "주민등록등본", "구청", "20 November 2026"):
        assert words in page
    assert 'href="tel:0620000001"' in page
    assert 'href="https://example.kr/heat"' in page
    page = help_client.get("/help/care?lang=en").text
    assert page.count('<span class="state unknown">not known</span>') == 9
    assert "전화번호 자료가 아직 없습니다" in help_client.get("/help/care?lang=ko").text
    assert help_client.get("/help/nothing").status_code == 404


def test_an_address_that_is_none_is_text(help_client):
    page = help_client.get("/help/law?lang=en").text
    assert 'href="javascript' not in page
    assert "javascript:alert(1)" in page


def test_hostile_text_stays_text(serve_files):
    evil = '<script>alert(1)</script>{{ 7 * 7 }}"'
    cell = '"' + evil.replace('"', '""') + '"'
    text = HEAD + ",".join([cell] * 13) + "\n"
    client = serve_files({**FILES, "layers/programmes.csv": text})
    page = client.get("/help/?lang=ko").text
    address = re.search(r'href="\.\./(help/[^"?]+)', page.partition('id="listed"')[2])[1]
    for text in (page, client.get(f"/{address}?lang=ko").text):
        assert "<script>alert" not in text
        assert "{{ 7 * 7 }}" in text
        assert "alert(1)</script>" not in text


def test_what_is_not_known_of_a_centre_is_said(help_client):
    page = help_client.get("/help/?lang=en&from=a").text
    box = re.search(r'<details class="area" id="area-a".*?</details>', page, re.DOTALL)[0]
    assert " open>" in box.partition("\n")[0]
    assert box.count("not known") == 3  # hours, lunch, address
    assert 'href="tel:0620000009"' in box
    assert "map.kakao.com/link/to/" in box
    # Who comes from a neighbourhood sees its centre before the programmes.
    assert page.index('id="centres"') < page.index('id="found"')


def test_the_first_page_the_board_and_neighbourhoods_lead_there(sample_app):
    client = sample_app.test_client()
    for address in ("/", "/board", "/trails/"):
        assert "help/?lang=ko" in client.get(f"{address}?lang=ko").text
    page = client.get("/neighborhoods/yang?lang=ko").text
    assert "help/?lang=ko&amp;from=yang" in page


def test_made_up_rows_say_so(sample_app):
    page = sample_app.test_client().get("/help/?lang=ko").text
    cards = page.partition('id="listed"')[2].partition("</ul>\n<div")[0]
    assert cards.count("made-up") == cards.count('class="programme"') == 15


# -- centres without a place -----------------------------------------------------------------------

PLACELESS = "id,name,neighborhood,phone,hours,lunch,address,lon,lat\n"


def test_a_centre_without_coordinates_is_shown_with_all_but_the_way_there(serve_files):
    rows = f"{PLACELESS}c,가동 센터,가동,062-000-0009,09:00~18:00,12:00~13:00,내방로 1,,\n"
    client = serve_files({**FILES, "layers/services.csv": rows})
    for address in ("/help/?lang=en", "/neighborhoods/a?lang=en"):
        page = client.get(address).text
        for text in ("가동 센터", "tel:0620000009", "09:00~18:00", "12:00~13:00", "내방로 1"):
            assert text in page, (address, text)
        assert "#services/c" not in page
        centres = page[page.index('id="centres-title"') :]
        assert "None in this neighborhood" not in centres
        assert "nan" not in page.lower().replace("maenballo", "")


def test_a_centre_of_which_nobody_knows_the_neighbourhood_stands_below_all(serve_files):
    rows = f"{PLACELESS}c,어느 센터,,062-000-0009,,,,,\n"
    page = serve_files({**FILES, "layers/services.csv": rows}).get("/help/?lang=en").text
    assert "None in this neighborhood" not in page
    assert "Which center is that of this neighborhood is not known" in page
    assert "tel:0620000009" in page
    elsewhere = f"{PLACELESS}c,먼 센터,,062-000-0009,,,,127.5,35.15\n"
    page = serve_files({**FILES, "layers/services.csv": elsewhere}).get("/help/?lang=en").text
    assert "None in this neighborhood" in page


@pytest.mark.parametrize("encoding", ["utf-8", "cp949"])
def test_a_list_of_centres_without_coordinates_comes_in_as_it_is(make_folder, tmp_path, encoding):
    folder = make_folder({name: text for name, text in FILES.items() if "services" not in name})
    catalog = folder / "layers/catalog.toml"
    catalog.write_text(CATALOG[CATALOG.index("[[layers]]", 5) :], "utf-8")
    file = tmp_path / "센터.csv"
    file.write_text(
        "센터명,행정동,전화번호,주소,운영시간,점심시간\n"
        "가동 행정복지센터,가동,062-000-0009,내방로 1,09:00~18:00,12:00~13:00\n"
        "나동 행정복지센터,나동,062-000-0010,내방로 2,09:00~18:00,12:00~13:00\n",
        encoding,
    )
    done = CliRunner().invoke(main, ["add", str(file), "--as", "services", "--city", str(folder)])
    assert done.exit_code == 0, done.output
    client = serve(folder).test_client()
    page = client.get("/help/?lang=en").text
    area = page[page.index('id="area-a"') :].partition("</details>")[0]
    for text in ("가동 행정복지센터", "tel:0620000009", "09:00~18:00", "12:00~13:00", "내방로 1"):
        assert text in area
    assert "tel:0620000010" in page  # its neighbourhood is none of the city's: any may be meant
    assert client.get("/").status_code == 200
    assert client.get("/api/collections/services/items").json["features"][0]["geometry"] is None


@pytest.mark.parametrize(
    ("period", "korean", "english"),
    [
        ("상시", "상시", "at all times"),
        ("연중 접수", "연중 접수", "at all times"),
        ("상시 (주말 제외)", "상시 (주말 제외)", "상시 (주말 제외)"),
        ("예산 소진 시까지", "예산 소진 시까지", "예산 소진 시까지"),
        ("all year", "상시", "all year"),
    ],
)
def test_what_is_always_open_is_said_in_the_language_of_the_reader(
    serve_files, period, korean, english
):
    rows = f"{HEAD}p,이름,,,,,,,{period},,,,\n"
    client = serve_files({**FILES, "layers/programmes.csv": rows})
    for lang, text in (("ko", korean), ("en", english)):
        page = unescape(client.get(f"/help/p?lang={lang}").text)
        when = re.search(r"<dt>(?:When|신청 기간)</dt><dd>(.*?)</dd>", page)
        assert when is not None
        assert re.sub(r"<[^>]+>", "", when[1]).strip() == text
