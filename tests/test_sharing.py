"""The button that shares a page: the telephone's own sheet, or else the address is copied."""

from __future__ import annotations

import pytest
from browsing import needs_chromium

pytestmark = [needs_chromium, pytest.mark.slow]

SHEET = "navigator.share = (what) => { window.shared = what; return Promise.resolve(); };"
NO_SHEET = """
Object.defineProperty(Navigator.prototype, 'share', { value: undefined });
Object.defineProperty(Navigator.prototype, 'clipboard',
  { value: { writeText: (text) => { window.copied = text; return Promise.resolve(); } } });
"""
CHOOSE = "document.querySelector('.card[data-id=geumdangsan-2]').click()"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_chosen_trail_is_shared_and_not_the_first_page(visit, sample_url, lang):
    page = visit("about:blank").page
    page.add_init_script(SHEET)
    page.goto(f"{sample_url}/?lang={lang}")
    page.evaluate(CHOOSE)
    page.click("#pick-share")
    shared = page.evaluate("window.shared")
    assert shared["url"].startswith(f"{sample_url}/trails/geumdangsan-2?lang={lang}")
    assert shared["title"] == page.inner_text("#pick-name")


def test_without_a_sheet_the_address_is_copied_and_the_button_says_so(visit, sample_url):
    page = visit("about:blank").page
    page.add_init_script(NO_SHEET)
    page.goto(f"{sample_url}/?lang=ko")
    page.evaluate(CHOOSE)
    page.click("#pick-share")
    assert "/trails/geumdangsan-2" in page.evaluate("window.copied")
    assert "복사" in page.inner_text("#pick-share")
    page.goto(f"{sample_url}/trails/geumdangsan-2?lang=ko#x")
    page.click("#share")
    assert page.evaluate("window.copied") == f"{sample_url}/trails/geumdangsan-2?lang=ko"


def test_who_changes_their_mind_may_share_later(visit, sample_url):
    page = visit("about:blank").page
    fail = "Promise.reject(new DOMException('no', window.fault || 'AbortError'))"
    page.add_init_script(f"navigator.share = () => {fail}")
    page.goto(f"{sample_url}/trails/geumdangsan-2?lang=ko")
    page.click("#share")
    assert page.is_visible("#share")
    page.evaluate("window.fault = 'NotAllowedError'")
    page.click("#share")
    page.wait_for_selector("#share", state="hidden")
