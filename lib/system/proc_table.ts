/**
 * The process table of Linux: `/proc` (proc(5)), which cannot be read directly under scoped
 * permissions, so `cat` and `grep` read it.
 */
import { outputOf } from "./ask.ts";
import type { ProcessEntry, ProcessScan, ProcessTable } from "./process_table.ts";
import { RUN_MARK } from "./run_mark.ts";

// comm may hold spaces, parentheses and line ends, so the numbers after it are what is counted.
const STAT = /(\d+) \(([\s\S]{0,64}?)\) ([A-Za-z]) ((?:-?\d+ ){20}\d+[^\n]*)(?:\n|$)/g;

/** SIGTERM in a mask of signals: signal n is bit n - 1 (proc(5), `sigignore` and `sigcatch`). */
const TERM_BIT = 1 << 14;

/** Times of `/proc` count in units of USER_HZ, which is 100 wherever Deno runs (time(7)). */
const MILLISECONDS_PER_TICK = 10;

/** Parses the text of one or more `/proc/PID/stat` files (proc(5)). */
export function parseStat(text: string, pageBytes = 4096): ProcessEntry[] {
  return Array.from(text.matchAll(STAT), ([, pid, command, state, numbers]) => {
    const fields = (numbers ?? "").split(" ");
    return {
      pid: Number(pid),
      parent: Number(fields[0]),
      group: Number(fields[1]),
      session: Number(fields[2]),
      zombie: state === "Z" || state === "X",
      stopped: state === "T" || state === "t",
      started: fields[18] ?? "",
      command: command ?? "",
      cpu: (Number(fields[10]) + Number(fields[11])) * MILLISECONDS_PER_TICK,
      memory: Number(fields[20]) * pageBytes,
      ignoresTerm: (Number(fields[29]) & TERM_BIT) !== 0,
      catchesTerm: (Number(fields[30]) & TERM_BIT) !== 0,
    };
  });
}

/**
 * Environments hold strings that end in NUL; a `stat` file, which has none, is one string. One grep
 * for both takes half the time of a `cat` and a grep side by side.
 */
const SCAN_SCRIPT =
  `exec grep -zsH -e "^${RUN_MARK}=" -e "^[0-9]* (" /proc/[0-9]*/environ /proc/[0-9]*/stat`;

/** Parses what {@linkcode SCAN_SCRIPT} prints: `FILE:STRING` and a NUL for each string. */
function parseScan(text: string, pageBytes: number): ProcessScan {
  const marks = new Map<number, string>();
  let stat = "";
  for (const found of text.split("\0")) {
    const [, pid, file, string = ""] = /^\/proc\/(\d+)\/(\w+):([\s\S]*)$/.exec(found) ?? [];
    if (file === "stat") stat += string;
    else if (string.startsWith(`${RUN_MARK}=`)) {
      marks.set(Number(pid), string.slice(RUN_MARK.length + 1));
    }
  }
  return { entries: parseStat(stat, pageBytes), marks };
}

/** What `/proc` tells. */
export class ProcTable implements ProcessTable {
  #bootId: Promise<string> | null = null;
  #pageBytes: Promise<number> | null = null;

  bootId(): Promise<string> {
    return this.#bootId ??= outputOf("cat", ["/proc/sys/kernel/random/boot_id"])
      .then((text) => text.trim());
  }

  async lookup(pids: readonly number[]): Promise<Map<number, ProcessEntry>> {
    if (pids.length === 0) return new Map();
    const entries = await this.#parse(outputOf("cat", pids.map((pid) => `/proc/${pid}/stat`)));
    return new Map(entries.map((entry) => [entry.pid, entry]));
  }

  async scan(): Promise<ProcessScan> {
    const text = await outputOf("/bin/sh", ["-c", SCAN_SCRIPT]);
    const found = parseScan(text, await this.#pageSize());
    if (found.entries.length > 0) return found;
    // There is no grep: processes are known all the same, if not by their marks.
    const stat = outputOf("/bin/sh", ["-c", "exec cat /proc/[0-9]*/stat"]);
    return { entries: await this.#parse(stat), marks: new Map() };
  }

  async #parse(stat: Promise<string>): Promise<ProcessEntry[]> {
    const [text, pageBytes] = await Promise.all([stat, this.#pageSize()]);
    return parseStat(text, pageBytes);
  }

  #pageSize(): Promise<number> {
    return this.#pageBytes ??= outputOf("getconf", ["PAGESIZE"])
      .then((text) => Number(text) || 4096)
      .catch(() => 4096);
  }
}
