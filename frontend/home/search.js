// The search field: a combobox with a list below it, by the pattern of ARIA (APG, "editable combobox with list").

import { createElement, getElement, getField } from "../dom.js";
import { fillIn } from "../text/numbers.js";
import { enterSearch, leaveSearch } from "./address.js";
import { texts } from "./context.js";
import { createGroups } from "./options.js";
import { findResults } from "./results.js";
import { hasFailed, loadShops } from "./shop_results.js";

/** @typedef {import("./results.js").Result} Result */

const field = getField("q");
const box = getElement("results-box");
const list = getElement("results");
/** @type {Result[]} */
let results = [];
/** Position of the option that the arrow keys have reached; -1 for none. */
let active = -1;

/** Let people search. */
export function offerSearch() {
  field.addEventListener("input", search);
  field.addEventListener("focus", () => field.value.trim() && search());
  field.addEventListener("keydown", followKey);
  list.addEventListener("click", function (event) {
    /** @type {HTMLElement | null} */
    const option = /** @type {Element} */ (event.target).closest("[role=option]");
    if (option) choose(results[Number(option.dataset.position)]);
  });
  document.addEventListener("pointerdown", function ({ target }) {
    const element = /** @type {Element} */ (target);
    if (!box.hidden && !element.closest(".top")) close(Boolean(element.closest("a[href]")));
  });
  field.form?.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("popstate", () => hide());
}

/** Search for what was typed; shops are fetched with the first letter, and join when they have come. */
async function search() {
  show();
  const query = field.value;
  await loadShops();
  if (query === field.value && !box.hidden) show(results[active]);
}

/**
 * Show what fits the query.
 * @param {Result} [reached] by the arrow keys: it stays so, where it is among what fits
 */
function show(reached) {
  const query = field.value.trim();
  if (!query) return close(false);
  const groups = findResults(query);
  results = groups.flatMap((group) => group.results);
  active = -1;
  field.removeAttribute("aria-activedescendant");
  const position = reached ? results.findIndex((result) => isSame(result, reached)) : -1;
  list.replaceChildren(...createGroups(groups, query));
  box.hidden = false;
  list.hidden = !results.length;
  field.setAttribute("aria-expanded", String(results.length > 0));
  if (position >= 0) reach(position);
  writeNotice(query);
  enterSearch();
}

/**
 * Check whether two results of the same query are one thing.
 * @param {Result} one
 * @param {Result} other
 */
const isSame = (one, other) => one.icon === other.icon && one.name === other.name && one.note === other.note;

/**
 * Say that nothing fits, or that the shops are not there.
 * @param {string} query
 */
function writeNotice(query) {
  const sentences = [
    results.length ? "" : fillIn(texts.noResult, { query: query }),
    results.length ? "" : texts.noResultHelp,
    hasFailed ? texts.shopsFailed : "",
  ];
  const notice = getElement("results-notice");
  notice.replaceChildren(...sentences.filter(Boolean).map((sentence) => createElement("span", "", sentence)));
  notice.hidden = !notice.childElementCount;
}

/**
 * Follow the keys of a combobox: arrows, Enter, Escape.
 * @param {KeyboardEvent} event
 */
function followKey(event) {
  if (event.isComposing) return; // Enter ends a syllable here
  if (event.key === "Escape" && (!box.hidden || field.value)) {
    event.preventDefault();
    if (box.hidden) field.value = "";
    close(false);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!results.length || box.hidden) return;
    event.preventDefault();
    reach((active + (event.key === "ArrowDown" ? 1 : active < 0 ? 0 : -1) + results.length) % results.length);
  } else if (event.key === "Enter" && !box.hidden) {
    event.preventDefault();
    choose(results[Math.max(0, active)]);
  }
}

/**
 * Make an option the active one.
 * @param {number} position
 */
function reach(position) {
  active = position;
  for (const option of list.querySelectorAll("[role=option]")) {
    const isActive = option.id === `result-${position}`;
    option.setAttribute("aria-selected", String(isActive));
    if (isActive) option.scrollIntoView({ block: "nearest" });
  }
  field.setAttribute("aria-activedescendant", `result-${position}`);
}

/**
 * Do what a result offers. Its step takes the place of the search in the history.
 * @param {Result | undefined} result
 */
function choose(result) {
  if (!result) return;
  hide();
  field.value = "";
  result.act();
}

/**
 * Close the list, and leave the step of the search.
 * @param {boolean} isLeft whether a link is followed at once
 */
function close(isLeft) {
  hide();
  leaveSearch(isLeft);
}

function hide() {
  box.hidden = true;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}
