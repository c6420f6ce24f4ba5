// Keeps the site on the telephone, once everything that is seen has come.

const WAIT_MS = 4000; // what is read now comes first

const { lang } = document.body.dataset;
const { worker = "" } = /** @type {HTMLScriptElement} */ (document.currentScript).dataset;
if ("serviceWorker" in navigator) addEventListener("load", () => setTimeout(keepSite, WAIT_MS));

/** Register the worker, for all that lies beside it and below, and ask it to keep this language. */
async function keepSite() {
  try {
    await navigator.serviceWorker.register(worker);
    const registration = await navigator.serviceWorker.ready;
    if (registration.active) registration.active.postMessage({ keep: lang });
  } catch {
    // Without https, or with storage forbidden, the site works as any other: with signal.
  }
}
