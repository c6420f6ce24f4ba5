// The map: draws what mapserver/drawing/maps.py hands over, on pages, in notebooks and in saved files.

import { createElement } from "../dom.js";
import { getPageAddress } from "../map/addresses.js";
import { furnishMap } from "../map/furniture.js";
import { drawLayer } from "../map/layers.js";
import { drawPictogram } from "../map/pictograms.js";
import { openCard } from "../map/popups.js";
import { layers, toLatLng, watchMaps } from "../map/state.js";

// Folium's script calls these by name, and so do scripts of pages and of notebooks.
window.maenballo = {
  layer: drawLayer,
  furnish: furnishMap,
  open: openCard,
  layers: layers,
  element: createElement,
  pictogram: drawPictogram,
  toLatLng: toLatLng,
  addressOf: getPageAddress,
};
watchMaps();
