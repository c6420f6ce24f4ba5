// Writes what holds on a day into a page that was written on another day.

import { createElement } from "../dom.js";
import { createIcon } from "../site/icons.js";
import { formatCount } from "../text/numbers.js";
import { findSeasonEnd } from "./quick.js";
import { countDays, findOffers, findState, isCovered, writeDay, writeLate } from "./table.js";

/** @typedef {import("./table.js").DayTable} DayTable */

/**
 * Write states, counts, offers, the end of the season and the day.
 * @param {DayTable} table
 * @param {string} day
 * @param {string} today
 */
export function writePage(table, day, today) {
  forEach("[data-state-of]", (mark) => writeState(mark, table, day));
  forEach("[data-counts]", (lead) => writeCounts(lead, table, day, today));
  // A city without a table of offers says so on any day.
  if (table.offers.length) forEach("[data-offers]", (box) => box.replaceChildren(createOffers(table, day, day === today)));
  forEach("[data-season-end]", (banner) => writeSeasonEnd(banner, table, day));
  const text = isCovered(table, day) ? table.words.status.replace("{day}", writeDay(day, table.locale)) + " ·" : "";
  forEach("[data-day]", (place) => (place.textContent = text));
}

/**
 * Do something with each element that fits a selector.
 * @param {string} selector
 * @param {(element: HTMLElement) => void} act
 */
export function forEach(selector, act) {
  /** @type {NodeListOf<HTMLElement>} */
  const elements = document.querySelectorAll(selector);
  elements.forEach(act);
}

/**
 * Write a trail's state into its mark, and into the entry of a list in which it stands.
 * @param {HTMLElement} mark with what it says in `data-words`: short, long, follows, again or left; nothing to be but a colour
 * @param {DayTable} table
 * @param {string} day
 */
function writeState(mark, table, day) {
  const { stateOf = "", words = "long", shownFor } = mark.dataset;
  const found = findState(table, stateOf, day);
  const { state, kind, short, long, follows, again, until } = found;
  const left = kind === "last" ? table.left[countDays(day, until)] : "";
  /** @type {Record<string, string>} */
  const texts = { short, card: short, long, follows, again, left };
  if (words in texts) mark.textContent = texts[words];
  if (mark.classList.contains("state")) mark.className = "state " + kind;
  mark.dataset.kind = kind;
  mark.hidden = shownFor === undefined ? words in texts && !texts[words] : !shownFor.split(" ").includes(state);
  /** @type {SVGUseElement | null} */
  const icon = mark.querySelector("use[data-kind-icon]");
  if (icon) icon.setAttribute("href", "#i-" + kind);
  writeItem(mark.closest("[data-state]"), state, kind, long);
}

/**
 * Write a trail's state into the entry of a list.
 * @param {HTMLElement | null} item
 * @param {State} state
 * @param {Kind} kind
 * @param {string} long
 */
function writeItem(item, state, kind, long) {
  if (!item) return;
  Object.assign(item.dataset, { state: state, kind: kind });
  if (item.dataset.words) item.dataset.words += " " + long.toLowerCase();
}

/**
 * Write how many trails are open, and of how many one does not know.
 * @param {HTMLElement} lead
 * @param {DayTable} table
 * @param {string} day
 * @param {string} today
 */
function writeCounts(lead, table, day, today) {
  if (!isCovered(table, day)) return void (lead.textContent = lead.dataset.undated || lead.textContent);
  const states = Object.keys(table.trails).map((id) => findState(table, id, day).state);
  /** @param {State} wanted */
  const count = (wanted) => states.filter((state) => state === wanted).length;
  const { counts = "", countsThen = "", uncertain = "" } = lead.dataset;
  const text = day === today ? counts : countsThen.replace("{day}", writeDay(day, table.locale, today));
  lead.textContent = text.replace("{open}", formatCount(count("open"), table.lang));
  if (!count("unknown")) return;
  const doubt = uncertain.replace("{count}", formatCount(count("unknown"), table.lang));
  lead.append(" ", createElement("span", "state unknown", doubt));
}

/**
 * Write until when the season lasts, if it ends soon.
 * @param {HTMLElement} banner with a place for the text
 * @param {DayTable} table
 * @param {string} day
 */
function writeSeasonEnd(banner, table, day) {
  const end = findSeasonEnd(table, day);
  banner.hidden = !end;
  if (!end) return;
  const text = end.isOfAll ? table.words.all_end : table.words.most_end;
  const left = table.left[countDays(day, end.day)];
  const place = banner.querySelector("[data-season-text]") || banner;
  place.textContent = text.replace("{day}", writeDay(end.day, table.locale, day)) + " " + left + ".";
}

/**
 * Create the list of a day's offers, or a sentence in its place.
 * @param {DayTable} table
 * @param {string} day
 * @param {boolean} isToday
 */
function createOffers(table, day, isToday) {
  const found = findOffers(table, day);
  if (!found) return createElement("p", "", writeLate(table));
  if (!found.offers.length) return createNote(isToday ? table.words.no_offer_today : table.words.no_offer, found.check);
  const list = createElement("ul", "lines");
  for (const [title, rate, facts] of found.offers) {
    const item = createElement("li");
    const words = createElement("span");
    words.append(createElement("bdi", "", title), createElement("small", "", facts));
    item.append(createIcon("bill"), words, createElement("span", "end num", rate));
    list.append(item);
  }
  return list;
}

/**
 * Create the sentence that there is no offer, with who looked when.
 * @param {string} text
 * @param {string} check
 */
function createNote(text, check) {
  const note = createElement("div", "note"), first = createElement("p");
  first.append(createElement("strong", "", text));
  note.append(createIcon("cal"), " ", first, " ", createElement("p", "small", check));
  return note;
}
