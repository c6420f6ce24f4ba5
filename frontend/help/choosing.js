// Chooses programmes by need, part of life and words, as the server does; each link says how many it would leave.

import { writeCounts } from "../lists/counts.js";
import { makeFinders } from "../text/hangul.js";
import { formatCount } from "../text/numbers.js";

/** @typedef {Record<string, string>} Wish what is chosen, by field */

const FIELDS = ["need", "life"];
const EVERYBODY = "all";

/**
 * Choose in the browser where the list is whole; where a server has chosen, links ask it again.
 * @param {HTMLElement} list
 * @param {HTMLFormElement} form
 */
export function connectChoices(list, form) {
  if (list.dataset.whole === undefined) return;
  const items = /** @type {HTMLElement[]} */ (Array.from(list.children));
  /** @type {HTMLAnchorElement[]} */
  const links = Array.from(document.querySelectorAll("a[data-field]"));
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("q"));
  const wish = readWish(links);
  field.value ||= new URLSearchParams(location.search).get("q") || "";
  const update = () => showChosen(wish, field.value, items, links);
  for (const link of links) {
    link.addEventListener("click", function (event) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own
      event.preventDefault();
      const { field = "", value = "" } = link.dataset;
      // A second tap takes the choice back.
      wish[field] = wish[field] === value ? "" : value;
      update();
      history.replaceState(history.state, "", writeAddress(wish));
    });
  }
  field.addEventListener("input", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  // A browser that goes back fills in the field after the page has come.
  addEventListener("pageshow", update);
  update();
}

/**
 * Read what the address asks for; what no link offers is as if nothing were asked.
 * @param {HTMLAnchorElement[]} links
 * @returns {Wish}
 */
function readWish(links) {
  const parameters = new URLSearchParams(location.search);
  const pairs = FIELDS.map(function (field) {
    const value = parameters.get(field) || "";
    const isOffered = links.some(({ dataset }) => dataset.field === field && dataset.value === value);
    return [field, isOffered ? value : ""];
  });
  return Object.fromEntries(pairs);
}

/**
 * Hide what does not fit, and write how many fit, also behind each link.
 * @param {Wish} wish
 * @param {string} typed
 * @param {HTMLElement[]} items
 * @param {HTMLAnchorElement[]} links
 */
function showChosen(wish, typed, items, links) {
  const finders = makeFinders(typed);
  const named = items.filter((item) => finders.every((finder) => finder.test(item.dataset.names || "")));
  const fitting = named.filter((item) => fitsWish(item, wish) === true);
  for (const item of items) item.hidden = !fitting.includes(item);
  writeCounts(fitting.length, named.filter((item) => fitsWish(item, wish) === null).length);
  for (const link of links) {
    const { field = "", value = "" } = link.dataset;
    const isChosen = wish[field] === value;
    const count = named.filter((item) => fitsWish(item, { ...wish, [field]: value }) === true).length;
    const place = link.querySelector("[data-left]");
    if (place) place.textContent = formatCount(count, document.documentElement.lang);
    link.classList.toggle("on", isChosen);
    if (isChosen) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    link.href = writeAddress({ ...wish, [field]: isChosen ? "" : value });
  }
}

/**
 * Return whether a programme fits what is chosen; null where nobody knows, and no answer is a no.
 * @param {HTMLElement} item
 * @param {Wish} wish
 */
function fitsWish(item, wish) {
  const answers = FIELDS.filter((field) => wish[field]).map(function (field) {
    const codes = (item.dataset[field] || "").split(" ").filter(Boolean);
    return codes.length ? codes.includes(wish[field]) || codes.includes(EVERYBODY) : null;
  });
  if (answers.includes(false)) return false;
  return answers.includes(null) ? null : true;
}

/**
 * Write what is chosen into an address; all else in it stays.
 * @param {Wish} wish
 */
function writeAddress(wish) {
  const parameters = new URLSearchParams(location.search);
  for (const field of FIELDS) {
    if (wish[field]) parameters.set(field, wish[field]);
    else parameters.delete(field);
  }
  const query = parameters.toString();
  return location.pathname + (query && "?" + query);
}
