// Lets Folium's own children live on a map of ours, in notebooks and saved files: without
// Bootstrap, and without a network as far as that goes. A page of the server never loads it.
"use strict";

(function () {
  maenballo.faults = 0;

  // A child that cannot be drawn leaves the rest as it is; the map says so once (map.js).
  maenballo.missed = function (fault) {
    maenballo.faults += 1;
    console.info("Maenballo: something that was added could not be drawn.", String(fault));
  };

  // Folium writes the texts of features as markup; here they are text.
  maenballo.escaped = function (value) {
    return maenballo.element("span", "", String(value)).innerHTML;
  };

  // A layer that could not be made has no place in the list of layers.
  const addLayer = L.Control.Layers.prototype._addLayer;
  L.Control.Layers.include({
    _addLayer: function (layer, name, overlay) {
      if (layer) addLayer.call(this, layer, name, overlay);
    },
  });

  // Leaflet looks for its marker beside its style sheet, and here there is no such place.
  function drawPin(fill) {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="25" height="41" viewBox="0 0 25 41">' +
      '<path d="M12.5 40C11 32 1 23 1 12.5a11.5 11.5 0 0 1 23 0C24 23 14 32 12.5 40z" fill="' +
      fill + '" stroke="#fff" stroke-width="1.5"/><circle cx="12.5" cy="12.5" r="4.5" fill="#fff"/></svg>';
    return "data:image/svg+xml," + encodeURIComponent(svg);
  }
  const NO_SHADOW = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";
  L.Icon.Default.imagePath = "";
  L.Icon.Default.mergeOptions({ iconUrl: drawPin("#2a72b5"), iconRetinaUrl: drawPin("#2a72b5"), shadowUrl: NO_SHADOW });

  // folium.Icon without its library, which comes from another host and takes this one's place.
  const COLORS = {
    red: "#d63e2a", darkred: "#a13336", lightred: "#ff8e7f", orange: "#f69730", beige: "#d9a066",
    green: "#728224", darkgreen: "#436978", lightgreen: "#8fb827", blue: "#38aadd", darkblue: "#00649f",
    lightblue: "#6fb3d9", purple: "#a23bc2", darkpurple: "#5b396b", pink: "#e07bc0", cadetblue: "#436978",
    white: "#bdbdbd", gray: "#575757", lightgray: "#8f8f8f", black: "#303030",
  };
  function pinIcon(options) {
    return L.icon({
      iconUrl: drawPin(COLORS[options.markerColor] || COLORS.blue),
      iconSize: [25, 41],
      iconAnchor: [12, 41],
      popupAnchor: [1, -34],
    });
  }
  L.AwesomeMarkers = { icon: pinIcon, Icon: L.Icon };

  // A legend of GeoPandas can be dragged where jQuery UI has come.
  if (window.jQuery && !jQuery.fn.draggable) {
    jQuery.fn.draggable = function () {
      return this;
    };
  }
})();
