// What the map shows just now: the one state that lines, pins, pills and names are drawn from.

/** @type {MapView} */
export const view = { shown: null, ranks: [], chosen: null, from: null, kindOf: null, labelOf: null, hasAllFacilities: false };

/** What lies above the map, and what a page has put on it. */
export const surroundings = {
  /** @type {Insets} */
  insets: { top: 0, right: 0, bottom: 0, left: 0 },
  /** @type {Element[]} */
  takenElements: [],
  /** @type {ShopDot[]} */
  shops: [],
  /** @type {ShopDot | null} */
  markedShop: null,
  /** The one feature, not a trail, that a page is about. @type {{ layer: string, id: string } | null} */
  focus: null,
  /** What a screen reader says of several trails that share a mark, with a place for their number. */
  groupText: "{count}:",
  /** Names of the ground below the map, which stand where there is room left. @type {(() => import("../marks/pass.js").GroundName[]) | null} */
  listGround: null,
};

const OPEN_KINDS = ["open", "last", "cond"];

/**
 * Return how a trail is drawn. One of which nothing is said is not open: one does not know.
 * @param {Feature} feature
 * @returns {TrailKind}
 */
export function getKind(feature) {
  if (view.kindOf) return view.kindOf(feature.id);
  const { state = "unknown", stateKind } = feature.properties;
  if (stateKind) return stateKind;
  return state === "closed" ? "shut" : state;
}

/**
 * Check whether one can walk a trail of a kind.
 * @param {TrailKind} kind
 */
export function isOpenKind(kind) {
  return OPEN_KINDS.includes(kind);
}

/**
 * Check whether a trail is shown: filters of the page may have left it out.
 * @param {string} id
 */
export function isShown(id) {
  return !view.shown || view.shown.has(id) || id === view.chosen;
}

/**
 * Return what a screen reader says of a trail's pin.
 * @param {Feature} feature
 */
export function labelTrail({ id, properties }) {
  const ranked = view.ranks.find((each) => each.id === id);
  if (ranked) return ranked.label;
  if (view.labelOf) return view.labelOf(id);
  // On another day than that of the data, its words would be wrong.
  return [properties.name, view.kindOf ? "" : properties.stateText].filter(Boolean).join(", ");
}
