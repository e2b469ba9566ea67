/** Lines that look like errors of the common tools: counted, and the last of them. */
import type { Stream } from "../protocol/process.ts";
import { shorten } from "../protocol/shorten.ts";
import { cleanBlock } from "./clean_block.ts";
import { readDropped } from "./dropped.ts";
import { SEARCH_BYTES } from "./line_blocks.ts";
import { NEWLINE } from "./lines.ts";
import { LogFile } from "./log_file.ts";
import { recentLines } from "./recent.ts";
import { logPath, type LogSizes, sizesOf, STREAMS } from "./run_files.ts";
import { Turns } from "./turns.ts";

const FORMS = [
  // Compilers and whoever takes after them, Rust and cargo, npm: "error: …", "error[E0308]: …"
  String
    .raw`^\s*(?:npm )?(?:fatal |internal |runtime )?(?:[Ee]rror|ERROR|ERR!|FATAL|[Ff]atal)(?:\[\w+\])?[:! ]`,
  String.raw`\berror TS\d+:`, // TypeScript
  String.raw`\[vite\].*\berror\b|\[plugin:[\w:-]+\]|Failed to resolve import`, // Vite
  String.raw`[✘✖×] (?:\[ERROR\]|\d+ problem)`, // esbuild, ESLint
  String.raw`^ERROR in |Module not found:|Failed to compile`, // webpack
  String.raw`^\s+\d+:\d+\s+error\s`, // ESLint
  String.raw`^E {2,}\S|^FAILED |^=+ .*\b\d+ (?:failed|errors?)\b`, // pytest
  String.raw`^Traceback \(most recent call last\):`, // Python
  // Python, Java and Node end or begin with the kind of error: "ValueError: …", "java.io.IOException: …"
  String
    .raw`^\s*(?:Uncaught |Caused by: |Exception in thread "[^"]*" )?[\w.$]*[A-Z]\w*(?:Error|Exception)\b(?: \[\w+\])?(?::|$)`,
  String.raw`^panic: |^fatal error: |^--- FAIL|^FAIL\t|^\S+\.go:\d+:\d+: `, // Go
  String.raw`^thread '.*' (?:\(\d+\) )?panicked at`, // Rust
  String.raw`Unhandled\w*Rejection|\bE(?:ADDRINUSE|ACCES|CONNREFUSED|LIFECYCLE)\b`, // Node
  String.raw`\[(?:emerg|alert|crit|error)\] `, // nginx
  String.raw`\b(?:ERROR|FATAL|PANIC): `, // PostgreSQL
  // Loggers: a level behind a time, or in brackets
  String
    .raw`^\S*\d\d:\d\d\S*\s.{0,40}?\b(?:ERROR|FATAL|CRITICAL|SEVERE)\b|[\[ ](?:ERROR|FATAL|SEVERE)[\] ]`,
  String.raw`"level":"(?:error|fatal)"|\blevel=(?:error|fatal)\b`,
];

const ERROR_LINE = new RegExp(FORMS.join("|"));
const ERROR_TEXT = new RegExp(FORMS.join("|"), "m");

/** Whether a line of clean text looks like an error. */
export function isErrorLine(line: string): boolean {
  return ERROR_LINE.test(line);
}

/** How far one run was looked at. */
interface Counted {
  offsets: LogSizes;
  /** How many lines of each stream look like errors. */
  errors: LogSizes;
  /** What the logs held when they were last looked at to their ends; null when that was not done. */
  sizes: LogSizes | null;
}

/** Counts the lines of runs that look like errors, each line once. */
export class ErrorCounter {
  readonly #runs = new Map<string, Counted>();

  /**
   * How many lines of a run look like errors, as far as it could be looked at in so many
   * milliseconds; the next call goes on from there.
   */
  async count(runDirectory: string, milliseconds: number): Promise<number> {
    const counted = this.#runs.get(runDirectory) ??
      { offsets: { stdout: 0, stderr: 0 }, errors: { stdout: 0, stderr: 0 }, sizes: null };
    this.#runs.set(runDirectory, counted);
    const { offsets, errors } = counted;
    const sizes = sizesOf(runDirectory);
    // Opening and reading logs in which nothing is new would take most of the time of a `list`.
    if (STREAMS.every((stream) => sizes[stream] === counted.sizes?.[stream])) {
      return errors.stdout + errors.stderr;
    }
    counted.sizes = null;
    const deadline = performance.now() + milliseconds;
    const turns = new Turns();
    const buffer = new Uint8Array(SEARCH_BYTES);
    let complete = true;
    for (const stream of STREAMS) {
      using log = LogFile.open(
        logPath(runDirectory, stream),
        () => readDropped(runDirectory)[stream],
      );
      // Somebody emptied the log: what was counted is gone.
      if (log.size < offsets[stream]) offsets[stream] = errors[stream] = 0;
      while (countBlock(log, stream, counted, buffer)) {
        complete &&= performance.now() < deadline;
        if (!complete) break;
        await turns.give();
      }
    }
    if (complete) counted.sizes = sizes;
    return errors.stdout + errors.stderr;
  }

  /** Forgets all runs but these. */
  keep(runDirectories: ReadonlySet<string>): void {
    for (const directory of this.#runs.keys()) {
      if (!runDirectories.has(directory)) this.#runs.delete(directory);
    }
  }
}

/** Counts in the next block; whether there may be another one. */
function countBlock(
  log: LogFile,
  stream: Stream,
  { offsets, errors }: Counted,
  buffer: Uint8Array<ArrayBuffer>,
): boolean {
  const at = Math.max(offsets[stream], log.begin);
  // Somebody else who counts in it may have got further than this log reaches.
  if (at >= log.size) return false;
  const block = log.read(at, buffer.subarray(0, log.size - at));
  const newline = block.lastIndexOf(NEWLINE);
  const whole = newline >= 0 ? newline + 1 : block.length === SEARCH_BYTES ? block.length : 0;
  if (whole === 0) return false;
  const text = cleanBlock(block.subarray(0, whole));
  if (ERROR_TEXT.test(text)) errors[stream] += text.split("\n").filter(isErrorLine).length;
  offsets[stream] = at + whole;
  return offsets[stream] < log.size;
}

/** The newest lines of each stream in which the last words of a program are looked for. */
const LAST_LINES = 100;
const MOST_WORDS = 3;
const LONGEST_WORDS = 300;

/**
 * What a program that failed said last: its last errors, else its last line; null when it said
 * nothing.
 */
export function lastWords(runDirectory: string): string | null {
  const streams = STREAMS.toReversed().map((stream) =>
    recentLines(runDirectory, stream, LAST_LINES).map((line) => line.trim())
      .filter((line) => /[\p{L}\p{N}]/u.test(line))
  );
  const errors = streams.map((lines) => lines.filter(isErrorLine)).find(({ length }) => length > 0);
  const words = errors
    ? [...new Set(errors)].slice(-MOST_WORDS)
    : streams.flatMap((lines) => lines.slice(-1)).slice(0, 1);
  const text = words.join(" | ");
  if (text === "") return null;
  return shorten(text, LONGEST_WORDS);
}
