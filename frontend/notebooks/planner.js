// What only maps of planners have, in notebooks and saved files: cards, names under a mouse, a legend, a list of layers.

import { addNote } from "../map/notes.js";
import { addLegend } from "../planning/legend.js";
import { listenForPointer, openCard } from "../planning/popups.js";

window.maenballo.open = openCard;
window.maenballo.plan({
  openCard,
  listenForPointer,
  furnish(map, { legend, text }) {
    addLegend(map, legend);
    const { control } = window.maenballo;
    nameControl(control ? control.getContainer() : undefined, ".leaflet-control-layers-toggle", text.layers);
    map.on("popupopen", ({ popup }) => nameControl(popup.getElement(), ".leaflet-popup-close-button", text.close));
    const { Locate } = /** @type {any} */ (L.Control);
    // The control's own way to say that there is no position is an alert in the browser's words.
    if (Locate) Locate.LocateControl.prototype.options.onLocationError = () => addNote(map, text.noPosition);
  },
});

/**
 * Name a control for everybody.
 * @param {HTMLElement | undefined} box
 * @param {string} selector
 * @param {string} name
 */
function nameControl(box, selector, name) {
  const control = box && /** @type {HTMLElement | null} */ (box.querySelector(selector));
  if (!control) return;
  control.title = name;
  control.setAttribute("aria-label", name);
}
