// The shops of a district as rows of its list: which fit what is asked, and what stands on the map of them.

/**
 * @typedef {object} ShopRow
 * @property {HTMLElement} item
 * @property {string} id
 * @property {string} name
 * @property {string} category
 * @property {string[]} takes kinds of certificate that it takes
 * @property {string[]} unknown those of which it says nothing
 * @property {ShopDot} dot as the map shows it
 */

/**
 * Read the rows that the server has written.
 * @param {HTMLElement} list
 * @returns {ShopRow[]}
 */
export function readRows(list) {
  /** @type {NodeListOf<HTMLElement>} */
  const items = list.querySelectorAll("li[data-id]");
  return Array.from(items, function (item) {
    const { id = "", category = "", takes = "", unknown = "", lat, lon } = item.dataset;
    const name = item.querySelector(".a")?.textContent || "";
    const takesList = splitWords(takes);
    const dot = { id: id, name: name, lat: Number(lat), lon: Number(lon), takesVouchers: takesList.length > 0 };
    return { item: item, id: id, name: name, category: category, takes: takesList, unknown: splitWords(unknown), dot: dot };
  });
}

/**
 * Return whether a row fits a business type and kinds of certificate; null where nobody knows what the shop takes.
 * @param {ShopRow} row
 * @param {string} category empty for all
 * @param {string[]} vouchers of which it takes one; none for all shops
 */
export function fitsRow(row, category, vouchers) {
  if (category && row.category !== category) return false;
  if (!vouchers.length || vouchers.some((kind) => row.takes.includes(kind))) return true;
  return vouchers.some((kind) => row.unknown.includes(kind)) ? null : false;
}

/** @param {string} words */
function splitWords(words) {
  return words.split(" ").filter(Boolean);
}
