// Lets Folium's own children live on a map of ours, in notebooks and saved files: without
// Bootstrap, and without a network as far as that goes. A page of the server never loads it.

import { createElement } from "../dom.js";
import { usePins } from "../companion/pins.js";

window.maenballo.faults = 0;

// A child that cannot be drawn leaves the rest as it is; the map says so once (map/furniture.js).
window.maenballo.missed = function (fault) {
  window.maenballo.faults = (window.maenballo.faults || 0) + 1;
  console.info("Maenballo: something that was added could not be drawn.", String(fault));
};

// Folium writes the texts of features as markup; here they are text.
window.maenballo.escaped = (value) => createElement("span", "", String(value)).innerHTML;

const { prototype } = /** @type {{ prototype: any }} */ (L.Control.Layers);
const addLayer = prototype._addLayer;
L.Control.Layers.include({
  /**
   * Add a layer to the list, unless it could not be made.
   * @this {L.Control.Layers}
   * @param {L.Layer | undefined} layer
   * @param {string} name
   * @param {boolean} isOverlay
   */
  _addLayer(layer, name, isOverlay) {
    if (layer) addLayer.call(this, layer, name, isOverlay);
  },
});

usePins();

// A legend of GeoPandas can be dragged where jQuery UI has come.
const { jQuery } = window;
if (jQuery && !jQuery.fn.draggable) {
  jQuery.fn.draggable = /** @this {unknown} */ function () {
    return this;
  };
}
