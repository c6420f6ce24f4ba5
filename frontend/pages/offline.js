// Keeps the site on the telephone, once everything that is seen has come.
"use strict";

(function () {
  if (!("serviceWorker" in navigator)) return;
  const { lang } = document.body.dataset;
  const { worker } = document.currentScript.dataset;
  const WAIT_MS = 4000; // what is read now comes first

  addEventListener("load", () =>
    setTimeout(async function () {
      try {
        await navigator.serviceWorker.register(worker); // for all that lies beside it and below
        const registration = await navigator.serviceWorker.ready;
        registration.active.postMessage({ keep: lang });
      } catch (error) {
        // Without https, or with storage forbidden, the site works as any other: with signal.
      }
    }, WAIT_MS),
  );
})();
