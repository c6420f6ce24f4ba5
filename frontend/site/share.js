// Sharing a page: by the sheet of the telephone, or by copying the address.

/** Let every button of the page that is for it share the address that it names, or that of the page. */
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
 * Share an address, or copy it and say so on the button.
 * @param {HTMLElement} button
 */
async function sharePage(button) {
  const address = button.dataset.share || location.href.split("#")[0];
  const title = button.dataset.title || document.title;
  try {
    if (navigator.share) return await navigator.share({ title: title, url: address });
    await navigator.clipboard.writeText(address);
    const words = button.querySelector("span") || button;
    words.textContent = button.dataset.done || "";
    words.classList.remove("sr"); // of a button that is a sign alone
  } catch (error) {
    // Who changes their mind may try again; what cannot be done is not offered any more.
    if (/** @type {Error} */ (error).name !== "AbortError") button.hidden = true;
  }
}
