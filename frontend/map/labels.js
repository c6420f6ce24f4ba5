// Keeps the names on the map apart from each other and from the pins.

/** @type {[x: number, y: number][]} */
const NEAR_SHIFTS = [[0, 0], [0, -14], [0, 14], [-22, 0], [22, 0], [-22, -14], [22, -14], [-22, 14], [22, 14]];
/** @type {[x: number, y: number][]} */
const ALL_SHIFTS = [...NEAR_SHIFTS, ...NEAR_SHIFTS.map(([x, y]) => /** @type {[number, number]} */ ([1.9 * x, 1.9 * y]))];

/**
 * Move each name a little out of the way of pins. One that finds no room, or would lie on a name that was
 * drawn before, is left out.
 * @param {L.Map} map
 */
export function separateLabels(map) {
  const container = map.getContainer();
  /** @param {string} selector @returns {HTMLElement[]} */
  const list = (selector) => Array.from(container.querySelectorAll(".leaflet-pane:not(.pane-away) " + selector));
  const takenBoxes = list(".pin").map((pin) => pin.getBoundingClientRect());
  // From afar a long way on the screen would carry the name into another neighbourhood.
  const shifts = container.classList.contains("far") ? NEAR_SHIFTS : ALL_SHIFTS;
  for (const label of list(".map-label")) {
    label.classList.remove("crowded");
    label.style.translate = "";
    const box = label.getBoundingClientRect();
    const places = shifts.map(([x, y]) => new DOMRect(box.x + x, box.y + y, box.width, box.height));
    const free = places.findIndex((place) => !takenBoxes.some((other) => doOverlap(place, other)));
    if (free < 0) {
      label.classList.add("crowded");
      continue;
    }
    const [x, y] = shifts[free];
    label.style.translate = `${x}px ${y}px`;
    takenBoxes.push(places[free]);
  }
}

/**
 * Check whether two boxes share a place.
 * @param {DOMRect} one
 * @param {DOMRect} other
 */
function doOverlap(one, other) {
  return one.right >= other.left && one.left <= other.right && one.bottom >= other.top && one.top <= other.bottom;
}
