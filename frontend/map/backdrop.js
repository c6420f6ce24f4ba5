// The ground of the map: what is outside, a glow around the city, its neighbourhoods in four tints.

import { doLater, doNext } from "./later.js";
import { layers, toLatLng } from "./state.js";

/**
 * Draw the ground below the tiles from the outlines of the neighbourhoods.
 * @param {L.Map} map
 */
export function drawBackdrop(map) {
  const areas = Object.values(layers).find(({ options }) => options.role === "neighborhoods");
  if (!areas) return;
  const features = Object.values(areas.byId).map(({ feature }) => feature);
  const data = /** @type {FeatureCollection} */ ({ type: "FeatureCollection", features: features });
  map.getContainer().classList.add("has-land");
  // What the fills cover leaves the outer half of these strokes: no outline of the whole city is needed.
  doLater(() => drawAreas(map, data, "outside", () => "land-glow"));
  doLater(() => drawAreas(map, data, "land", () => "land-edge").bringToBack());
  doNext(() => drawAreas(map, data, "land", ({ properties }) => "land tint-" + (properties.tint || 0)));
}

/**
 * Draw areas once, each in a class.
 * @param {L.Map} map
 * @param {FeatureCollection} data
 * @param {string} pane
 * @param {(feature: Feature) => string} chooseClass
 */
function drawAreas(map, data, pane, chooseClass) {
  return L.geoJSON(data, {
    coordsToLatLng: toLatLng,
    interactive: false,
    style: (feature) => ({
      pane: pane, smoothFactor: 0.5, className: chooseClass(/** @type {Feature} */ (feature)), interactive: false,
    }),
  }).addTo(map);
}
