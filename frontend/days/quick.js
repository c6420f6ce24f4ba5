// Days that are worth a press: today, tomorrow, Saturday, and the day on which trails open.

import { addDays, countDays, findState, isCovered } from "./table.js";

/** @typedef {import("./table.js").DayTable} DayTable */

/**
 * Find the next day on which trails open that are not open on a day.
 * @param {DayTable} table
 * @param {string} day
 * @returns {{ day: string, count: number } | null} with the number of trails that are open then; null where none is known
 */
export function findOpening(table, day) {
  if (!isCovered(table, day)) return null;
  const ids = Object.keys(table.trails);
  const [first] = ids.map((id) => findState(table, id, day)).map(({ opens }) => opens).filter(Boolean).sort();
  if (!first) return null;
  return { day: first, count: ids.filter((id) => findState(table, id, first).state === "open").length };
}

/**
 * List the days that are offered, each once.
 * @param {DayTable} table
 * @param {string} today
 * @returns {{ day: string, text: string }[]}
 */
export function listQuickDays(table, today) {
  const { words } = table;
  // Day 0 of the calendar of computers was a Thursday, so a Saturday is two days on.
  const saturday = addDays(today, (9 - (countDays("1970-01-01", today) % 7)) % 7);
  const opening = findOpening(table, today);
  const days = [
    { day: today, text: words.today },
    { day: addDays(today, 1), text: words.tomorrow },
    { day: saturday, text: words.saturday },
    ...(opening ? [{ day: opening.day, text: words.opening }] : []),
  ];
  const isFirst = (/** @type {{ day: string }} */ { day }, /** @type {number} */ i) =>
    days.findIndex((each) => each.day === day) === i;
  return days.filter(isFirst);
}

/**
 * Find the day until which most of the open trails are open, if it is near and they close for the season.
 * @param {DayTable} table
 * @param {string} day
 * @returns {{ day: string, isOfAll: boolean } | null}
 */
export function findSeasonEnd(table, day) {
  if (!isCovered(table, day)) return null;
  const open = Object.keys(table.trails).map((id) => ({ id, state: findState(table, id, day) }))
    .filter(({ state }) => state.state === "open");
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { id, state: { until } } of open) {
    if (!until || countDays(day, until) >= table.left.length) continue;
    const { why } = findState(table, id, addDays(until, 1));
    if (why === table.words.season) counts.set(until, (counts.get(until) || 0) + 1);
  }
  const [end] = [...counts].sort(([, one], [, other]) => other - one);
  if (!end || end[1] * 2 <= open.length) return null;
  return { day: end[0], isOfAll: end[1] === open.length };
}
