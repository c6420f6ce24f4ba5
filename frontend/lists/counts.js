// How many entries of a list fit, where lists.html has written it.

import { getElement } from "../dom.js";
import { formatCount } from "../text/numbers.js";

/**
 * Write how many entries fit, and of how many nobody knows.
 * @param {number} count
 * @param {number} unsureCount
 */
export function writeCounts(count, unsureCount) {
  const { lang } = document.documentElement;
  const status = getElement("listed-status"), unsure = getElement("listed-unsure");
  const { found = "", none = "" } = status.dataset;
  const text = count ? found.replace("{count}", formatCount(count, lang)) : none;
  // A screen reader reads what changes, and only then.
  if (status.textContent !== text) status.textContent = text;
  unsure.hidden = !unsureCount;
  unsure.textContent = (unsure.dataset.text || "").replace("{count}", formatCount(unsureCount, lang));
  getElement("listed-none").hidden = count > 0;
}
