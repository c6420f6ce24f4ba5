// The trails of the first page: their cards as the server wrote them, and their lines on the map.

import { getElement } from "../dom.js";
import { texts } from "./context.js";

/**
 * @typedef {object} Trail
 * @property {string} id
 * @property {string} name
 * @property {HTMLElement} item of a list; it is moved and never written anew
 * @property {HTMLAnchorElement} card
 * @property {Set<string>} wishes names of the chips that it fulfils on every day
 * @property {GeoJSON.Geometry | null} geometry null where it is not drawn
 */

/** All trails in the order of the page. */
export const trails = listTrails();
const trailsById = new Map(trails.map((trail) => [trail.id, trail]));

function listTrails() {
  /** @type {NodeListOf<HTMLElement>} */
  const items = getElement("sheet").querySelectorAll(".cards > li[data-id]");
  return Array.from(items, readTrail);
}

/**
 * Read a trail from its entry in the list.
 * @param {HTMLElement} item
 * @returns {Trail}
 */
function readTrail(item) {
  const { id = "", wishes = "", lon, lat } = item.dataset;
  const name = item.querySelector(".name");
  return {
    id: id,
    name: name?.textContent?.trim() || id,
    item: item,
    card: /** @type {HTMLAnchorElement} */ (item.querySelector("a.card")),
    wishes: new Set(wishes.split(" ").filter(Boolean)),
    geometry: findGeometry(id) || (lon ? { type: "Point", coordinates: [Number(lon), Number(lat)] } : null),
  };
}

/**
 * Find the line of a trail on the map; a map that draws too many draws none.
 * @param {string} id
 */
function findGeometry(id) {
  const layer = window.maenballo?.layers[texts.trails];
  return layer && Object.hasOwn(layer.byId, id) ? layer.byId[id].feature.geometry : null;
}

/**
 * Find a trail by its id; undefined for any other text.
 * @param {string | null} id
 */
export function findTrail(id) {
  return id === null ? undefined : trailsById.get(id);
}
