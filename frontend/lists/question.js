// What a form of filters asks: read from it, shown in it, and written into the address.

/** @typedef {[name: string, value: string][]} Question */

/**
 * Return what a form asks for; what is left empty asks for nothing.
 * @param {HTMLFormElement} form
 * @returns {Question}
 */
export function readQuestion(form) {
  const pairs = /** @type {Question} */ (Array.from(new FormData(form)));
  const carried = listNames(form, (field) => field.type === "hidden");
  return pairs.filter(([name, value]) => value.trim() && !carried.has(name));
}

/**
 * Show in a form what an address asks for, where no server has done so.
 * @param {HTMLFormElement} form
 * @param {URLSearchParams} parameters
 */
export function showQuestion(form, parameters) {
  for (const field of listFields(form)) {
    if (!parameters.has(field.name) || field.type === "hidden") continue;
    const values = parameters.getAll(field.name);
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else field.value = values[0];
    // A choice that the list does not have is as if nothing were asked.
    if (field.matches("select") && !field.value) field.value = "";
  }
}

/**
 * Write what a form asks into the address, so that the page can be shared and comes back; all else stays.
 * @param {HTMLFormElement} form
 * @param {Question} question
 */
export function writeAddress(form, question) {
  const parameters = new URLSearchParams(location.search);
  for (const name of listNames(form, (field) => field.type !== "hidden")) parameters.delete(name);
  for (const [name, value] of question) parameters.append(name, value);
  const query = parameters.toString();
  history.replaceState(history.state, "", location.pathname + (query && "?" + query) + location.hash);
}

/** @param {HTMLFormElement} form */
function listFields(form) {
  const fields = /** @type {HTMLInputElement[]} */ (Array.from(form.elements));
  return fields.filter((field) => field.name);
}

/**
 * @param {HTMLFormElement} form
 * @param {(field: HTMLInputElement) => boolean} isWanted
 */
function listNames(form, isWanted) {
  return new Set(listFields(form).filter(isWanted).map((field) => field.name));
}
