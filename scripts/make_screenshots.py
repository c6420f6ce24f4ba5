"""Take the pictures of the pages that docs/pages.md shows: the sample city, served, in Chromium.

python scripts/make_screenshots.py
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from browsing import CHROMIUM, DESK, PHONE, SEOGU, serving  # noqa: E402 -- found there only

PICTURES = ROOT / "docs/pages"
BIG = {"width": 2560, "height": 1440}
QUALITY = 72
Act = Callable[[Page], None]


def nearest(page: Page) -> None:
    """Ask for the nearest trail."""
    page.click("#locate")
    page.wait_for_selector("#locate[aria-pressed=true]")


PAGES = {
    "home-phone-ko": ("/?lang=ko", PHONE, nearest),
    "home-desk-en": ("/?lang=en", DESK, nearest),
    "trail-phone-ko": ("/trails/geumdangsan-2?lang=ko", PHONE, None),
    "trail-desk-en": ("/trails/geumdangsan-2?lang=en", DESK, None),
    "trails-phone-en": ("/trails/?lang=en&q=ㄱㄷㅅ", PHONE, None),
    "district-phone-ko": ("/districts/001?lang=ko&onnuri=1", PHONE, None),
    "neighborhood-phone-en": ("/neighborhoods/chipyeong?lang=en", PHONE, None),
    "poster-ko": ("/trails/geumdangsan-2/poster?lang=ko", {"width": 860, "height": 1220}, None),
    "board-ko": ("/board?lang=ko&area=chipyeong", BIG, None),
    "embed-desk-en": ("/embed?lang=en&layers=trails", DESK, None),
}


def main() -> None:
    """Take them all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with serving(ROOT) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        for name, (path, viewport, act) in PAGES.items():
            take(browser, f"{url}{path}", viewport, act, PICTURES / f"{name}.jpg")
        browser.close()


def take(
    browser: Browser, address: str, viewport: dict[str, int], act: Act | None, file: Path
) -> None:
    """Take one picture; telephones have fine screens."""
    context = browser.new_context(
        viewport=viewport,
        device_scale_factor=1.5 if viewport == PHONE else 1,
        geolocation=SEOGU,
        permissions=["geolocation"],
        reduced_motion="reduce",
        service_workers="block",
    )
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    if act is not None:
        act(page)
    page.wait_for_timeout(500)
    page.screenshot(path=file, type="jpeg", quality=QUALITY)
    context.close()


if __name__ == "__main__":
    main()
