"""Take the pictures of the pages that docs/pages.md shows: the sample city, served, in Chromium.

python scripts/make_screenshots.py [NAME ...]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from browsing import CHROMIUM, DESK, PATIENCE_S, PHONE, serving  # noqa: E402 -- found there only

PICTURES = ROOT / "docs/pages"
BIG = {"width": 2560, "height": 1440}
QUALITY = 72
Act = Callable[[Page], None]


def nearest(page: Page) -> None:
    """Ask for the nearest trails."""
    page.click("#locate")
    page.wait_for_selector("#locate[aria-pressed=true]")


def choose(page: Page) -> None:
    """Choose the nearest trail."""
    nearest(page)
    page.click("#nearest .card >> nth=2")
    page.wait_for_selector("#pick:not([hidden])")


def choose_open(page: Page) -> None:
    """Choose the nearest trail on a telephone, whose card is the first one."""
    nearest(page)
    page.click("#nearest .card >> nth=0")
    page.wait_for_selector("#pick:not([hidden])")


def search(page: Page) -> None:
    """Search by first consonants."""
    page.click("#q")
    page.keyboard.type("ㄱㄷㅅ")
    page.wait_for_selector("#results [role=option]")


def mark(page: Page) -> None:
    """Press a shop."""
    page.click("#shop-list > li:not([hidden], [data-takes='']) button >> nth=1")


LAKE = {"longitude": 126.875, "latitude": 35.125}
"""Between the lake of Pungam and the hill of Geumdang, some minutes from three trails."""
TRAIL, DISTRICT = "/trails/geumdangsan-2", "/districts/117"
PAPER = {"width": 860, "height": 1220}
SMALL = {"width": 360, "height": 640}

PAGES = {
    "home-phone-ko": ("/?lang=ko", PHONE, nearest),
    "home-phone-dark-ko": ("/?lang=ko", PHONE, nearest),
    "home-chosen-phone-ko": ("/?lang=ko", PHONE, choose_open),
    "home-search-phone-ko": ("/?lang=ko", PHONE, search),
    "home-large-phone-ko": ("/?lang=ko&size=large", PHONE, nearest),
    "home-small-phone-ko": ("/?lang=ko", SMALL, nearest),
    "home-day-phone-ko": ("/?lang=ko&date=2026-12-20", PHONE, None),
    "home-desk-ko": ("/?lang=ko", DESK, nearest),
    "home-desk-en": ("/?lang=en", DESK, nearest),
    "home-desk-dark-ko": ("/?lang=ko", DESK, choose),
    "trail-phone-ko": ("/trails/pungam-lake-park?lang=ko", PHONE, None),
    "trail-phone-dark-en": ("/trails/pungam-lake-park?lang=en", PHONE, None),
    "trail-desk-en": (f"{TRAIL}?lang=en", DESK, None),
    "trails-phone-en": ("/trails/?lang=en&q=ㄱㄷㅅ", PHONE, None),
    "district-phone-ko": (f"{DISTRICT}?lang=ko&voucher=paper", PHONE, mark),
    "district-desk-ko": (f"{DISTRICT}?lang=ko", DESK, mark),
    "neighborhood-phone-en": ("/neighborhoods/chipyeong?lang=en", PHONE, None),
    "poster-ko": ("/trails/pungam-lake-park/poster?lang=ko", PAPER, None),
    "poster-en": (f"{TRAIL}/poster?lang=en", PAPER, None),
    "board-ko": ("/board?lang=ko&area=chipyeong", BIG, None),
    "embed-desk-en": ("/embed?lang=en&layers=trails", DESK, None),
}
"""Pictures by name: address, window, and what is done first; with ``dark`` in it, of the night."""


def main() -> None:
    """Take those that are named, or all of them."""
    wanted = sys.argv[1:] or list(PAGES)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with serving(ROOT, base_url="https://trails.example") as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        for name in wanted:
            path, viewport, act = PAGES[name]
            take(browser, f"{url}{path}", viewport, act, PICTURES / f"{name}.jpg")
        browser.close()


def take(
    browser: Browser, address: str, viewport: dict[str, int], act: Act | None, file: Path
) -> None:
    """Take one picture; telephones have fine screens."""
    context = browser.new_context(
        viewport=viewport,
        device_scale_factor=1.5 if viewport in (PHONE, SMALL) else 1,
        geolocation=LAKE,
        color_scheme="dark" if "dark" in file.stem else "light",
        permissions=["geolocation"],
        reduced_motion="reduce",
        service_workers="block",
    )
    context.set_default_timeout(PATIENCE_S * 1000)
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    if act is not None:
        act(page)
    page.mouse.move(0, 0)  # nothing looks as if it were pressed
    page.wait_for_timeout(500)
    # A sheet of paper is shown without the page around it.
    taken = page.locator("main.sheet") if "poster" in file.stem else page
    taken.screenshot(path=file, type="jpeg", quality=QUALITY)
    context.close()


if __name__ == "__main__":
    main()
