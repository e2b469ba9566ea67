/**
 * Where somebody has read to: opaque, as short as it can be since models pay for each character, and
 * checked, so that a mangled one is an error and not another place.
 */
import { PersistprocError } from "../protocol/errors.ts";
import { shorten } from "../protocol/shorten.ts";
import type { LogSizes } from "./run_files.ts";

/** How far one process has been read: everything of the runs before, and so much of this one. */
export interface ReadPosition extends LogSizes {
  /** The id of the process: eight hexadecimal digits. */
  process: string;
  run: number;
}

/** A place in the output of one process, or of all that a request without a target meant. */
export interface Cursor {
  /** Processes that are started later belong to it, too. */
  all: boolean;
  positions: ReadPosition[];
}

const ONE = 1;
const ALL = 2;
/** As many processes as anybody could have asked for. */
const MOST_POSITIONS = 1_000;

/** The cursor as text: base64url (RFC 4648, 5) of numbers of variable length and a checksum. */
export function formatCursor({ all, positions }: Cursor): string {
  const bytes = [all ? ALL : ONE];
  for (const { process, run, stdout, stderr } of positions) {
    for (let at = 0; at < 8; at += 2) bytes.push(parseInt(process.slice(at, at + 2), 16));
    for (const number of [run, stdout, stderr]) writeNumber(bytes, number);
  }
  return toBase64([...bytes, ...checksum(bytes)]);
}

/**
 * Reads what {@linkcode formatCursor} wrote.
 *
 * @throws {PersistprocError} `invalid_request` for everything else.
 */
export function parseCursor(text: string): Cursor {
  const bytes = fromBase64(text.trim());
  const body = bytes.slice(0, -2);
  const sound = body.length > 0 && checksum(body).every((byte, at) => byte === bytes.at(at - 2));
  const cursor = sound ? decode(body) : null;
  if (cursor !== null) return cursor;
  const shown = shorten(text, 40);
  throw new PersistprocError("invalid_request", `"${shown}" is not a cursor.`, {
    hint:
      "Copy it whole from the last line of an `output`, or leave it out to get the newest lines.",
  });
}

function decode(bytes: readonly number[]): Cursor | null {
  const [kind] = bytes;
  if (kind !== ONE && kind !== ALL) return null;
  const positions: ReadPosition[] = [];
  for (let at = 1; at < bytes.length && positions.length < MOST_POSITIONS;) {
    const process = Uint8Array.from(bytes.slice(at, at + 4)).toHex();
    at += 4;
    const numbers: number[] = [];
    for (let i = 0; i < 3; i++) {
      const read = readNumber(bytes, at);
      if (read === null) return null;
      numbers.push(read.value);
      at = read.end;
    }
    const [run = 0, stdout = 0, stderr = 0] = numbers;
    positions.push({ process, run, stdout, stderr });
  }
  return { all: kind === ALL, positions };
}

/** Seven bits a byte, the lowest first, the eighth while more follow (LEB128). */
function writeNumber(bytes: number[], value: number): void {
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  bytes.push(value);
}

function readNumber(bytes: readonly number[], from: number): { value: number; end: number } | null {
  let value = 0;
  for (let at = from, factor = 1; at < bytes.length; at++, factor *= 0x80) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * factor;
    if (!Number.isSafeInteger(value)) return null;
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return null;
}

/** Two bytes of FNV-1a (draft-eastlake-fnv, 32 bits folded to 16). */
function checksum(bytes: readonly number[]): [number, number] {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  const folded = (hash >>> 16) ^ (hash & 0xffff);
  return [folded >>> 8, folded & 0xff];
}

function toBase64(bytes: readonly number[]): string {
  return Uint8Array.from(bytes).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** No bytes at all for what is not base64url. */
function fromBase64(text: string): number[] {
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1) return [];
  return [...Uint8Array.fromBase64(text, { alphabet: "base64url" })];
}
