// Sends entries that wait, one after the other: each until the server has said what became of it.

import { dropEntry, keepEntry, listWaiting } from "./queue.js";

const REFUSED = [400, 413]; // it will be refused again: somebody has to look at it
const PATIENCE_MS = 30000; // a telephone with hardly any signal waits for ever otherwise

let isSending = false;

/**
 * Send all entries of a trail that wait and were not refused.
 * @param {HTMLFormElement} form of the trail
 * @returns {Promise<{ sent: number, problem: string }>} a problem that concerns all: no signal has no words of its own
 */
export async function sendWaiting(form) {
  const outcome = { sent: 0, problem: "" };
  if (isSending) return outcome;
  isSending = true;
  try {
    for (const entry of listWaiting()) {
      if (entry.trail !== form.dataset.trail || entry.problem) continue;
      const { status, problem } = await sendEntry(form, entry);
      if (status === 200) {
        dropEntry(entry.key);
        outcome.sent += 1;
      } else if (REFUSED.includes(status)) {
        keepEntry({ ...entry, problem });
      } else {
        outcome.problem = problem;
        break; // the next one would not come through either
      }
    }
  } finally {
    isSending = false;
  }
  return outcome;
}

/**
 * Send one entry.
 * @param {HTMLFormElement} form
 * @param {import("./queue.js").Waiting} entry
 * @returns {Promise<{ status: number, problem: string }>} status 0 without signal
 */
async function sendEntry(form, entry) {
  const mark = /** @type {HTMLInputElement} */ (form.elements.namedItem("mark")).value;
  const options = { method: "POST", headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) };
  try {
    const response = await fetch(form.action, { ...options, body: new URLSearchParams([...entry.fields, ["mark", mark]]) });
    const answer = await response.json().catch(() => ({}));
    // A page of another network (a login of a WLAN) says 200, too, but not that it was written.
    const status = response.ok && answer.written !== true ? 0 : response.status;
    return { status, problem: answer.problem || "" };
  } catch {
    return { status: 0, problem: "" };
  }
}
