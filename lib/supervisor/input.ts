/** Writing to the standard input of a run: a FIFO, which holds little and must never be waited for. */
import { join } from "@std/path";
import { PersistprocError } from "../protocol/errors.ts";
import type { Core } from "./core.ts";
import { isLive, runDirectory, type RunRecord } from "./record.ts";
import type { ManagedProcess } from "./registry.ts";

/** A FIFO takes pieces up to this size whole or not at all (PIPE_BUF, pipe(7); macOS has less). */
const PIECE_BYTES = Deno.build.os === "linux" ? 4_096 : 512;

/** How long a program that does not read gets to make room, and between two tries, in milliseconds. */
const PATIENCE = 1_000;
const PAUSE = 25;

/** Inputs under way, by run: whoever comes later waits, so that no two are mixed. */
const queues = new WeakMap<RunRecord, Promise<unknown>>();

/**
 * Writes all bytes to the program's standard input.
 *
 * @throws {PersistprocError} `not_running`, `invalid_request` when it reads something else, and
 * `input_full`, saying how many bytes were taken, when it does not read what it was given.
 */
export async function writeInput(
  core: Core,
  process: ManagedProcess,
  run: RunRecord,
  bytes: Uint8Array,
): Promise<void> {
  const before = queues.get(run) ?? Promise.resolve();
  const writing = before.catch(() => {}).then(() => write(core, process, run, bytes));
  queues.set(run, writing);
  await writing;
}

async function write(
  core: Core,
  process: ManagedProcess,
  run: RunRecord,
  bytes: Uint8Array,
): Promise<void> {
  const { record } = process;
  if (!isLive(run)) {
    throw new PersistprocError("not_running", `${record.label} is not running: ${run.reason}.`, {
      hint: "Start it, then write to it.",
    });
  }
  if (record.stdin.kind !== "open") {
    const what = record.stdin.kind === "null" ? "/dev/null" : `the file ${record.stdin.path}`;
    throw new PersistprocError("invalid_request", `${record.label} reads ${what} as its input.`, {
      hint: "Stop it, and start it with --stdin open (what it gets unless told otherwise).",
    });
  }
  const { constants, openSync, writeSync, closeSync } = await import("node:fs");
  const path = join(runDirectory(core.store.directory, record, run), "input", "stdin");
  let fifo: number;
  try {
    // For reading, too: a FIFO that nobody reads could not be opened for writing alone. Deno's own
    // calls have no O_NONBLOCK, and no O_NOFOLLOW.
    fifo = openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    throw new PersistprocError("not_running", `${record.label} has no input to write to any more.`);
  }
  try {
    const deadline = core.clock.now() + PATIENCE;
    for (let taken = 0; taken < bytes.length;) {
      const piece = bytes.subarray(taken, taken + PIECE_BYTES);
      if (tryWrite(() => writeSync(fifo, piece))) taken += piece.length;
      else if (!isLive(run) || core.clock.now() >= deadline) throw notTaken(record.label, taken);
      else await core.clock.after(PAUSE);
    }
  } finally {
    closeSync(fifo);
  }
}

/** Whether there was room. */
function tryWrite(write: () => number): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return false;
    throw error;
  }
}

function notTaken(label: string, taken: number): PersistprocError {
  return new PersistprocError(
    "input_full",
    `${label} does not read its input: ${taken} bytes of this were taken, the rest was not.`,
    { hint: "Look at its output; write the rest once it reads again." },
  );
}

/** The bytes that a request for input means: lines, on a terminal each ended by the key Enter. */
export function inputBytes(
  { text, data }: { text?: string; data?: string },
  { terminal = false } = {},
): Uint8Array {
  if (data !== undefined) return Uint8Array.fromBase64(data);
  if (text === undefined) {
    throw new PersistprocError("invalid_request", "For input, text must be provided.", {
      hint: "Give the line to write, such as y.",
    });
  }
  const lines = text.endsWith("\n") ? text : `${text}\n`;
  return new TextEncoder().encode(terminal ? lines.replaceAll(/\r?\n/g, "\r") : lines);
}
