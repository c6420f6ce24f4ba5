// Keeps the site on the telephone, once everything that is seen has come; a kept page says that it is one.

import { showKeptStrip } from "../site/kept_strip.js";

const WAIT_MS = 4000; // what is read now comes first

const { lang, kept } = document.body.dataset;
const script = /** @type {HTMLScriptElement} */ (document.currentScript);
const { worker = "", day = "", notice = "" } = script.dataset;
if (kept !== undefined) showKeptStrip(notice, day);
addEventListener("load", () => setTimeout(keepSite, WAIT_MS));
addEventListener("online", keepSite); // what has failed without signal comes now

/** Register the worker, for all that lies beside it and below, and ask it to keep this language and the others. */
async function keepSite() {
  if (!("serviceWorker" in navigator)) return;
  try {
    await navigator.serviceWorker.register(worker);
    const registration = await navigator.serviceWorker.ready;
    // Who saves data downloads nothing ahead; what is read is kept all the same.
    const { saveData = false } = /** @type {{ connection?: { saveData?: boolean } }} */ (navigator).connection || {};
    if (registration.active && !saveData) registration.active.postMessage({ keep: lang });
  } catch {
    // Without https, or with storage forbidden, the site works as any other: with signal.
  }
}
