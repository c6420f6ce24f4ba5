// Leaflet's drawing of lines, each projected and written once after a move. Leaflet itself does both when the zoom has
// changed, when the map has moved and when it has jumped: the first view of a page is one jump with all three.

import { Renderer } from "leaflet/src/layer/vector/Renderer.js";

/**
 * What a renderer knows of its map and its lines.
 * @typedef {object} Drawn
 * @property {{ getPixelOrigin: () => L.Point }} _map
 * @property {Record<string, { _project: () => void, _update: () => void }>} _layers
 * @property {L.Bounds} _bounds within which lines are written
 * @property {L.LatLng} _center
 * @property {number} _zoom
 * @property {() => void} _update take the view of the map; lines are written after it
 * @property {(center: L.LatLng, zoom: number) => void} _updateTransform
 * @property {L.Point} [projectedFrom] the map's origin for which all lines are projected
 * @property {L.Bounds} [writtenIn] the bounds in which all lines are written
 */

Renderer.include({
  /** @this {Drawn} */
  _onZoomEnd: function () {
    // The end of the move follows at once, and writes the lines.
  },
  /** @this {Drawn} */
  _reset: function () {
    this._update();
    this._updateTransform(this._center, this._zoom);
  },
  /** @this {Drawn} */
  _updatePaths: function () {
    // A map makes a new origin for each view, and keeps it while it is dragged.
    const origin = this._map.getPixelOrigin();
    const isProjected = this.projectedFrom === origin;
    if (isProjected && this.writtenIn?.equals(this._bounds)) return;
    for (const line of Object.values(this._layers)) {
      if (!isProjected) line._project();
      line._update();
    }
    this.projectedFrom = origin;
    this.writtenIn = this._bounds;
  },
});
