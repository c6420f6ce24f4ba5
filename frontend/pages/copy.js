// Buttons that copy a text of the page.

import { getElement, getField } from "../dom.js";

/** @type {NodeListOf<HTMLElement>} */
const buttons = document.querySelectorAll("[data-copies]");
if (navigator.clipboard) buttons.forEach(offerCopying);

/**
 * Let a button copy the field that it names, and say that it did.
 * @param {HTMLElement} button
 */
function offerCopying(button) {
  const { copies = "", done = "" } = button.dataset;
  button.hidden = false;
  button.addEventListener("click", async function () {
    await navigator.clipboard.writeText(getField(copies).value);
    getElement(button.getAttribute("aria-describedby") || "").textContent = done;
  });
}
