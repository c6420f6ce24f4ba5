// How the streets are painted: quiet, so that trails, pins and names above them lead.

import { CenteredTextSymbolizer, LineLabelSymbolizer, LineSymbolizer, PolygonSymbolizer } from "protomaps-leaflet";
import { LAYERS, findNameProperty, isGreen, isNearPlace, isTunnel, rankRoad } from "./layers.js";
import { makeSilent } from "./names.js";

/** @typedef {import("protomaps-leaflet").PaintRule} PaintRule */
/** @typedef {import("protomaps-leaflet").LabelRule} LabelRule */
/** @typedef {import("protomaps-leaflet").Feature} TileFeature */
/** @typedef {import("./layers.js").RoadRank} RoadRank */

const LINE = 2;
const AREA = 3;

const PLACES_APART = 100; // pixels between places for one name: where one is taken, another may be free

/** Width at zoom 15 in pixels, and the zoom from which a road is painted and named. */
const ROADS = /** @type {Record<RoadRank, { width: number, from: number, namedFrom: number }>} */ ({
  path: { width: 0.8, from: 15, namedFrom: 17 },
  minor: { width: 2.4, from: 13, namedFrom: 16 },
  rail: { width: 1.2, from: 12, namedFrom: 99 },
  middle: { width: 4.2, from: 11, namedFrom: 15 },
  main: { width: 6, from: 8, namedFrom: 14 },
});

/**
 * Make the rules by which tiles are painted, the lowest first.
 * @param {Record<string, string>} colors
 * @returns {PaintRule[]}
 */
export function makePaintRules(colors) {
  const fill = (/** @type {string} */ color) => new PolygonSymbolizer({ fill: color });
  const isArea = (/** @type {number} */ _, /** @type {TileFeature} */ { geomType }) => geomType === AREA;
  // A stream below a street is not seen.
  const isOpenLine = (/** @type {number} */ _, /** @type {TileFeature} */ { geomType, props }) => geomType === LINE && !isTunnel(props);
  return [
    ...LAYERS.land.map((dataLayer) => ({
      dataLayer,
      symbolizer: fill(colors.green),
      filter: (/** @type {number} */ _, /** @type {TileFeature} */ { geomType, props }) => geomType === AREA && isGreen(props),
    })),
    ...LAYERS.green.map((dataLayer) => ({ dataLayer, symbolizer: fill(colors.green), filter: isArea })),
    ...LAYERS.water.map((dataLayer) => ({ dataLayer, symbolizer: fill(colors.water), filter: isArea })),
    ...LAYERS.water.map((dataLayer) => ({ dataLayer, symbolizer: drawLine(colors.water, 2), filter: isOpenLine })),
    ...LAYERS.buildings.map((dataLayer) => ({ dataLayer, symbolizer: fill(colors.building), filter: isArea, minzoom: 15 })),
    ...makeRoadRules("edge", colors["road-edge"], 1.4, colors),
    ...makeRoadRules("inside", colors.road, 0, colors),
  ];
}

/**
 * Make the rules for the edges or the insides of all roads, so that no edge cuts across a crossing.
 * @param {"edge" | "inside"} part
 * @param {string} color
 * @param {number} moreWidth
 * @param {Record<string, string>} colors
 */
function makeRoadRules(part, color, moreWidth, colors) {
  return Object.entries(ROADS).flatMap(function ([rank, { width, from }]) {
    // Paths and rails are thin lines without an inside.
    const isThin = rank === "path" || rank === "rail";
    if (isThin && part === "inside") return [];
    const symbolizer = drawLine(rank === "rail" ? colors.rail : color, width, isThin ? 0 : moreWidth);
    return LAYERS.roads.map((dataLayer) => ({
      dataLayer,
      symbolizer,
      minzoom: from,
      filter: (/** @type {number} */ _, /** @type {TileFeature} */ { geomType, props }) => geomType === LINE && rankRoad(props) === rank,
    }));
  });
}

/**
 * Draw lines that grow with the zoom.
 * @param {string} color
 * @param {number} width at zoom 15
 * @param {number} [moreWidth] at any zoom
 */
function drawLine(color, width, moreWidth = 0) {
  const widthAt = (/** @type {number} */ zoom) => Math.max(0.6, width * 1.5 ** (zoom - 15)) + moreWidth;
  return new LineSymbolizer({ color, width: widthAt, lineCap: "round", lineJoin: "round" });
}

/**
 * Make the rules by which names find places; the map writes them (names.js).
 * @param {string} lang language of the page
 * @param {string} font
 * @param {Set<string>} ownNames names that the map has already
 * @param {() => void} onPlaces called when there are other places
 * @returns {LabelRule[]}
 */
export function makeLabelRules(lang, font, ownNames, onPlaces) {
  /** @param {TileFeature["props"]} props */
  const getText = (props) => String(props[findNameProperty(props, lang)] || "");
  const labelProps = (/** @type {number} */ _, /** @type {TileFeature | undefined} */ feature) => [findNameProperty(feature ? feature.props : {}, lang)];
  const ofRoads = new LineLabelSymbolizer({ labelProps, font, repeatDistance: PLACES_APART });
  const ofPlaces = new CenteredTextSymbolizer({ labelProps, font });
  return [
    ...LAYERS.places.map((dataLayer) => ({
      dataLayer,
      symbolizer: makeSilent(ofPlaces, getText, onPlaces),
      minzoom: 12,
      filter: (/** @type {number} */ zoom, /** @type {TileFeature} */ { props }) =>
        isNearPlace(props) && zoom >= Number(props.min_zoom || 0) && !ownNames.has(getText(props)) && !ownNames.has(String(props.name)),
    })),
    ...LAYERS.roadNames.map((dataLayer) => ({
      dataLayer,
      symbolizer: makeSilent(ofRoads, getText, onPlaces),
      minzoom: 14,
      filter: (/** @type {number} */ zoom, /** @type {TileFeature} */ { geomType, props }) => geomType === LINE && isRoadNamed(zoom, props),
    })),
  ];
}

/**
 * Check whether a road has its name at a zoom.
 * @param {number} zoom
 * @param {TileFeature["props"]} props
 */
function isRoadNamed(zoom, props) {
  const rank = rankRoad(props);
  return rank !== null && zoom >= ROADS[rank].namedFrom;
}
