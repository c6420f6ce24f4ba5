// What is nearest and what lies here, worked out on the device: the same answers as the API, and no
// position leaves it.
"use strict";

(function () {
  const RADIANS = Math.PI / 180;
  const A = 6378137; // WGS 84: semi-major axis in metres, and first eccentricity squared
  const E2 = 0.00669437999014;
  const WALKING_M_PER_MIN = 4000 / 60;

  // Metres for a degree on the ellipsoid at a latitude; true to 0.1 % over the width of a city.
  function metresPerDegree(lat) {
    const sin = Math.sin(lat * RADIANS);
    const w = Math.sqrt(1 - E2 * sin * sin);
    return {
      lon: (A / w) * Math.cos(lat * RADIANS) * RADIANS,
      lat: ((A * (1 - E2)) / (w * w * w)) * RADIANS,
    };
  }

  function lines(geometry) {
    if (geometry.type === "LineString") return [geometry.coordinates];
    if (geometry.type === "MultiLineString" || geometry.type === "Polygon") return geometry.coordinates;
    if (geometry.type === "MultiPolygon") return geometry.coordinates.flat();
    if (geometry.type === "Point") return [[geometry.coordinates, geometry.coordinates]];
    return [];
  }

  // Degrees from one longitude to another, the short way round the earth.
  const turn = (degrees) => degrees - 360 * Math.round(degrees / 360);

  function toLine(lon, lat, geometry) {
    let best = null;
    let walked = 0;
    for (const line of lines(geometry)) {
      for (let i = 0; i + 1 < line.length; i++) {
        const [lon0, lat0] = line[i];
        const [lon1, lat1] = line[i + 1];
        const scale = metresPerDegree((lat + (lat0 + lat1) / 2) / 2);
        const x0 = turn(lon0 - lon) * scale.lon, y0 = (lat0 - lat) * scale.lat;
        const dx = turn(lon1 - lon0) * scale.lon, dy = (lat1 - lat0) * scale.lat;
        const squared = dx * dx + dy * dy;
        const t = squared ? Math.max(0, Math.min(1, -(x0 * dx + y0 * dy) / squared)) : 0;
        const distance = Math.hypot(x0 + t * dx, y0 + t * dy);
        if (!best || distance < best.distance_m) {
          best = {
            distance_m: distance,
            nearest_lon: turn(lon0 + t * turn(lon1 - lon0)),
            nearest_lat: lat0 + t * (lat1 - lat0),
            along_m: walked + t * Math.sqrt(squared),
          };
        }
        walked += Math.sqrt(squared);
      }
    }
    return best;
  }

  // Direction from one place to another, clockwise from north.
  function bearing(lon, lat, toLon, toLat) {
    const scale = metresPerDegree((lat + toLat) / 2);
    const degrees = Math.atan2(turn(toLon - lon) * scale.lon, (toLat - lat) * scale.lat) / RADIANS;
    return (degrees + 360) % 360;
  }

  // The k nearest of a list of GeoJSON features, by their lines and borders, nearest first.
  maenballo.nearest = function (lon, lat, features, k) {
    return features
      .map((feature) => ({ feature: feature, ...toLine(lon, lat, feature.geometry) }))
      .filter((found) => found.distance_m !== undefined)
      .sort((a, b) => a.distance_m - b.distance_m)
      .slice(0, k)
      .map((found) => ({
        ...found,
        walk_min: found.distance_m / WALKING_M_PER_MIN,
        bearing_deg: bearing(lon, lat, found.nearest_lon, found.nearest_lat),
      }));
  };

  // An odd number of edges crossed by a ray to the east means inside (Shimrat 1962).
  function insideRing(lon, lat, ring) {
    let inside = false;
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const x1 = turn(ring[i][0] - lon), y1 = ring[i][1];
      const x2 = turn(ring[j][0] - lon), y2 = ring[j][1];
      if (y1 > lat !== y2 > lat && 0 < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside;
    }
    return inside;
  }

  // The features that contain a place.
  maenballo.within = function (lon, lat, features) {
    return features.filter(function ({ geometry }) {
      const polygons = geometry.type === "Polygon" ? [geometry.coordinates]
        : geometry.type === "MultiPolygon" ? geometry.coordinates : [];
      return polygons.some(([shell, ...holes]) =>
        insideRing(lon, lat, shell) && !holes.some((hole) => insideRing(lon, lat, hole)));
    });
  };

  const EIGHTHS = 45;
  maenballo.compass = (degrees, names) => names[Math.round(degrees / EIGHTHS) % names.length];
})();
