// An item that an entry finds wrong and calls repaired: the server refuses it, and the page says so before.

/**
 * Mark the repairs of items that the same entry finds wrong, so that the browser shows them instead of sending.
 * @param {HTMLFormElement} form
 */
export function markClashes(form) {
  const faulty = (form.dataset.faulty || "").split(" ");
  const fields = new FormData(form);
  const isWrong = faulty.includes(String(fields.get("grade")));
  const items = fields.getAll("item").map(String);
  // Nothing ticked: the trail as a whole, which has an empty value.
  const wrong = isWrong ? (items.length ? items : [""]) : [];
  const repairs = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("[name=repaired]"));
  for (const repair of repairs) {
    const isClash = repair.checked && wrong.includes(repair.dataset.item ?? "none");
    repair.setCustomValidity(isClash ? form.dataset.clash || "" : "");
  }
}
