// What the parts of the first page share: its map, its texts and the features on the map.

import { formatCount, formatDistance, nameDirection } from "../text/numbers.js";
import { getElement, readTexts } from "../dom.js";

/** The map; a page without trails and districts has none. */
export const map = window.map_main;
export const panel = getElement("panel");
export const texts = readTexts(panel);
/** The box of the answer, and its texts; a city without trails has none. */
export const answerBox = document.getElementById("near-answer");
export const answerTexts = answerBox ? readTexts(answerBox) : {};

/**
 * List the features on the map of all layers with a role, each with the id of its layer.
 * @param {string} role
 * @returns {(Feature & { layer: string })[]}
 */
export function listFeatures(role) {
  return Object.values(window.maenballo.layers)
    .filter(({ options }) => options.role === role)
    .flatMap(({ options, byId }) => Object.values(byId).map(({ feature }) => ({ layer: options.id, ...feature })));
}

/** List the trails on the map. */
export function listTrails() {
  const layer = window.maenballo.layers[texts.trails];
  return layer ? Object.values(layer.byId).map((entry) => entry.feature) : [];
}

/**
 * Write a distance in the language of the page.
 * @param {number} distance_m
 */
export function writeDistance(distance_m) {
  return formatDistance(distance_m, texts.lang);
}

/**
 * Write the way to something near: the words that the sentences of the page take.
 * @param {{ distance_m: number, bearing_deg: number }} near
 */
export function describeWay({ distance_m, bearing_deg }) {
  // The walking speed is that of the server (mapserver/geo/geodesy.py).
  const minutes = distance_m / Number(texts.walkingMPerMin);
  return {
    distance: writeDistance(distance_m),
    direction: nameDirection(bearing_deg, answerTexts.compass.split("|")),
    minutes: formatCount(Math.max(1, minutes), texts.lang),
  };
}
