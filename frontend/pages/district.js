// A district's page: the list of its shops and its map are one. Chips change both, and a shop that is pressed is marked on both.

import { fitsRow, readRows } from "../district/rows.js";
import { createElement, getElement, isCalm, readTexts } from "../dom.js";
import { readQuestion, showQuestion, writeAddress } from "../lists/question.js";
import { fillIn, formatCount } from "../text/numbers.js";

/** @typedef {import("../district/rows.js").ShopRow} ShopRow */

/** None where its script did not come; the list does without. */
const map = /** @type {Maenballo | undefined} */ (window.maenballo);

const list = document.getElementById("shop-list");
if (list) connectShops(list, /** @type {HTMLFormElement} */ (getElement("shop-filter")));

/**
 * Let the form filter the shops, and each of them be pressed.
 * @param {HTMLElement} list
 * @param {HTMLFormElement} form
 */
function connectShops(list, form) {
  const rows = readRows(list);
  for (const row of rows) makePressable(row, () => markShop(rows, row.item.hasAttribute("aria-current") ? null : row));
  const parameters = new URLSearchParams(location.search);
  showQuestion(form, parameters);
  showShops(list, form, rows);
  form.addEventListener("change", function () {
    showShops(list, form, rows);
    // An empty type asks for all types, and is no empty answer.
    const question = readQuestion(form);
    writeAddress(form, new FormData(form).get("category") === "" ? [...question, ["category", ""]] : question);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("maenballo:pick", function (event) {
    const { role, id } = /** @type {CustomEvent<PickedFeature>} */ (event).detail;
    const row = role === "shops" ? rows.find((each) => each.id === id) : undefined;
    if (!row) return;
    event.preventDefault();
    markShop(rows, row);
    row.item.scrollIntoView({ block: "center", behavior: isCalm ? "auto" : "smooth" });
  });
  const wanted = parameters.get("shop");
  const asked = wanted && (rows.find((row) => row.id === wanted) || rows.find((row) => row.name === wanted));
  if (asked) showAskedShop(list, form, rows, asked);
}

/**
 * Make a row a button, which it can be only where there is a script.
 * @param {ShopRow} row
 * @param {() => void} act
 */
function makePressable(row, act) {
  const words = row.item.querySelector(".shop-row");
  if (!words) return;
  const button = createElement("button", words.className);
  button.type = "button";
  button.setAttribute("aria-pressed", "false");
  button.append(...words.childNodes);
  button.addEventListener("click", act);
  words.replaceWith(button);
}

/**
 * Show the shops that fit, in the list and on the map, and write how many they are.
 * @param {HTMLElement} list
 * @param {HTMLFormElement} form
 * @param {ShopRow[]} rows
 */
function showShops(list, form, rows) {
  const asked = new FormData(form);
  const category = String(asked.get("category") || ""), vouchers = asked.getAll("voucher").map(String);
  const answers = rows.map((row) => fitsRow(row, category, vouchers));
  rows.forEach((row, place) => (row.item.hidden = !answers[place]));
  list.toggleAttribute("data-all", !category);
  const shown = rows.filter((row) => !row.item.hidden);
  map?.setShops(shown.map((row) => row.dot));
  if (rows.some((row) => row.item.hidden && row.item.hasAttribute("aria-current"))) markShop(rows, null);
  const { lang } = document.documentElement;
  const count = getElement("shop-count"), unsure = getElement("shop-unsure"), { all, text } = readTexts(count);
  /** @type {HTMLElement | null} */
  const chosen = form.querySelector("input[name=category]:checked");
  count.textContent = fillIn(text, { type: chosen?.dataset.text || all, count: formatCount(shown.length, lang) });
  const unsureCount = answers.filter((answer) => answer === null).length;
  unsure.hidden = !unsureCount;
  unsure.textContent = fillIn(readTexts(unsure).text, { count: formatCount(unsureCount, lang) });
  countTypes(form, rows, vouchers);
  const rest = document.getElementById("shop-rest"), refusing = shown.filter(({ item }) => "refuses" in item.dataset);
  if (rest) {
    rest.hidden = !refusing.length;
    rest.textContent = fillIn(readTexts(rest).text, { count: formatCount(refusing.length, lang) });
  }
  const edge = document.getElementById("shop-edge");
  if (edge) edge.hidden = !shown.some(({ item }) => item.querySelector(".edge"));
  getElement("shop-none").hidden = shown.length > 0;
}

/**
 * Write on the chip of each business type how many of its shops take what is asked for.
 * @param {HTMLFormElement} form
 * @param {ShopRow[]} rows
 * @param {string[]} vouchers
 */
function countTypes(form, rows, vouchers) {
  /** @type {NodeListOf<HTMLInputElement>} */
  const types = form.querySelectorAll("input[name=category]");
  for (const { value, parentElement } of types) {
    const place = parentElement?.querySelector("[data-count]");
    const count = rows.filter((row) => fitsRow(row, value, vouchers)).length;
    if (place) place.textContent = formatCount(count, document.documentElement.lang);
  }
}

/**
 * Mark a shop in the list and on the map; null for none.
 * @param {ShopRow[]} rows
 * @param {ShopRow | null} marked
 */
function markShop(rows, marked) {
  for (const row of rows) {
    row.item.toggleAttribute("aria-current", row === marked);
    row.item.querySelector("button")?.setAttribute("aria-pressed", String(row === marked));
  }
  map?.markShop(marked && marked.dot);
}

/**
 * Show the shop that an address asks for, whatever else it asks.
 * @param {HTMLElement} list
 * @param {HTMLFormElement} form
 * @param {ShopRow[]} rows
 * @param {ShopRow} asked
 */
function showAskedShop(list, form, rows, asked) {
  if (asked.item.hidden) {
    showQuestion(form, new URLSearchParams({ category: asked.category, voucher: "" }));
    showShops(list, form, rows);
  }
  markShop(rows, asked);
  asked.item.scrollIntoView({ block: "center" });
}
