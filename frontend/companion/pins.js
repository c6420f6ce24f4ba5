// Pins for Folium's markers: drawn here, since Leaflet's own pictures and folium.Icon's library lie on other hosts.

import { FOLIUM_PINS, LEAFLET_BLUE } from "../colors.js";

const NO_SHADOW = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";
const WIDTH = 25, HEIGHT = 41; // pixels, as Leaflet's own

/**
 * Draw a pin.
 * @param {string} color
 * @returns {string} its picture as an address
 */
function drawPin(color) {
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 25 41">` +
    `<path d="M12.5 40C11 32 1 23 1 12.5a11.5 11.5 0 0 1 23 0C24 23 14 32 12.5 40z" fill="${color}"` +
    ' stroke="white" stroke-width="1.5"/><circle cx="12.5" cy="12.5" r="4.5" fill="white"/></svg>';
  return "data:image/svg+xml," + encodeURIComponent(svg);
}

/** Let Leaflet's markers and folium.Icon use these pins. */
export function usePins() {
  // Leaflet looks for its picture beside its style sheet, and here there is no such place.
  L.Icon.Default.imagePath = "";
  const url = drawPin(LEAFLET_BLUE);
  L.Icon.Default.mergeOptions({ iconUrl: url, iconRetinaUrl: url, shadowUrl: NO_SHADOW });
  // The library of folium.Icon comes from another host and takes this one's place.
  Object.assign(L, { AwesomeMarkers: { icon: createPinIcon, Icon: L.Icon } });
}

/**
 * Create the icon that folium.Icon asks for.
 * @param {{ markerColor?: string }} options
 */
function createPinIcon({ markerColor = "blue" }) {
  return L.icon({
    iconUrl: drawPin(FOLIUM_PINS[markerColor] || FOLIUM_PINS.blue),
    iconSize: [WIDTH, HEIGHT],
    iconAnchor: [12, HEIGHT],
    popupAnchor: [1, -34],
  });
}
