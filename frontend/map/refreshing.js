// Draws the map anew when it has moved, when the page asks for another view, and when the text grows.

import { measureNames } from "../marks/names.js";
import { placeMarks } from "../marks/pass.js";
import { doLater } from "./later.js";
import { getMap, getPlanning, layers } from "./state.js";
import { pickFeature } from "./picking.js";
import { paintTrails } from "./trails.js";
import { view } from "./view.js";

/** From these zooms on the map has a class, by which map.css sets widths. @type {[className: string, zoom: number][]} */
const ZOOM_CLASSES = [["z-town", 13], ["z-mid", 13.5], ["z-near", 15], ["z-close", 16.5], ["z-door", 17.25]];

let isPlanned = false;
/** Whether something has changed since the map was drawn. */
let isDue = false;
let areasFirst = false;
/** Whether a page is about to say what it shows: what would be placed before would be placed for nothing. */
let isAwaited = false;
/** Whether nothing was placed yet. */
let isFirst = true;
const MOST_AWAITED_MS = 1000; // of a page whose script stops short

/**
 * Follow a map from now on.
 * @param {L.Map} map
 * @param {boolean} namesAreasFirst whether names of neighbourhoods go before pins: the map is about them
 */
export function followMap(map, namesAreasFirst) {
  areasFirst = namesAreasFirst;
  map.on("zoomend", () => writeZoom(map));
  map.on("moveend resize", refreshSoon);
  // Tools that move aside are measured once more where they come to rest.
  map.getContainer().addEventListener("transitionend", function ({ target }) {
    if (/** @type {Element} */ (target).matches(".leaflet-bottom")) refreshSoon();
  });
  map.on("layeradd layerremove", function ({ layer }) {
    // Not for each mark that comes into sight.
    if (Object.values(layers).some(({ group }) => group === layer)) refreshSoon();
  });
  new MutationObserver(refreshSoon).observe(document.documentElement, { attributeFilter: ["data-size"] });
  map.whenReady(function () {
    writeZoom(map);
    isDue = true; // but lines are seen before pins and names, unless a page has placed those by then
    doLater(refreshIfDue);
    // Names are measured in letters that may come late.
    doLater(() => document.fonts?.status === "loading" && document.fonts.ready.then(refreshSoon));
  });
  document.addEventListener("maenballo:day", refreshSoon); // frontend/days has written other states
}

/** Draw the map anew before the next picture, however often it is asked for. */
export function refreshSoon() {
  isDue = true;
  if (isPlanned) return;
  isPlanned = true;
  requestAnimationFrame(function () {
    isPlanned = false;
    refreshIfDue();
  });
}

/** Draw the map anew, unless that was done since it was asked for. */
function refreshIfDue() {
  if (isDue && !isAwaited) refreshNow();
}

/** Place no pins and names until the page has said what it shows. */
export function awaitView() {
  isAwaited = true;
  setTimeout(placeAgain, MOST_AWAITED_MS);
}

/** Place pins and names from now on. */
export function placeAgain() {
  if (!isAwaited) return;
  isAwaited = false;
  refreshSoon();
}

/** Draw the map anew, once it has a view. */
export function refreshNow() {
  const map = getMap();
  if (!map || !isLoaded(map)) return;
  isDue = false;
  paintTrails(map);
  const isForPlanners = getPlanning() !== null;
  const hasAllFacilities = isForPlanners || view.hasAllFacilities;
  // Pins are the answer; names come behind their picture, so that no finger waits for both.
  const areNamesLater = isFirst && !isForPlanners && !areasFirst;
  isFirst = false;
  if (areNamesLater) {
    doLater(() => measureNames(map));
    doLater(refreshNow);
  }
  placeMarks(map, { areNamesLater, hasAllFacilities, areasFirst, press: pickFeature, pressGroup: (ids) => window.maenballo.fitTrails?.(ids), areFacilitiesPressed: isForPlanners });
}

/**
 * Write the zoom of a map as classes.
 * @param {L.Map} map
 */
function writeZoom(map) {
  const zoom = map.getZoom();
  for (const [name, first] of ZOOM_CLASSES) map.getContainer().classList.toggle(name, zoom >= first);
}

/**
 * Check whether a map has a view yet; Leaflet has no public way to ask.
 * @param {L.Map} map
 */
function isLoaded(map) {
  return /** @type {{ _loaded?: boolean }} */ (/** @type {unknown} */ (map))._loaded === true;
}
