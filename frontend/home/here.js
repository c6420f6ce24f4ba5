// What lies at a place that was asked about, as `City.locate` says it: its neighbourhood and its districts.

import { createElement } from "../dom.js";
import { findContaining } from "../geo/containment.js";
import { findNearest } from "../geo/nearest.js";
import { fillIn, formatDistance } from "../text/numbers.js";
import { markKorean } from "../text/scripts.js";
import { texts } from "./context.js";
import { state } from "./state.js";
import { ROUGH_M } from "./ways.js";

/**
 * List the features of a role on the map.
 * @param {string} role
 * @returns {Feature[]}
 */
export function listFeatures(role) {
  const layers = Object.values(window.maenballo?.layers || {}).filter(({ options }) => options.role === role);
  return layers.flatMap(({ byId }) => Object.values(byId).map(({ feature }) => feature));
}

/** Show what lies at the place, where it is a point: a neighbourhood that was chosen says it already. */
export function showHere() {
  const box = document.getElementById("here");
  if (!box) return;
  const { start } = state;
  const isPoint = start !== null && start.words !== texts.startWords && !start.area && start.accuracy_m <= ROUGH_M;
  box.hidden = !isPoint;
  if (isPoint) box.querySelector("dl")?.replaceChildren(...createRows(start.lon, start.lat));
}

/**
 * Create the rows of a place.
 * @param {number} lon
 * @param {number} lat
 */
function createRows(lon, lat) {
  const areas = listFeatures("neighborhoods"), districts = listFeatures("districts");
  const rows = areas.length ? [createRow(texts.areasTitle, describeArea(lon, lat, areas))] : [];
  return districts.length ? [...rows, createRow(texts.districtsTitle, describeDistricts(lon, lat, districts))] : rows;
}

/**
 * Create a row with its label.
 * @param {string} label
 * @param {(Node | string)[]} parts
 */
function createRow(label, parts) {
  const row = createElement("div"), value = createElement("dd");
  value.append(...parts);
  row.append(createElement("dt", "", label), value);
  return row;
}

/**
 * Describe the neighbourhood of a place.
 * @param {number} lon
 * @param {number} lat
 * @param {Feature[]} areas
 */
function describeArea(lon, lat, areas) {
  const [area] = findContaining(lon, lat, areas);
  return area ? [createLink("neighborhoods", area)] : [texts.outside];
}

/**
 * Describe the districts at a place: those that it lies in, or that it lies in none and which is the nearest.
 * @param {number} lon
 * @param {number} lat
 * @param {Feature[]} districts
 */
function describeDistricts(lon, lat, districts) {
  const inside = findContaining(lon, lat, districts);
  const [nearest] = findNearest(lon, lat, districts, 1);
  const distance = nearest ? formatDistance(nearest.distance_m, texts.lang) : "";
  /** @type {(Node | string)[]} */
  const parts = inside.flatMap((district) => [createLink("districts", district), " "]);
  if (!inside.length) {
    parts.push(texts.inNone);
    if (nearest) parts.push(" ", createLink("districts", nearest.feature), ` ${distance}`);
  }
  // So near to the border a telephone's position does not tell the side.
  if (nearest && nearest.distance_m <= Number(texts.borderM)) parts.push(" ", fillIn(texts.border, { distance: distance }));
  return parts;
}

/**
 * Create a link to a feature's page.
 * @param {string} role
 * @param {Feature} feature
 */
function createLink(role, { id, properties }) {
  const link = markKorean(createElement("a", "", properties.name));
  link.href = window.maenballo.addressOf(role, id);
  return link;
}
