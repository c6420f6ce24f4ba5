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
  const layer = window.maenballo.layers[focusLayer];
  const entry = layer && layer.byId[focusId];
  if (!entry) return;
  if (!map.hasLayer(layer.group)) map.addLayer(layer.group);
  fitFeature(map, entry);
  highlightFeature(layer, focusId);
  if (still) {
    // On paper, as large as it is printed.
    addEventListener("beforeprint", () => fitFeature(map, entry));
    for (const name of HANDLERS) map[name]?.disable(); // touchZoom is there on telephones alone
  } else {
    letPageScroll(map);
  }
}

/**
 * Show a feature as large as the map can.
 * @param {L.Map} map
 * @param {DrawnFeature} entry
 */
function fitFeature(map, { drawn, at }) {
  map.invalidateSize({ animate: false });
  if (drawn && drawn.getBounds) {
    map.fitBounds(drawn.getBounds(), { maxZoom: 18, padding: [36, 36], animate: false });
  } else if (at) {
    map.setView(window.maenballo.toLatLng(at), 17, { animate: false });
  }
}

/**
 * Let one feature stand out, while the others of its layer step back.
 * @param {DrawnLayer} layer
 * @param {string} featureId
 */
function highlightFeature({ byId, options }, featureId) {
  const { fillOpacity, weight } = options;
  for (const [id, { drawn }] of Object.entries(byId)) {
    if (!drawn || !drawn.setStyle) continue;
    if (id !== featureId) drawn.setStyle({ opacity: 0.35, fillOpacity: fillOpacity ? fillOpacity / 2 : 0 });
    else drawn.setStyle({ weight: weight + 1.5, fillOpacity: fillOpacity ? fillOpacity + 0.15 : 0 }).bringToFront();
  }
}

/**
 * Keep a map from catching the finger or the wheel that passes over it.
 * @param {L.Map} map
 */
function letPageScroll(map) {
  map.scrollWheelZoom.disable();
  map.on("focus", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  if (matchMedia("(pointer: coarse)").matches) {
    map.dragging.disable();
    map.getContainer().classList.add("one-finger-scrolls");
  }
}
