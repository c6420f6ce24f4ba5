// What is nearest to a place, worked out on the device: the same answers as the API, and no position leaves it.
// As on the server, the nearest place is searched in a plane and its distance measured on the ellipsoid.

import { measureWay } from "./ellipsoid.js";
import { projectPlace, unprojectPlace } from "./plane.js";

/** @typedef {{ middleLon: number, lines: [x: number, y: number][][] }} ProjectedLines */
/** @type {WeakMap<GeoJSON.Geometry, ProjectedLines>} */
const projectedLines = new WeakMap(); // each shape is projected once

/**
 * Return the lines of a shape: of an area its borders, of a point the point itself twice.
 * @param {GeoJSON.Geometry} geometry
 * @returns {GeoJSON.Position[][]}
 */
export function listLines(geometry) {
  switch (geometry.type) {
    case "LineString": return [geometry.coordinates];
    case "MultiLineString":
    case "Polygon": return geometry.coordinates;
    case "MultiPolygon": return geometry.coordinates.flat();
    case "Point": return [[geometry.coordinates, geometry.coordinates]];
    default: return [];
  }
}

/**
 * Return the lines of a shape in the plane about a meridian.
 * @param {GeoJSON.Geometry} geometry
 * @param {number} middleLon degrees
 */
function projectLines(geometry, middleLon) {
  const projection = projectedLines.get(geometry);
  if (projection && projection.middleLon === middleLon) return projection.lines;
  const lines = listLines(geometry).map((line) => line.map(([lon, lat]) => projectPlace(lon, lat, middleLon)));
  projectedLines.set(geometry, { middleLon: middleLon, lines: lines });
  return lines;
}

/**
 * Find the place on lines that is nearest to a point of the plane.
 * @param {number} x metres
 * @param {number} y metres
 * @param {[x: number, y: number][][]} lines
 * @returns {{ x: number, y: number, squared: number, along_m: number } | null} null when there is no line
 */
function findNearestOnLines(x, y, lines) {
  let nearest = null;
  let walked_m = 0; // gaps between lines are not walked
  for (const line of lines) {
    for (let i = 0; i + 1 < line.length; i++) {
      const [x0, y0] = line[i];
      const dx = line[i + 1][0] - x0, dy = line[i + 1][1] - y0;
      const squaredLength = dx * dx + dy * dy;
      // The foot of the perpendicular, as a share of the segment and not beyond its ends.
      const share = squaredLength ? Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / squaredLength)) : 0;
      const footX = x0 + share * dx, footY = y0 + share * dy;
      const squared = (footX - x) ** 2 + (footY - y) ** 2;
      const length_m = Math.sqrt(squaredLength);
      if (!nearest || squared < nearest.squared) {
        nearest = { x: footX, y: footY, squared: squared, along_m: walked_m + share * length_m };
      }
      walked_m += length_m;
    }
  }
  return nearest;
}

/**
 * Find the features nearest to a place, by their lines and borders, the nearest first.
 * @template {GeoJSON.Feature | { geometry: GeoJSON.Geometry }} F
 * @param {number} lon degrees
 * @param {number} lat degrees
 * @param {F[]} features
 * @param {number} count at most so many
 * @returns {Nearest<F>[]}
 */
export function findNearest(lon, lat, features, count) {
  const first = features.flatMap(({ geometry }) => (geometry ? listLines(geometry) : []))[0];
  if (!first) return [];
  // Near the city, and the same for nearly all that is asked of it, so that each shape is projected once.
  const middleLon = Math.round(10 * first[0][0]) / 10;
  const [x, y] = projectPlace(lon, lat, middleLon);
  const answers = [];
  for (const feature of features) {
    const foot = feature.geometry && findNearestOnLines(x, y, projectLines(feature.geometry, middleLon));
    if (!foot) continue;
    const [nearestLon, nearestLat] = unprojectPlace(foot.x, foot.y, middleLon);
    answers.push({
      feature: feature,
      nearest_lon: nearestLon,
      nearest_lat: nearestLat,
      along_m: foot.along_m,
      ...measureWay(lon, lat, nearestLon, nearestLat),
    });
  }
  return answers.sort((a, b) => a.distance_m - b.distance_m).slice(0, count);
}
