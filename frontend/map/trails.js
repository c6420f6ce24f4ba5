// Trails: a green glow, a casing and a line for each, in the kind of the day.

import { roundLines } from "./corners.js";
import { doLater } from "./later.js";
import { layers, toLatLng } from "./state.js";
import { getKind, isOpenKind, isShown, view } from "./view.js";

const TOUCH_WIDTH = 24; // pixels: what a finger hits
/** The strokes of a trail, the lowest first, and the pane of each. Widths follow the zoom in map.css. */
const STROKES = /** @type {const} */ ([["glow", "glow"], ["casing", "trails"], ["line", "trails"]]);
const KINDS = /** @type {TrailKind[]} */ (["open", "last", "cond", "shut", "planned", "unknown"]);

/**
 * Draw the trails of a layer, and add what is drawn of each to its entry.
 * @param {FeatureCollection} data
 * @param {Drawing} options
 * @param {L.FeatureGroup} group
 * @param {Record<string, DrawnFeature>} byId
 * @param {boolean} isTouched whether the lines themselves are pressed
 */
export function drawTrails(data, options, group, byId, isTouched) {
  const rounded = roundLines(data);
  for (const stroke of STROKES.slice().reverse()) {
    const shapes = L.geoJSON(undefined, createStroke(stroke, options, byId));
    group.addLayer(shapes);
    const draw = function () {
      shapes.addData(rounded).bringToBack();
      // One that has been chosen meanwhile lies above the others with all its strokes.
      if (view.chosen !== null) byId[view.chosen]?.strokes?.forEach((path) => path.bringToFront());
    };
    // The line is seen first, and what lies below it after the first picture; maps of planners are drawn at once.
    if (isTouched || stroke[0] === "line") draw();
    else doLater(draw);
  }
  if (!isTouched) return;
  const touched = { pane: "trails", weight: TOUCH_WIDTH, opacity: 0, className: "trail trail-touched" };
  group.addLayer(L.geoJSON(data, { coordsToLatLng: toLatLng, style: () => touched }));
}

/**
 * Create the options of a stroke, which adds what is drawn of each trail to its entry.
 * @param {(typeof STROKES)[number]} stroke
 * @param {Drawing} options
 * @param {Record<string, DrawnFeature>} byId
 * @returns {L.GeoJSONOptions}
 */
function createStroke([stroke, pane], { color, weight }, byId) {
  const className = stroke === "line" ? "trail trail-line drawn-trails" : "trail trail-" + stroke;
  return {
    coordsToLatLng: toLatLng,
    style: () => ({ pane, className, interactive: false, smoothFactor: 0.5, color, weight }),
    onEachFeature(feature, drawn) {
      const path = /** @type {L.Path} */ (drawn), id = /** @type {string} */ (feature.id);
      const entry = byId[id];
      entry.strokes = [path, ...(entry.strokes || [])]; // the lowest first, in which order they come to the front
      if (stroke === "line") entry.drawn = path;
      path.on("add", () => paintStroke(path, id, getKind(entry.feature))); // it may come after the others
    },
  };
}

/**
 * Draw every trail as it is on the day that is shown: its kind, whether it is shown, whether it leads.
 * @param {L.Map} map
 */
export function paintTrails(map) {
  const trails = Object.values(layers).filter(({ options }) => options.role === "trails");
  const hasChosen = trails.some(({ byId }) => view.chosen !== null && view.chosen in byId);
  map.getContainer().classList.toggle("has-trail", hasChosen);
  for (const { byId } of trails) {
    for (const [id, { feature, strokes = [] }] of Object.entries(byId)) {
      const kind = getKind(feature);
      for (const stroke of strokes) paintStroke(stroke, id, kind);
    }
  }
}

/**
 * Write the kind of a trail on one of its strokes.
 * @param {L.Path} stroke
 * @param {string} id
 * @param {TrailKind} kind
 */
function paintStroke(stroke, id, kind) {
  const element = /** @type {SVGElement | undefined} */ (stroke.getElement());
  if (!element) return;
  const { classList } = element;
  for (const each of KINDS) classList.toggle("kind-" + each, each === kind);
  classList.toggle("kind-not-open", !isOpenKind(kind));
  classList.toggle("away", !isShown(id));
  classList.toggle("chosen", id === view.chosen);
  if (id === view.chosen) stroke.bringToFront();
}
