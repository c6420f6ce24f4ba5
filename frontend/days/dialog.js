// The dialog in which one chooses a day: four that are worth a press, and a field for any other.

import { createElement } from "../dom.js";
import { forEach } from "./page.js";
import { listQuickDays } from "./quick.js";
import { writeDay } from "./table.js";

/** @typedef {import("./table.js").DayTable} DayTable */

/**
 * Let the buttons of a page open the dialog.
 * @param {{ table: DayTable, getToday: () => string, getDay: () => string, setDay: (day: string) => void }} days
 */
export function offerDay({ table, getToday, getDay, setDay }) {
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById("day-dialog"));
  const form = dialog && dialog.querySelector("form");
  if (!dialog || !form || !dialog.showModal) return;
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("date"));
  /** @param {string} day */
  const choose = function (day) {
    dialog.close();
    if (day) setDay(day);
  };
  forEach("[data-day-open]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () {
      field.value = getDay();
      const list = /** @type {HTMLElement} */ (dialog.querySelector("[data-quick-days]"));
      list.replaceChildren(...createButtons(table, getToday(), getDay(), choose));
      dialog.showModal();
    });
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    choose(field.value);
  });
  forEach("[data-day-close]", (button) => button.addEventListener("click", () => dialog.close()));
  // A press beside the dialog is one on its backdrop, whose target is the dialog itself.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
}

/**
 * Create a button for each day that is worth a press.
 * @param {DayTable} table
 * @param {string} today
 * @param {string} chosenDay
 * @param {(day: string) => void} choose
 */
function createButtons(table, today, chosenDay, choose) {
  return listQuickDays(table, today).map(function ({ day, text }) {
    const button = createElement("button", "btn");
    button.append(createElement("span", "", text), " ", createElement("small", "", writeDay(day, table.locale, today)));
    button.setAttribute("type", "button");
    button.setAttribute("aria-pressed", String(day === chosenDay));
    button.addEventListener("click", () => choose(day));
    return button;
  });
}

/**
 * Write the chosen day on the buttons that open the dialog.
 * @param {DayTable} table
 * @param {string} today
 * @param {string} day
 */
export function nameDay(table, today, day) {
  const text = day === today ? table.words.today : writeDay(day, table.locale, today);
  forEach("[data-day-name]", (place) => (place.textContent = text));
  forEach("[data-day-open]", (button) => button.classList.toggle("on", day !== today));
}
