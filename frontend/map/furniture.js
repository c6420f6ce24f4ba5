// The last word on a map, once all layers are on it: what Leaflet leaves open.

import { addLegend } from "./legend.js";
import { separateLabels } from "./labels.js";
import { addBadge, addNote, addScale } from "./notes.js";
import { layers } from "./state.js";
import { watchTiles } from "./tiles.js";

/**
 * Furnish a map: words in its language, legend, panes by zoom, missing tiles.
 * @param {L.Map} map
 * @param {Furniture} options
 * @param {boolean} fits whether the whole city is shown at first
 */
export function furnishMap(map, options, fits) {
  // Folium's own way begins with an animation, during which a page cannot ask for another view.
  if (fits) map.fitBounds(options.bounds, { padding: [12, 12], animate: false });
  window.maenballo.bounds = options.bounds;
  translateControls(map, options.text);
  addLegend(map, options.legend);
  if (options.scale) addScale(map, options.scale);
  followZoom(map, options);
  // What is switched on comes to lie where it lay in the city's own order, areas below lines.
  map.on("overlayadd", () => Object.values(layers).forEach(({ group }) => map.hasLayer(group) && group.bringToFront()));
  if (options.badge) addBadge(map, options.badge);
  if (window.maenballo.faults) addNote(map, options.text.missing);
  map.eachLayer((layer) => layer instanceof L.TileLayer && watchTiles(map, layer, options.text));
}

/**
 * Write the names of Leaflet's controls, which speak English and partly have none.
 * @param {L.Map} map
 * @param {Furniture["text"]} text
 */
function translateControls(map, text) {
  const container = map.getContainer();
  map.attributionControl.setPrefix(false);
  container.setAttribute("aria-label", text.map);
  nameControl(container.querySelector(".leaflet-control-zoom-in"), text.zoomIn);
  nameControl(container.querySelector(".leaflet-control-zoom-out"), text.zoomOut);
  nameControl(container.querySelector(".leaflet-control-layers-toggle"), text.layers);
  map.on("popupopen", function ({ popup }) {
    const element = popup.getElement();
    nameControl(element ? element.querySelector(".leaflet-popup-close-button") : null, text.close);
  });
  const { Locate } = /** @type {any} */ (L.Control);
  // The control's own way to say that there is no position is an alert in the browser's words.
  if (Locate) Locate.LocateControl.prototype.options.onLocationError = () => addNote(map, text.noPosition);
}

/**
 * Name a control for everybody.
 * @param {HTMLElement | null} control
 * @param {string} name
 */
function nameControl(control, name) {
  if (!control) return;
  control.title = name;
  control.setAttribute("aria-label", name);
}

/**
 * Show each pane at the zooms at which it reads, and keep names apart.
 * @param {L.Map} map
 * @param {Furniture} options
 */
function followZoom(map, options) {
  function showPanes() {
    const zoom = map.getZoom();
    map.getContainer().classList.toggle("far", zoom < options.near);
    for (const [name, [from, to]] of Object.entries(options.panes)) {
      const pane = map.getPane(name);
      if (pane) pane.classList.toggle("pane-away", zoom < from || zoom > to);
    }
    separateLabels(map);
  }
  map.on("zoomend", () => requestAnimationFrame(showPanes));
  map.on("layeradd", function ({ layer }) {
    // Not for each of ten thousand shops that come into sight.
    if (Object.values(layers).some(({ group }) => group === layer)) requestAnimationFrame(showPanes);
  });
  map.whenReady(showPanes);
}
