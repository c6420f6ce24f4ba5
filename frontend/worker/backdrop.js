// The streets without signal: the whole file is kept, and ranges are answered from it.

import { findKept } from "./answers.js";

/** @type {{ address: string, file: Blob } | null} */
let lastFile = null; // a map asks for many ranges, one after another

/**
 * Answer a range from the file that is kept, or else from the network.
 * @param {Request} request
 */
export async function answerRange(request) {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("Range") || "");
  const file = range && (await findFile(request.url));
  if (!range || !file) return fetch(request);
  const first = Number(range[1]);
  const part = file.slice(first, Number(range[2]) + 1);
  if (!part.size) return new Response(null, { status: 416, headers: { "Content-Range": "bytes */" + file.size } });
  return new Response(part, {
    status: 206,
    headers: {
      "Content-Range": `bytes ${first}-${first + part.size - 1}/${file.size}`,
      "Content-Length": String(part.size),
      "Content-Type": "application/vnd.pmtiles",
    },
  });
}

/** @param {string} address */
async function findFile(address) {
  if (lastFile?.address === address) return lastFile.file;
  const response = await findKept(address);
  if (!response) return null;
  lastFile = { address, file: await response.blob() };
  return lastFile.file;
}
