// The first page: one state, from which list, map and sheet are drawn in one pass.

import { findContaining } from "../geo/containment.js";
import { findNearest } from "../geo/nearest.js";
import { keepAddress } from "../home/address.js";
import { offerChips } from "../home/chips.js";
import { offerChoosing, returnFocus } from "../home/choosing.js";
import { showHere } from "../home/here.js";
import { offerPlaces } from "../home/place.js";
import { offerSearch } from "../home/search.js";
import { getStep, moveSheet, offerDragging } from "../home/sheet.js";
import { moveMap, setCover, showState } from "../home/show.js";
import { onChange } from "../home/state.js";
import { offerDay } from "../home/today.js";
import { trails } from "../home/trails.js";
import { offerSharing } from "../site/share.js";

offerSearch();
if (trails.length) {
  window.maenballo?.awaitView?.();
  onChange(showState);
  onChange(showHere);
  onChange(returnFocus);
  offerChips();
  offerPlaces();
  offerChoosing();
  offerDay();
  offerSharing();
  offerDragging(setCover);
  keepAddress();
  // A window that is turned, or text that grows: the sheet has other heights, and the map another middle.
  addEventListener("resize", function () {
    moveSheet(getStep());
    setCover();
    window.map_main?.invalidateSize({ pan: false });
    moveMap();
  });
}

// For those who ask at the console, and for the tests.
if (window.maenballo) Object.assign(window.maenballo, { nearest: findNearest, within: findContaining });
