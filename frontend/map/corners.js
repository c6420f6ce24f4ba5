// Lines as they are drawn: with their corners cut, which changes nothing that is measured.

const CUT = 0.25; // of each side of a corner (Chaikin 1974)

/**
 * Cut the corners of a line, but for its ends.
 * @param {GeoJSON.Position[]} line
 * @returns {GeoJSON.Position[]}
 */
function cutCorners(line) {
  if (line.length < 3) return line;
  const cut = [line[0]];
  for (let i = 1; i < line.length - 1; i++) cut.push(moveTowards(line[i], line[i - 1]), moveTowards(line[i], line[i + 1]));
  cut.push(line[line.length - 1]);
  return cut;
}

/**
 * Return the point of a side where a corner is cut.
 * @param {GeoJSON.Position} corner
 * @param {GeoJSON.Position} end
 * @returns {GeoJSON.Position}
 */
function moveTowards([x, y], [endX, endY]) {
  return [x + CUT * (endX - x), y + CUT * (endY - y)];
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
