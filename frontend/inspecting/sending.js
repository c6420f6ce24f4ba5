// Sends entries that wait, one after the other: each until the server has said what became of it.

import { dropEntry, keepEntry, listWaiting } from "./queue.js";

const REFUSED = [400, 409, 413]; // it will be refused again: somebody has to look at it
const PATIENCE_MS = 30000; // a telephone with hardly any signal waits for ever otherwise

let isSending = false;

/**
 * Where entries of a trail go: the address of its form, and the mark that proves that the form is ours.
 * @typedef {{ address: string, mark: string }} Target
 */

/**
 * Send all entries that wait and were not refused: those of the page's trail first, then of others whose code was shown here.
 * @param {HTMLFormElement | null} form of the page's trail; none where its code has not been shown yet
 * @returns {Promise<{ sent: number, problem: string, note: string }>} of the page's trail; no signal has no words of its own
 */
export async function sendWaiting(form) {
  const outcome = { sent: 0, problem: "", note: "" };
  if (isSending) return outcome;
  isSending = true;
  try {
    const own = form?.dataset.trail;
    const trails = new Set(listWaiting().filter(({ problem }) => !problem).map(({ trail }) => trail));
    for (const trail of [...trails].sort((one, other) => Number(other === own) - Number(one === own))) {
      const target = form && trail === own ? { address: form.action, mark: readMark(form) } : await fetchTarget(trail);
      if (!target) continue; // its code has to be shown again
      const { sent, problem, note, hasSignal } = await sendOfTrail(trail, target);
      if (trail === own) Object.assign(outcome, { sent, problem, note });
      if (!hasSignal) break; // no other would come through either
    }
  } finally {
    isSending = false;
  }
  return outcome;
}

/**
 * Send the entries of a trail, the oldest first, until one does not come through.
 * @param {string} trail
 * @param {Target} target
 */
async function sendOfTrail(trail, target) {
  let sent = 0;
  let note = ""; // what the server has left out of a text is said, also where a later entry waits
  for (const entry of listWaiting().filter((each) => each.trail === trail && !each.problem)) {
    const { status, problem, ...answer } = await sendEntry(target, entry);
    if (REFUSED.includes(status)) keepEntry({ ...entry, problem });
    else if (status !== 200) return { sent, problem, note, hasSignal: status !== 0 };
    else {
      dropEntry(entry.key);
      sent += 1;
      note ||= answer.note;
    }
  }
  return { sent, problem: "", note, hasSignal: true };
}

/**
 * Fetch where entries of another trail go; nothing where this browser may not write there, or without signal.
 * @param {string} trail
 * @returns {Promise<Target | null>}
 */
async function fetchTarget(trail) {
  const address = location.pathname.replace(/\/check\/[^/]*(\/enter)?$/, "/check/" + encodeURIComponent(trail));
  try {
    const response = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const form = /** @type {HTMLFormElement | null} */ (page.getElementById("inspection"));
    return response.ok && form?.dataset.trail === trail ? { address, mark: readMark(form) } : null;
  } catch {
    return null;
  }
}

/** @param {HTMLFormElement} form */
const readMark = (form) => /** @type {HTMLInputElement} */ (form.elements.namedItem("mark")).value;

/**
 * Send one entry.
 * @param {Target} target
 * @param {import("./queue.js").Waiting} entry
 * @returns {Promise<{ status: number, problem: string, note: string }>} status 0 without signal
 */
async function sendEntry({ address, mark }, entry) {
  const options = { method: "POST", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) };
  try {
    const response = await fetch(address, { ...options, body: new URLSearchParams([...entry.fields, ["mark", mark]]) });
    const answer = await response.json().catch(() => ({}));
    // A page of another network (a login of a WLAN) says 200, too, but not that it was written.
    const status = response.ok && answer.written !== true ? 0 : response.status;
    return { status, problem: answer.problem || "", note: answer.note || "" };
  } catch {
    return { status: 0, problem: "", note: "" };
  }
}
