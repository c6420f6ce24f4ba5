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
    // A browser that prints on its own waits for the frames that are there before the page is.
    frames.forEach(draw);
  } else {
    const near = new IntersectionObserver(
      (seen) => seen.filter((each) => each.isIntersecting).forEach((each) => draw(each.target)),
      { rootMargin: "400px" },
    );
    frames.forEach((frame) => near.observe(frame));
    addEventListener("load", drawAll);
  }

  // A map on paper is the map on the screen, made larger or smaller as a whole: Leaflet has no time
  // to lay it out anew.
  const PAPER = 680; // CSS pixels between the margins of A4
  addEventListener("beforeprint", function () {
    document.querySelectorAll("details.code[open]").forEach((each) => each.removeAttribute("open"));
    for (const frame of frames) {
      const { width, height } = frame.getBoundingClientRect();
      if (!width) continue;
      const scale = PAPER / width;
      frame.style.cssText = `width:${width}px;height:${height}px;transform:scale(${scale})`;
      frame.parentElement.style.height = `${height * scale}px`;
    }
  });
  addEventListener("afterprint", function () {
    for (const frame of frames) {
      frame.removeAttribute("style");
      frame.parentElement.removeAttribute("style");
    }
  });
})();
