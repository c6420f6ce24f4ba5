// The sheet of a phone: three heights, dragged by its head, and one button that does the same.

import { getElement } from "../dom.js";
import { FREE_PX, sheet, texts, wide } from "./context.js";

/** @typedef {"peek" | "half" | "full"} Step */
/** @type {Step[]} */
const STEPS = ["peek", "half", "full"];
/** The largest share of the window that the half sheet covers. */
const HALF_SHARE = 0.62;
const HANDLE_PX = 24;
const LOWEST_PX = 90;
const EDGE_PX = 1; // the line at the upper edge of the sheet, which ends where the third card does

const grab = getElement("grab");
const handle = getElement("handle");
/** @type {Step} */
let step = "half";
let height_px = 0;

/** Return how much of the window's foot the sheet covers; nothing beside a panel. */
export function getCover() {
  return wide.matches ? 0 : height_px;
}

/** Return the step that the sheet stands at. */
export function getStep() {
  return step;
}

/**
 * Measure the heights of the steps. A chosen trail has one height, that of its content.
 * @returns {Record<Step, number>} pixels
 */
export function measureSteps() {
  const full = innerHeight - FREE_PX;
  if (sheet.classList.contains("picked")) {
    const content = Math.min(getElement("pick").offsetHeight + HANDLE_PX, full);
    return { peek: content, half: content, full: full };
  }
  const head = getElement("list-head").offsetHeight + HANDLE_PX;
  /** @type {NodeListOf<HTMLElement>} */
  const parts = sheet.querySelectorAll("#nearest > li:nth-child(-n + 3), #none:not([hidden]), #place-notice:not([hidden])");
  const content = Array.from(parts, (part) => part.offsetHeight).reduce((sum, part) => sum + part, 0);
  const half = Math.min(head + Math.max(content, 2 * LOWEST_PX) + EDGE_PX, Math.round(innerHeight * HALF_SHARE));
  return { peek: head + 10, half: half, full: full };
}

/**
 * Bring the sheet to a step.
 * @param {Step} wanted
 */
export function moveSheet(wanted) {
  step = wanted;
  const isFull = wanted === "full";
  const height = measureSteps()[wanted];
  // Before the height changes: else the browser would lay out the page once more to scroll it.
  if (!isFull && !wide.matches) getElement("sheet-body").scrollTop = 0;
  setHeight(height);
  handle.setAttribute("aria-label", isFull ? texts.less : texts.more);
  handle.setAttribute("aria-expanded", String(isFull));
}

/** @param {number} px */
function setHeight(px) {
  height_px = px;
  // Only on those that are placed by it: on the body, each element of the page would be styled anew.
  for (const element of document.querySelectorAll(".sheet, .sheet-body, .home .leaflet-bottom")) {
    /** @type {HTMLElement} */ (element).style.setProperty("--sheet", `${px}px`);
  }
}

/**
 * Let people drag the sheet, and press its handle.
 * @param {() => void} onMove is called after the sheet has come to another step
 */
export function offerDragging(onMove) {
  /** @type {{ y: number, height: number, moved: number, trace: [y: number, time: number][] } | null} */
  let drag = null;
  let justDragged = false;

  grab.addEventListener("pointerdown", function (event) {
    const target = /** @type {Element} */ (event.target);
    if (wide.matches || target.closest("a, select, button:not(#handle)")) return;
    drag = { y: event.clientY, height: height_px, moved: 0, trace: [] };
  });
  document.addEventListener("pointermove", function (event) {
    if (!drag) return;
    const rise = drag.y - event.clientY;
    drag.moved = Math.max(drag.moved, Math.abs(rise));
    if (drag.moved < 5) return; // a press stays a press: before it moves nothing is captured
    if (!sheet.classList.contains("drag")) {
      sheet.classList.add("drag");
      grab.setPointerCapture(event.pointerId);
    }
    drag.trace = [...drag.trace.filter(([, time]) => event.timeStamp - time < 120), [event.clientY, event.timeStamp]];
    setHeight(Math.max(LOWEST_PX, Math.min(innerHeight - FREE_PX, drag.height + rise)));
  });

  /** @param {PointerEvent} event */
  function release(event) {
    if (!drag) return;
    const { moved, trace } = drag;
    drag = null;
    sheet.classList.remove("drag");
    if (moved < 5) return;
    const [first] = trace.filter(([, time]) => event.timeStamp - time < 120);
    const speed = first ? (first[0] - event.clientY) / Math.max(1, event.timeStamp - first[1]) : 0;
    moveSheet(chooseStep(speed));
    justDragged = true; // the click that ends a drag is none
    setTimeout(() => (justDragged = false), 60);
    onMove();
  }
  document.addEventListener("pointerup", release);
  document.addEventListener("pointercancel", release);
  handle.addEventListener("click", function () {
    if (justDragged) return;
    moveSheet(step === "full" || step === "peek" ? "half" : "full");
    onMove();
  });
}

const FLICK_PX_PER_MS = 0.45;

/**
 * Choose where a sheet that is let go comes to rest: a flick goes one step on, else it is the nearest step.
 * @param {number} speed pixels a millisecond, upwards
 * @returns {Step}
 */
function chooseStep(speed) {
  const steps = measureSteps();
  const ordered = [...STEPS].sort((a, b) => steps[a] - steps[b]);
  if (speed > FLICK_PX_PER_MS) return ordered.find((each) => steps[each] > height_px + 8) || "full";
  if (speed < -FLICK_PX_PER_MS) return ordered.filter((each) => steps[each] < height_px - 8).pop() || "peek";
  return ordered.reduce((a, b) => (Math.abs(steps[b] - height_px) < Math.abs(steps[a] - height_px) ? b : a));
}
