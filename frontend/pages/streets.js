// Brings the streets once the page is there: nobody waits for them.

const address = document.currentScript?.dataset.backdrop;
if (document.readyState === "complete") bringStreets();
else window.addEventListener("load", bringStreets, { once: true });

function bringStreets() {
  if (!address) return;
  const script = document.createElement("script");
  script.src = address;
  document.head.append(script);
}
