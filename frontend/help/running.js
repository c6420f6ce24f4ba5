// Whether one can apply for a programme on the day that the page is about. The twin of `Term` in mapserver/text/welfare_words.py.

/** How the page marks it: as it marks the states of trails. @type {Record<string, string>} */
const KINDS = { yes: "open", later: "planned", over: "shut", unknown: "unknown" };

/**
 * Write for each programme whether one can apply on a day.
 * @param {string} day YYYY-MM-DD; empty where there is no table of days, and the page stays as it was written
 */
export function writeRunning(day) {
  if (!day) return;
  /** @type {NodeListOf<HTMLElement>} */
  const marks = document.querySelectorAll("[data-running]");
  for (const mark of marks) {
    const key = findState(mark.dataset, day);
    mark.textContent = mark.dataset[key] || "";
    mark.className = "state " + KINDS[key];
  }
}

/**
 * Find whether one can apply: days are texts of one length, so that they compare as they follow.
 * @param {DOMStringMap} term
 * @param {string} day
 */
function findState({ first, last, unknown }, day) {
  if (unknown !== undefined) return "unknown";
  if (first && day < first) return "later";
  return last && day > last ? "over" : "yes";
}
