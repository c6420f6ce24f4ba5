// What holds on each day: the table of mapserver/web/pages/days.py, read on the day that it is now.

/** @typedef {{ state: State, long: string, short: string }} StateOfDay */
/** @typedef {[title: string, rate: string, facts: string]} Offer */
/**
 * A row holds from its day to the day before the next row.
 * @typedef {object} DayTable
 * @property {string} first ISO 8601, as all days are
 * @property {string} last
 * @property {string} zone time zone in which a day begins and ends
 * @property {string} lang
 * @property {Record<string, [day: string, state: State, long: string, short: string][]>} trails
 * @property {[day: string, offers: Offer[]][]} offers
 * @property {Record<string, string>} legend words for states
 * @property {Record<"late" | "unknown" | "no_offer" | "status", string>} words
 */

/** @type {State} */
const UNKNOWN = "unknown";

/**
 * Return the day that it is in a time zone, wherever the reader is.
 * @param {string} zone
 * @returns {string} YYYY-MM-DD
 */
export function getToday(zone) {
  // Canadians write days as ISO 8601 does.
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(Date.now());
}

/**
 * Write a day as people do.
 * @param {string} day YYYY-MM-DD
 * @param {string} lang
 */
export function writeDay(day, lang) {
  return new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "UTC" }).format(new Date(day + "T00:00:00Z"));
}

/**
 * Check whether a table says anything of a day: not years after it was written, nor before, by a wrong clock.
 * @param {DayTable} table
 * @param {string} day
 */
export function isCovered(table, day) {
  return day >= table.first && day <= table.last;
}

/**
 * Write that the table is too old for today.
 * @param {DayTable} table
 */
export function writeLate(table) {
  return table.words.late.replace("{day}", writeDay(table.first, table.lang));
}

/**
 * Return the last row that has begun; rows are in the order of their days, which sort as texts do.
 * @template {[day: string, ...unknown[]]} R
 * @param {R[] | undefined} rows
 * @param {string} day
 * @returns {R | undefined}
 */
function findRow(rows, day) {
  return (rows || []).filter(([first]) => first <= day).pop();
}

/**
 * Return a trail's state on a day; unknown where the table says nothing.
 * @param {DayTable} table
 * @param {string} id
 * @param {string} day
 * @returns {StateOfDay}
 */
export function findState(table, id, day) {
  const { unknown } = table.words;
  if (!isCovered(table, day)) return { state: UNKNOWN, long: writeLate(table), short: unknown };
  const row = findRow(table.trails[id], day);
  if (!row) return { state: UNKNOWN, long: unknown, short: unknown };
  const [, state, long, short] = row;
  return { state: state, long: long, short: short };
}

/**
 * Return the offers on a day; null where the table says nothing.
 * @param {DayTable} table
 * @param {string} day
 * @returns {Offer[] | null}
 */
export function findOffers(table, day) {
  const row = isCovered(table, day) ? findRow(table.offers, day) : undefined;
  return row ? row[1] : null;
}
