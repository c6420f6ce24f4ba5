// The pages of welfare by need: what one can apply for on this day, what fits, and one's own centre.

import { getDay, onDay } from "../days/day.js";
import { offerCentres } from "../help/centre.js";
import { connectChoices } from "../help/choosing.js";
import { writeRunning } from "../help/running.js";

writeRunning(getDay());
onDay(writeRunning);
/** @type {HTMLFormElement | null} */
const form = document.querySelector("form.filters");
const list = document.getElementById("listed");
if (form && list) connectChoices(list, form);
offerCentres();
