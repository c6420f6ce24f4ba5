// Writes what holds today into the data of a map that was drawn on another day.

import { findState } from "./table.js";

/** @typedef {import("./table.js").DayTable} DayTable */

/**
 * Write today's states into trails.
 * @param {Feature[]} features
 * @param {DayTable} table
 * @param {string} today
 */
export function fillInStates(features, table, today) {
  for (const feature of features) {
    const { state, long } = findState(table, feature.id, today);
    Object.assign(feature.properties, { state: state, stateText: long });
  }
}

/**
 * Return a legend with the states of today in place of others.
 * @param {LegendEntry[]} entries
 * @param {DayTable} table
 * @param {string} today
 * @returns {LegendEntry[]}
 */
export function updateLegend(entries, table, today) {
  /** @param {LegendEntry} entry */
  const isState = (entry) => entry.className.startsWith("pin pin-");
  if (!entries.some(isState)) return entries;
  const { icon, onIcon } = /** @type {LegendEntry} */ (entries.find(isState));
  const states = new Set(Object.keys(table.trails).map((id) => /** @type {string} */ (findState(table, id, today).state)));
  const stateEntries = Object.entries(table.legend)
    .filter(([state]) => states.has(state))
    .map(([state, text]) => ({ className: "pin pin-" + state, kind: "trail", text: text, icon: icon, onIcon: onIcon }));
  return [...stateEntries, ...entries.filter((entry) => !isState(entry))];
}
