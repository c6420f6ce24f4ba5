"""Measure the pages as a telephone and a search engine see them.

    python -m benchmarks.site [--runs 5] [--city .] [--hold] [--without-lighthouse]

Lighthouse (mobile preset) on the first page, a trail, a list and the board; then a first visit at
1.6 Mbit/s, 150 ms and a processor four times slower: weight, first paint, map drawn, longest task
while it loads; then the longest task while a map with every shop is panned. A visit is the median
of its runs, and its longest task the worst of them. ``--hold`` fails where accessibility, best
practices or SEO fall below 95; times are told and not held, since other work on the machine moves
them. Needs Chromium, and npm for Lighthouse.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

import mapserver

HERE = Path(__file__).parent
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
HELD, LEAST = CATEGORIES[1:], 95
PHONE = {"width": 390, "height": 844}
SLOW_NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8}
SLOW_NETWORK |= {"uploadThroughput": 750e3 / 8}
SLOWER = 4
AFTER_MS = 1500
"""How long a page is watched after its network is quiet: the map is drawn in slices."""
ROUNDS = 5

# Times are taken by the page itself: nothing between it and us adds to them.
DRAWN = """
  new MutationObserver((_, seen) => {
    if (!document.querySelector("path.drawn-trails")) return;
    seen.disconnect();
    requestAnimationFrame(() => (window.drawn = performance.now()));
  }).observe(document, { childList: true, subtree: true });
"""
LONGEST = """
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
  }).observe({ type: "longtask" });
"""


def main() -> None:
    """Read the command line, measure, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=ROUNDS)
    parser.add_argument("--city", type=Path, default=Path())
    parser.add_argument("--hold", action="store_true")
    parser.add_argument("--without-lighthouse", action="store_true")
    given = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    npm = shutil.which("npm")
    if chromium is None or (npm is None and not given.without_lighthouse):
        sys.exit("This needs Chromium on the path, and npm for Lighthouse")
    low: list[str] = []
    with serving(given.city) as url:
        if npm is not None and not given.without_lighthouse:
            subprocess.run([npm, "ci", "--silent"], cwd=HERE, check=True)
            trail = mapserver.open_city(given.city).trails["length_m"].idxmax()
            paths = ["/", f"/trails/{trail}", "/trails/", "/board"]
            low = lighthouse(url, paths, given.runs, chromium)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            first_visits(browser, url, given.runs)
            panning(browser, url)
            browser.close()
    if given.hold and low:
        sys.exit("Below what is held: " + ", ".join(low))


@contextlib.contextmanager
def serving(city: Path) -> Iterator[str]:
    """Serve a city as its operator would, without background tiles."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mapserver", "serve", "--city", str(city)]
    server = subprocess.Popen(
        [*command, "--port", str(port), "--workers", "2"],
        env=os.environ | {"MAPSERVER_TILE_URL": ""},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{url}/readyz", timeout=2)
                break
            time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait()


def lighthouse(url: str, paths: list[str], runs: int, chromium: str) -> list[str]:
    """Print the scores of pages, medians of some runs; give those below what is held."""
    print("Lighthouse, mobile".ljust(34), *(name.rjust(15) for name in CATEGORIES))
    low = []
    for path in paths:
        reports = [_report(f"{url}{path}?lang=ko", chromium) for _ in range(runs)]
        scores = {
            name: statistics.median(100 * each["categories"][name]["score"] for each in reports)
            for name in CATEGORIES
        }
        print(path.ljust(34), *(f"{scores[name]:15.0f}" for name in CATEGORIES))
        low += [f"{path} {name} {scores[name]:.0f}" for name in HELD if scores[name] < LEAST]
        for audit in reports[0]["audits"].values():
            held = audit["id"] in _audits(reports[0], HELD)
            if held and audit["score"] is not None and audit["score"] < 1:
                print(f"  {audit['id']}: {audit['title']}")
    return low


def _audits(report: dict[str, Any], categories: tuple[str, ...]) -> set[str]:
    return {
        ref["id"]
        for name in categories
        for ref in report["categories"][name]["auditRefs"]
        if ref["weight"]
    }


def _report(address: str, chromium: str) -> dict[str, Any]:
    done = subprocess.run(
        [
            str(HERE / "node_modules/.bin/lighthouse"),
            address,
            "--output=json",
            "--quiet",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
            f"--only-categories={','.join(CATEGORIES)}",
        ],
        env=os.environ | {"CHROME_PATH": chromium},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def first_visits(browser: Browser, url: str, runs: int) -> None:
    """Print weight and times of a first visit over a slow network on a slow telephone."""
    print("\nFirst visit, slow telephone".ljust(35), *(x.rjust(12) for x in HEAD))
    for path in ("/", "/map"):
        seen = [_first_visit(browser, f"{url}{path}?lang=ko") for _ in range(runs)]
        *times, longest = zip(*seen, strict=True)
        weight, paint, drawn = (statistics.median(each) for each in times)
        visit = f"{weight / 1000:9.0f} kB {paint:9.0f} ms {drawn:9.0f} ms"
        print(path.ljust(34), visit, f"{max(longest):9.0f} ms")


HEAD = ("weight", "first paint", "map drawn", "longest task")


def _first_visit(browser: Browser, address: str) -> tuple[int, float, float, float]:
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, service_workers="block")
    page = context.new_page()
    page.add_init_script(DRAWN + LONGEST)
    protocol = context.new_cdp_session(page)
    bytes_ = []
    protocol.on("Network.loadingFinished", lambda done: bytes_.append(done["encodedDataLength"]))
    protocol.send("Network.enable")
    protocol.send("Network.emulateNetworkConditions", SLOW_NETWORK)
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="networkidle")
    page.wait_for_function("window.drawn")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    page.wait_for_timeout(AFTER_MS)
    drawn, longest = page.evaluate("[window.drawn, window.longest]")
    context.close()
    return sum(bytes_), paint, drawn, longest


def panning(browser: Browser, url: str) -> None:
    """Print the longest task while a map with every shop is panned on a slow telephone."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, service_workers="block")
    page = context.new_page()
    page.goto(f"{url}/map?lang=ko")
    page.evaluate("map_main.addLayer(maenballo.shopsGroup)")
    page.wait_for_selector(".cluster")
    page.wait_for_timeout(1500)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    for zoom in (13, 15, 17):
        page.evaluate(f"map_main.setZoom({zoom}, {{ animate: false }})")
        page.wait_for_timeout(1500)
        page.evaluate(LONGEST)
        for step in ((140, 60), (-160, -40), (60, 150), (-40, -170)):
            page.mouse.move(195, 400)
            page.mouse.down()
            page.mouse.move(195 + step[0], 400 + step[1], steps=25)
            page.mouse.up()
            page.wait_for_timeout(400)
        shown = page.locator(".shop, .cluster").count()
        longest = page.evaluate("window.longest")
        print(f"panning with shops, zoom {zoom}".ljust(34), f"{longest:9.0f} ms, {shown} marks")
    context.close()


if __name__ == "__main__":
    main()
