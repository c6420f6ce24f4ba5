// Which places on the screen are taken: boxes in an R-tree.

import RBush from "rbush";

/** @typedef {[left: number, top: number, right: number, bottom: number]} Box pixels of the map's container */
/** @typedef {{ minX: number, minY: number, maxX: number, maxY: number }} Item */

/**
 * Write a box as the tree has it.
 * @param {Box} box
 * @returns {Item}
 */
const toItem = ([left, top, right, bottom]) => ({ minX: left, minY: top, maxX: right, maxY: bottom });

/** Places that are taken. Boxes that only touch are not free of each other. */
export class Boxes {
  /** @param {Box[]} boxes */
  constructor(boxes) {
    /** @type {RBush<Item>} */
    this.tree = new RBush();
    this.tree.load(boxes.map(toItem));
  }

  /**
   * Check whether nothing that is taken lies within a box.
   * @param {Box} box
   */
  isFree(box) {
    return !this.tree.collides(toItem(box));
  }

  /**
   * Take a box.
   * @param {Box} box
   */
  take(box) {
    this.tree.insert(toItem(box));
  }

  /**
   * Give back a box that was taken.
   * @param {Box} box
   */
  release(box) {
    const item = toItem(box);
    this.tree.remove(item, (one, other) =>
      one.minX === other.minX && one.minY === other.minY && one.maxX === other.maxX && one.maxY === other.maxY);
  }
}

/**
 * Return the box around a point.
 * @param {L.Point} point
 * @param {number} reach pixels to each side
 * @returns {Box}
 */
export function boxAround({ x, y }, reach) {
  return [x - reach, y - reach, x + reach, y + reach];
}
