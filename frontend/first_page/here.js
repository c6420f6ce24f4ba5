// What lies at a place, as `City.locate` says it, and where one applies for what.

import { createElement } from "../dom.js";
import { findContaining } from "../geo/containment.js";
import { findNearest } from "../geo/nearest.js";
import { fillIn } from "../text/numbers.js";
import { answerTexts, describeWay, listFeatures, writeDistance } from "./context.js";
import { createPageLink } from "./lists.js";

/** @typedef {[label: string, value: string | HTMLElement]} Row */

/**
 * Describe a place: its districts, how near their border is, its neighbourhood and the services there.
 * @param {number} lon
 * @param {number} lat
 */
export function describePlace(lon, lat) {
  const list = createElement("dl", "rows");
  for (const [label, value] of [...describeDistricts(lon, lat), ...describeNeighborhood(lon, lat)]) {
    const row = createElement("div");
    row.append(createElement("dt", "", label), value instanceof Node ? value : createElement("dd", "", value));
    list.append(row);
  }
  return list;
}

/**
 * Describe the districts at a place, or the nearest one.
 * @param {number} lon
 * @param {number} lat
 * @returns {Row[]}
 */
function describeDistricts(lon, lat) {
  const districts = listFeatures("districts");
  /** @type {Row[]} */
  const rows = findContaining(lon, lat, districts).map(({ id, properties }) => [
    answerTexts.district,
    createLinkCell("districts", id, properties.name),
  ]);
  const [nearest] = findNearest(lon, lat, districts, 1);
  if (!nearest) return rows;
  if (!rows.length) {
    const sentence = fillIn(answerTexts.none, { name: nearest.feature.properties.name, ...describeWay(nearest) });
    rows.push([answerTexts.district, sentence]);
  }
  // So near to the border a telephone's position does not tell the side.
  if (nearest.distance_m <= Number(answerTexts.borderM)) {
    rows.push(["", fillIn(answerTexts.border, { distance: writeDistance(nearest.distance_m) })]);
  }
  return rows;
}

/**
 * Describe the neighbourhood of a place, and its services.
 * @param {number} lon
 * @param {number} lat
 * @returns {Row[]}
 */
function describeNeighborhood(lon, lat) {
  const [area] = findContaining(lon, lat, listFeatures("neighborhoods"));
  if (!area) return [[answerTexts.area, answerTexts.outside]];
  const { name, rows = [] } = area.properties;
  const services = listFeatures("services").filter(({ properties }) => properties.place === name);
  return [
    [answerTexts.area, createLinkCell("neighborhoods", area.id, name)],
    ...rows,
    ...services.map(({ properties }) => /** @type {Row} */ ([properties.name, properties.rows?.[0]?.[1] || ""])),
  ];
}

/**
 * Create a cell with a link to a feature's page.
 * @param {string} role
 * @param {string} id
 * @param {string} name
 */
function createLinkCell(role, id, name) {
  const cell = createElement("dd");
  cell.append(createPageLink(role, id, name));
  return cell;
}
