// Forms of the API: what cannot be asked is said below its field, and the page stays with what was typed.

import { askQuestion } from "../asking/asking.js";
import { clearRefusal, showRefusal } from "../asking/refusal.js";

/** @type {HTMLFormElement | null} */
const form = document.querySelector("form.api-form");
if (form) connectForm(form);

/**
 * Ask first what a form is about to ask, and go on where nothing is wrong with it, or nobody can say.
 * @param {HTMLFormElement} form
 */
function connectForm(form) {
  let count = 0;
  // On the document: a column of the data may be called like anything that a form has, and its field then stands for it.
  document.addEventListener("submit", async function (event) {
    if (event.target !== form) return;
    event.preventDefault();
    const number = ++count;
    clearRefusal(form);
    const refusal = await askQuestion(form);
    if (number !== count) return; // it was sent again meanwhile
    if (refusal) showRefusal(form, refusal);
    else HTMLFormElement.prototype.submit.call(form);
  });
}
