"""Draw the icons of the installed page from favicon.svg; needs Chromium. The results are kept."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from mapserver.settings import palette

STATIC = Path(__file__).parents[1] / "mapserver/web/static"
# Telephones cut a maskable icon to a circle, so its picture keeps to the middle.
SIZES = {"icon-192": (192, 1.0), "icon-512": (512, 1.0), "maskable-512": (512, 0.72)}


def main() -> None:
    """Draw every size."""
    svg = (STATIC / "favicon.svg").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, (size, share) in SIZES.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            ground = palette.CLAY_DEEP if share < 1 else "transparent"
            page.set_content(
                f"<style>body{{margin:0;background:{ground};display:grid;place-items:center;"
                f"height:100vh}}svg{{width:{100 * share}vw;height:{100 * share}vw}}</style>{svg}"
            )
            page.screenshot(path=STATIC / f"icons/{name}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
