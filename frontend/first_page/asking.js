// From which place somebody asks: the telephone's position, a neighbourhood, a tap, or an address.

import { getElement } from "../dom.js";
import { findNearest } from "../geo/nearest.js";
import { answerFrom } from "./answer.js";
import { listTrails, map, texts } from "./context.js";
import { showFeature } from "./lists.js";

const FARTHEST_M = 30000; // from farther away nobody walks to a trail of this city
const POSITION_OPTIONS = { enableHighAccuracy: true, timeout: 12000, maximumAge: 30000 };

/** Let people ask from their position, from a neighbourhood and by a tap on the map. */
export function offerAsking() {
  const button = getElement("near-me");
  button.hidden = false;
  getElement("near-privacy").hidden = false;
  getElement("near-pick").hidden = false;
  button.addEventListener("click", askFromPosition);
  const areas = /** @type {HTMLSelectElement | null} */ (document.getElementById("near-from"));
  if (areas) areas.addEventListener("change", () => askFromArea(areas));
  offerTapping();
}

/** Ask from where the telephone is; its position stays on it. */
function askFromPosition() {
  if (!navigator.geolocation) return explainFailure(texts.refused);
  getElement("near-status").textContent = texts.searching;
  navigator.geolocation.getCurrentPosition(
    function ({ coords }) {
      if (isNearCity(coords.longitude, coords.latitude)) answerFrom(coords.longitude, coords.latitude, texts.found);
      else explainFailure(texts.far);
    },
    () => explainFailure(texts.refused),
    POSITION_OPTIONS,
  );
}

/**
 * Ask from a neighbourhood that was chosen.
 * @param {HTMLSelectElement} areas
 */
function askFromArea(areas) {
  if (!areas.value) return;
  const [lon, lat] = areas.value.split(",").map(Number);
  answerFrom(lon, lat, texts.from + " " + areas.selectedOptions[0].textContent);
}

/** Let a tap on the map ask for that place, while another place is wanted. */
function offerTapping() {
  if (!map) return;
  const container = map.getContainer();
  const pick = /** @type {HTMLDetailsElement} */ (getElement("near-pick"));
  pick.addEventListener("toggle", () => container.classList.toggle("picking", pick.open));
  map.on("click", function ({ latlng }) {
    if (container.classList.contains("picking")) answerFrom(latlng.lng, latlng.lat, texts.picked);
  });
}

/**
 * Check whether a trail is within reach of a place.
 * @param {number} lon
 * @param {number} lat
 */
function isNearCity(lon, lat) {
  const [nearest] = findNearest(lon, lat, listTrails(), 1);
  return nearest !== undefined && nearest.distance_m < FARTHEST_M;
}

/**
 * Say why there is no answer, and offer other ways to ask.
 * @param {string} message
 */
function explainFailure(message) {
  getElement("near-status").textContent = message;
  /** @type {HTMLDetailsElement} */ (getElement("near-pick")).open = true;
}

/** Follow an address that names a feature (#trails/ID) or a place (#at=126.85000,35.14000). */
export function followAddress() {
  const target = decodeURIComponent(location.hash.slice(1));
  const place = target.match(/^at=(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)$/);
  if (place && map && listTrails().length) return answerFrom(Number(place[1]), Number(place[2]), texts.picked);
  const [layerId, featureId] = target.split("/");
  if (featureId !== undefined) showFeature(layerId, featureId);
}
