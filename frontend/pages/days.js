// What holds today, on pages that were written on another day: states of trails, and offers.
// The twin of mapserver/web/pages/days.py, which writes the table.
"use strict";

window.maenballoDays = (function () {
  const UNKNOWN = "unknown";
  let table = null;
  let today = "";

  // The day that it is in Korea, wherever the reader is.
  function dayIn(zone) {
    const parts = new Intl.DateTimeFormat("en", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" })
      .formatToParts(new Date());
    const part = (type) => parts.find((each) => each.type === type).value;
    return `${part("year")}-${part("month")}-${part("day")}`;
  }

  function written(day) {
    return new Intl.DateTimeFormat(table.lang, { dateStyle: "long", timeZone: "UTC" }).format(new Date(day + "T00:00:00Z"));
  }

  // Days of which the table says nothing: years after it was written, or before, by a clock that is wrong.
  const isCovered = () => today >= table.first && today <= table.last;
  const late = () => table.words.late.replace("{day}", written(table.first));

  // The last row that has begun; rows are in the order of their days, which sort as texts do.
  const rowOf = (rows) => (rows || []).filter(([day]) => day <= today).pop();

  function stateOf(id) {
    if (!isCovered()) return { state: UNKNOWN, long: late(), short: table.words.unknown };
    const [, state, long, short] = rowOf(table.trails[id]) || ["", UNKNOWN, table.words.unknown, table.words.unknown];
    return { state: state, long: long, short: short };
  }

  // -- on the map

  function fillIn(features) {
    for (const feature of features) {
      const { state, long } = stateOf(feature.id);
      Object.assign(feature.properties, { state: state, stateText: long });
    }
  }

  function legend(entries) {
    const isState = (entry) => entry.className.startsWith("pin pin-");
    if (!entries.some(isState)) return entries;
    const present = new Set(Object.keys(table.trails).map((id) => stateOf(id).state));
    const marks = Object.entries(table.legend)
      .filter(([state]) => present.has(state))
      .map(([state, text]) => ({ className: "pin pin-" + state, kind: "trail", text: text }));
    return [...marks, ...entries.filter((entry) => !isState(entry))];
  }

  // -- on the page

  function mark(place) {
    const { state, ...words } = stateOf(place.dataset.stateOf);
    place.textContent = words[place.dataset.words || "long"];
    place.className = "state state-" + state;
    place.hidden = !place.dataset.shownFor.split(" ").includes(state);
    const item = place.closest("[data-state]");
    if (!item) return;
    item.dataset.state = state;
    if (item.dataset.words) item.dataset.words += " " + words.long.toLowerCase();
  }

  function count(lead) {
    const states = Object.keys(table.trails).map((id) => stateOf(id).state);
    const number = (wanted) => states.filter((state) => state === wanted).length;
    if (!isCovered()) return;
    lead.textContent = lead.dataset.counts.replace("{open}", number("open").toLocaleString(table.lang));
    if (!number(UNKNOWN)) return;
    const doubt = document.createElement("span");
    doubt.className = "state state-unknown";
    doubt.textContent = lead.dataset.uncertain.replace("{count}", number(UNKNOWN).toLocaleString(table.lang));
    lead.append(" ", doubt);
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.textContent = text;
    return made;
  }

  function offer(box) {
    const [, offers] = (isCovered() && rowOf(table.offers)) || ["", null];
    if (!offers) return box.replaceChildren(element("p", "", late()));
    if (!offers.length) return box.replaceChildren(element("p", "", table.words.no_offer));
    const list = element("ul", "cards", "");
    for (const [title, rate, facts] of offers) {
      const item = element("li", "card-item", "");
      item.append(element("span", "item-name", title), " ", element("span", "item-figure", rate), element("span", "item-facts", facts));
      list.append(item);
    }
    box.replaceChildren(list);
  }

  const every = (selector, act) => document.querySelectorAll(selector).forEach(act);

  function use(given) {
    table = given;
    today = dayIn(table.zone);
    every("[data-state-of]", mark);
    every("[data-counts]", count);
    every("[data-offers]", offer);
    every("[data-day]", (place) => (place.textContent = isCovered() ? table.words.status.replace("{day}", written(today)) + " ·" : ""));
  }

  // A page that stays open over midnight, or that a telephone shows again the next morning.
  addEventListener("visibilitychange", function () {
    if (table && !document.hidden && dayIn(table.zone) !== today) location.reload();
  });

  return { use: use, fillIn: fillIn, legend: legend, stateOf: stateOf };
})();
