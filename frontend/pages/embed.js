// A map in another site's page: shows the layers that its address names.

const { shopsLayer, layers: serverLayers, static: isStatic } = document.body.dataset;
// Where no server reads the address, the page does; focus.js comes after this.
const parameters = new URLSearchParams(isStatic ? location.search : "");
if (window.map_main) {
  if (window.top !== window.self) window.maenballo.letPageScroll(); // of the other site
  writeFocus(parameters.get("focus") || "");
  const layers = serverLayers || parameters.get("layers");
  if (layers) showLayers(window.map_main, layers.split(","));
}

/**
 * Write the feature that an address names to where focus.js reads it.
 * @param {string} focus LAYER/ID
 */
function writeFocus(focus) {
  const [layerId, ...id] = focus.split("/");
  const main = document.querySelector("main");
  if (main && id.length) Object.assign(main.dataset, { focusLayer: layerId, focusId: id.join("/") });
}

/**
 * Show some layers and no others, in the city's own order.
 * @param {L.Map} map
 * @param {string[]} layerIds
 */
function showLayers(map, layerIds) {
  const { layers, shopsGroup } = window.maenballo;
  for (const { group } of Object.values(layers)) map.removeLayer(group);
  for (const [id, { group }] of Object.entries(layers)) {
    if (layerIds.includes(id)) map.addLayer(group);
  }
  const facilities = Object.values(layers).find(({ options }) => options.role === "facilities");
  window.maenballo.setView({ hasAllFacilities: Boolean(facilities && layerIds.includes(facilities.options.id)) });
  if (shopsGroup && shopsLayer && layerIds.includes(shopsLayer)) map.addLayer(shopsGroup);
}
