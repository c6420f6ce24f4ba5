// Keeps the site on the telephone, once everything that is seen has come.
"use strict";

(function () {
  if (!("serviceWorker" in navigator)) return;
  const { root, lang } = document.body.dataset;
  const WAIT_MS = 4000; // what is read now comes first

  addEventListener("load", () =>
    setTimeout(async function () {
      try {
        await navigator.serviceWorker.register(root + "sw.js", { scope: root || "./" });
        const registration = await navigator.serviceWorker.ready;
        registration.active.postMessage({ keep: lang });
      } catch (error) {
        // Without https, or with storage forbidden, the site works as any other: with signal.
      }
    }, WAIT_MS),
  );
})();
