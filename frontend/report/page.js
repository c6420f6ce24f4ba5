// Puts the maps of a report together from what they share: those in view first, then the rest,
// one after the other, so that all are there when the report is printed.
"use strict";

(function () {
  const { pieces, pages } = JSON.parse(document.getElementById("maps").textContent);
  const frames = [...document.querySelectorAll("iframe[data-map]")];
  const waiting = new Set(frames);

  function draw(frame) {
    if (!waiting.delete(frame)) return Promise.resolve();
    return new Promise(function (resolve) {
      frame.addEventListener("load", resolve, { once: true });
      frame.loading = "eager";
      frame.srcdoc = pages[frame.dataset.map].map((piece) => pieces[piece]).join("\n");
    });
  }

  async function drawAll() {
    for (const frame of frames) await draw(frame);
    document.documentElement.dataset.maps = "drawn";
  }

  if (location.hash === "#print") {
    // A browser that prints by itself (printing.py) waits for the frames that are there before the
    // page is, and lets frames of another origin rest while they are out of sight.
    frames.forEach((frame) => frame.sandbox.add("allow-same-origin"));
    frames.forEach(draw);
  } else {
    const near = new IntersectionObserver(
      (seen) => seen.filter((each) => each.isIntersecting).forEach((each) => draw(each.target)),
      { rootMargin: "400px" },
    );
    frames.forEach((frame) => near.observe(frame));
    addEventListener("load", drawAll);
  }

  // What is too wide for paper is made smaller as a whole, or the browser would shrink every page.
  const PAPER = 680; // CSS pixels between the margins of A4
  const FINER = 0.8; // letters of a table on paper, against those on the screen
  const HALF = 325; // a column: a long table that (nearly) fits into it is printed in two
  const SHRUNK = 0.85; // and so much smaller at most
  const MAP = 500; // wide enough for a map: two of them, or one and its text, fill a page

  function fitTable(box) {
    const table = box.querySelector("table");
    box.style.width = "0";
    table.style.minWidth = "0";
    const least = table.offsetWidth * FINER;
    table.style.width = "max-content";
    const most = table.offsetWidth * FINER;
    box.style.width = table.style.width = table.style.minWidth = "";
    const halves = box.classList.contains("long") && SHRUNK * most <= HALF;
    box.classList.toggle("halves", halves);
    table.style.setProperty("--on-paper", Math.min(1, halves ? HALF / most : PAPER / least));
  }

  // A map on paper is the map on the screen: Leaflet has no time to lay it out anew.
  function fitMap(frame) {
    const { width, height } = frame.getBoundingClientRect();
    if (!width) return;
    const scale = MAP / width;
    frame.style.cssText = `width:${width}px;height:${height}px;transform:scale(${scale})`;
    frame.parentElement.style.cssText = `width:${MAP}px;height:${height * scale}px`;
  }

  addEventListener("beforeprint", function () {
    document.querySelectorAll(".scroll").forEach(fitTable);
    frames.forEach(fitMap);
  });
  addEventListener("afterprint", function () {
    for (const frame of frames) {
      frame.removeAttribute("style");
      frame.parentElement.removeAttribute("style");
    }
  });
})();
