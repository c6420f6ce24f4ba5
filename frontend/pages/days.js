// What holds today, on pages that were written on another day: states of trails, and offers.
// The table comes as a script of its own, which calls `use`.

import { fillInStates, updateLegend } from "../days/map.js";
import { writePage } from "../days/page.js";
import { findState, getToday } from "../days/table.js";

/** @type {import("../days/table.js").DayTable | null} */
let table = null;
let today = "";

/** Return the table, which has come before anything asks. */
function getTable() {
  if (!table) throw new Error("the table of days has not come");
  return table;
}

window.maenballoDays = {
  use(newTable) {
    table = newTable;
    today = getToday(table.zone);
    writePage(table, today);
  },
  fillIn: (features) => fillInStates(features, getTable(), today),
  legend: (entries) => updateLegend(entries, getTable(), today),
  stateOf: (id) => findState(getTable(), id, today),
};

// A page that stays open over midnight, or that a telephone shows again the next morning.
addEventListener("visibilitychange", function () {
  if (table && !document.hidden && getToday(table.zone) !== today) location.reload();
});
