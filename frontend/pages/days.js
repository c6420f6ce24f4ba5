// The day that a page is about: today in the city, or the one in its address. What was written on another day is
// rewritten from the table of days, which comes as a script of its own and calls `use`.

import { addDay, readChosenDay, writeLinks } from "../days/address.js";
import { nameDay, offerDay } from "../days/dialog.js";
import { fillInStates, refillMap, updateLegend } from "../days/map.js";
import { writePage } from "../days/page.js";
import { findState, getToday, isCovered, isDay } from "../days/table.js";

const LOOK_EVERY_MS = 60000;
/** The day that a server has written the page for; files are written for none. */
const { written: writtenDay } = document.documentElement.dataset;
/** @type {import("../days/table.js").DayTable | null} */
let table = null;
let today = "";
let chosenDay = readChosenDay();

const getDay = () => chosenDay || today;

/** Write all that depends on the day. */
function write() {
  if (!table) return;
  writePage(table, getDay(), today);
  refillMap(table, getDay());
  nameDay(table, today, getDay());
  writeLinks(chosenDay);
  document.dispatchEvent(new Event("maenballo:day"));
}

/**
 * Have the page be about a day.
 * @param {string} day
 */
function setDay(day) {
  if (!table || !isDay(day) || day === getDay()) return;
  chosenDay = day === today ? "" : day;
  const address = addDay(location.href, chosenDay);
  // A server knows more days than the table has.
  if (!isCovered(table, day) && writtenDay && navigator.onLine) return location.assign(address);
  history.replaceState(history.state, "", address);
  write();
}

/** Notice that a new day has begun: on the wall of an office, or on a telephone that was put away. */
function noticeMidnight() {
  if (!table || document.hidden || getToday(table) === today) return;
  today = getToday(table);
  if (chosenDay === today) chosenDay = "";
  write();
}

window.maenballoDays = {
  table: null,
  use(newTable) {
    table = this.table = newTable;
    today = getToday(table);
    if (chosenDay === today) chosenDay = "";
    if (getDay() !== writtenDay) write();
    else nameDay(table, today, getDay());
    if (chosenDay) writeLinks(chosenDay);
    offerDay({ table, getToday: () => today, getDay, setDay });
  },
  getDay,
  isToday: () => getDay() === today,
  setDay,
  stateOf: (id) => (table ? findState(table, id, getDay()) : undefined),
  fillIn: (features) => table && fillInStates(features, table, getDay()),
  legend: (entries) => (table ? updateLegend(entries, table, getDay()) : entries),
};
addEventListener("visibilitychange", noticeMidnight);
setInterval(noticeMidnight, LOOK_EVERY_MS);
