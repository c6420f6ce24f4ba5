// Searches, filters and sorts a list where no server does: what is asked stands in the address, as there.
"use strict";

(function () {
  const form = document.querySelector("form.filters");
  const list = document.getElementById("listed");
  const status = document.getElementById("listed-status");
  if (!form || !list) return; // a district without shops
  const items = Array.from(list.children);
  const given = new URLSearchParams(location.search);

  form.hidden = false;
  for (const field of form.elements) {
    if (field.type === "checkbox") field.checked = given.get(field.name) === field.value;
    else if (given.get(field.name)) field.value = given.get(field.name);
  }
  const asked = new Map(Array.from(new FormData(form)).filter(([, value]) => value.trim()));

  // The state is that of today, which days.js has put in.
  const valueOf = (item, name) => (name === "open" ? String(Number(item.dataset.state === "open")) : item.dataset[name]);

  const words = (asked.get("q") || "").split(/\s+/).filter(Boolean).map((word) => maenballo.finder(word));
  const filters = Array.from(asked).filter(([name]) => name !== "q" && name !== "sort");
  let count = 0;
  for (const item of items) {
    const fits = words.every((word) => word.test(item.dataset.names)) && filters.every(([name, value]) => valueOf(item, name) === value);
    item.hidden = !fits;
    count += fits;
  }
  const order = asked.get("sort");
  const rank = (item) => JSON.parse(item.dataset.order)[order];
  if (order) list.append(...items.sort((a, b) => rank(a) - rank(b)));
  if (asked.size) {
    status.textContent = count ? status.dataset.found.replace("{count}", count.toLocaleString(document.documentElement.lang)) : status.dataset.none;
  }
})();
