// Names of streets and places. The tiles say where each may stand; the map's one pass says where there is room,
// so none lies on a pin, a pill or a name of the map's own.

/** @typedef {import("protomaps-leaflet").LabelSymbolizer} LabelSymbolizer */
/** @typedef {import("protomaps-leaflet").IndexedLabel} IndexedLabel */
/** @typedef {import("protomaps-leaflet").Feature} TileFeature */
/** @typedef {import("../marks/boxes.js").Box} Box */
/** @typedef {import("../marks/pass.js").GroundName} GroundName */
/** @typedef {{ height: number, measure: (text: string) => number }} Letters pixels */

const PLACES_APART = 100; // pixels between two places for one name, where a tile repeats what lies on its edge
const MOST_PLACES = 300; // looked at in one pass

/**
 * Let a symbolizer find places for names without drawing them.
 * @param {LabelSymbolizer} symbolizer
 * @param {(properties: TileFeature["props"]) => string} getText
 * @param {() => void} onPlaces called when there are others
 * @returns {LabelSymbolizer}
 */
export function makeSilent(symbolizer, getText, onPlaces) {
  return {
    place(layout, geom, feature) {
      const labels = symbolizer.place(layout, geom, feature);
      if (!labels || !labels.length) return undefined;
      onPlaces();
      // The key is all that the tiles' own tree keeps beside the boxes: it carries the text.
      return labels.map((label) => ({
        ...label, draw() {}, deduplicationKey: getText(feature.props), deduplicationDistance: label.deduplicationDistance || PLACES_APART,
      }));
    },
  };
}

/**
 * List the names in sight with the boxes that each needs, places before streets.
 * @param {L.Map} map
 * @param {Iterable<IndexedLabel>} labels
 * @param {number} tileZoom at whose pixels the labels lie
 * @param {Letters} letters
 * @returns {GroundName[]}
 */
export function listGroundNames(map, labels, tileZoom, letters) {
  const size = map.getSize();
  const isSeen = (/** @type {L.Point} */ { x, y }) => x >= 0 && y >= 0 && x <= size.x && y <= size.y;
  const names = [...labels].map((label) => makeName(map, label, tileZoom, letters));
  return names.filter(({ point }) => isSeen(point)).sort((one, other) => one.order - other.order).slice(0, MOST_PLACES);
}

/**
 * Make a name of a label of the tiles.
 * @param {L.Map} map
 * @param {IndexedLabel} label
 * @param {number} tileZoom
 * @param {Letters} letters
 */
function makeName(map, { bboxes, deduplicationKey: text = "", order }, tileZoom, { height, measure }) {
  const middles = bboxes.map((box) => L.point((box.minX + box.maxX) / 2, (box.minY + box.maxY) / 2));
  const first = middles[0], last = middles[middles.length - 1];
  const width = measure(text), distance = first.distanceTo(last);
  // Boxes along a line begin where its name does; that of a place is one, around its middle.
  const direction = distance ? last.subtract(first).divideBy(distance) : L.point(1, 0);
  const middle = distance ? first.add(direction.multiplyBy(width / 2)) : first;
  const at = map.unproject(middle, tileZoom);
  const point = map.latLngToContainerPoint(at);
  // Nobody reads upside down.
  const angle_deg = (Math.atan(direction.y / direction.x) * 180) / Math.PI;
  const place = `${Math.round(middle.x)} ${Math.round(middle.y)}`;
  const mark = { key: `ground ${tileZoom} ${place} ${text}`, at, text, angle_deg };
  return { ...mark, point, order, boxes: listBoxes(point, direction, width, height) };
}

/**
 * List boxes along a text that cover it, however it is turned.
 * @param {L.Point} middle
 * @param {L.Point} direction of length 1
 * @param {number} width pixels
 * @param {number} height pixels
 * @returns {Box[]}
 */
function listBoxes(middle, direction, width, height) {
  // A turned box reaches further up and down, and less far ahead.
  const across = Math.abs(direction.x), along = Math.abs(direction.y);
  const count = Math.max(2, Math.ceil(width / height) + 1), step = width / count;
  const reachX = (step * across + height * along) / 2, reachY = (step * along + height * across) / 2;
  return Array.from({ length: count }, function (_, i) {
    const { x, y } = middle.add(direction.multiplyBy((i + 0.5) * step - width / 2));
    return [x - reachX, y - reachY, x + reachX, y + reachY];
  });
}
