// Which areas contain a place: the same answers as the API's /locate.

/**
 * Check where a place lies to a ring, with straight edges in longitude and latitude (RFC 7946).
 *
 * An odd number of edges crossed by a ray to the east means inside (Shimrat 1962).
 * @param {number} lon degrees
 * @param {number} lat degrees
 * @param {GeoJSON.Position[]} ring
 * @returns {"inside" | "border" | "outside"}
 */
function placeInRing(lon, lat, ring) {
  let isInside = false;
  // Whole turns round the earth that a vertex lies ahead of the place: a ring that crosses 180 degrees makes one.
  let turns = Math.round((ring[0][0] - lon) / 360);
  for (let i = 0; i + 1 < ring.length; i++) {
    const x0 = ring[i][0] - 360 * turns - lon, y0 = ring[i][1] - lat;
    turns += Math.round((ring[i + 1][0] - ring[i][0]) / 360);
    const x1 = ring[i + 1][0] - 360 * turns - lon, y1 = ring[i + 1][1] - lat;
    // The place is the origin here: 0 when it lies on the edge or on the edge's prolongation.
    const side = x0 * y1 - x1 * y0;
    if (side === 0 && x0 * x1 <= 0 && y0 * y1 <= 0) return "border";
    if (y0 > 0 !== y1 > 0 && side > 0 === y1 > y0) isInside = !isInside;
  }
  return isInside ? "inside" : "outside";
}

/**
 * Check whether a polygon contains a place; its border belongs to it.
 * @param {number} lon degrees
 * @param {number} lat degrees
 * @param {GeoJSON.Position[][]} polygon the outer ring, and the holes
 */
function containsPlace(lon, lat, [shell, ...holes]) {
  if (!shell || !shell.length) return false; // an empty polygon
  const isInHole = holes.some((hole) => placeInRing(lon, lat, hole) === "inside");
  return placeInRing(lon, lat, shell) !== "outside" && !isInHole;
}

/**
 * Find the features that contain a place.
 * @template {GeoJSON.Feature | { geometry: GeoJSON.Geometry }} F
 * @param {number} lon degrees
 * @param {number} lat degrees
 * @param {F[]} features
 * @returns {F[]}
 */
export function findContaining(lon, lat, features) {
  return features.filter(function ({ geometry }) {
    if (!geometry) return false;
    if (geometry.type === "Polygon") return containsPlace(lon, lat, geometry.coordinates);
    return geometry.type === "MultiPolygon" && geometry.coordinates.some((polygon) => containsPlace(lon, lat, polygon));
  });
}
