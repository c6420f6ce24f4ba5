// A page kept on the telephone and read without signal on another day: what was open then may be closed.

import { getToday, writeDay } from "../days/table.js";
import { createElement } from "../dom.js";

const { day = "", unknown = "", notice = "" } = /** @type {HTMLScriptElement} */ (document.currentScript).dataset;
const isKept = document.body.dataset.kept !== undefined; // sw.js writes it
if (isKept && day !== getToday("Asia/Seoul")) doubtPage();

/** Say that the page is old, and doubt all that was open. */
function doubtPage() {
  const note = createElement("p", "kept-notice", notice.replace("{day}", writeDay(day, document.documentElement.lang)));
  note.setAttribute("role", "status");
  const main = document.querySelector("main");
  if (main) main.prepend(note);
  for (const mark of document.querySelectorAll(".state.open")) {
    mark.classList.replace("open", "unknown");
    mark.textContent = unknown;
  }
  for (const item of listElements('[data-state="open"]')) item.dataset.state = "unknown";
  for (const lead of listElements("[data-undated]")) lead.textContent = lead.dataset.undated || "";
  // For map.js, in place of days.js of pages that no server writes.
  window.maenballoDays = { legend: (entries) => entries, fillIn: doubtFeatures };
}

/**
 * List the elements that fit a selector.
 * @param {string} selector
 * @returns {NodeListOf<HTMLElement>}
 */
function listElements(selector) {
  return document.querySelectorAll(selector);
}

/**
 * Doubt the trails that were open.
 * @param {Feature[]} features
 */
function doubtFeatures(features) {
  for (const { properties } of features) {
    if (properties.state === "open") Object.assign(properties, { state: "unknown", stateText: unknown });
  }
}
