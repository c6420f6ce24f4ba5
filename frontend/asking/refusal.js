// Says in a form why it is not answered: below the field that is at fault, or else below all of them.

import { createElement, readTexts } from "../dom.js";

const ID = "refusal";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */

/**
 * Say why a question is not answered, and bring who asked to the field at fault.
 * @param {HTMLFormElement} form
 * @param {import("./asking.js").Refusal} refusal
 */
export function showRefusal(form, { detail }) {
  const field = findField(form, detail);
  const message = createElement("p", "refusal");
  message.id = ID;
  message.setAttribute("role", "alert");
  const button = /** @type {HTMLElement} */ (form.querySelector("button[type='submit']"));
  const place = field?.closest(".field");
  if (place) place.append(message);
  else button.closest(".acts")?.before(message);
  // What is put into an alert that is there already is read out.
  message.append(...writeMessage(readTexts(button), detail, field));
  if (field) {
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", [ID, ...listDescriptions(field)].join(" "));
    field.focus();
  }
  message.scrollIntoView({ block: "nearest" });
}

/**
 * Take back what was said about an earlier question.
 * @param {HTMLFormElement} form
 */
export function clearRefusal(form) {
  form.querySelector("#" + ID)?.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    const others = listDescriptions(field);
    if (others.length) field.setAttribute("aria-describedby", others.join(" "));
    else field.removeAttribute("aria-describedby");
  }
}

/**
 * Find the field that a detail is about: the API begins it with the name of the parameter.
 * @param {HTMLFormElement} form
 * @param {string} detail
 */
function findField(form, detail) {
  /** @type {NodeListOf<Field>} */
  const fields = form.querySelectorAll(".field [name]");
  const named = Array.from(fields).filter(({ name }) => detail.startsWith(name + ": "));
  return named.sort((one, other) => other.name.length - one.name.length)[0];
}

/**
 * Write a message in the language of the page; the API's own words are English, and marked where the page is not.
 * @param {Record<string, string>} texts
 * @param {string} detail
 * @param {Field} [field]
 */
function writeMessage({ refusedValue, refusedQuestion, tooLong }, detail, field) {
  const words = createElement("span", "", field ? refusedValue : detail ? refusedQuestion : tooLong);
  if (!detail) return [words];
  const own = createElement("span", "", detail);
  if (document.documentElement.lang === "en") return [own];
  own.lang = "en";
  return [words, " ", own];
}

/** @param {Element} field */
const listDescriptions = (field) =>
  (field.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== ID);
