// Messages that the telephone writes and sends.

/**
 * Open the telephone's own message to a number.
 * @param {string} number
 * @param {string} message
 */
export function openMessage(number, message) {
  // "?&" is read by iPhones and by Android alike.
  location.href = "sms:" + number + "?&body=" + encodeURIComponent(message + "\n");
}
