// The page of those who inspect a trail: takes the code out of the address, keeps entries until they are sent.

import { createElement, getElement, readTexts } from "../dom.js";
import { markClashes } from "../inspecting/clash.js";
import { dropEntry, keepEntry, listWaiting, makeKey } from "../inspecting/queue.js";
import { sendWaiting } from "../inspecting/sending.js";

const RETRY_MS = 60000;
const LOOK_MS = 1500; // the server reads its files anew within some three seconds
const LOOKS = 8;

// The code stands behind the #, which no browser sends: it is taken from there, and out of the address.
const code = decodeURIComponent(location.hash.slice(1));
if (code) history.replaceState(null, "", location.pathname + location.search);

const entrance = /** @type {HTMLFormElement | null} */ (document.getElementById("enter"));
const form = /** @type {HTMLFormElement | null} */ (document.getElementById("inspection"));
if (entrance && code && !document.querySelector("[role=alert]")) {
  /** @type {HTMLInputElement} */ (entrance.elements.namedItem("code")).value = code;
  entrance.submit();
}
// Whose code is not shown yet may have entries of other trails waiting.
if (form) receiveEntries(form);
else sendWaiting(null);

/** @param {HTMLFormElement} form */
function receiveEntries(form) {
  form.addEventListener("change", () => markClashes(form));
  markClashes(form); // a form that the server refused comes with its ticks
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = [...new FormData(form)].map(([name, value]) => /** @type {[string, string]} */ ([name, String(value)]));
    const own = fields.filter(([name]) => name !== "mark" && name !== "day");
    const chosen = /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[name=grade]:checked + span b, [name=item]:checked + span, [name=repaired]:checked + span"));
    keepEntry({
      key: String(new FormData(form).get("key")),
      trail: form.dataset.trail || "",
      label: [...Array.from(chosen, (element) => element.innerText.trim()), getFinding(form)].filter(Boolean).join(" · "),
      // The page may have been open since yesterday: the day is that of the telephone.
      fields: [...own, ["day", writeToday()]],
    });
    form.reset();
    /** @type {HTMLInputElement} */ (form.elements.namedItem("key")).value = makeKey();
    send(form);
  });
  addEventListener("online", () => send(form));
  document.addEventListener("visibilitychange", () => document.hidden || send(form));
  setInterval(() => send(form), RETRY_MS);
  send(form);
}

/** @param {HTMLFormElement} form */
const getFinding = (form) => /** @type {HTMLInputElement} */ (form.elements.namedItem("finding")).value;

/** Write the day of the telephone as YYYY-MM-DD. */
function writeToday() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/**
 * Send what waits, and say what became of it.
 * @param {HTMLFormElement} form
 */
async function send(form) {
  const notice = getElement("waiting");
  const texts = readTexts(notice);
  const own = listWaiting().filter((entry) => entry.trail === form.dataset.trail && !entry.problem);
  if (own.length) say(notice, texts.sending, "");
  const { sent, problem, note } = await sendWaiting(form);
  showWaiting(form, problem);
  if (note) say(notice, `${notice.hidden ? texts.sent : notice.textContent} ${note}`, notice.classList.contains("good") || notice.hidden ? "good" : "");
  if (sent) await showNewState();
}

/**
 * Say how many entries wait, and list those of this trail with what is wrong with them.
 * @param {HTMLFormElement} form
 * @param {string} problem
 */
function showWaiting(form, problem) {
  const notice = getElement("waiting");
  const texts = readTexts(notice);
  const all = listWaiting();
  const own = all.filter((entry) => entry.trail === form.dataset.trail);
  const pending = own.filter((entry) => !entry.problem).length;
  const count = pending === 1 ? texts.one : texts.many.replace("{count}", String(pending));
  const elsewhere = all.length - own.length;
  const parts = [pending ? `${count}. ${problem || texts.kept}` : "", elsewhere ? texts.elsewhere.replace("{count}", String(elsewhere)) : ""];
  const wasSending = notice.textContent === texts.sending;
  const words = parts.filter(Boolean).join(" ");
  if (words || !own.length) say(notice, words || (wasSending ? texts.sent : notice.textContent || ""), words ? "" : "good");
  else notice.hidden = true;
  const list = getElement("entries");
  list.replaceChildren(...own.map((entry) => describeEntry(form, entry, texts.refused, readTexts(list).delete)));
}

/**
 * Describe an entry that waits; one that was refused can be deleted, and no other.
 * @param {HTMLFormElement} form
 * @param {import("../inspecting/queue.js").Waiting} entry
 * @param {string} refused
 * @param {string} remove
 */
function describeEntry(form, entry, refused, remove) {
  const line = createElement("li");
  line.append(createElement("span", "", entry.problem ? `${entry.label} — ${refused}: ${entry.problem}` : entry.label));
  if (!entry.problem) return line;
  const button = createElement("button", "btn", remove);
  button.type = "button";
  button.addEventListener("click", () => {
    dropEntry(entry.key);
    showWaiting(form, "");
  });
  line.append(button);
  return line;
}

/**
 * @param {HTMLElement} notice
 * @param {string} text
 * @param {string} kind
 */
function say(notice, text, kind) {
  notice.textContent = text;
  notice.hidden = !text;
  notice.className = `notice ${kind}`.trim();
}

/** Put the state of the trail in, once the server shows another one. */
async function showNewState() {
  for (let look = 0; look < LOOKS; look++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const response = await fetch(location.href, { cache: "no-store" }).catch(() => null);
    if (!response || !response.ok) continue;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const isNew = page.getElementById("now")?.textContent !== getElement("now").textContent;
    for (const id of ["now", "faults"]) getElement(id).replaceWith(document.adoptNode(page.getElementById(id) || getElement(id)));
    if (isNew) return;
  }
}
