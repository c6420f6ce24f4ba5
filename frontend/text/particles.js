// Korean particles after a value, by the sound on which it ends: the twin of mapserver/errors/particles.py.

/**
 * Each pair as it is written, with the particle after a consonant and the one after a vowel.
 * @type {Record<string, [string, string]>}
 */
const PAIRS = {
  "이(가)": ["이", "가"], "을(를)": ["을", "를"], "은(는)": ["은", "는"], "과(와)": ["과", "와"],
  "와(과)": ["과", "와"], "(으)로": ["으로", "로"], "(이)": ["이", ""],
};
const FIRST_SYLLABLE = 0xac00, LAST_SYLLABLE = 0xd7a3, FINALS = 28, FINAL_L = 8;
const DIGITS = "영일이삼사오육칠팔구"; // as Korean reads the last digit of a number
/**
 * Letters whose Korean names end on a consonant: 엘, 알, 엠, 엔.
 * @type {Record<string, string>}
 */
const SPELT = { L: "l", R: "l", M: "consonant", N: "consonant" };

/**
 * Choose the particle of a pair that fits behind a text; both stay where nobody knows how it is read.
 * @param {string} text
 * @param {string} pair such as "이(가)"
 */
export function chooseParticle(text, pair) {
  const sound = findFinalSound(text);
  if (!sound || !PAIRS[pair]) return pair;
  const [afterConsonant, afterVowel] = PAIRS[pair];
  // 으로 alone is 로 after ㄹ, too: 길로.
  return sound === "vowel" || (sound === "l" && pair === "(으)로") ? afterVowel : afterConsonant;
}

/**
 * Find on what a text ends when it is read.
 * @param {string} text
 * @returns {string} "vowel", "consonant", "l" or, where nobody knows, ""
 */
export function findFinalSound(text) {
  // A remark in brackets and quotation marks at the end are not read aloud.
  const bare = text.normalize("NFC").replace(/(\S)\s*[([（][^()[\]（）]*[)\]）]\s*$/, "$1");
  const plain = bare.replace(/[^\p{L}\p{N}%°℃²]+$/u, "");
  const last = Array.from(plain).pop() || "";
  const code = last.charCodeAt(0);
  if (code >= FIRST_SYLLABLE && code <= LAST_SYLLABLE) {
    const final = (code - FIRST_SYLLABLE) % FINALS;
    if (final === FINAL_L) return "l";
    return final ? "consonant" : "vowel";
  }
  if (/[ㄱ-ㅎ]/.test(last)) return last === "ㄹ" ? "l" : "consonant"; // 리을, 기역
  if (/[0-9]/.test(last)) return findFinalSound(DIGITS[Number(last)]);
  return findLatinSound(plain);
}

/**
 * Find the sound of a word in Latin letters, as Korean reads it: 트레일, 맵, 파크.
 * @param {string} text
 */
function findLatinSound(text) {
  if (/[%°℃]$/.test(text)) return "vowel"; // 퍼센트, 도
  const [word] = /[a-zA-ZÀ-ɏ²]+$/.exec(text) || [""];
  if (!word) return "";
  const before = text.slice(0, text.length - word.length).trim();
  if (/^(m|km|cm|mm|m²|km²)$/.test(word) && /\d$/.test(before)) return "vowel"; // 미터
  if (word === "kg" && /\d$/.test(before)) return "consonant"; // 킬로그램
  // What has no small letter is spelt out: GPX 지피엑스, URL 유알엘.
  if (word === word.toUpperCase()) return SPELT[word[word.length - 1]] || "vowel";
  const plain = word.normalize("NFD").replace(/[^a-zA-Z]/g, "").toLowerCase();
  if (/le?$/.test(plain)) return "l";
  // m, n, ng, and these before a silent e; a stop right behind a short vowel is a final, too.
  return /([mn]e?|ng|(^|[^aeiou])[aeiou](ck?|[pt]))$/.test(plain) ? "consonant" : "vowel";
}
