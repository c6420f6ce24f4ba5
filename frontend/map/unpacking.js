// Reads the features of maps of residents, whose coordinates mapserver/drawing/packing.py has packed.

const STEPS_PER_DEG = 1e6;

/**
 * Write the coordinates of packed features in degrees, as GeoJSON has them, and the place of each mark.
 * @param {FeatureCollection} data changed in place; what is not packed stays as it is
 */
export function unpackFeatures(data) {
  for (const { geometry, properties } of data.features) {
    const packed = /** @type {{ type: string, steps?: any[], coordinates?: any }} */ (geometry);
    if (packed?.steps) {
      packed.coordinates = unpackSteps(packed.steps);
      if (packed.type === "Point") packed.coordinates = packed.coordinates[0];
      delete packed.steps;
    }
    // An outline that an earlier layer has, too, was unpacked there.
    if (packed?.coordinates) properties.label ??= findFirstPosition(packed.coordinates);
  }
}

/**
 * Return the positions of a line or ring, or of each line of several.
 * @param {any[]} steps whole steps from the position before, the first from zero
 * @returns {any[]}
 */
function unpackSteps(steps) {
  if (typeof steps[0] !== "number") return steps.map(unpackSteps);
  const positions = [];
  for (let i = 0, lon = 0, lat = 0; i < steps.length; i += 2) {
    lon += steps[i];
    lat += steps[i + 1];
    // Divided, the numbers are those that were packed; multiplied, some would end in ...0000001.
    positions.push([lon / STEPS_PER_DEG, lat / STEPS_PER_DEG]);
  }
  return positions;
}

/**
 * Return the first position of coordinates.
 * @param {any} coordinates
 * @returns {LonLat}
 */
function findFirstPosition(coordinates) {
  return typeof coordinates[0] === "number" ? coordinates : findFirstPosition(coordinates[0]);
}
