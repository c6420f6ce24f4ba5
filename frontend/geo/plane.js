// A plane in which the nearest place is searched: the transverse Mercator projection that the server uses, too.

import { FLATTENING, SEMI_MAJOR_M, shortenTurn } from "./ellipsoid.js";

const RADIANS = Math.PI / 180;
// Krüger's series (1912) in the third flattening n, to the fourth power: good to a hundredth of a millimetre
// some thousand kilometres around. Coefficients as in Karney (2011), equations 35 and 36.
const N = FLATTENING / (2 - FLATTENING);
const RADIUS_M = (SEMI_MAJOR_M / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
const FORWARD = [
  N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3 + (41 / 180) * N ** 4,
  (13 / 48) * N ** 2 - (3 / 5) * N ** 3 + (557 / 1440) * N ** 4,
  (61 / 240) * N ** 3 - (103 / 140) * N ** 4,
  (49561 / 161280) * N ** 4,
];
const INVERSE = [
  N / 2 - (2 / 3) * N ** 2 + (37 / 96) * N ** 3 - (1 / 360) * N ** 4,
  (1 / 48) * N ** 2 + (1 / 15) * N ** 3 - (437 / 1440) * N ** 4,
  (17 / 480) * N ** 3 - (37 / 840) * N ** 4,
  (4397 / 161280) * N ** 4,
];
const ECCENTRICITY = Math.sqrt(FLATTENING * (2 - FLATTENING));

/**
 * Return a place in the plane, in metres east of the middle meridian and north of the equator.
 * @param {number} lon degrees
 * @param {number} lat degrees
 * @param {number} middleLon degrees; the plane is true along this meridian
 * @returns {[x: number, y: number]}
 */
export function projectPlace(lon, lat, middleLon) {
  const turn = shortenTurn(lon - middleLon) * RADIANS;
  const sin = Math.sin(lat * RADIANS);
  // The conformal latitude, as its tangent.
  const tau = Math.sinh(Math.atanh(sin) - ECCENTRICITY * Math.atanh(ECCENTRICITY * sin));
  const north = Math.atan2(tau, Math.cos(turn));
  const east = Math.asinh(Math.sin(turn) / Math.hypot(tau, Math.cos(turn)));
  let x = east, y = north;
  FORWARD.forEach(function (coefficient, i) {
    const times = 2 * (i + 1);
    x += coefficient * Math.cos(times * north) * Math.sinh(times * east);
    y += coefficient * Math.sin(times * north) * Math.cosh(times * east);
  });
  return [RADIUS_M * x, RADIUS_M * y];
}

/**
 * Return the longitude and latitude of a place in the plane, in degrees.
 * @param {number} x metres
 * @param {number} y metres
 * @param {number} middleLon degrees
 * @returns {[lon: number, lat: number]}
 */
export function unprojectPlace(x, y, middleLon) {
  let east = x / RADIUS_M, north = y / RADIUS_M;
  const [e, n] = [east, north];
  INVERSE.forEach(function (coefficient, i) {
    const times = 2 * (i + 1);
    east -= coefficient * Math.cos(times * n) * Math.sinh(times * e);
    north -= coefficient * Math.sin(times * n) * Math.cosh(times * e);
  });
  const conformal = Math.asin(Math.sin(north) / Math.cosh(east));
  // From the conformal latitude to the geographic one: each round is closer by the flattening, so ten are enough.
  const isometric = Math.atanh(Math.sin(conformal));
  let sin = Math.sin(conformal);
  for (let round = 0; round < 10; round++) {
    sin = Math.tanh(isometric + ECCENTRICITY * Math.atanh(ECCENTRICITY * sin));
  }
  const turn = Math.atan2(Math.sinh(east), Math.cos(north)) / RADIANS;
  return [shortenTurn(middleLon + turn), Math.asin(sin) / RADIANS];
}
