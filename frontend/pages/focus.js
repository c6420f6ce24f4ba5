// Brings the map of a page to the one feature that the page is about.

import { createElement, paintIcon } from "../dom.js";

const HANDLERS = /** @type {const} */ (["dragging", "scrollWheelZoom", "doubleClickZoom", "touchZoom", "boxZoom", "keyboard"]);

/** @type {HTMLElement | null} */
const box = document.querySelector("[data-focus-layer]");
showPictograms();
if (window.map_main && box) focusMap(window.map_main, box.dataset);

/** Draw the pictures that facilities have on the map beside what stands along the trail. */
function showPictograms() {
  /** @type {NodeListOf<HTMLElement>} */
  const items = document.querySelectorAll("li[data-kind]");
  const facilities = Object.values(window.maenballo.layers).find(({ options }) => options.role === "facilities");
  for (const item of items) {
    const { kind = "" } = item.dataset;
    const picture = paintIcon(createElement("span", "kind facility-" + kind), facilities ? facilities.options : {});
    picture.append(window.maenballo.pictogram(kind));
    const distance = item.querySelector(".step-distance");
    if (distance) distance.after(picture);
    else item.prepend(picture);
  }
}

/**
 * Bring a map to its feature, and let the page scroll.
 * @param {L.Map} map
 * @param {DOMStringMap} dataset the layer and the id, and whether the map is for paper
 */
function focusMap(map, { focusLayer = "", focusId = "", still }) {
  const focus = () => window.maenballo.focusOn(focusLayer, focusId);
  focus();
  if (still) {
    // On paper, as large as it is printed.
    addEventListener("beforeprint", focus);
    for (const name of HANDLERS) map[name]?.disable(); // touchZoom is there on telephones alone
    return;
  }
  window.maenballo.letPageScroll();
  let width = innerWidth;
  addEventListener("resize", function () {
    // A telephone that is turned; one whose bars come and go keeps its width, and the map its view.
    if (innerWidth === width) return;
    width = innerWidth;
    focus();
  });
}
