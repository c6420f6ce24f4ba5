"""Measure how long the map takes to place its marks, and the longest task while it is panned.

    python benchmarks/map_pass.py [CITY]

A page in another site with all shops and every layer is panned at five zooms, with the processor
slowed down four times, as telephones are. The times are those of Chromium's own clock.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browsing import CHROMIUM, PHONE, serving  # noqa: E402 -- after the path to them

SLOWER = 4
ZOOMS = (12, 13.5, 15, 16, 17)

MEASURE = """async zooms => {
  const tasks = [];
  new PerformanceObserver(list => tasks.push(...list.getEntries().map(entry => entry.duration)))
    .observe({ type: "longtask", buffered: false });
  const frame = () => new Promise(done => requestAnimationFrame(done));
  const rows = [];
  for (const zoom of zooms) {
    map_main.setView([35.127, 126.865], zoom, { animate: false });
    await new Promise(done => setTimeout(done, 1500));
    tasks.length = 0;
    for (let i = 0; i < 12; i++) {
      map_main.panBy([i % 2 ? -90 : 120, 40 - 8 * i], { animate: false });
      await frame(); await frame(); await frame();
    }
    await new Promise(done => setTimeout(done, 300));
    const start = performance.now();
    for (let i = 0; i < 5; i++) { maenballo.setView({}); await frame(); }
    rows.push([zoom, Math.max(0, ...tasks), (performance.now() - start) / 5,
      document.querySelectorAll(".pin-box").length, document.querySelectorAll(".name").length]);
  }
  return rows;
}"""


def measure_passes(city: Path) -> None:
    """Print a line for each zoom."""
    with serving(city) as url, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM)
        page = browser.new_page(viewport=PHONE, device_scale_factor=2)
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        layers = "neighborhoods,districts,trails,facilities,shops"
        page.goto(f"{url}/map?layers={layers}")
        page.wait_for_selector(".cluster", timeout=60_000)
        print("zoom  longest task  a pass with its frame  pins  names")
        for zoom, task_ms, pass_ms, pins, names in page.evaluate(MEASURE, list(ZOOMS)):
            print(f"{zoom:4}  {task_ms:9.0f} ms  {pass_ms:18.1f} ms  {pins:4}  {names:5}")
        browser.close()


if __name__ == "__main__":
    measure_passes(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
