// How lines and areas of layers look that are no trails; map.css has the colours of those that have none of their own.

/**
 * Return how Leaflet draws a line or an area.
 * @param {Feature} feature
 * @param {Drawing} options
 * @param {boolean} isPressed whether the shape itself is pressed
 * @returns {L.PolylineOptions}
 */
export function styleFeature(feature, options, isPressed) {
  return {
    pane: options.pane,
    color: options.color,
    weight: options.weight,
    dashArray: options.dash || undefined,
    fill: options.fillOpacity !== null,
    fillColor: feature.properties.fill || options.fill,
    fillOpacity: options.fillOpacity || 0,
    smoothFactor: 0.4, // paths bend; Leaflet's default draws them with corners
    lineCap: "round",
    lineJoin: "round",
    interactive: options.interactive && isPressed,
    className: `drawn drawn-${options.role}${feature.properties.fill ? " coloured" : ""}`,
  };
}

/**
 * Check whether white reads better than ink on a colour.
 * @param {string} color as #rrggbb; any other counts as light
 */
export function isDark(color) {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!match) return false;
  const [red, green, blue] = match.slice(1).map((part) => parseInt(part, 16));
  // Luma, as ITU-R BT.601 weighs the colours, against half of white.
  return 0.299 * red + 0.587 * green + 0.114 * blue < 127.5;
}
