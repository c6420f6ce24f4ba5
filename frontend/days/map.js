// Writes the states of a day into the data of a map that was drawn without them.

import { findState, writeDay } from "./table.js";

/** @typedef {import("./table.js").DayTable} DayTable */

/**
 * Write the states of a day into trails.
 * @param {Feature[]} features
 * @param {DayTable} table
 * @param {string} day
 */
export function fillInStates(features, table, day) {
  for (const feature of features) {
    const { state, kind, long } = findState(table, feature.id, day);
    Object.assign(feature.properties, { state: state, stateKind: kind, stateText: long });
  }
}

/**
 * Write the states of a day into the trails that are on the map already.
 * @param {DayTable} table
 * @param {string} day
 */
export function refillMap(table, day) {
  if (!window.maenballo) return;
  for (const { options, byId } of Object.values(window.maenballo.layers)) {
    if (options.role === "trails") fillInStates(Object.values(byId).map(({ feature }) => feature), table, day);
  }
}

/**
 * Return a legend with the states of a day in place of others.
 * @param {LegendEntry[]} entries
 * @param {DayTable} table
 * @param {string} day
 * @returns {LegendEntry[]}
 */
export function updateLegend(entries, table, day) {
  /** @param {LegendEntry} entry */
  const isState = (entry) => entry.className.startsWith("pin pin-");
  if (!entries.some(isState)) return entries;
  const { icon, onIcon } = /** @type {LegendEntry} */ (entries.find(isState));
  const states = new Set(Object.keys(table.trails).map((id) => /** @type {string} */ (findState(table, id, day).state)));
  const dayWords = writeDay(day, table.locale);
  const stateEntries = Object.entries(table.legend)
    .filter(([state]) => states.has(state))
    .map(([state, text]) => ({ className: "pin pin-" + state, kind: "trail", text: text.replace("{day}", dayWords), icon: icon, onIcon: onIcon }));
  return [...stateEntries, ...entries.filter((entry) => !isState(entry))];
}
