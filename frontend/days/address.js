// The chosen day in addresses: that of the page, and those of its links and forms.

import { isDay } from "./table.js";
import { forEach } from "./page.js";

/** Return the day that the address names, YYYY-MM-DD; empty where it names none. */
export function readChosenDay() {
  const day = new URLSearchParams(location.search).get("date") || "";
  return isDay(day) ? day : "";
}

/**
 * Write the chosen day into an address.
 * @param {string} address
 * @param {string} day empty for today, which addresses do not name
 */
export function addDay(address, day) {
  const url = new URL(address);
  if (day) url.searchParams.set("date", day);
  else url.searchParams.delete("date");
  return url.href;
}

/**
 * Write the chosen day into all links and forms of the page that lead to pages of the site.
 * @param {string} day empty for today
 */
export function writeLinks(day) {
  const root = new URL(document.body.dataset.root || ".", location.href).href;
  forEach("a[href]:not([download])", function (element) {
    const link = /** @type {HTMLAnchorElement} */ (element);
    const isOfSite = link.href.startsWith(root) && !/^#/.test(link.getAttribute("href") || "");
    if (isOfSite && link.href.includes("date=") !== Boolean(day) || isOfSite && day) link.href = addDay(link.href, day);
  });
  // The map that the page shows as an example; what is copied of it is about the day on which it is read.
  forEach("iframe.embedded", function (element) {
    const frame = /** @type {HTMLIFrameElement} */ (element), address = addDay(frame.src, day);
    if (frame.src !== address) frame.src = address;
  });
  forEach("form:not([data-day-form])", function (element) {
    const form = /** @type {HTMLFormElement} */ (element);
    if (form.method !== "get") return;
    /** @type {HTMLInputElement | null} */
    let field = form.querySelector('input[type="hidden"][name="date"]');
    if (!day) return void field?.remove();
    if (!field) form.append((field = Object.assign(document.createElement("input"), { type: "hidden", name: "date" })));
    field.value = day;
  });
}
