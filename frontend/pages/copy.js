// Buttons that copy a text of the page.
"use strict";

for (const button of document.querySelectorAll("[data-copies]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async function () {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).value);
    document.getElementById(button.getAttribute("aria-describedby")).textContent = button.dataset.done;
  });
}
