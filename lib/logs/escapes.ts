/** Control sequences of terminals, after ECMA-48 and what xterm makes of it. */

/** One sequence. Only those with a `final` and no `prefix` are of interest to a single line. */
export interface ControlSequence {
  /** Behind its last character. */
  end: number;
  /** For CSI: what it does, such as `m` or `K`; else empty. */
  final: string;
  /** For CSI: the text between introducer and final, such as `1;31`. */
  parameters: string;
}

const ESC = 0x1b;
/** C0 characters that end a sequence at once (ECMA-48: CAN, SUB). */
const CAN = 0x18;
const SUB = 0x1a;
const BEL = 0x07;
/** The one-character form of the string terminator `ESC \`. */
const ST = 0x9c;

/**
 * The sequence that begins at `at`, where ESC or a C1 character stands. Whatever cannot be part of
 * it ends it and is read anew, so that a broken sequence swallows no text that is not its own; an
 * unterminated one (of those that carry text, such as a title) reaches to the end of `text`, which
 * is one line.
 */
export function readSequence(text: string, at: number): ControlSequence {
  const code = text.charCodeAt(at);
  if (code !== ESC) return readIntroduced(text, at + 1, code - 0x40);
  const next = text.charCodeAt(at + 1);
  // `ESC [` and U+009B are the same introducer: every C1 character has a form in two characters.
  if (next >= 0x40 && next <= 0x5f) return readIntroduced(text, at + 2, next);
  return plain(skip(text, skip(text, at + 1, 0x20, 0x2f), 0x30, 0x7e, 1));
}

function readIntroduced(text: string, from: number, introducer: number): ControlSequence {
  switch (String.fromCharCode(introducer)) {
    case "[":
      return readCsi(text, from);
    case "]":
      return plain(endOfString(text, from, true));
    case "P":
    case "X":
    case "^":
    case "_":
      return plain(endOfString(text, from, false));
    default:
      return plain(from);
  }
}

function readCsi(text: string, from: number): ControlSequence {
  const parametersEnd = skip(text, from, 0x30, 0x3f);
  const finalAt = skip(text, parametersEnd, 0x20, 0x2f);
  const end = skip(text, finalAt, 0x40, 0x7e, 1);
  // With characters between parameters and final it is another function altogether.
  const final = finalAt === parametersEnd ? text.slice(finalAt, end) : "";
  return { end, final, parameters: text.slice(from, parametersEnd) };
}

/** OSC, DCS, SOS, PM, APC: up to the terminator; BEL is one only for OSC. */
function endOfString(text: string, from: number, bell: boolean): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === ST || code === CAN || code === SUB || (bell && code === BEL)) return at + 1;
    // Either the terminator `ESC \`, or another sequence, which is read anew.
    if (code === ESC) return text[at + 1] === "\\" ? at + 2 : at;
    if (code === 0x0a) return at;
  }
  return text.length;
}

function skip(text: string, from: number, low: number, high: number, most = Infinity): number {
  let at = from;
  while (at < text.length && at - from < most) {
    const code = text.charCodeAt(at);
    if (code < low || code > high) break;
    at++;
  }
  return at;
}

function plain(end: number): ControlSequence {
  return { end, final: "", parameters: "" };
}
