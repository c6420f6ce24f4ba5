// Draws a layer that mapserver/drawing/layer_features.py hands over; marks and names are placed by a pass over all.

import { doLater } from "./later.js";
import { getPlanning, layers, toLatLng } from "./state.js";
import { drawTrails } from "./trails.js";
import { styleFeature } from "./styles.js";
import { unpackFeatures } from "./unpacking.js";

const PIECE = 6; // features of a layer that are drawn at once, when it may wait
/**
 * Draw a layer. One that can be opened is found by its id in `layers` from then on.
 * @param {FeatureCollection} data
 * @param {Drawing} options
 */
export function drawLayer(data, options) {
  takeOutlines(data, options.id);
  unpackFeatures(data);
  // What is drawn on another day than it was written has the states of that day.
  if (options.role === "trails" && window.maenballoDays) window.maenballoDays.fillIn(data.features);
  const group = L.featureGroup();
  /** @type {Record<string, DrawnFeature>} */
  const byId = {};
  for (const feature of data.features) byId[feature.id] = { feature: feature, at: feature.properties.label };
  if (options.role === "trails") drawTrails(data, options, group, byId, getPlanning() !== null);
  else if (options.role !== "facilities") drawShapes(data, options, group, byId);
  if (options.interactive) {
    getPlanning()?.listenForPointer(group, options);
    layers[options.id] = { group: group, byId: byId, options: options };
  }
  return group;
}

/** What was handed over of each layer: later ones may have the same outlines. @type {Record<string, Feature[]>} */
const earlier = {};

/**
 * Put in the outlines of features that an earlier layer has, too: they are written once.
 * @param {FeatureCollection} data
 * @param {string} layerId
 */
function takeOutlines({ features }, layerId) {
  earlier[layerId] = features;
  for (const feature of features) {
    const [otherId, id] = feature.outlineOf || [];
    const other = otherId && earlier[otherId].find((each) => each.id === id);
    if (other) feature.geometry = other.geometry;
  }
}

/**
 * Draw the shapes of all features, and add each to its entry. On pages of residents they come after the first
 * picture, unless the map is about them: then they have the colours of a measure.
 * @param {FeatureCollection} data
 * @param {Drawing} options
 * @param {L.FeatureGroup} group
 * @param {Record<string, DrawnFeature>} byId
 */
function drawShapes(data, options, group, byId) {
  /** @param {GeoJSON.Feature | undefined} feature */
  const style = (feature) => styleFeature(/** @type {Feature} */ (feature), options, getPlanning() !== null);
  const shapes = L.geoJSON(undefined, {
    coordsToLatLng: toLatLng,
    style: style,
    pointToLayer: (feature, at) => L.circleMarker(at, { radius: 7, ...style(feature) }),
    onEachFeature: ({ id = "" }, path) => byId[id] && (byId[id].drawn = /** @type {L.Path} */ (path)),
  });
  group.addLayer(shapes);
  const isWaiting = getPlanning() === null && !data.features.some(({ properties }) => properties.fill);
  const count = isWaiting ? PIECE : data.features.length;
  for (let first = 0; first < data.features.length; first += count) {
    const part = /** @type {FeatureCollection} */ ({ ...data, features: data.features.slice(first, first + count) });
    if (isWaiting) doLater(() => shapes.addData(part));
    else shapes.addData(part);
  }
}
