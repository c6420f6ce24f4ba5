// Searches, filters and sorts a list where no server does: what is asked stands in the address, as there.

import { getElement } from "../dom.js";
import { formatCount } from "../text/numbers.js";
import { makeFinders } from "../text/hangul.js";

/** @type {HTMLFormElement | null} */
const form = document.querySelector("form.filters");
const list = document.getElementById("listed");
if (form && list) showAnswer(readQuestion(form), list); // a district without shops has neither

/**
 * Show the form with the values of the address, and return those that ask for something.
 * @param {HTMLFormElement} form
 * @returns {Map<string, string>}
 */
function readQuestion(form) {
  const parameters = new URLSearchParams(location.search);
  form.hidden = false;
  for (const element of form.elements) {
    const field = /** @type {HTMLInputElement} */ (element);
    const value = parameters.get(field.name);
    if (field.type === "checkbox") field.checked = value === field.value;
    else if (value) field.value = value;
  }
  const pairs = /** @type {[string, string][]} */ (Array.from(new FormData(form)));
  return new Map(pairs.filter(([, value]) => value.trim()));
}

/**
 * Hide what does not fit, put the rest in order, and say how many fit.
 * @param {Map<string, string>} question
 * @param {HTMLElement} list
 */
function showAnswer(question, list) {
  const items = /** @type {HTMLElement[]} */ (Array.from(list.children));
  const finders = makeFinders(question.get("q") || "");
  const filters = Array.from(question).filter(([name]) => name !== "q" && name !== "sort");
  let count = 0;
  for (const item of items) {
    const hasWords = finders.every((finder) => finder.test(item.dataset.names || ""));
    item.hidden = !hasWords || !filters.every(([name, value]) => getValue(item, name) === value);
    if (!item.hidden) count++;
  }
  const order = question.get("sort");
  if (order) {
    /** @param {HTMLElement} item */
    const getRank = (item) => JSON.parse(item.dataset.order || "{}")[order];
    list.append(...items.sort((a, b) => getRank(a) - getRank(b)));
  }
  const status = getElement("listed-status");
  const { found = "", none = "" } = status.dataset;
  const number = formatCount(count, document.documentElement.lang);
  if (question.size) status.textContent = count ? found.replace("{count}", number) : none;
}

/**
 * Return the value of an entry that a filter asks for.
 * @param {HTMLElement} item
 * @param {string} name
 */
function getValue(item, name) {
  // The state is that of today, which days.js has put in.
  if (name === "open") return String(Number(item.dataset.state === "open"));
  return item.dataset[name];
}
