// Sharing a trail: by the sheet of the telephone, or by copying the address.

/** Let every button of the page that is for it share the address of the page. */
export function offerSharing() {
  if (!navigator.share && !navigator.clipboard) return;
  /** @type {NodeListOf<HTMLElement>} */
  const buttons = document.querySelectorAll("[data-share]");
  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", () => sharePage(button));
  }
}

/**
 * Share the address of the page, or copy it and say so on the button.
 * @param {HTMLElement} button
 */
async function sharePage(button) {
  const address = location.href.split("#")[0];
  try {
    if (navigator.share) return await navigator.share({ title: document.title, url: address });
    await navigator.clipboard.writeText(address);
    (button.querySelector("span") || button).textContent = button.dataset.done || "";
  } catch (error) {
    // Who changes their mind may try again; what cannot be done is not offered any more.
    if (/** @type {Error} */ (error).name !== "AbortError") button.hidden = true;
  }
}
