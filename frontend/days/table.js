// What holds on each day: the table of mapserver/web/pages/days.py, read for the day that one asks about.

/**
 * What is said of a trail on a day: StateWords of mapserver/drawing/state_words.py.
 * @typedef {object} StateOfDay
 * @property {State} state
 * @property {Kind} kind what is drawn
 * @property {string} short a few words
 * @property {string} follows what one wants to know next; empty where nothing is known
 * @property {string} long both
 * @property {string} until last day on which it is surely open; empty where that is not known
 * @property {string} opens first day on which it is open again; empty where that is not known
 * @property {string} why it is not open
 * @property {string} again when one that is not open opens, as a card says it; empty where that is not known
 */
/** @typedef {[title: string, rate: string, facts: string]} Offer */
/** @typedef {[state: State, kind: Kind, short: string, follows: string, until: string, opens: string, why: string, again: string]} StateRow */
/**
 * @typedef {object} DayTable
 * @property {string} first ISO 8601, as all days are
 * @property {string} last
 * @property {string} zone time zone in which a day begins and ends
 * @property {[since_s: number, offset_s: number | null][]} offsets of that zone from UTC, each since a time (Unix); null
 * where none was looked up
 * @property {string} lang
 * @property {string} locale in which days are written
 * @property {StateRow[]} states
 * @property {number[][]} runs for each change the days since the first, and the number of its state
 * @property {Record<string, number>} trails number of the run of each
 * @property {[day: number, offers: Offer[], check: string][]} offers with what is said where there is none
 * @property {Record<string, string>} legend words for states
 * @property {string[]} left what is said of the days that are left, from the last on
 * @property {Record<"late" | "unknown" | "no_offer" | "no_offer_today" | "status" | "today" | "tomorrow" | "saturday" | "opening" | "season" | "all_end" | "most_end", string>} words
 */

const DAY_MS = 86400000;

/**
 * Return the day that it is in the time zone of a table, wherever the reader is.
 * @param {Pick<DayTable, "zone" | "offsets">} table
 * @returns {string} YYYY-MM-DD
 */
export function getToday({ zone, offsets }) {
  const now_s = Date.now() / 1000;
  const [, offset_s] = offsets.filter(([since_s]) => since_s <= now_s).pop() || [0, null];
  if (offset_s !== null) return new Date((now_s + offset_s) * 1000).toISOString().slice(0, 10);
  // A browser knows every zone at every time, but a telephone loads them for a tenth of a second.
  // Canadians write days as ISO 8601 does.
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(Date.now());
}

/**
 * Return whether a text is a day of the calendar.
 * @param {string} text
 */
export function isDay(text) {
  return /^\d{4}-\d\d-\d\d$/.test(text) && addDays(text, 0) === text;
}

/**
 * Return the day some days later; empty where the text is no day.
 * @param {string} day
 * @param {number} count
 */
export function addDays(day, count) {
  const later = new Date(Date.parse(day + "T00:00:00Z") + count * DAY_MS);
  return isNaN(later.getTime()) ? "" : later.toISOString().slice(0, 10);
}

/**
 * Count the days from one to another.
 * @param {string} first
 * @param {string} last
 */
export function countDays(first, last) {
  return Math.round((Date.parse(last + "T00:00:00Z") - Date.parse(first + "T00:00:00Z")) / DAY_MS);
}

/**
 * Write a day as a sentence has it; with its year, unless it is that of another day.
 * @param {string} day
 * @param {string} locale
 * @param {string} [today]
 */
export function writeDay(day, locale, today = "") {
  /** @type {Intl.DateTimeFormatOptions} */
  const style = day.slice(0, 4) === today.slice(0, 4) ? { month: "long", day: "numeric" } : { dateStyle: "long" };
  return new Intl.DateTimeFormat(locale, { ...style, timeZone: "UTC" }).format(new Date(day + "T00:00:00Z"));
}

/**
 * Check whether a table says anything of a day.
 * @param {DayTable} table
 * @param {string} day
 */
export function isCovered(table, day) {
  return day >= table.first && day <= table.last;
}

/**
 * Write that the table knows nothing of the day.
 * @param {DayTable} table
 */
export function writeLate(table) {
  const first = writeDay(table.first, table.locale), last = writeDay(table.last, table.locale);
  return table.words.late.replace("{day}", first).replace("{last}", last);
}

/**
 * Return a trail's state on a day; unknown where the table says nothing.
 * @param {DayTable} table
 * @param {string} id
 * @param {string} day
 * @returns {StateOfDay}
 */
export function findState(table, id, day) {
  const run = table.runs[table.trails[id]];
  if (!run || !isCovered(table, day)) return createUnknown(table, run ? writeLate(table) : "");
  const since = countDays(table.first, day);
  let number = run[1];
  for (let i = 0; i < run.length && run[i] <= since; i += 2) number = run[i + 1];
  const [state, kind, short, follows, until, opens, why, again] = table.states[number];
  return { state, kind, short, follows, long: [short, follows].filter(Boolean).join(" · "), until, opens, why, again };
}

/**
 * Create the state of a trail of which the table says nothing.
 * @param {DayTable} table
 * @param {string} follows
 * @returns {StateOfDay}
 */
function createUnknown({ words: { unknown: short } }, follows) {
  const long = [short, follows].filter(Boolean).join(" · ");
  return { state: "unknown", kind: "unknown", short, follows, long, until: "", opens: "", why: "", again: "" };
}

/**
 * Return the offers on a day, and what is said where there is none; null where the table says nothing.
 * @param {DayTable} table
 * @param {string} day
 * @returns {{ offers: Offer[], check: string } | null}
 */
export function findOffers(table, day) {
  if (!isCovered(table, day)) return null;
  const since = countDays(table.first, day);
  const row = table.offers.filter(([first]) => first <= since).pop();
  return row ? { offers: row[1], check: row[2] } : null;
}
