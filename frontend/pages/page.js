// The first page: joins the map and the lists, and answers what is near, without sending a position.

import { followAddress, offerAsking } from "../first_page/asking.js";
import { listTrails, map } from "../first_page/context.js";
import { joinListsAndMap, offerFinding } from "../first_page/lists.js";
import { offerPlaces } from "../first_page/places.js";
import { offerSharing } from "../first_page/sharing.js";
import { findContaining } from "../geo/containment.js";
import { findNearest } from "../geo/nearest.js";
import { addShopLayers } from "../shops/layers.js";

addShopLayers();
joinListsAndMap();
if (map && document.getElementById("near-me") && listTrails().length) {
  offerAsking();
  offerSharing();
}
if (document.getElementById("near-place")) offerPlaces();
offerFinding();
if (location.hash.length > 1) followAddress();
addEventListener("hashchange", followAddress);

// For those who ask at the console, and for the tests.
Object.assign(window.maenballo, { nearest: findNearest, within: findContaining });
