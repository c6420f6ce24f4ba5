// Draws a layer that mapserver/drawing/layer_features.py hands over: shapes, casings, names and pins.

import { CASING } from "../colors.js";
import { listenForPointer } from "./popups.js";
import { PICTOGRAMS } from "./pictograms.js";
import { layers, toLatLng } from "./state.js";
import { createIcon, createLabel, getState, styleFeature } from "./styles.js";

const TOUCH_WIDTH = 24; // pixels: what a finger hits
const CASING_WIDTH = 4; // pixels, on both sides together

/**
 * Draw a layer. One that can be opened is found by its id in `layers` from then on.
 * @param {FeatureCollection} data
 * @param {Drawing} options
 */
export function drawLayer(data, options) {
  // What is drawn on another day than it was written has the states of that day.
  if (options.role === "trails" && window.maenballoDays) window.maenballoDays.fillIn(data.features);
  const group = L.featureGroup();
  if (options.casing) group.addLayer(drawShapes(data, options, makeCasing));
  const shapes = drawShapes(data, options, (style) => style);
  group.addLayer(shapes);
  // A thin line cannot be hit by a finger, so an unseen wide one lies above it.
  if (options.role === "trails") group.addLayer(drawShapes(data, options, makeTouchable));
  /** @type {Record<string, DrawnFeature>} */
  const byId = {};
  for (const feature of data.features) {
    const { label } = feature.properties;
    byId[feature.id] = { feature: feature, at: label };
    if (!label) continue;
    if (options.labels) group.addLayer(createLabel(feature, label, options));
    if (options.pins) group.addLayer(createPin(feature, label, options));
  }
  shapes.eachLayer(function (drawn) {
    const path = /** @type {L.Path & { feature: Feature }} */ (drawn);
    if (byId[path.feature.id]) byId[path.feature.id].drawn = path;
  });
  if (options.interactive) {
    listenForPointer(group, options);
    layers[options.id] = { group: group, byId: byId, options: options };
  }
  return group;
}

/** @typedef {(style: L.PathOptions, options: Drawing) => L.PathOptions} Restyle */

/** @type {Restyle} */
const makeCasing = (style, options) => ({
  ...style, color: CASING, weight: options.weight + CASING_WIDTH, dashArray: undefined, interactive: false,
});

/** @type {Restyle} */
const makeTouchable = (style) => ({ ...style, weight: TOUCH_WIDTH, opacity: 0, dashArray: undefined });

/**
 * Draw the shapes of all features once, in a style of their own.
 * @param {FeatureCollection} data
 * @param {Drawing} options
 * @param {Restyle} restyle
 */
function drawShapes(data, options, restyle) {
  return L.geoJSON(data, {
    coordsToLatLng: toLatLng,
    style: (feature) => restyle(styleFeature(/** @type {Feature} */ (feature), options), options),
    pointToLayer: (feature, at) => drawPoint(/** @type {Feature} */ (feature), at, options),
  });
}

/**
 * Draw a feature that is a point.
 * @param {Feature} feature
 * @param {L.LatLng} at
 * @param {Drawing} options
 */
function drawPoint(feature, at, options) {
  if (options.role !== "facilities") return L.circleMarker(at, { radius: 7, ...styleFeature(feature, options) });
  const { kind } = feature.properties;
  const knownKind = kind && PICTOGRAMS[kind] ? kind : "other";
  return L.marker(at, {
    icon: createIcon(kind, "facility facility-" + knownKind, 24, options),
    keyboard: false,
    pane: options.pane,
  });
}

/**
 * Create the pin of a feature, in the colour of its state.
 * @param {Feature} feature
 * @param {LonLat} at
 * @param {Drawing} options
 */
function createPin(feature, at, options) {
  const pin = L.marker(toLatLng(at), {
    icon: createIcon("trail", "pin pin-" + getState(feature, options), 30, options),
    keyboard: false,
    pane: options.pins || undefined,
  });
  pin.feature = /** @type {GeoJSON.Feature<GeoJSON.Point>} */ (/** @type {unknown} */ (feature));
  return pin;
}
