// Writes how long ago a trail was checked, and what is to be repaired on the day of the page: web/pages/checks.py.

import { getDay, getTable } from "./day.js";
import { countDays, getToday } from "./table.js";

/** Write both now, and each time when the day has become another. */
export function followChecks() {
  document.addEventListener("maenballo:day", writeChecks);
  writeChecks();
}

/** Write both for the day that the page is about. */
function writeChecks() {
  const table = getTable();
  if (!table) return;
  const today = getToday(table), day = getDay();
  for (const place of findAll("[data-ago]")) {
    const text = writeAgo(place.dataset.ago || "", today, table.locale);
    place.textContent = text && " (" + text + ")";
  }
  for (const entry of findAll("[data-holds]")) {
    const [first, last] = (entry.dataset.holds || "").split("/");
    entry.hidden = day < first || Boolean(last && day > last);
  }
}

/**
 * Find the elements that fit a selector.
 * @param {string} selector
 * @returns {NodeListOf<HTMLElement>}
 */
function findAll(selector) {
  return document.querySelectorAll(selector);
}

/**
 * Write how long ago a day is; nothing where it has not come.
 * @param {string} day
 * @param {string} today
 * @param {string} locale
 */
export function writeAgo(day, today, locale) {
  const count = countDays(day, today);
  if (count < 0) return "";
  // Today and yesterday have names; the day before has one in some languages, which the server does not use.
  return new Intl.RelativeTimeFormat(locale, { numeric: count < 2 ? "auto" : "always" }).format(-count, "day");
}
