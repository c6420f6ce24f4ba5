// Draws marks as Leaflet's markers. One that stays keeps its element, and so the focus of the keyboard.

/**
 * @typedef {object} Mark
 * @property {string} key what it marks: the same in each pass
 * @property {L.LatLng} at
 * @property {string} pane
 * @property {number} size pixels of the box, in whose middle the place is
 * @property {string} className
 * @property {() => HTMLElement} content
 * @property {string} sign changes when the content does
 * @property {[ground: string, picture: string] | null} color of the layer, where the catalogue has one
 * @property {string} label what a screen reader says; empty for what is no button
 * @property {number} order higher is above
 * @property {(() => void) | null} press
 * @property {boolean} [isSkipped] by the Tab key
 */

/** @typedef {{ marker: L.Marker, mark: Mark }} Drawn */
/** @type {Map<string, Drawn>} */
const drawnMarks = new Map();
/** @type {L.Polyline[]} */
let leads = [];

/**
 * Draw marks, and take away those that are not among them.
 * @param {L.Map} map
 * @param {Mark[]} marks
 * @param {import("./facilities.js").Spot[]} spots
 */
export function drawMarks(map, marks, spots) {
  const gone = new Set(drawnMarks.keys());
  for (const mark of marks) {
    gone.delete(mark.key);
    const drawn = drawnMarks.get(mark.key);
    if (drawn && Boolean(drawn.mark.press) === Boolean(mark.press)) updateMark(drawn, mark);
    else {
      if (drawn) drawn.marker.remove();
      drawnMarks.set(mark.key, addMark(map, mark));
    }
  }
  for (const key of gone) {
    const drawn = drawnMarks.get(key);
    if (drawn) drawn.marker.remove();
    drawnMarks.delete(key);
  }
  for (const lead of leads) lead.remove();
  leads = spots
    .filter(({ at, stands }) => at !== stands)
    .map(({ at, stands }) => L.polyline([stands, at], { pane: "trails", className: "spot-lead", interactive: false }).addTo(map));
}

/**
 * Add the marker of a mark.
 * @param {L.Map} map
 * @param {Mark} mark
 * @returns {Drawn}
 */
function addMark(map, mark) {
  const marker = L.marker(mark.at, {
    icon: createIcon(mark),
    interactive: Boolean(mark.press),
    keyboard: Boolean(mark.press) && !mark.isSkipped,
    pane: mark.pane,
    zIndexOffset: mark.order,
  }).addTo(map);
  const drawn = { marker, mark };
  if (mark.press) listen(drawn);
  writeLabel(drawn);
  return drawn;
}

/**
 * Bring a marker up to date.
 * @param {Drawn} drawn
 * @param {Mark} mark
 */
function updateMark(drawn, mark) {
  const old = drawn.mark;
  drawn.mark = mark;
  if (!old.at.equals(mark.at)) drawn.marker.setLatLng(mark.at);
  if (old.order !== mark.order) drawn.marker.setZIndexOffset(mark.order);
  if (old.sign !== mark.sign || old.className !== mark.className) drawn.marker.setIcon(createIcon(mark));
  if (old.label !== mark.label || old.sign !== mark.sign || old.className !== mark.className) writeLabel(drawn);
}

/**
 * Create the icon of a mark.
 * @param {Mark} mark
 */
function createIcon(mark) {
  return L.divIcon({ className: mark.className, html: mark.content(), iconSize: [mark.size, mark.size] });
}

/**
 * Let a mark be pressed, by a pointer or by the keyboard.
 * @param {Drawn} drawn
 */
function listen(drawn) {
  const { marker } = drawn;
  marker.on("click", function (event) {
    L.DomEvent.stopPropagation(event);
    if (drawn.mark.press) drawn.mark.press();
  });
  const element = marker.getElement();
  if (!element) return;
  element.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    if (drawn.mark.press) drawn.mark.press();
  });
}

/**
 * Write what a screen reader says of a mark, and its colours.
 * @param {Drawn} drawn
 */
function writeLabel({ marker, mark }) {
  const element = marker.getElement();
  if (!element) return;
  if (mark.label) {
    element.setAttribute("aria-label", mark.label);
    element.title = mark.label;
  } else element.setAttribute("aria-hidden", "true");
  if (mark.color) {
    element.style.setProperty("--layer", mark.color[0]);
    element.style.setProperty("--on-layer", mark.color[1]);
  }
}
