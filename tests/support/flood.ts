/** A program that floods both streams with numbered lines, and a file that says how many. */
import { assertEquals } from "@std/assert";
import { until } from "./until.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Writes bursts of lines to both streams until the file `end` is there, then their number, and exits
 * with 7. Blocks are written, so that lines are cut anywhere; awk itself does not buffer stderr.
 */
const SCRIPT = `BEGIN {
  while ((getline line < end) < 0) {
    for (i = 0; i < burst; i++) {
      n++
      printf "out %d of many\\n", n
      printf "err %d of many\\n", n | "cat >&2"
    }
    close(end)
    system("sleep " pause)
  }
  print n > written
  exit 7
}`;

/** The exit code of a flood that was told to end. */
export const FLOOD_CODE = 7;

/** A flood, from its start on. */
export class Flood {
  /** Its arguments, for `persistproc start`. */
  readonly command: readonly string[];
  readonly #workspace: Workspace;

  /** @param options Lines a burst, and seconds between bursts. */
  constructor(workspace: Workspace, options: { burst: number; pause: number }) {
    this.#workspace = workspace;
    const variables = {
      ...options,
      end: workspace.path("flood.end"),
      written: workspace.path("flood.written"),
    };
    this.command = [
      "awk",
      ...Object.entries(variables).flatMap(([name, value]) => ["-v", `${name}=${value}`]),
      SCRIPT,
    ];
  }

  /** Tells it to end, and returns how many lines it says that it has written to each stream. */
  async end(): Promise<number> {
    await this.#workspace.write("flood.end", "");
    const read = () => Deno.readTextFile(this.#workspace.path("flood.written")).catch(() => "");
    const text = await until(async () => /^\d+\n$/.exec(await read())?.[0], {
      what: "the number of lines that the flood has written",
      timeout: 60_000,
    });
    return Number(text);
  }
}

/** Compares a log of a flood with what was written, byte for byte; returns how many bytes. */
export async function assertFlood(
  path: string,
  stream: "out" | "err",
  lines: number,
): Promise<number> {
  using file = await Deno.open(path);
  const encoder = new TextEncoder();
  let bytes = 0;
  for (let first = 1; first <= lines; first += 10_000) {
    let text = "";
    for (let n = first; n < first + 10_000 && n <= lines; n++) text += `${stream} ${n} of many\n`;
    const expected = encoder.encode(text);
    const actual = new Uint8Array(expected.length);
    for (let filled = 0; filled < actual.length;) {
      const count = await file.read(actual.subarray(filled));
      if (count === null) throw new Error(`${path} ends in the lines from ${first} on`);
      filled += count;
    }
    if (!equal(actual, expected)) {
      // Slow, but it shows where.
      assertEquals(new TextDecoder().decode(actual).split("\n"), text.split("\n"));
    }
    bytes += expected.length;
  }
  assertEquals((await file.stat()).size, bytes, `${path} holds more than was written`);
  return bytes;
}

/** Byte for byte, eight at a time where that is possible. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
