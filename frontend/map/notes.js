// What is written at the foot of the map: notes, a badge, the colours of a measure.

import { createElement } from "../dom.js";
import { surroundings } from "./view.js";

const NARROW = 600; // pixels

/**
 * Add an element to the foot of the map.
 * @param {L.Map} map
 * @param {() => HTMLElement} createContent
 * @param {string} [position]
 */
function addFoot(map, createContent, position = "bottomleft") {
  const control = new L.Control({ position: /** @type {L.ControlPosition} */ (position) });
  control.onAdd = createContent;
  return control.addTo(map);
}

/**
 * Say something once, also to screen readers.
 * @param {L.Map} map
 * @param {string} text
 */
export function addNote(map, text) {
  return addFoot(map, function () {
    const note = createElement("div", "map-note", text);
    note.setAttribute("role", "status");
    return note;
  });
}

/**
 * Add a short text that stays.
 * @param {L.Map} map
 * @param {string} text
 */
export function addBadge(map, text) {
  return addFoot(map, () => createElement("div", "map-badge", text));
}

/**
 * Show the colours of a measure: always in sight, since they are what the map shows.
 * @param {L.Map} map
 * @param {ColourScale} scale
 */
export function addScale(map, { title, steps, unknown }) {
  // On a telephone it would cover the areas that it explains.
  const isNarrow = map.getSize().x < NARROW;
  const control = addFoot(map, function () {
    const box = createElement("div", isNarrow ? "scale wide" : "scale");
    box.append(createElement("strong", "", title));
    for (const [color, text] of steps) {
      const step = addStep(box, "scale-colour", text);
      step.style.background = color;
    }
    if (unknown) addStep(box, "scale-colour scale-unknown", unknown);
    return box;
  }, isNarrow ? "topleft" : "bottomleft");
  const { offsetHeight = 0 } = control.getContainer() || {};
  if (isNarrow) surroundings.insets.top = offsetHeight + 10;
}

/**
 * Add a class of a measure to its scale, and return its patch of colour.
 * @param {HTMLElement} box
 * @param {string} className
 * @param {string} text
 */
function addStep(box, className, text) {
  const step = createElement("span", "scale-step");
  const patch = createElement("span", className);
  step.append(patch, createElement("span", "", text));
  box.append(step);
  return patch;
}
