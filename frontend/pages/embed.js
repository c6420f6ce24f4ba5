// A map in another site's page: shows the layers that its address names.
"use strict";

(function () {
  const map = window.map_main;
  const { shopsLayer, ...said } = document.body.dataset;
  if (!map) return;
  // Where no server reads the address, the page does; focus.js comes after this.
  const asked = new URLSearchParams(said.static ? location.search : "");
  const [focusLayer, ...id] = (asked.get("focus") || "").split("/");
  if (id.length) Object.assign(document.querySelector("main").dataset, { focusLayer: focusLayer, focusId: id.join("/") });
  const layers = said.layers || asked.get("layers");
  if (!layers) return;
  const chosen = layers.split(",");
  const all = Object.values(maenballo.layers).map(({ group }) => group);
  all.forEach((group) => map.removeLayer(group));
  for (const [id, { group }] of Object.entries(maenballo.layers)) {
    if (chosen.includes(id)) map.addLayer(group);
  }
  if (maenballo.shopsGroup && chosen.includes(shopsLayer)) map.addLayer(maenballo.shopsGroup);
})();
