// What a visitor of the first page has chosen: a place, chips, a trail. List and map are drawn from it in one pass.

import { texts } from "./context.js";

/**
 * A place from which ways are measured.
 * @typedef {object} Start
 * @property {number} lon
 * @property {number} lat
 * @property {string} words that name it
 * @property {string} area id of a neighbourhood; empty for any other place
 * @property {boolean} isOwn whether it is where the visitor is
 * @property {number} accuracy_m how far off it may be; 0 for a place of the city
 */

/** @type {{ start: Start | null, chips: Set<string>, chosen: string | null }} */
export const state = { start: readStart(), chips: new Set(), chosen: null };

/** Read the place from which the server has counted; null where no trail has a place. */
export function readStart() {
  const { lon, lat, startWords = "", startArea = "" } = texts;
  if (!lon) return null;
  return { lon: Number(lon), lat: Number(lat), words: startWords, area: startArea, isOwn: false, accuracy_m: 0 };
}

/** @type {((change: Change) => void)[]} */
const listeners = [];

/**
 * @typedef {object} Change
 * @property {boolean} [moves] whether the map moves to what is shown; it does unless this is false
 * @property {boolean} [inTurn] whether lists, sheet and map are drawn one after the other, while the page still loads:
 *   all at once would keep a finger waiting
 */

/**
 * Listen to changes of the state.
 * @param {(change: Change) => void} listener
 */
export function onChange(listener) {
  listeners.push(listener);
}

/**
 * Change the state, and let all who listen draw it.
 * @param {Partial<typeof state>} values
 * @param {Change} [change]
 */
export function changeState(values, change = {}) {
  Object.assign(state, values);
  for (const listener of listeners) listener(change);
}
