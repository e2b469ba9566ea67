/** Many lines at once as clean text, the common ones at the cost of decoding them. */
import { cleanLine, decodeLine } from "./clean.ts";

// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

/** Colors: by far the most common sequences, and they move nothing. */
// deno-lint-ignore no-control-regex -- they are what is looked for
const COLOR = /\x1b\[[0-9;:]*m/g;

/**
 * The lines in `bytes`, each as `cleanLine` would show it, with a newline between each and the next;
 * the newline at the end, if there is one, ends the last line.
 */
export function cleanBlock(bytes: Uint8Array<ArrayBuffer>): string {
  const decoded = decodeLine(bytes);
  const text = decoded.endsWith("\n") ? decoded.slice(0, -1) : decoded;
  if (isPlain(bytes) || !CONTROL.test(text)) return text;
  const uncolored = endLines(text.replace(COLOR, ""));
  if (!CONTROL.test(uncolored)) return uncolored;
  return text.split("\n").map(cleanLine).join("\n");
}

/** CRLF as a line's end, before which a terminal shows no spaces. */
function endLines(text: string): string {
  if (!text.includes("\r\n")) return text;
  const parts = text.split("\r\n");
  const last = parts.pop() ?? "";
  return parts.map((part) => `${trimSpaces(part)}\n`).join("") + last;
}

function trimSpaces(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === " ") end--;
  return text.slice(0, end);
}

/** Which bytes are more than printable ASCII, tabs and newlines. */
const UNUSUAL = Uint8Array.from(
  { length: 256 },
  (_, byte) => (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a ? 0 : 1,
);

/**
 * Whether all bytes are printable ASCII, tabs and newlines: looked at four at a time, which takes a
 * quarter of what the expression does.
 */
function isPlain(bytes: Uint8Array<ArrayBuffer>): boolean {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
  for (let at = 0, count = words.length; at < count; at++) {
    const word = words[at]!; // Within the bounds of the array.
    // A high bit comes out for bytes below a space, above ASCII, and for DEL.
    if (((word - 0x20202020) | word | (word + 0x01010101)) & 0x80808080) {
      // Each index is a byte.
      const unusual = UNUSUAL[word & 255]! | UNUSUAL[(word >> 8) & 255]! |
        UNUSUAL[(word >> 16) & 255]! | UNUSUAL[word >>> 24]!;
      if (unusual) return false;
    }
  }
  return aligned.subarray(words.length * 4).every((byte) => !UNUSUAL[byte]);
}
