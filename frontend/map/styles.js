// How lines, areas, icons and names look.

import { createElement, paintIcon } from "../dom.js";
import { drawPictogram } from "./pictograms.js";
import { toLatLng } from "./state.js";

/**
 * Return a feature's state. A trail of which nothing is said is not open: one does not know.
 * @param {Feature} feature
 * @param {Drawing} options
 * @returns {State | ""}
 */
export function getState(feature, options) {
  return feature.properties.state || (options.role === "trails" ? "unknown" : "");
}

/**
 * Return the dashes of a line: those of its state, else those of its layer.
 * @param {State | ""} state
 * @param {Drawing} options
 */
function chooseDash(state, options) {
  if (state === "unknown") return "12 7 1 7";
  return state && state !== "open" ? "2 9" : options.dash || undefined;
}

/**
 * Return how Leaflet draws a line or an area.
 * @param {Feature} feature
 * @param {Drawing} options
 * @returns {L.PolylineOptions}
 */
export function styleFeature(feature, options) {
  const state = getState(feature, options);
  return {
    pane: options.pane,
    color: options.color,
    weight: options.weight,
    opacity: state && state !== "open" ? 0.75 : 1,
    dashArray: chooseDash(state, options),
    fill: options.fillOpacity !== null,
    fillColor: feature.properties.fill || options.fill,
    fillOpacity: options.fillOpacity || 0,
    smoothFactor: 0.4, // paths bend; Leaflet's default draws them with corners
    lineCap: "round",
    lineJoin: "round",
    interactive: options.interactive,
    className: "drawn drawn-" + options.role,
  };
}

/**
 * Create an icon with a picture, in the colour of its layer.
 * @param {string | undefined} kind of facility, or "trail"
 * @param {string} className
 * @param {number} size pixels
 * @param {Drawing} options
 */
export function createIcon(kind, className, size, options) {
  const box = paintIcon(createElement("span", className), options);
  box.append(drawPictogram(kind));
  return L.divIcon({ html: box, className: "icon-box", iconSize: [size, size] });
}

/**
 * Create the name of a feature on the map.
 * @param {Feature} feature
 * @param {LonLat} at
 * @param {Drawing} options
 */
export function createLabel(feature, at, options) {
  const { fill, name } = feature.properties;
  const ground = fill ? (isDark(fill) ? " on-dark" : " on-light") : "";
  const text = createElement("span", "map-label map-label-" + options.role + ground, name);
  return L.marker(toLatLng(at), {
    icon: L.divIcon({ html: text, className: "icon-box", iconSize: [0, 0] }),
    interactive: false,
    keyboard: false,
    pane: options.labels || undefined,
  });
}

/**
 * Check whether white reads better than ink on a colour.
 * @param {string} color as #rrggbb; any other counts as light
 */
function isDark(color) {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!match) return false;
  const [red, green, blue] = match.slice(1).map((part) => parseInt(part, 16));
  // Luma, as ITU-R BT.601 weighs the colours, against half of white.
  return 0.299 * red + 0.587 * green + 0.114 * blue < 127.5;
}
