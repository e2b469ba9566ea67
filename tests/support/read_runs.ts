/** Reading runs as `output` does, without a server. */
import type { LogLine } from "../../lib/logs/output.ts";
import { type ReadOptions, type ReadPage, readRuns } from "../../lib/logs/reading.ts";
import type { RunDirectory } from "./run_directory.ts";

/** Long after everything that was written: all of it has rested. */
export const RESTED = 8e15;

/** Whatever was ever written. */
export const ALL: ReadOptions = {
  stream: "combined",
  lines: null,
  since: null,
  before: null,
  from: null,
  keep: "next",
  now: RESTED,
};

/** Reads runs: all of both streams, unless told otherwise. */
export function read(runs: RunDirectory[], options: Partial<ReadOptions> = {}): Promise<ReadPage> {
  return readRuns(runs.map(({ source }) => source), { ...ALL, ...options });
}

/** One character a byte. */
export const textOf = ({ bytes }: LogLine) => String.fromCharCode(...bytes);
/** Those of a page. */
export const texts = ({ lines }: ReadPage) => lines.map(textOf);

/** 20,000 lines of 14 bytes. */
export const MANY = Array.from({ length: 20_000 }, (_, n) => `line ${String(n).padStart(8, "0")}`);
