// The page of a trail: walking along the profile, sharing, and a message to the district office.
"use strict";

(function () {
  const byId = (id) => document.getElementById(id);
  const map = window.map_main;
  let whereOnTrail = () => null; // until somebody walks along the profile

  // -- the profile and the map show one place

  const profile = byId("profile");
  if (profile) {
    const points = JSON.parse(profile.dataset.points);
    const lang = profile.dataset.lang;
    const svg = profile.querySelector("svg");
    const mark = svg.querySelector(".profile-mark");
    const slider = byId("profile-at");
    const dot = map
      ? L.circleMarker([0, 0], { radius: 8, color: "#fff", weight: 3, fillColor: "#1668c7", fillOpacity: 1, interactive: false })
      : null;

    function metres(value) {
      if (value < 999.5) return Math.round(value).toLocaleString(lang) + " m";
      return (value / 1000).toLocaleString(lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 }) + " km";
    }

    let shown = null;
    whereOnTrail = () => shown && { along: metres(points[shown][0]), lat: points[shown][3], lon: points[shown][2] };

    function show(number) {
      shown = number;
      const [along, height, lon, lat, x, y] = points[number];
      mark.setAttribute("visibility", "visible");
      mark.querySelector("line").setAttribute("x1", x);
      mark.querySelector("line").setAttribute("x2", x);
      mark.querySelector("circle").setAttribute("cx", x);
      mark.querySelector("circle").setAttribute("cy", y);
      if (dot) dot.setLatLng([lat, lon]).addTo(map);
      const said = profile.dataset.say
        .replace("{distance}", metres(along))
        .replace("{height}", Math.round(height).toLocaleString(lang) + " m");
      byId("profile-said").textContent = said;
      slider.setAttribute("aria-valuetext", said);
      writeMessage();
    }

    svg.addEventListener("pointermove", function (event) {
      const box = svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
      let best = 0;
      points.forEach((point, i) => Math.abs(point[4] - x) < Math.abs(points[best][4] - x) && (best = i));
      slider.value = best;
      show(best);
    });
    slider.addEventListener("input", () => show(Number(slider.value)));
    slider.closest("p").hidden = false;
  }

  // -- iPhones have no geo: addresses

  const own = byId("own-map");
  if (own && /iPhone|iPad|Macintosh/.test(navigator.userAgent)) {
    const [lat, lon] = own.getAttribute("href").slice(4).split("?")[0].split(",");
    own.href = "https://maps.apple.com/?daddr=" + lat + "," + lon + "&dirflg=w";
  }

  // -- sharing

  const share = byId("share");
  if (share && (navigator.share || navigator.clipboard)) {
    share.hidden = false;
    share.addEventListener("click", async function () {
      const address = location.href.split("#")[0];
      try {
        if (navigator.share) await navigator.share({ title: document.title, url: address });
        else {
          await navigator.clipboard.writeText(address);
          share.textContent = share.dataset.done;
        }
      } catch (error) {
        if (error.name !== "AbortError") share.hidden = true;
      }
    });
  }

  // -- a message to the district office; it is written and sent by the telephone

  function writeMessage() {
    const tell = byId("tell");
    if (!tell) return;
    const there = whereOnTrail();
    const link = location.href.split(/[?#]/)[0];
    const parts = there
      ? [tell.dataset.text, tell.dataset.along.replace("{distance}", there.along), there.lat + ", " + there.lon]
      : [tell.dataset.text, tell.dataset.at];
    byId("tell-text").textContent = parts.filter(Boolean).join(" · ") + "\n" + link;
  }

  const tell = byId("tell");
  const button = byId("tell-button");
  if (tell && button) {
    writeMessage();
    if (tell.dataset.number || navigator.clipboard) button.hidden = false;
    button.addEventListener("click", async function () {
      const text = byId("tell-text").textContent;
      if (tell.dataset.number) {
        location.href = "sms:" + tell.dataset.number + "?&body=" + encodeURIComponent(text + "\n");
        return;
      }
      await navigator.clipboard.writeText(text);
      byId("tell-status").textContent = tell.dataset.copied;
    });
  }
})();
