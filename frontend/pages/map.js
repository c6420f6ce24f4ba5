// The map: draws what mapserver/drawing/maps.py hands over, on pages, in notebooks and in saved files.
// Those for planners have frontend/notebooks/planner.js beside it.

import { createElement } from "../dom.js";
import { getPageAddress } from "../map/addresses.js";
import { fitTrails, focusOn, showAll } from "../map/fitting.js";
import { markShop } from "../map/marked_shop.js";
import { furnishMap } from "../map/furniture.js";
import { letPageScroll } from "../map/gestures.js";
import { isWaiting } from "../map/later.js";
import { drawLayer } from "../map/layers.js";
import { drawPictogram } from "../map/pictograms.js";
import { pickFeature } from "../map/picking.js";
import { layers, setPlanning, toLatLng, watchMaps } from "../map/state.js";
import { delayTiles } from "../map/tiles.js";
import { awaitView } from "../map/refreshing.js";
import { setGround, setInsets, setShops, setView, zoomIn, zoomOut } from "../map/commands.js";

// Folium's script calls these by name, and so do scripts of pages and of notebooks.
window.maenballo = {
  layer: drawLayer,
  furnish: furnishMap,
  layers,
  element: createElement,
  pictogram: drawPictogram,
  toLatLng,
  addressOf: getPageAddress,
  plan: setPlanning,
  pick: pickFeature,
  awaitView,
  setView,
  setGround,
  setInsets,
  setShops,
  fitTrails,
  showAll,
  focusOn,
  markShop,
  zoomIn,
  zoomOut,
  letPageScroll,
  isWaiting,
};
watchMaps();
delayTiles();
