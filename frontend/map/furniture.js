// The last word on a map, once all layers are on it: what Leaflet leaves open.

import { setHint } from "./gestures.js";
import { drawBackdrop } from "./backdrop.js";
import { addBadge, addNote, addScale } from "./notes.js";
import { listenToGround } from "./picking.js";
import { followMap } from "./refreshing.js";
import { getPlanning, layers, setMap, showBounds } from "./state.js";
import { watchAllTiles } from "./tiles.js";
import { addTools } from "./tools.js";
import { surroundings } from "./view.js";

/**
 * Furnish a map: words in its language, legend, panes by zoom, missing tiles.
 * @param {L.Map} map
 * @param {Furniture} options
 * @param {boolean} fits whether the whole city is shown at first
 */
export function furnishMap(map, options, fits) {
  if (fits && !("firstBounds" in map.options)) showBounds(map, options.bounds);
  window.maenballo.bounds = options.bounds;
  setMap(map);
  setHint(options.text.twoFingers);
  surroundings.groupText = options.text.group;
  drawBackdrop(map);
  setOwnColors(map);
  translateControls(map, options.text);
  const planning = getPlanning();
  if (planning) planning.furnish(map, options);
  else addTools(map, options.text);
  if (options.scale) {
    addScale(map, options.scale);
    map.getContainer().classList.add("is-about-areas");
  }
  // Every place stands in the lists of the page, too: hundreds of names would be read before them.
  for (const name of ["names", "facilities"]) map.getPane(name)?.setAttribute("aria-hidden", String(!planning || name === "names"));
  followMap(map, Boolean(options.scale));
  if (!planning) listenToGround(map);
  // What is switched on comes to lie where it lay in the city's own order, areas below lines.
  map.on("overlayadd", () => Object.values(layers).forEach(({ group }) => map.hasLayer(group) && group.bringToFront()));
  if (options.badge) addBadge(map, options.badge);
  if (window.maenballo.faults) addNote(map, options.text.missing);
  watchAllTiles(map, options.text);
}

/**
 * Write the names of Leaflet's controls, which speak English and partly have none.
 * @param {L.Map} map
 * @param {Furniture["text"]} text
 */
function translateControls(map, text) {
  const container = map.getContainer();
  map.attributionControl.setPrefix(false);
  // A page has its own name for its map.
  if (!container.hasAttribute("aria-label")) container.setAttribute("aria-label", text.map);
  nameControl(container.querySelector(".leaflet-control-zoom-in"), text.zoomIn);
  nameControl(container.querySelector(".leaflet-control-zoom-out"), text.zoomOut);
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
 * Hand the colours that the catalogue has chosen to map.css.
 * @param {L.Map} map
 */
function setOwnColors(map) {
  const { classList, style } = map.getContainer();
  for (const { options } of Object.values(layers)) {
    if (!options.hasOwnColor) continue;
    classList.add("own-" + options.role);
    style.setProperty("--color-" + options.role, options.color);
    style.setProperty("--on-" + options.role, options.onIcon);
  }
}
