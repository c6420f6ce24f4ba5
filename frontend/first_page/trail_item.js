// A trail among the nearest: its entry in the list, and the line to it on the map.

import { WAY } from "../colors.js";
import { createElement } from "../dom.js";
import { findNearest, listLines } from "../geo/nearest.js";
import { fillIn } from "../text/numbers.js";
import { answerTexts, describeWay, listFeatures, texts, writeDistance } from "./context.js";
import { createPageLink } from "./lists.js";

/**
 * Find where one goes to: the nearest marked entrance of a trail, else its nearer end.
 * @param {Feature} trail
 * @param {number} lon
 * @param {number} lat
 */
export function findEntrance(trail, lon, lat) {
  const entrances = listFeatures("facilities").filter(
    ({ properties }) => properties.trail === trail.id && properties.kind === "entrance",
  );
  const ends = listLines(trail.geometry).flatMap((line) => [line[0], line[line.length - 1]]);
  /** @type {{ geometry: GeoJSON.Geometry }[]} */
  const choices = entrances.length ? entrances : ends.map((end) => ({ geometry: { type: "Point", coordinates: end } }));
  const [nearest] = findNearest(lon, lat, choices, 1);
  return window.maenballo.toLatLng([nearest.nearest_lon, nearest.nearest_lat]);
}

/**
 * Draw the straight line from a place to a trail.
 * @param {L.LatLng} from
 * @param {L.LatLng} to
 * @param {boolean} isFirst the nearest one is drawn strongly
 */
export function drawWay(from, to, isFirst) {
  return L.polyline([from, to], {
    color: WAY,
    weight: isFirst ? 3.5 : 2,
    opacity: isFirst ? 1 : 0.6,
    dashArray: "4 8",
    interactive: false,
  });
}

/**
 * Create the entry of a trail in the list of the nearest.
 * @param {Nearest<Feature>} near
 * @param {number} number from 1
 */
export function createTrailItem(near, number) {
  const { id, properties } = near.feature;
  const button = createElement("button", "item-button");
  button.type = "button";
  button.dataset.layer = texts.trails;
  button.dataset.id = id;
  button.append(
    createElement("span", "item-name", number + ". " + properties.name),
    createElement("span", "item-figure", writeDistance(near.distance_m)),
    createFacts(near),
  );
  const link = createPageLink("trails", id, answerTexts.more);
  link.className = "near-more";
  link.setAttribute("aria-label", properties.name + ": " + answerTexts.more);
  const item = createElement("li", "near-item");
  item.append(button, link);
  return item;
}

/**
 * Create the line below a trail's name: the way, the neighbourhood, the figures, and a state that is not open.
 * @param {Nearest<Feature>} near
 */
function createFacts(near) {
  const { place, figure, facts = [], state = "unknown", stateText } = near.feature.properties;
  const words = [fillIn(answerTexts.walk, describeWay(near)), place, figure, ...facts];
  const line = createElement("span", "item-facts", words.filter(Boolean).join(" · "));
  if (state !== "open") {
    line.prepend(createElement("span", "state state-" + state, stateText || answerTexts.unknown), " ");
  }
  return line;
}
