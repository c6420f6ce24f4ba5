// Lines as they are drawn: with their corners cut, which changes nothing that is measured.

const CUT = 0.25; // of each side of a corner (Chaikin 1974)

/**
 * Cut the corners of a line, but for its ends.
 * @param {GeoJSON.Position[]} line
 * @returns {GeoJSON.Position[]}
 */
function cutCorners(line) {
  if (line.length < 3) return line;
  const inner = line.slice(1, -1).flatMap(function (corner, i) {
    return [line[i], line[i + 2]].map((end) => [
      corner[0] + CUT * (end[0] - corner[0]),
      corner[1] + CUT * (end[1] - corner[1]),
    ]);
  });
  return [line[0], ...inner, line[line.length - 1]];
}

/**
 * Return lines with their corners cut; what is no line stays as it is.
 * @param {FeatureCollection} data
 * @returns {FeatureCollection}
 */
export function roundLines(data) {
  return { ...data, features: data.features.map((feature) => ({ ...feature, geometry: roundGeometry(feature.geometry) })) };
}

/**
 * Return a geometry with the corners of its lines cut.
 * @param {GeoJSON.Geometry} geometry
 * @returns {GeoJSON.Geometry}
 */
function roundGeometry(geometry) {
  if (geometry.type === "LineString") return { ...geometry, coordinates: cutCorners(geometry.coordinates) };
  if (geometry.type === "MultiLineString") return { ...geometry, coordinates: geometry.coordinates.map(cutCorners) };
  return geometry;
}
