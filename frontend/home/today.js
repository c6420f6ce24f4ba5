// The day of the first page: what its trails' states are, as the lists take them.

import { findTrail } from "./trails.js";

/**
 * @typedef {object} DayState
 * @property {State} state
 * @property {string} kind how it is drawn: open, last, cond, shut, planned or unknown
 * @property {string} short
 * @property {string} opens the first day on which it is open again; empty where that is not known
 * @property {string} more what a chosen trail says beside its state: why it is closed, until when
 */

/** @type {Record<string, State>} */
const STATES = { open: "open", last: "open", cond: "open", shut: "closed", planned: "planned" };

/**
 * Return the state of a trail on the day of the page.
 * @param {string} id
 * @returns {DayState}
 */
export function findDayState(id) {
  const mark = findTrail(id)?.card.querySelector(".state");
  const kind = Array.from(mark?.classList || []).find((name) => name !== "state") || "unknown";
  return { state: STATES[kind] || "unknown", kind: kind, short: mark?.textContent?.trim() || "", opens: "", more: "" };
}

export const isToday = () => true;
export const getDay = () => "";
/**
 * @param {string} day
 * @param {boolean} [isLong]
 */
export const writeDayOf = (day, isLong) => day + (isLong ? "" : "");
export const offerDay = () => {};
