// The map of a page of residents in one file: Leaflet's parts that it uses, and what draws on them.

import "../resident_map/leaflet.js";
import "../resident_map/renderer.js";
import "./map.js";
