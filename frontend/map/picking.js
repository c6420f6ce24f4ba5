// What happens when something on the map is pressed: the page hears of it, else a card or a page is opened.

import { findContaining } from "../geo/containment.js";
import { listLinesOnScreen, listTrails } from "../marks/scene.js";
import { getPageAddress } from "./addresses.js";
import { getPlanning, layers } from "./state.js";
import { surroundings } from "./view.js";

const FINGER = 24; // pixels around what is pressed, in which a trail is meant
const FIRST_ZOOM_OF_DISTRICTS = 14;

/**
 * Say that a feature was pressed. Unless somebody does something else, its card is shown where the map has
 * cards, and else its page.
 * @param {PickedFeature} pick
 * @param {L.LatLng} [at]
 */
export function pickFeature(pick, at) {
  const event = new CustomEvent("maenballo:pick", { detail: pick, cancelable: true, bubbles: true });
  if (!document.dispatchEvent(event)) return;
  const planning = getPlanning();
  if (planning) {
    planning.openCard(pick.layer, pick.id, at);
    return;
  }
  const layer = layers[pick.layer];
  const { focus } = surroundings;
  if (!layer || !layer.options.hasPages || !document.body.dataset.lang) return;
  if (focus && focus.layer === pick.layer && focus.id === pick.id) return;
  window.open(getPageAddress(pick.role, pick.id), "_top"); // also out of another site's frame
}

/**
 * Hear what is pressed beside the pins: the nearest trail within a finger, else the area below it.
 * @param {L.Map} map
 */
export function listenToGround(map) {
  // The click that ends a drag means nothing. Leaflet finds that out only after it has read every property of the event,
  // some of which make the browser lay out the page at once.
  map.getContainer().addEventListener("click", function (event) {
    const isOfMap = !(/** @type {Element} */ (event.target).closest(".leaflet-control-container"));
    const { dragging } = /** @type {{ dragging?: { moved(): boolean } }} */ (/** @type {unknown} */ (map));
    if (isOfMap && dragging?.moved()) event.stopPropagation();
  }, true);
  map.on("click", function ({ containerPoint, latlng }) {
    const { lat, lng: lon } = latlng.wrap();
    const pick = findTrail(map, containerPoint) || findArea(map, lon, lat);
    if (pick) pickFeature(pick, latlng);
    else document.dispatchEvent(new CustomEvent("maenballo:ground", { detail: { lat, lon } }));
  });
}

/**
 * Find the trail that was pressed: the nearest within a finger's width.
 * @param {L.Map} map
 * @param {L.Point} point
 * @returns {PickedFeature | null}
 */
function findTrail(map, point) {
  if (isAboutAreas(map)) return null;
  let least = FINGER;
  let pick = null;
  for (const { feature, drawn, options, point: start } of listTrails(map)) {
    for (const line of [[start], ...listLinesOnScreen(map, drawn)]) {
      for (let i = 0; i < line.length; i++) {
        const distance = L.LineUtil.pointToSegmentDistance(point, line[Math.max(0, i - 1)], line[i]);
        if (distance >= least) continue;
        least = distance;
        pick = { role: "trails", layer: options.id, id: feature.id };
      }
    }
  }
  return pick;
}

/**
 * Find the area that was pressed: a district from near, else what the map is about.
 * @param {L.Map} map
 * @param {number} lon
 * @param {number} lat
 * @returns {PickedFeature | null}
 */
function findArea(map, lon, lat) {
  const roles = map.getZoom() >= FIRST_ZOOM_OF_DISTRICTS ? ["districts"] : [];
  if (isAboutAreas(map)) roles.push("neighborhoods");
  for (const role of roles) {
    for (const { byId, group, options } of Object.values(layers)) {
      if (options.role !== role || !map.hasLayer(group)) continue;
      const [area] = findContaining(lon, lat, Object.values(byId).map(({ feature }) => feature));
      if (area) return { role: role, layer: options.id, id: area.id };
    }
  }
  return null;
}

/**
 * Check whether a map is about its neighbourhoods: they have the colours of a measure.
 * @param {L.Map} map
 */
function isAboutAreas(map) {
  return map.getContainer().classList.contains("is-about-areas");
}
