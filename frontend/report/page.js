// The page of a report: draws its maps, and fits what is wide to the paper.

import { drawAllMaps, drawMap, frames } from "../report_page/maps.js";
import { fitMap, fitTable, restoreMap } from "../report_page/paper.js";

if (location.hash === "#print") {
  // A browser that prints by itself (printing.py) waits for the frames that are there before the
  // page is, and lets frames of another origin rest while they are out of sight.
  frames.forEach((frame) => frame.sandbox.add("allow-same-origin"));
  frames.forEach(drawMap);
} else {
  const observer = new IntersectionObserver(
    (entries) =>
      entries
        .filter((entry) => entry.isIntersecting)
        .forEach((entry) => drawMap(/** @type {HTMLIFrameElement} */ (entry.target))),
    { rootMargin: "400px" },
  );
  frames.forEach((frame) => observer.observe(frame));
  addEventListener("load", drawAllMaps);
}

addEventListener("beforeprint", function () {
  /** @type {NodeListOf<HTMLElement>} */
  const boxes = document.querySelectorAll(".scroll");
  boxes.forEach(fitTable);
  frames.forEach(fitMap);
});
addEventListener("afterprint", () => frames.forEach(restoreMap));
