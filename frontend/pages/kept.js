// A page kept on the telephone and read without signal on another day: what was open then may be closed.
"use strict";

(function () {
  const { day, unknown, notice } = document.currentScript.dataset;
  if (document.body.dataset.kept === undefined) return; // sw.js writes it
  // The day in Korea, wherever the telephone is; Canadians write days as the page does.
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Seoul" }).format(Date.now());
  if (day === today) return;

  const written = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });
  const said = document.createElement("p");
  said.className = "kept-notice";
  said.setAttribute("role", "status");
  said.textContent = notice.replace("{day}", written.format(new Date(day)));
  document.querySelector("main").prepend(said);
  for (const mark of document.querySelectorAll(".state-open")) {
    mark.classList.replace("state-open", "state-unknown");
    mark.textContent = unknown;
  }
  for (const item of document.querySelectorAll('[data-state="open"]')) item.dataset.state = "unknown";
  for (const lead of document.querySelectorAll("[data-undated]")) lead.textContent = lead.dataset.undated;

  // For map.js, in place of days.js of pages that no server writes.
  window.maenballoDays = {
    legend: (entries) => entries,
    fillIn: function (features) {
      for (const { properties } of features) {
        if (properties.state === "open") Object.assign(properties, { state: "unknown", stateText: unknown });
      }
    },
  };
})();
