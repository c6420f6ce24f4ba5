// Asks the server whether it would answer a form, by the same question with the smallest answer.

const TYPES = "application/problem+json, application/geo+json, application/json";
const PATIENCE_MS = 8000; // who waits longer sees the browser wait
const TOO_LONG = [414, 431]; // an address that a server does not even read has no details

/**
 * Why a question is not answered, in the words of the API.
 * @typedef {{ detail: string }} Refusal
 */

/**
 * Ask what a form asks.
 * @param {HTMLFormElement} form
 * @returns {Promise<Refusal | null>} null where it is answered, and where the server or the network fails
 */
export async function askQuestion(form) {
  try {
    const options = { headers: { Accept: TYPES }, signal: AbortSignal.timeout(PATIENCE_MS) };
    const response = await fetch(writeAddress(form), options);
    if (TOO_LONG.includes(response.status)) return { detail: "" };
    const isProblem = (response.headers.get("Content-Type") || "").startsWith("application/problem+json");
    if (!isProblem || response.status >= 500) return null;
    const { detail } = await response.json();
    return { detail: String(detail || "") };
  } catch {
    return null;
  }
}

/**
 * Write the address that a form leads to, as a program asks it: without blank fields, and for one feature.
 * @param {HTMLFormElement} form
 */
function writeAddress(form) {
  const address = new URL(form.getAttribute("action") || "", document.baseURI);
  for (const [name, value] of new FormData(form)) {
    // The format of a page would be answered with a page.
    if (value && name !== "f") address.searchParams.append(name, String(value));
  }
  /** @type {HTMLInputElement | null} */
  const limit = form.querySelector("[name='limit']");
  if (limit && isCount(limit.value, Number(limit.max))) address.searchParams.set("limit", "1");
  return address;
}

/**
 * Return whether a limit is one, or left out; what is none is asked as it stands, to be refused.
 * @param {string} text
 * @param {number} most
 */
const isCount = (text, most) => !text || (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= most);
