// Finds Korean text as people type it: the twin of mapserver/text/hangul.py.
"use strict";

window.maenballo = window.maenballo || {};
maenballo.finder = (function () {
  const INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
  const FIRST = 0xac00, LAST = 0xd7a3, FINALS = 28;
  const PER_INITIAL = 21 * FINALS; // The Unicode Standard, 3.12

  function sign(typed) {
    const initial = INITIALS.indexOf(typed);
    if (initial >= 0) {
      const first = FIRST + initial * PER_INITIAL;
      return `[${typed}${String.fromCharCode(first)}-${String.fromCharCode(first + PER_INITIAL - 1)}]`;
    }
    const code = typed.charCodeAt(0);
    if (code >= FIRST && code <= LAST && (code - FIRST) % FINALS === 0) {
      // A syllable without a final may be one whose final is still to be typed.
      return `[${typed}-${String.fromCharCode(code + FINALS - 1)}]`;
    }
    return /\s/.test(typed) ? "\\s+" : typed.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  }

  return (query) => new RegExp(Array.from(query.normalize("NFC").trim(), sign).join(""), "i");
})();
