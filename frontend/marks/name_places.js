// Where a name may stand: beside a pin, beside all of a line, or on an area.

/** @typedef {import("./boxes.js").Box} Box */
/** @typedef {import("./names.js").Name} Name */

const AIR_X = 3, AIR_Y = 1; // pixels around the letters of a name
const CORNER = 6; // pixels from a point to the name that stands at one of its corners
/** Where the name of an area tries to stand, in pixels from its middle; nearer, where the map is about its areas. */
const NEAR_SHIFTS = [[0, 0], [0, -10], [0, 10], [-14, 0], [14, 0], [-14, -10], [14, -10], [-14, 10], [14, 10], [0, 20], [0, -20]];
const SHIFTS = [[0, 0], [0, 22], [0, -22], [26, 0], [-26, 0], [0, 44], [0, -44], [40, 22], [-40, 22], [40, -22], [-40, -22],
  [60, 0], [-60, 0], [0, 66], [0, -66], [60, 44], [-60, 44], [60, -44], [-60, -44]];

/**
 * List the boxes in which a name may stand, the best first.
 * @param {Name} name
 * @param {number} width pixels
 * @param {number} height pixels
 * @param {boolean} isNear to its middle: the map is about its areas
 * @returns {Box[]}
 */
export function listNamePlaces({ point: { x, y }, beside }, width, height, isNear) {
  const across = beside + width / 2, along = beside - 2 + height / 2;
  const corner = width / 2 + CORNER;
  const diagonal = [[corner, along], [-corner, along], [corner, -along], [-corner, -along]];
  const shifts = beside ? [[across, 0], [-across, 0], [0, along], [0, -along], ...diagonal] : isNear ? NEAR_SHIFTS : SHIFTS;
  const halfWidth = width / 2 + AIR_X, halfHeight = height / 2 + AIR_Y;
  return shifts.map(([dx, dy]) => [x + dx - halfWidth, y + dy - halfHeight, x + dx + halfWidth, y + dy + halfHeight]);
}

/**
 * Return the box of the letters of a name in a box in which it may stand.
 * @param {Box} box
 * @returns {Box}
 */
export function shrinkToLetters([left, top, right, bottom]) {
  return [left + AIR_X, top + AIR_Y, right - AIR_X, bottom - AIR_Y];
}

/**
 * List the boxes beside the line that a name stands for: right, left, below and above all of it.
 * @param {Name} name
 * @param {number} width pixels
 * @param {number} height pixels
 * @returns {Box[]}
 */
export function listLinePlaces({ findLine }, width, height) {
  const line = findLine && findLine();
  if (!line) return [];
  const [left, top, right, bottom] = line;
  const x = (left + right) / 2, y = (top + bottom) / 2;
  const across = width + 6, along = height + 2; // as large as the boxes beside a pin
  return [
    [right, y - along / 2, right + across, y + along / 2],
    [left - across, y - along / 2, left, y + along / 2],
    [x - across / 2, bottom, x + across / 2, bottom + along],
    [x - across / 2, top - along, x + across / 2, top],
  ];
}

const LINE_REACH = 9; // pixels: half of the broadest line with its casing

/**
 * Find the box around a line, in pixels of the container.
 * @param {L.Map} map
 * @param {L.Path | undefined} drawn
 * @returns {Box | null}
 */
export function findLineBox(map, drawn) {
  if (!(drawn instanceof L.Polyline)) return null;
  const bounds = drawn.getBounds();
  const { x: left, y: top } = map.latLngToContainerPoint(bounds.getNorthWest());
  const { x: right, y: bottom } = map.latLngToContainerPoint(bounds.getSouthEast());
  return [left - LINE_REACH, top - LINE_REACH, right + LINE_REACH, bottom + LINE_REACH];
}

/**
 * Check whether the outline of an area, as it is drawn, holds a point; one that is not drawn holds any.
 * @param {L.Map} map
 * @param {L.Path | undefined} drawn
 * @param {number} x pixels of the container
 * @param {number} y
 */
export function holdsPoint(map, drawn, x, y) {
  const element = /** @type {SVGGeometryElement | undefined} */ (drawn?.getElement());
  return !element?.isPointInFill || element.isPointInFill(map.containerPointToLayerPoint([x, y]));
}

/**
 * Check whether a box lies on what is drawn or touches it.
 * @param {L.Map} map
 * @param {L.Path | undefined} drawn
 * @param {Box} box
 */
export function touchesShape(map, drawn, box) {
  const shape = findLineBox(map, drawn);
  return !shape || (box[0] <= shape[2] && box[2] >= shape[0] && box[1] <= shape[3] && box[3] >= shape[1]);
}

/**
 * Measure how far a point is from a box, in pixels; 0 within it.
 * @param {Box} box
 * @param {L.Point} point
 */
export function measureAway([left, top, right, bottom], { x, y }) {
  return Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
}
