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
/** More exact than the kind: a `major_road` of Protomaps is a `primary` or a `tertiary`. */
const DETAILS = ["kind_detail", "pmap:kind_detail"];
const GREEN = /(^|_)(park|forest|wood|woodland|grass|grassland|meadow|scrub|heath|garden|gardens|cemetery|grave|golf|nature|recreation|green|orchard)(_|$)/;
const NO_GREEN = /^(car|theme|water|amusement|trailer|industrial|retail|skate)_park/;
const MAIN = /^(motorway|trunk|primary|highway|major_road)/;
const MIDDLE = /^(secondary|tertiary|medium_road|main)/;
const PATH = /^(path|footway|steps|track|cycleway|pedestrian|bridleway|pier|corridor)/;
const RAIL = /rail|subway|tram|transit|narrow_gauge|funicular/;
const NO_ROAD = /ferry|aerialway|aeroway|runway|taxiway|construction|proposed/;
const FAR_PLACES = /^(continent|country|state|province|region|county)/;

/** How important a road is. @typedef {"main" | "middle" | "minor" | "path" | "rail"} RoadRank */

/**
 * Return what a feature says of its kind; empty where it says nothing.
 * @param {Record<string, unknown>} properties
 * @param {string[]} [names] of properties
 */
export function getKind(properties, names = KINDS) {
  const name = names.find((each) => typeof properties[each] === "string");
  return name ? String(properties[name]).toLowerCase() : "";
}

/**
 * Rank a road by its kind; one of no kind is a minor one, and what nobody walks beside is none: a ferry, a runway, a railway below ground.
 * @param {Record<string, unknown>} properties
 * @returns {RoadRank | null}
 */
export function rankRoad(properties) {
  const kinds = [getKind(properties, DETAILS), getKind(properties)];
  if (kinds.some((kind) => NO_ROAD.test(kind))) return null;
  if (RAIL.test(kinds[1]) || "railway" in properties) return isTunnel(properties) ? null : "rail";
  for (const kind of kinds) {
    if (MAIN.test(kind)) return "main";
    if (MIDDLE.test(kind)) return "middle";
    if (PATH.test(kind)) return "path";
    if (kind) return "minor";
  }
  return "minor";
}

/**
 * Check whether something lies below ground.
 * @param {Record<string, unknown>} properties
 */
export function isTunnel({ brunnel, is_tunnel, tunnel }) {
  return brunnel === "tunnel" || [is_tunnel, tunnel].some((value) => Boolean(value) && value !== "no");
}

/**
 * Check whether ground of many kinds is green.
 * @param {Record<string, unknown>} properties
 */
export function isGreen(properties) {
  const kind = getKind(properties);
  return GREEN.test(kind) && !NO_GREEN.test(kind);
}

/**
 * Check whether a place is as large as the map or less: nobody asks in which country a street is.
 * @param {Record<string, unknown>} properties
 */
export function isNearPlace(properties) {
  return !FAR_PLACES.test(getKind(properties));
}

/**
 * Find the property that has a feature's name in the language of a page, or else in its own.
 * @param {Record<string, unknown>} properties
 * @param {string} lang
 */
export function findNameProperty(properties, lang) {
  const short = lang.split("-")[0];
  // OpenMapTiles has names in Latin letters for all that read those.
  const letters = new Intl.Locale(lang).maximize().script === "Latn" ? ["name:latin"] : [];
  const names = ["name:" + lang, "name_" + lang, "name:" + short, "name_" + short, ...letters, "name"];
  return names.find((name) => typeof properties[name] === "string" && properties[name]) || "name";
}
