// Searches, filters and sorts a list as one types and presses: what is asked stands in the address, as a server has it.

import { followChecks } from "../days/checks.js";
import { writeCounts } from "../lists/counts.js";
import { readQuestion, showQuestion, writeAddress } from "../lists/question.js";
import { makeFinders } from "../text/hangul.js";

/** @typedef {import("../lists/question.js").Question} Question */

/** What stands in no data attribute of its own. */
const NOT_VALUES = ["q", "sort"];

/** @type {HTMLFormElement | null} */
const form = document.querySelector("form.filters");
const list = document.getElementById("listed");
if (form && list) connectList(form, list);
followChecks();

/**
 * Filter a list in the browser where it is whole; where a server has filtered it, let the server do it again.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} list
 */
function connectList(form, list) {
  if (list.dataset.whole === undefined) {
    form.addEventListener("change", () => form.requestSubmit());
    return;
  }
  /** As the server has put them. */
  const items = /** @type {HTMLElement[]} */ (Array.from(list.children));
  const update = () => showAnswer(readQuestion(form), list, items);
  showQuestion(form, new URLSearchParams(location.search));
  update();
  form.addEventListener("input", function () {
    update();
    writeAddress(form, readQuestion(form));
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  // A browser that goes back fills in the form after the page has come.
  addEventListener("pageshow", update);
  document.addEventListener("maenballo:day", update);
}

/**
 * Hide what does not fit, put the rest in order, and write how many fit.
 * @param {Question} question
 * @param {HTMLElement} list
 * @param {HTMLElement[]} items
 */
function showAnswer(question, list, items) {
  const asked = new Map(question);
  const finders = makeFinders(asked.get("q") || "");
  const filters = question.filter(([name]) => !NOT_VALUES.includes(name));
  let count = 0, unsureCount = 0;
  for (const item of items) {
    const hasWords = finders.every((finder) => finder.test(item.dataset.names || ""));
    const answers = filters.map(([name, value]) => fitsValue(item, name, value));
    item.hidden = !hasWords || !answers.every(Boolean);
    if (!item.hidden) count++;
    else if (hasWords && !answers.includes(false)) unsureCount++;
  }
  const order = asked.get("sort");
  /** @param {HTMLElement} item */
  const getRank = (item) => JSON.parse(item.dataset.order || "{}")[order || ""];
  list.append(...(order ? Array.from(items).sort((a, b) => getRank(a) - getRank(b)) : items));
  writeCounts(count, unsureCount);
}

/**
 * Return whether an entry has what a filter asks for; null where nobody knows.
 * @param {HTMLElement} item
 * @param {string} name
 * @param {string} asked
 */
function fitsValue(item, name, asked) {
  const { state, [name]: value } = item.dataset;
  // The state is that of the day which is shown, which the scripts of days have put in.
  if (name === "open") return state === "unknown" ? null : state === "open";
  return value === "" && asked === "1" ? null : value === asked;
}
