// The day that the page is about, for scripts of pages: today, or the one that was chosen.
// One script of each page (pages/days.js) holds it; without that script every trail is uncertain.

/** Return the day that the page is about, YYYY-MM-DD; empty where there is no table of days. */
export function getDay() {
  return window.maenballoDays?.getDay() || "";
}

/** Return whether the page is about today. */
export function isToday() {
  return window.maenballoDays?.isToday() ?? true;
}

/** Return the table of days, if it has come. */
export function getTable() {
  return window.maenballoDays?.table || null;
}

/**
 * Have the page be about a day, in its states, its address and its links.
 * @param {string} day YYYY-MM-DD
 */
export function setDay(day) {
  window.maenballoDays?.setDay(day);
}

/**
 * Return the state of a trail on the day that the page is about.
 * @param {string} id
 * @returns {import("./table.js").StateOfDay}
 */
export function getState(id) {
  const unknown = { state: "unknown", kind: "unknown", short: "", follows: "", long: "", until: "", opens: "", why: "", again: "" };
  return window.maenballoDays?.stateOf(id) || /** @type {import("./table.js").StateOfDay} */ (unknown);
}

/**
 * Do something each time when the page has come to be about another day.
 * @param {(day: string) => void} listener
 */
export function onDay(listener) {
  document.addEventListener("maenballo:day", () => listener(getDay()));
}
