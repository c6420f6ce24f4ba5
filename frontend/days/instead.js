// Names the nearest open trail where one is closed on the day of the page: web/pages/instead.py.

import { getState, getTable } from "./day.js";

/** Choose it now, and each time when the day has become another. */
export function followInstead() {
  document.addEventListener("maenballo:day", chooseInstead);
  chooseInstead();
}

/** Show the first of the trails nearby that is open; that there is none, where that is so. */
function chooseInstead() {
  /** @type {HTMLElement | null} */
  const box = document.querySelector("[data-instead-of]");
  if (!box || !getTable()) return;
  box.hidden = !["closed", "planned"].includes(getState(box.dataset.insteadOf || "").state);
  const entries = /** @type {HTMLElement[]} */ (Array.from(box.children));
  // The last entry names no trail: it is shown where none of the others is open.
  const chosen = entries.find(({ dataset: { other } }) => !other || getState(other).state === "open");
  for (const entry of entries) entry.hidden = entry !== chosen;
}
