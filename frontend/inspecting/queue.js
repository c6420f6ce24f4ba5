// Entries of an inspector that wait until there is signal. They stand in this browser alone, and go once they are sent.

/**
 * @typedef {object} Waiting
 * @property {string} key tells an entry from all others, so that the server writes it once
 * @property {string} trail its id
 * @property {string} label what the list of waiting entries says
 * @property {[name: string, value: string][]} fields
 * @property {string} [problem] why the server refused it: it waits for somebody to look
 */

const PLACE = "maenballo-inspections";
const MOST = 200; // a month of rounds: more would be a fault of ours, and fill the storage

/** @type {Waiting[]} Where storage is forbidden, entries wait as long as the page is open. */
let memory = [];

/** @returns {Waiting[]} the oldest first */
export function listWaiting() {
  try {
    const list = JSON.parse(localStorage.getItem(PLACE) || "[]");
    return Array.isArray(list) ? list.filter((entry) => entry && Array.isArray(entry.fields)) : [];
  } catch {
    return memory;
  }
}

/** @param {Waiting[]} list */
function store(list) {
  memory = list.slice(-MOST);
  try {
    localStorage.setItem(PLACE, JSON.stringify(memory));
  } catch {
    // The list in memory is all that there is then.
  }
}

/**
 * Keep an entry; one with its key is replaced. Another page may have changed the list: it is read each time.
 * @param {Waiting} entry
 */
export function keepEntry(entry) {
  store([...listWaiting().filter(({ key }) => key !== entry.key), entry]);
}

/** @param {string} key */
export function dropEntry(key) {
  store(listWaiting().filter((entry) => entry.key !== key));
}

/** Make a key that nobody else makes. */
export function makeKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
