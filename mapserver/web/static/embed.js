// A map in another site's page: shows the layers that its address names.
"use strict";

(function () {
  const map = window.map_main;
  const { layers, shopsLayer } = document.body.dataset;
  if (!map || !layers) return;
  const chosen = layers.split(",");
  const all = Object.values(maenballo.layers).map(({ group }) => group);
  all.forEach((group) => map.removeLayer(group));
  for (const [id, { group }] of Object.entries(maenballo.layers)) {
    if (chosen.includes(id)) map.addLayer(group);
  }
  if (maenballo.shopsGroup && chosen.includes(shopsLayer)) map.addLayer(maenballo.shopsGroup);
})();
