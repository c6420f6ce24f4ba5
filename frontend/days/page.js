// Writes what holds today into a page that was written on another day.

import { createElement } from "../dom.js";
import { formatCount } from "../text/numbers.js";
import { findOffers, findState, isCovered, writeDay, writeLate } from "./table.js";

/** @typedef {import("./table.js").DayTable} DayTable */

/**
 * Write states, counts, offers and the day.
 * @param {DayTable} table
 * @param {string} today
 */
export function writePage(table, today) {
  forEach("[data-state-of]", (mark) => writeState(mark, table, today));
  forEach("[data-counts]", (lead) => writeCounts(lead, table, today));
  forEach("[data-offers]", (box) => box.replaceChildren(createOffers(table, today)));
  const day = isCovered(table, today) ? table.words.status.replace("{day}", writeDay(today, table.lang)) + " ·" : "";
  forEach("[data-day]", (place) => (place.textContent = day));
}

/**
 * Do something with each element that fits a selector.
 * @param {string} selector
 * @param {(element: HTMLElement) => void} act
 */
function forEach(selector, act) {
  /** @type {NodeListOf<HTMLElement>} */
  const elements = document.querySelectorAll(selector);
  elements.forEach(act);
}

/**
 * Write a trail's state into its mark, and into the entry of a list in which it stands.
 * @param {HTMLElement} mark
 * @param {DayTable} table
 * @param {string} today
 */
function writeState(mark, table, today) {
  const { stateOf = "", words, shownFor = "" } = mark.dataset;
  const { state, long, short } = findState(table, stateOf, today);
  mark.textContent = words === "short" ? short : long;
  mark.className = "state " + (state === "closed" ? "shut" : state);
  mark.hidden = Boolean(shownFor) && !shownFor.split(" ").includes(state);
  /** @type {HTMLElement | null} */
  const item = mark.closest("[data-state]");
  if (!item) return;
  item.dataset.state = state;
  if (item.dataset.words) item.dataset.words += " " + long.toLowerCase();
}

/**
 * Write how many trails are open, and of how many one does not know.
 * @param {HTMLElement} lead
 * @param {DayTable} table
 * @param {string} today
 */
function writeCounts(lead, table, today) {
  if (!isCovered(table, today)) return;
  const states = Object.keys(table.trails).map((id) => findState(table, id, today).state);
  /** @param {State} wanted */
  const count = (wanted) => states.filter((state) => state === wanted).length;
  const { counts = "", uncertain = "" } = lead.dataset;
  lead.textContent = counts.replace("{open}", formatCount(count("open"), table.lang));
  if (!count("unknown")) return;
  const text = uncertain.replace("{count}", formatCount(count("unknown"), table.lang));
  lead.append(" ", createElement("span", "state unknown", text));
}

/**
 * Create the list of today's offers, or a sentence in its place.
 * @param {DayTable} table
 * @param {string} today
 */
function createOffers(table, today) {
  const offers = findOffers(table, today);
  if (!offers) return createElement("p", "", writeLate(table));
  if (!offers.length) return createElement("p", "", table.words.no_offer);
  const list = createElement("ul", "cards");
  for (const [title, rate, facts] of offers) {
    const item = createElement("li", "card-item");
    const figure = createElement("span", "item-figure", rate);
    item.append(createElement("span", "item-name", title), " ", figure, createElement("span", "item-facts", facts));
    list.append(item);
  }
  return list;
}
