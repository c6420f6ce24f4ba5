"""The page of those who inspect: who may write, what is written, and what stays as it was."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from browsing import serve
from gpxtext import gpx, track

import mapserver
from mapserver.errors import DataError
from mapserver.importing import inspection_rows
from mapserver.importing.inspection_rows import append_inspections
from mapserver.importing.sent_keys import SentKeys
from mapserver.settings import limits
from mapserver.text.person_marks import cut_person_marks, has_person_marks
from mapserver.web.inspector_keys import InspectorKeys, Tries

SECRET = "a secret of the office, made for tests"  # noqa: S105 -- of no site
FILES = {
    f"gpx/{id_}.gpx": gpx(track([(126.85, 35.14 + n, 20), (126.853, 35.141 + n, 40)], name=id_))
    for n, id_ in enumerate("ab")
}
LEDGER = "layers/inspections.csv"
ROW = {"trail_id": "a", "checked_on": "2026-11-26", "by": "점검반", "item": "배수", "grade": "양호"}
MARK = re.compile(r'name="mark" value="(\w+)"')


@pytest.fixture
def inspector(make_folder):
    """Make a site with a secret, and a client that has shown the code of trail a."""

    def make(files=None, *, has_code=True, **settings):
        folder = make_folder({**FILES, **(files or {})})
        app = serve(folder, **{"secret_key": SECRET, **settings})
        client = app.test_client()
        if has_code:
            enter(client)
        return folder, client

    return make


def enter(client, code=None, trail="a", **options):
    code = InspectorKeys(SECRET).make_code(trail) if code is None else code
    return client.post(f"/check/{trail}/enter", data={"code": code}, **options)


def post(client, key="key-00000001", headers=None, trail="a", **fields):
    page = client.get(f"/check/{trail}").text
    data = {"mark": (MARK.findall(page) or [""])[0], "key": key, "by": "team", "grade": "good"}
    return client.post(f"/check/{trail}", data=data | fields, headers=headers or {})


def read_rows(folder):
    return list(csv.DictReader(io.StringIO((folder / LEDGER).read_text("utf-8-sig"))))


# -- what is written -----------------------------------------------------------------------------


def test_a_look_is_a_row_and_residents_read_it(inspector):
    folder, client = inspector()
    answer = post(client, grade="forbidden", item=["drainage", "leaves"], finding="물이 고임")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/check/a?lang=ko&sent=1")
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=9))).date()
    rows = read_rows(folder)
    assert [(row["item"], row["grade"], row["finding"]) for row in rows] == [
        ("배수시설", "이용금지", "물이 고임"),
        ("낙엽", "이용금지", "물이 고임"),
    ]
    assert {(r["trail_id"], r["checked_on"], r["by"]) for r in rows} == {
        ("a", today.isoformat(), "점검반")
    }
    city = mapserver.open_city(folder)
    assert city.trails_on(today).state.to_dict() == {"a": "closed", "b": "open"}
    assert not [finding for finding in city.check() if finding.file == LEDGER]


def test_the_form_speaks_the_words_of_the_file(inspector):
    table = "trail_id,checked_on,item,grade,finding,fixed_on\n" + "".join(
        f"b,2026-11-{10 + n},{item},양호,,\n"
        for n, item in enumerate(["배수", "배수", "배수시설", "전체", "난간 (동쪽)", "<b>문</b>"])
    )
    folder, client = inspector({LEDGER: table + "a,2026-11-20,배수시설,이용금지,,\n"})
    page = client.get("/check/a").text
    ticks = re.findall(r'name="item" value="([\w-]+)"[^>]*><span>([^<]*)</span>', page)
    words = {word: value for value, word in ticks}
    # Both spellings stand twice; what the file does not have is called as the districts call it.
    assert words["배수"] == "drainage"
    assert {"이물질 제거", "안심 조명", "난간 (동쪽)", "&lt;b&gt;문&lt;/b&gt;"} <= set(words)
    assert "전체" not in words
    post(client, item=["drainage", words["난간 (동쪽)"]])
    assert [row["item"] for row in read_rows(folder)[-2:]] == ["배수", "난간 (동쪽)"]
    # What was found wrong under another spelling of the same is past.
    city = mapserver.open_city(folder)
    assert city.trails_on(city.today()).state["a"] == "open"
    post(client, "key-00000002")
    assert read_rows(folder)[-1]["item"] == "전체"
    english = client.get("/check/a?lang=en").text
    assert ">Drainage<" in english
    assert ">배수<" not in english


def test_a_sentence_among_the_items_is_none_to_be_ticked(inspector):
    head = "trail_id,checked_on,item,grade,finding,fixed_on\n"
    rows = "".join(
        f"b,2026-11-10,{item},양호,,\n"
        for item in ("동쪽 입구의 난간이 흔들려 손을 보았습니다", "010-1234-5678", "난간")
    )
    _, client = inspector({LEDGER: head + rows})
    page = client.get("/check/a").text
    assert "난간<" in page
    assert "손을 보았습니다" not in page
    assert "010-1234" not in page


def test_what_was_repaired_opens_the_trail_unless_it_was_found_on_that_day(inspector):
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=9))).date()
    for found_on in (today - dt.timedelta(days=3), today):
        table = f"trail_id,checked_on,item,grade,finding,fixed_on\na,{found_on},배수,이용금지,,\n"
        folder, client = inspector({LEDGER: table})
        page = client.get("/check/a").text
        mark = re.search(r'name="repaired" value="(\w+)"', page)[1]
        assert ("내일 다시 보고" in page) is (found_on == today)
        assert post(client, f"key-{found_on}", repaired=mark, grade="").status_code == 303
        city = mapserver.open_city(folder)
        state = "closed" if found_on == today else "open"
        assert city.trails_on(today + dt.timedelta(days=1)).state["a"] == state
        # Rows of a day have no order, so a later look opens it: here one of the day after.
        tomorrow = today + dt.timedelta(days=1)
        with (folder / LEDGER).open("a", encoding="utf-8") as file:
            file.write(f"a,{tomorrow},배수,양호,,\n")
        city = mapserver.open_city(folder)
        assert city.trails_on(tomorrow).state["a"] == "open"
        assert city.checks["a"].list_open_faults(today + dt.timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("codec", "separator", "line_end"),
    [
        ("cp949", ",", "\r\n"),
        ("utf-8-sig", ";", "\n"),
        ("utf-16", "\t", "\r\n"),
        ("utf-8", ",", "\n"),
    ],
)
def test_a_file_of_an_office_keeps_every_byte_and_its_columns(
    make_folder, codec, separator, line_end
):
    head = ["연번", "점검일자", "맨발길명", "점검결과", "지적사항", "점검항목", "점검자", "비밀칸"]
    old_row = ["1", "2026. 11. 20.", "b", "양호", '따옴표 "와" 줄', "배수", "점검반", "남김"]
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=line_end).writerows([head, old_row])
    # The last line lacks its end, as of a file that was typed by hand.
    old = text.getvalue().removesuffix(line_end).encode(codec)
    folder = make_folder({**FILES, LEDGER: old})
    assert append_inspections(folder, [{**ROW, "finding": "물, 고임; 😀"}], "key-00000001")
    new = (folder / LEDGER).read_bytes()
    assert new.startswith(old)
    assert new.decode(codec).count(line_end) == text.getvalue().count(line_end) + 1
    rows = mapserver.open_city(folder).ledgers["inspections"]
    assert list(rows["trail_id"]) == ["b", "a"]
    assert list(rows["비밀칸"].fillna("")) == ["남김", ""]
    assert list(rows["grade"]) == ["good", "good"]
    # What an encoding of Windows cannot hold stands there by its name, and is not lost.
    face = r"\N{GRINNING FACE}" if codec == "cp949" else "😀"
    assert rows["finding"].iloc[1] == f"물, 고임; {face}"


def test_what_a_file_has_no_column_for_is_said_and_nothing_is_written(make_folder):
    old = "trail_id,checked_on,grade\nb,2026-11-20,양호\n"
    folder = make_folder({**FILES, LEDGER: old})
    with pytest.raises(DataError, match="it has no column for item"):
        append_inspections(folder, [ROW], "key-00000001")
    assert (folder / LEDGER).read_text() == old


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+82", "-1", "@SUM(A1)", " =1", "＝1"])
def test_a_text_that_a_spreadsheet_would_run_stays_text(inspector, text):
    folder, client = inspector()
    assert post(client, finding=text).status_code == 303
    cells = [cell for row in read_rows(folder) for cell in row.values()]
    assert f"'{text.strip()}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize(
    "text", ["=1+1", "'=1+1", "+82", "'떨어진' 가지"], ids=["formula", "quoted", "sign", "quotes"]
)
def test_the_apostrophe_of_a_safe_cell_is_read_by_nobody(inspector, text):
    folder, client = inspector({LEDGER: "trail_id,checked_on,item,grade,finding,fixed_on,by\n"})
    post(client, finding=text, grade="forbidden")
    city = mapserver.open_city(folder)
    assert list(city.ledgers["inspections"]["finding"]) == [text]
    assert city.trails_on(city.today()).reason_en["a"] == f"Closed after an inspection: {text}"


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("홍 씨 010-1234-5678 물이 고임", "홍 씨 [지움] 물이 고임"),
        ("０１０ ㆍ １２３４ ㆍ ５６７８", "[지움]"),
        ("+82 10.1234.5678", "[지움]"),
        ("062)350-4114, gil@example.kr", "[지움], [지움]"),
        ("900101-1234567 차 12가 3456", "[지움] 차 [지움]"),
        ("2026-11-24 10:30, 3-5m, 2025-2026년, 35.15321,126.84712", None),
        ("대표 1588-1234, 흙 2000kg, 02:30", "대표 [지움], 흙 2000kg, 02:30"),
        ("010_1234_5678 로", "[지움] 로"),
        ("전화 010\u200b1234\u200b5678 끝", "전화 [지움] 끝"),
        ("0\u20601\u20600-12\u200d34-5678", "[지움]"),
        ("hong(at)korea.kr, hong [at] korea (dot) kr", "[지움], [지움]"),
        ("080-123-4567 1544 1234", "[지움] [지움]"),
        ("1592-1598, 1500 2000 mm, IMG_20261124_102233.jpg", None),
    ],
)
def test_what_belongs_to_a_person_is_left_out_and_said(inspector, typed, written):
    folder, client = inspector()
    answer = post(client, finding=typed, grade="forbidden", item="drainage")
    assert read_rows(folder)[0]["finding"] == (written or typed)
    page = client.get(answer.headers["Location"]).text
    assert ("개인의 번호나 주소는 지웠습니다" in page) == bool(written)
    # The trail is closed whatever the text was.
    city = mapserver.open_city(folder)
    assert city.trails_on(city.today()).state["a"] == "closed"
    json_answer = post(client, "key-00000002", {"Accept": "application/json"}, finding=typed)
    assert bool(json_answer.json["note"]) == bool(written)


def test_the_form_says_beforehand_who_reads_the_text(inspector):
    _, client = inspector()
    assert "누구나 읽는 한 줄" in client.get("/check/a").text


def test_check_names_what_belongs_to_a_person_and_does_not_repeat_it(make_city):
    rows = "a,2026-11-20,김영자,난간,양호,\nb,2026-11-20,점검반,난간,양호,전화 010-1234-5678\n"
    city = make_city({**FILES, LEDGER: f"trail_id,checked_on,by,item,grade,finding\n{rows}"})
    findings = {f.code: f for f in city.check() if f.code.startswith("person")}
    assert {code: f.feature for code, f in findings.items()} == {
        "person-name": "line 2",
        "person-number": "line 3",
    }
    assert not any(re.search("010|김영자", str(f)) for f in findings.values())


def test_a_long_cell_is_looked_through_for_addresses_once():
    start_s = time.monotonic()
    assert not has_person_marks("가" * 200_000)
    assert time.monotonic() - start_s < 10
    assert cut_person_marks(f"{'가' * 100}kim@example.kr", "…").endswith("가…")


def test_hostile_text_is_text_in_the_file_and_on_pages(inspector):
    folder, client = inspector()
    hostile = '"><script>alert(1)</script>{{7*7}},"\'; DROP'
    assert post(client, grade="repair", finding=hostile).status_code == 303
    assert read_rows(folder)[0]["finding"] == hostile
    page = serve(folder, secret_key=SECRET).test_client()
    enter(page)
    shown = page.get("/check/a").text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown


@pytest.mark.parametrize(
    "fields",
    [
        {"grade": "perfect"},
        {"grade": ""},
        {"by": "홍길동"},
        {"by": ""},
        {"item": "roof"},
        {"finding": "x" * (limits.MAX_FINDING_LETTERS + 1)},
        {"finding": "a\x00b"},
        {"key": "short"},
        {"day": "2020-01-01"},
        {"day": "2199-01-01"},
        {"day": "yesterday"},
        {"grade": "", "repaired": "0123456789abcdef"},
        {"repaired": "0123456789abcdef"},
    ],
)
def test_what_the_form_does_not_offer_is_refused(inspector, fields):
    folder, client = inspector()
    answer = post(client, **fields)
    assert answer.status_code == 400
    assert not (folder / LEDGER).exists()
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_body_that_no_form_of_ours_has_is_refused(inspector):
    _, client = inspector()
    assert post(client, finding="x" * limits.MAX_INSPECTION_BODY_BYTES).status_code == 413


# -- once, and never less ------------------------------------------------------------------------


def test_an_entry_that_is_sent_again_is_written_once(inspector):
    folder, client = inspector()
    json = {"Accept": "application/json"}
    for _ in range(3):
        answer = post(client, headers=json)
        assert (answer.status_code, answer.json) == (200, {"written": True, "note": ""})
    assert len(read_rows(folder)) == 1
    post(client, key="key-00000002")
    assert len(read_rows(folder)) == 2


FORBIDDEN = "trail_id,checked_on,item,grade,finding,fixed_on\na,2026-11-20,{item},이용금지,,\n"


@pytest.mark.parametrize("grade", ["forbidden", "repair"])
@pytest.mark.parametrize(("word", "items"), [("배수", ["drainage", "leaves"]), ("전체", [])])
def test_one_item_is_not_wrong_and_repaired_in_one_entry(inspector, grade, word, items):
    folder, client = inspector({LEDGER: FORBIDDEN.format(item=word)})
    before = (folder / LEDGER).read_bytes()
    mark = re.search(r'name="repaired" value="(\w+)"', client.get("/check/a").text)[1]
    answer = post(client, grade=grade, item=items, repaired=mark, finding="다시 고임")
    assert answer.status_code == 400
    assert "같은 항목을" in answer.text
    assert (folder / LEDGER).read_bytes() == before
    # All that was entered is still in the form.
    for field in (f'value="{mark}"', f'value="{grade}"', *(f'value="{item}"' for item in items)):
        assert re.search(rf"{field}[^>]* checked", answer.text)
    assert 'value="다시 고임"' in answer.text


def test_another_item_may_be_wrong_where_one_is_repaired(inspector):
    folder, client = inspector({LEDGER: FORBIDDEN.format(item="배수")})
    mark = re.search(r'name="repaired" value="(\w+)"', client.get("/check/a").text)[1]
    answer = post(client, grade="forbidden", item=["leaves"], repaired=mark)
    assert answer.status_code == 303
    assert [row["item"] for row in read_rows(folder)[1:]] == ["낙엽", "배수"]
    # What is well is no contradiction to its repair.
    folder, client = inspector({LEDGER: FORBIDDEN.format(item="배수")})
    answer = post(client, "key-00000002", grade="good", item=["drainage"], repaired=mark)
    assert answer.status_code == 303


def test_the_key_of_an_entry_is_that_of_no_other(inspector):
    folder, client = inspector()
    assert post(client, finding="하나").status_code == 303
    written = (folder / LEDGER).read_bytes()
    answer = post(client, finding="둘")
    assert answer.status_code == 409
    assert "새로 여세요" in answer.text
    assert 'value="둘"' in answer.text
    answer = post(client, finding="둘", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["written"]) == (409, False)
    # The same entry that comes again is answered as it was.
    assert post(client, finding="하나").status_code == 303
    assert (folder / LEDGER).read_bytes() == written
    # What was entered cannot be found out from what is noted of it.
    assert "하나" not in (folder / ".inspections-sent").read_text()


def test_keys_that_an_earlier_version_noted_are_of_their_entries(inspector):
    folder, client = inspector()
    post(client, finding="하나")
    path = folder / ".inspections-sent"
    path.write_text("".join(f"{' '.join(line.split()[:2])}\n" for line in path.open()))
    written = (folder / LEDGER).read_bytes()
    assert post(client, finding="하나").status_code == 303
    assert (folder / LEDGER).read_bytes() == written


def test_a_repair_whose_answer_was_lost_is_answered_as_written(inspector, monkeypatch):
    folder, client = inspector({LEDGER: FORBIDDEN.format(item="배수")})
    mark = re.search(r'name="repaired" value="(\w+)"', client.get("/check/a").text)[1]
    assert post(client, grade="", repaired=mark).status_code == 303
    written = (folder / LEDGER).read_bytes()
    # The server has read its files anew: what was repaired is no longer open.
    path = "mapserver.web.pages.inspection_form.list_open_faults"
    monkeypatch.setattr(path, lambda *_: [])
    assert post(client, grade="", repaired=mark).status_code == 303
    assert post(client, "key-00000002", grade="", repaired=mark).status_code == 400
    assert (folder / LEDGER).read_bytes() == written


@pytest.mark.parametrize("is_written", [True, False])
def test_an_entry_whose_program_was_ended_half_way_is_written_once(
    make_folder, monkeypatch, is_written
):
    folder = make_folder(FILES)
    append_inspections(folder, [{**ROW, "trail_id": "b"}], "key-00000000")
    replace = inspection_rows._replace_file

    def end(path, data):
        if is_written:
            replace(path, data)
        raise KeyboardInterrupt

    monkeypatch.setattr(inspection_rows, "_replace_file", end)
    with pytest.raises(KeyboardInterrupt):
        append_inspections(folder, [ROW], "key-00000001")
    monkeypatch.setattr(inspection_rows, "_replace_file", replace)
    append_inspections(folder, [ROW], "key-00000001")
    assert [row["trail_id"] for row in read_rows(folder)] == ["b", "a"]


def test_keys_of_long_ago_are_let_go(make_folder, monkeypatch):
    monkeypatch.setattr(limits, "MAX_SENT_KEYS", 3)
    keys = SentKeys(make_folder(FILES))
    for n in range(5):
        keys.note(f"key-{n}", "", SentKeys.DONE)
    assert [bool(keys.find(f"key-{n}")) for n in range(5)] == [False, False, True, True, True]


def _append(folder, start):
    for n in range(start, start + 5):
        append_inspections(folder, [{**ROW, "finding": str(n)}], f"key-{n:08}")


def test_many_threads_and_processes_lose_nothing(make_folder):
    folder = make_folder(FILES)
    processes = [
        get_context("spawn").Process(target=_append, args=(folder, 1000 + 5 * n)) for n in range(3)
    ]
    for process in processes:
        process.start()
    with ThreadPoolExecutor(20) as pool:
        for done in [pool.submit(_append, folder, 5 * n) for n in range(20)]:
            done.result()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    numbers = sorted(int(row["finding"]) for row in read_rows(folder))
    assert numbers == [*range(100), *range(1000, 1015)]


def test_twenty_inspectors_at_once_are_all_written(inspector):
    folder, client = inspector()
    page, cookie = client.get("/check/a").text, client.get_cookie("inspector", path="/check/a")
    mark, app = MARK.findall(page)[0], client.application
    start = threading.Barrier(20)

    def send(n):
        own = app.test_client()
        own.set_cookie("inspector", cookie.value, path="/check/a")
        start.wait()
        data = {"mark": mark, "key": f"key-{n:08}", "by": "team", "grade": "good"}
        status = 503
        # A worker reads eight bodies at once; the others are asked to come again, and do.
        while status == 503:
            status = own.post("/check/a", data=data | {"finding": str(n)}).status_code
        return status

    with ThreadPoolExecutor(20) as pool:
        assert set(pool.map(send, range(20))) == {303}
    assert sorted(int(row["finding"]) for row in read_rows(folder)) == list(range(20))


def test_a_folder_that_cannot_be_written_is_said_and_the_entry_stays_in_the_form(
    inspector, monkeypatch
):
    folder, client = inspector()

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(inspection_rows, "_replace_file", refuse)
    answer = post(client, finding="물이 고임", grade="repair", item="drainage")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "기록하지 못했습니다" in answer.text
    assert 'value="물이 고임"' in answer.text
    assert re.search(r'value="repair" checked', answer.text)
    assert re.search(r'name="key" value="key-00000001"', answer.text)
    assert not (folder / LEDGER).exists()
    answer = post(client, headers={"Accept": "application/json"})
    assert answer.json["written"] is False


POST_ONE = """
import json, sys
from pathlib import Path
from browsing import serve
from test_inspecting import SECRET, enter, post

client = serve(Path(sys.argv[1]), secret_key=SECRET).test_client()
enter(client)
answer = post(client, headers={"Accept": "application/json"}, finding="pool", grade="repair")
again = client.get("/check/a")
retry = answer.headers.get("Retry-After")
print(json.dumps([answer.status_code, retry, answer.json, again.status_code]))
"""


@pytest.mark.parametrize("part", [".", "layers"])
def test_in_a_folder_that_is_really_read_only_nothing_is_written_and_it_is_said(make_folder, part):
    folder = make_folder({**FILES, LEDGER: "trail_id,checked_on,by,item,grade,finding,fixed_on\n"})
    before = (folder / LEDGER).read_bytes()
    command = [sys.executable, "-c", POST_ONE, str(folder)]
    (folder / part).chmod(0o555)
    if os.geteuid() == 0:
        # Root may write everywhere; without its capabilities it is the owner of its own files only.
        setpriv = shutil.which("setpriv") or pytest.skip("needs setpriv on the path")
        os.chown(folder / part, 65534, 65534)
        command = [setpriv, "--bounding-set=-all", "--inh-caps=-all", *command]
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    done = subprocess.run(  # noqa: S603 -- a program of ours
        command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr
    status, retry, said, page = json.loads(done.stdout.splitlines()[-1])
    assert (status, retry, page) == (503, "60", 200)
    assert said["written"] is False
    assert "쓸 수 없습니다" in said["problem"], said["problem"]
    assert (folder / LEDGER).read_bytes() == before


# -- who may write -------------------------------------------------------------------------------


def test_without_a_secret_there_is_no_such_page(make_folder):
    client = serve(make_folder(FILES)).test_client()
    for path in ("/check/a", "/check/b", "/check/a/enter"):
        for method in ("get", "post", "delete"):
            absent = getattr(client, method)("/nothing/a")
            answer = getattr(client, method)(path)
            assert (answer.status_code, answer.text) == (404, absent.text)


def test_a_code_opens_the_page_of_its_trail_and_of_no_other(inspector):
    _, client = inspector(has_code=False)
    assert client.get("/check/a").status_code == 403
    assert enter(client, "AAAA AAAA AAAA AAAA").status_code == 403
    assert enter(client, InspectorKeys(SECRET).make_code("b")).status_code == 403
    code = InspectorKeys(SECRET).make_code("a")
    typed = " ".join((code[:4], code[4:8], code[8:])).lower()
    answer = enter(client, typed)
    assert answer.status_code == 303
    cookie = answer.headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/check/a"} <= set(cookie.split("; "))
    assert client.get("/check/a").status_code == 200
    assert client.get("/check/b").status_code == 403
    assert client.get("/check/nowhere").status_code == 404
    # The pass of one trail, carried to another by hand, opens nothing.
    value = client.get_cookie("inspector", path="/check/a").value
    client.set_cookie("inspector", value, path="/check/b")
    assert client.get("/check/b").status_code == 403


def test_another_secret_makes_codes_and_passes_worthless():
    old, new = InspectorKeys(SECRET), InspectorKeys(f"{SECRET}!")
    assert not new.is_code("a", old.make_code("a"))
    assert old.read_pass("a", old.make_pass("a")).is_fresh
    assert new.read_pass("a", old.make_pass("a")) is None


@pytest.mark.parametrize(
    "text", ["", ".", "1.", "9" * 5000, "-1.0", "é.é", "1700000000." + "0" * 64]
)
def test_a_pass_that_is_none_opens_nothing(text):
    assert InspectorKeys(SECRET).read_pass("a", text) is None


def test_a_pass_ends_after_a_day_of_work_and_is_known_a_while_longer():
    now = [1e9]
    keys = InspectorKeys(SECRET, lambda: now[0])
    text = keys.make_pass("a")
    for age_s, is_fresh in ((limits.PASS_S, True), (limits.PASS_S + 1, False)):
        now[0] = 1e9 + age_s
        assert keys.read_pass("a", text).is_fresh is is_fresh
    now[0] = 1e9 + limits.KNOWN_BROWSER_S + 1
    assert keys.read_pass("a", text) is None


def test_a_form_of_another_site_writes_nothing(inspector):
    folder, client = inspector()
    assert post(client, mark="0" * 64).status_code == 403
    assert post(client, headers={"Origin": "https://evil.example"}).status_code == 403
    assert post(client, headers={"Origin": "null"}).status_code == 403
    assert post(client, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not (folder / LEDGER).exists()
    assert post(client, headers={"Origin": "http://localhost"}).status_code == 303


def test_wrong_codes_are_slowed_down_and_lock_nobody_else_out(inspector):
    _, client = inspector(has_code=False)
    here, there = ({"environ_base": {"REMOTE_ADDR": f"192.0.2.{n}"}} for n in (1, 2))
    known = client.application.test_client()
    assert enter(known, **here).status_code == 303
    answers = [enter(client, "A" * 16, **here) for _ in range(limits.MAX_CODE_TRIES)]
    assert {answer.status_code for answer in answers[:-1]} == {403}
    slowed = enter(client, "A" * 16, **here)
    assert slowed.status_code == 429
    assert 1 <= int(slowed.headers["Retry-After"]) <= limits.CODE_TRY_S
    # While it waits not even the right code is looked at, or the waiting would cost nothing ...
    assert enter(client, **here).status_code == 429
    # ... but at another address, and in a browser that has had the code before, it is.
    assert enter(client.application.test_client(), **there).status_code == 303
    assert enter(known, **here).status_code == 303


def test_wrong_codes_from_many_addresses_are_slowed_down_and_right_ones_are_not(inspector):
    _, client = inspector(has_code=False)
    statuses = [
        enter(client, "A" * 16, environ_base={"REMOTE_ADDR": f"192.0.{n}.9"}).status_code
        for n in range(limits.MAX_WRONG_CODES + 5)
    ]
    assert statuses[0] == 403
    assert statuses[-1] == 429
    assert enter(client, environ_base={"REMOTE_ADDR": "198.51.100.7"}).status_code == 303


def test_tries_are_given_back_with_time():
    now = [0.0]
    tries = Tries(lambda: now[0])
    waits = [tries.compute_wait(b"x") for _ in range(limits.MAX_CODE_TRIES + 1)]
    assert waits[:-1] == [0.0] * limits.MAX_CODE_TRIES
    assert waits[-1] > 0
    now[0] += limits.CODE_TRY_S + 0.1
    assert tries.compute_wait(b"x") == 0.0


# -- what is kept, and what is not ---------------------------------------------------------------


def test_no_cache_and_no_search_engine_keeps_the_page(inspector):
    _, client = inspector()
    for answer in (
        client.get("/check/a"),
        client.get("/check/b"),
        enter(client, "x"),
        post(client),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    page = client.get("/check/a").text
    assert 'name="robots" content="noindex' in page
    assert SECRET not in page
    assert InspectorKeys(SECRET).make_code("a") not in page


def test_the_log_has_the_trail_and_the_role_and_nothing_of_a_person(inspector, caplog):
    _, client = inspector()
    with caplog.at_level(logging.INFO, "mapserver"):
        post(
            client,
            finding="홍길동 010-1234-5678",
            grade="repair",
            headers={"User-Agent": "Telephone/1"},
        )
    line = next(r.getMessage() for r in caplog.records if "inspection" in r.getMessage())
    assert re.fullmatch(
        r"inspection \d{4}-\d\d-\d\dT[\d:]+\+09:00: trail 'a', repair, by team", line
    )
    assert not re.search(r"홍길동|010|Telephone|127\.0", "".join(caplog.messages))


def test_the_page_speaks_english(inspector):
    _, client = inspector()
    page = client.get("/check/a?lang=en").text
    assert "How is the trail?" in page
    assert "Not to be used" in page


def test_a_look_is_written_while_the_clock_of_a_lock_runs(make_folder):
    folder, held = make_folder(FILES), threading.Event()
    release = threading.Event()

    def hold():
        with inspection_rows._one_thread:
            held.set()
            release.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    start_s = time.monotonic()
    with pytest.raises(DataError, match="others are writing"):
        append_inspections(folder, [ROW], "key-00000001", wait_s=0.2)
    assert time.monotonic() - start_s < 5
    release.set()
    holder.join()
    assert append_inspections(folder, [ROW], "key-00000001", wait_s=5)


def test_a_repair_of_what_was_found_today_says_who_looks_next_and_is_written_once(inspector):
    folder, client = inspector()
    post(client, grade="forbidden", item="drainage")
    client = serve(folder, secret_key=SECRET).test_client()
    enter(client)
    mark = re.search(r'name="repaired" value="(\w+)"', client.get("/check/a").text)[1]
    answer = post(client, "key-00000002", grade="", repaired=mark)
    assert "다음 날 이후에 다시 점검하세요" in client.get(answer.headers["Location"]).text
    assert len(read_rows(folder)) == 2
    client = serve(folder, secret_key=SECRET).test_client()
    enter(client)
    json = {"Accept": "application/json"}
    answer = post(client, "key-00000003", json, grade="", repaired=mark)
    assert answer.json["written"]
    assert "다시 적지 않았습니다" in answer.json["note"]
    assert "다음 날 이후에" in answer.json["note"]
    assert len(read_rows(folder)) == 2


def test_a_repair_of_an_earlier_day_needs_no_later_look(inspector):
    _, client = inspector({LEDGER: FORBIDDEN.format(item="배수")})
    mark = re.search(r'name="repaired" value="(\w+)"', client.get("/check/a").text)[1]
    json = {"Accept": "application/json"}
    answer = post(client, headers=json, grade="", repaired=mark)
    assert answer.json == {"written": True, "note": ""}


def test_a_page_for_inspectors_has_no_address_for_messengers(inspector):
    folder, client = inspector()
    stranger = serve(folder, secret_key=SECRET).test_client()
    for page in (client.get("/check/a").text, stranger.get("/check/a").text):
        assert "점검" in page
        assert not re.search("og:url|og:image|twitter:image|root.invalid", page)
    assert "og:url" in client.get("/trails/a").text
