"""The page of those who inspect, on a telephone: with signal, without, and from the sheet."""

from __future__ import annotations

import csv
import io
import re
from contextlib import contextmanager

import pytest
from browsing import listening, serve
from gpxtext import gpx, track
from test_cli import run

from mapserver.importing import inspection_rows
from mapserver.web.inspector_keys import InspectorKeys

SECRET = "a secret of the office, made for tests"  # noqa: S105 -- of no site
CODE = InspectorKeys(SECRET).make_code("a")
CODE_OF_B = InspectorKeys(SECRET).make_code("b")
FILES = {"gpx/a.gpx": gpx(track([(126.85, 35.14, 20), (126.853, 35.141, 40)], name="가"))}
MORE = {"gpx/b.gpx": gpx(track([(126.86, 35.14, 20), (126.863, 35.141, 40)], name="나"))}


@contextmanager
def open_phone(browser, folder):
    """Open the page of trail a by its QR code, on a telephone."""
    with listening(serve(folder, secret_key=SECRET)) as url:
        context = browser.new_context(viewport={"width": 390, "height": 844}, locale="ko-KR")
        page = context.new_page()
        page.asked = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.goto(f"{url}/check/a?lang=ko#{CODE}")
        page.wait_for_selector("#inspection")
        yield page, context, folder
        context.close()


@pytest.fixture
def phone(make_folder, browser):
    """Open the page of a trail at which nobody has looked."""
    with open_phone(browser, make_folder(FILES | MORE)) as opened:
        yield opened


def read_rows(folder):
    path = folder / "layers" / "inspections.csv"
    text = path.read_text("utf-8-sig") if path.exists() else ""
    return list(csv.DictReader(io.StringIO(text)))


def test_the_code_opens_the_page_and_stays_in_no_address(phone):
    page, _, _ = phone
    assert page.evaluate("location.hash") == ""
    assert not [address for address in page.asked if CODE in address.partition("#")[0]]
    assert page.evaluate("document.cookie") == ""


def test_an_entry_without_signal_waits_and_is_sent_once(phone):
    page, context, folder = phone
    context.set_offline(True)
    page.click(".grade.repair")
    page.click("text=배수")
    page.fill("#finding", "물이 고임")
    page.click("button[type=submit]")
    page.wait_for_selector("#waiting:not([hidden]) >> text=보내지 못한 기록 1건")
    assert "물이 고임" in page.inner_text("#entries")
    assert read_rows(folder) == []
    context.set_offline(False)
    page.wait_for_selector("#waiting.good")
    rows = [(row["item"], row["grade"], row["finding"]) for row in read_rows(folder)]
    assert rows == [("배수시설", "요수리", "물이 고임")]
    assert page.evaluate("localStorage.getItem('maenballo-inspections')") == "[]"


def keep_without_signal(page, context, finding):
    """Enter a look at the page's trail without signal, and wait until it is kept."""
    context.set_offline(True)
    page.click(".grade.repair")
    page.fill("#finding", finding)
    page.click("button[type=submit]")
    page.wait_for_selector("#waiting:not([hidden]) >> text=보내지 못한 기록 1건")


def test_an_entry_that_the_server_cannot_write_waits_on_the_telephone(phone, monkeypatch):
    page, _, folder = phone

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(inspection_rows, "_replace_file", refuse)
        page.click(".grade.repair")
        page.fill("#finding", "물이 고임")
        page.click("button[type=submit]")
        page.wait_for_selector("#waiting:not([hidden]) >> text=보내지 못한 기록 1건")
        assert "물이 고임" in page.inner_text("#entries")
    assert read_rows(folder) == []
    page.reload()
    page.wait_for_selector("#waiting.good")
    assert [row["finding"] for row in read_rows(folder)] == ["물이 고임"]


def test_an_entry_that_waits_is_sent_from_the_page_of_another_trail(phone):
    page, context, folder = phone
    keep_without_signal(page, context, "가에서 본 것")
    other = page.url.partition("/check/")[0] + "/check/b?lang=ko"
    page.goto("about:blank")
    context.set_offline(False)
    # On the page that asks for the code of trail b, which has not been shown.
    page.goto(other)
    page.wait_for_selector("#enter")
    page.wait_for_function("localStorage.getItem('maenballo-inspections') === '[]'")
    rows = [(row["trail_id"], row["finding"]) for row in read_rows(folder)]
    assert rows == [("a", "가에서 본 것")]


def test_an_entry_of_a_trail_whose_code_is_out_of_date_waits_and_holds_up_no_other(phone):
    page, context, folder = phone
    keep_without_signal(page, context, "가에서 본 것")
    other = page.url.partition("/check/")[0] + f"/check/b?lang=ko#{CODE_OF_B}"
    page.goto("about:blank")
    context.set_offline(False)
    context.clear_cookies()
    page.goto(other)
    page.wait_for_selector("#inspection[data-trail=b]")
    page.click(".grade.good")
    page.click("button[type=submit]")
    page.wait_for_selector("#waiting:not([hidden]) >> text=다른 길의 기록")
    page.wait_for_function("JSON.parse(localStorage.getItem('maenballo-inspections')).length === 1")
    assert [row["trail_id"] for row in read_rows(folder)] == ["b"]


@pytest.mark.parametrize("size", ["", "&size=large"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_targets_are_large_and_nothing_is_cut(phone, lang, size):
    page, _, _ = phone
    page.goto(page.url.partition("?")[0] + f"?lang={lang}{size}")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    heights = page.evaluate(
        "[...document.querySelectorAll('.grade, .tick, #inspection .btn')].map(e => e.offsetHeight)"
    )
    assert min(heights) >= 48


def test_the_sheets_have_the_code_of_each_trail_behind_the_sign_that_is_not_sent(
    make_folder, tmp_path, monkeypatch
):
    folder, out = make_folder(FILES), tmp_path / "codes.html"
    monkeypatch.setenv("MAPSERVER_SECRET_KEY", SECRET)
    done = run("codes", out, "--city", folder, "--base-url", "https://maps.example.kr")
    assert done.exit_code == 0, done.stderr
    page = out.read_text("utf-8")
    assert " ".join(re.findall("....", CODE)) in page
    assert SECRET not in page
    assert page.count("<svg") == 1
    assert out.stat().st_mode & 0o077 == 0


def test_an_item_that_is_wrong_and_repaired_is_stopped_before_it_is_sent(make_folder, browser):
    table = "trail_id,checked_on,item,grade,finding,fixed_on\na,2026-11-20,배수,요수리,,\n"
    folder = make_folder(FILES | {"layers/inspections.csv": table})
    with open_phone(browser, folder) as (page, _, _):
        page.click(".grade.forbidden")
        page.click("[name=item][value=drainage] + span")
        page.click("[name=repaired] + span")
        page.fill("#finding", "다시 고임")
        page.click("button[type=submit]")
        # The browser shows it at the box, which it can reach, and nothing of the form is lost.
        said = page.evaluate("document.activeElement.validationMessage")
        assert said.startswith("같은 항목을")
        assert page.input_value("#finding") == "다시 고임"
        assert page.inner_text("#entries") == ""
        page.click("[name=repaired] + span")
        page.click("button[type=submit]")
        page.wait_for_selector("#waiting.good")
        assert [row["grade"] for row in read_rows(folder)] == ["요수리", "이용금지"]
