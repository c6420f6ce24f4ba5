// The day of the first page: what frontend/days knows of it, as the lists take it.

import { getDay, getState, getTable, isToday, onDay, setDay } from "../days/day.js";
import { findSeasonEnd } from "../days/quick.js";
import { countDays, getToday, writeDay } from "../days/table.js";
import { getElement } from "../dom.js";
import { changeState, state } from "./state.js";
import { findTrail } from "./trails.js";

export { getDay, isToday };

/** @typedef {import("../days/table.js").StateOfDay} StateOfDay */

/** @type {Record<string, State>} */
const STATES = { open: "open", last: "open", cond: "open", shut: "closed", planned: "planned" };

/**
 * Return the state of a trail on the day of the page. Where the table of days could not be fetched, the page says it.
 * @param {string} id
 * @returns {StateOfDay}
 */
export function findDayState(id) {
  if (getTable()) return getState(id);
  const mark = findTrail(id)?.card.querySelector(".state");
  const [kind] = Object.keys(STATES).filter((name) => mark?.classList.contains(name));
  const short = mark?.textContent?.trim() || "";
  const words = { short: short, follows: "", long: short, until: "", opens: "", why: "", again: "" };
  return { state: STATES[kind] || "unknown", kind: /** @type {StateOfDay["kind"]} */ (kind || "unknown"), ...words };
}

/**
 * Write a day as a sentence has it.
 * @param {string} day YYYY-MM-DD
 * @param {"always" | "never" | "other"} [year] when the year stands there; by default where it is not the present one
 */
export function writeDayOf(day, year = "other") {
  const table = getTable();
  if (!table) return day;
  const years = { always: "", never: day, other: getToday(table) };
  return writeDay(day, table.locale, years[year]);
}

/** Show another day when one is chosen, of a chosen trail its state on it; and let the button of an empty list choose one. */
export function offerDay() {
  onDay(() => changeState({}, { moves: state.chosen === null }));
  const button = getElement("none-day");
  button.addEventListener("click", function () {
    setDay(button.dataset.day || "");
    getElement("title").focus({ preventScroll: true }); // the button has gone
  });
}

/** Announce the end of the season for all trails at once, if it is near. */
export function writeSeasonEnd() {
  const banner = getElement("season-end");
  const table = getTable(), day = getDay();
  const end = table && findSeasonEnd(table, day);
  banner.hidden = !end;
  if (!table || !end) return;
  const sentence = end.isOfAll ? table.words.all_end : table.words.most_end;
  const left = table.left[countDays(day, end.day)];
  getElement("season-words").textContent = sentence.replace("{day}", writeDayOf(end.day)) + (left ? ` ${left}.` : "");
}
