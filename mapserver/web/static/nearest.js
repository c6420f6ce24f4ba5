// Nearest trail, worked out on the device: the same answer as the API, and no position leaves it.
"use strict";

maenballo.nearest = (function () {
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
    if (geometry.type === "MultiLineString") return geometry.coordinates;
    return [];
  }

  function toLine(lon, lat, geometry) {
    let best = null;
    for (const line of lines(geometry)) {
      for (let i = 0; i + 1 < line.length; i++) {
        const [lon0, lat0] = line[i];
        const [lon1, lat1] = line[i + 1];
        const scale = metresPerDegree((lat + (lat0 + lat1) / 2) / 2);
        const x0 = (lon0 - lon) * scale.lon, y0 = (lat0 - lat) * scale.lat;
        const dx = (lon1 - lon0) * scale.lon, dy = (lat1 - lat0) * scale.lat;
        const squared = dx * dx + dy * dy;
        const t = squared ? Math.max(0, Math.min(1, -(x0 * dx + y0 * dy) / squared)) : 0;
        const distance = Math.hypot(x0 + t * dx, y0 + t * dy);
        if (!best || distance < best.distance_m) {
          best = {
            distance_m: distance,
            nearest_lon: lon0 + t * (lon1 - lon0),
            nearest_lat: lat0 + t * (lat1 - lat0),
          };
        }
      }
    }
    return best;
  }

  // The k nearest of a list of GeoJSON line features, nearest first.
  return function (lon, lat, features, k) {
    return features
      .map((feature) => ({ feature: feature, ...toLine(lon, lat, feature.geometry) }))
      .filter((found) => found.distance_m !== undefined)
      .sort((a, b) => a.distance_m - b.distance_m)
      .slice(0, k)
      .map((found) => ({ ...found, walk_min: found.distance_m / WALKING_M_PER_MIN }));
  };
})();
