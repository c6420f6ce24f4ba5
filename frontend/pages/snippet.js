// Writes the snippet for another site where no server does.
"use strict";

(function () {
  const form = document.querySelector("form.filters");
  const preview = document.querySelector("iframe.embedded");
  const snippet = document.getElementById("snippet");
  const map = new URL(preview.getAttribute("src").split("?")[0], location.href).href;

  function write() {
    const layers = Array.from(form.querySelectorAll("[name=layers]:checked"), (box) => box.value);
    const address = map + (layers.length ? "?" + new URLSearchParams({ layers: layers.join(",") }) : "");
    if (preview.src !== address) preview.src = address;
    const frame = document.createElement("iframe");
    const { title, width, height } = snippet.dataset;
    const about = { src: address, title: title, width: width, height: height, allow: "geolocation", loading: "lazy" };
    for (const [name, value] of Object.entries(about)) frame.setAttribute(name, value);
    // The policy of this page forbids the attribute here; the other site's decides there.
    snippet.value = frame.outerHTML.replace("></iframe>", ' style="border:0;max-width:100%"></iframe>');
  }

  form.hidden = false;
  form.addEventListener("change", write);
  form.addEventListener("submit", (event) => event.preventDefault());
  write();
})();
