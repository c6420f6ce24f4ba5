// The strip on a page that was kept on the telephone and is read without signal.

import { createElement } from "../dom.js";
import { createIcon } from "./icons.js";

/**
 * Show that the page is read without signal, and of which day what it says is.
 * @param {string} notice with {day} in it
 * @param {string} day YYYY-MM-DD
 */
export function showKeptStrip(notice, day) {
  const strip = createElement("p", "kept-strip");
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { month: "long", day: "numeric", timeZone: "UTC" });
  strip.append(createIcon("info"), createElement("span", "", notice.replace("{day}", format.format(new Date(day)))));
  strip.setAttribute("role", "status");
  const main = document.querySelector("main");
  if (main) main.before(strip);
}
