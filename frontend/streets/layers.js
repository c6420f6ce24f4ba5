// What a layer of vector tiles is, whoever made them: by its name, and by what its features say of their kind.

/** Names of layers: of Protomaps, OpenMapTiles, Shortbread, tippecanoe's files, and our own roles. */
export const LAYERS = {
  green: ["green", "park", "parks", "forest"],
  land: ["landuse", "landcover", "natural", "land", "sites"],
  water: ["water", "ocean", "water_areas", "water_polygons", "rivers", "waterway", "waterways", "water_lines"],
  buildings: ["building", "buildings"],
  roads: ["road", "roads", "street", "streets", "transportation", "transit", "highway"],
  roadNames: ["road", "roads", "street", "streets", "highway", "transportation_name", "street_labels"],
  places: ["place", "places", "place_label", "place_labels"],
};

const KINDS = ["kind", "class", "highway", "fclass", "pmap:kind", "subclass", "type"];
const GREEN = /park|forest|wood|grass|meadow|scrub|garden|cemetery|grave|golf|nature|recreation|village_green|orchard/;
const MAIN = /^(motorway|trunk|primary|highway|major_road)/;
const MIDDLE = /^(secondary|tertiary|medium_road|main)/;
const PATH = /^(path|footway|steps|track|cycleway|pedestrian|bridleway)/;
const RAIL = /rail|subway|tram|transit/;

/** How important a road is. @typedef {"main" | "middle" | "minor" | "path" | "rail"} RoadRank */

/**
 * Return what a feature says of its kind; empty where it says nothing.
 * @param {Record<string, unknown>} properties
 */
export function getKind(properties) {
  const name = KINDS.find((each) => typeof properties[each] === "string");
  return name ? String(properties[name]) : "";
}

/**
 * Rank a road by its kind; one of no kind is a minor one.
 * @param {Record<string, unknown>} properties
 * @returns {RoadRank}
 */
export function rankRoad(properties) {
  const kind = getKind(properties);
  if (MAIN.test(kind)) return "main";
  if (MIDDLE.test(kind)) return "middle";
  if (PATH.test(kind)) return "path";
  return RAIL.test(kind) || "railway" in properties ? "rail" : "minor";
}

/**
 * Check whether ground of many kinds is green.
 * @param {Record<string, unknown>} properties
 */
export function isGreen(properties) {
  return GREEN.test(getKind(properties));
}
