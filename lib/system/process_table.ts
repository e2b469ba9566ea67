/**
 * The processes of this machine. `/proc` cannot be read directly under scoped permissions, so `cat`
 * reads it; where there is none (macOS), `ps` is asked.
 */

/** One process, as far as the supervisor needs to know it. */
export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  /** 0 where the system does not tell. */
  session: number;
  zombie: boolean;
  /**
   * When it started, in the system's own unit: together with the PID and the boot it names one
   * process for ever (Linux: clock ticks since boot, field 22 of `/proc/PID/stat`, proc(5)).
   */
  started: string;
  /** The name of its program, as the kernel knows it. */
  command: string;
  /** Processor time that it has used, in milliseconds. */
  cpu: number;
  /** Its resident memory in bytes, what it shares with others included. */
  memory: number;
  /** Whether SIGTERM means nothing to it, as to a shell that somebody types in; false if unknown. */
  ignoresTerm: boolean;
}

/** All processes at one time. */
export interface ProcessScan {
  entries: ProcessEntry[];
  /** The run whose mark each process carries in its environment, as far as we may read it, by PID. */
  marks: Map<number, string>;
}

/** Looks processes up. */
export interface ProcessTable {
  /** Tells one boot of the machine from the next; empty where the system does not say. */
  bootId(): Promise<string>;
  /** Those of the given PIDs that exist. */
  lookup(pids: readonly number[]): Promise<Map<number, ProcessEntry>>;
  /** All processes. */
  scan(): Promise<ProcessScan>;
  /** The command lines of processes, shortened, for a person to recognise them by. */
  commandLines(pids: readonly number[]): Promise<Map<number, string>>;
}

/** The variable that marks the processes of a run; its value is the run's id. */
export const RUN_MARK = "PERSISTPROC_RUN";

// comm may hold spaces, parentheses and line ends, so the numbers after it are what is counted.
const STAT = /(\d+) \(([\s\S]{0,64}?)\) ([A-Za-z]) ((?:-?\d+ ){20}\d+[^\n]*)(?:\n|$)/g;

/** SIGTERM in a mask of signals: signal n is bit n - 1 (proc(5), `sigignore`). */
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
      started: fields[18] ?? "",
      command: command ?? "",
      cpu: (Number(fields[10]) + Number(fields[11])) * MILLISECONDS_PER_TICK,
      memory: Number(fields[20]) * pageBytes,
      ignoresTerm: (Number(fields[29]) & TERM_BIT) !== 0,
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

const PS_LINE =
  /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\d+)\s+([\d:.-]+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4})\s+(.*)$/;

/** Parses what `ps` prints with {@linkcode PS_COLUMNS} (ps(1) of macOS and BSD). */
export function parsePs(text: string): ProcessEntry[] {
  const entries: ProcessEntry[] = [];
  for (const line of text.split("\n")) {
    const match = PS_LINE.exec(line);
    if (!match) continue;
    entries.push({
      pid: Number(match[1]),
      parent: Number(match[2]),
      group: Number(match[3]),
      session: 0,
      zombie: match[4]?.startsWith("Z") ?? false,
      started: match[7] ?? "",
      command: match[8] ?? "",
      cpu: parsePsTime(match[6] ?? ""),
      memory: Number(match[5]) * 1024,
      ignoresTerm: false,
    });
  }
  return entries;
}

/** Milliseconds of `[[days-]hours:]minutes:seconds[.hundredths]`. */
function parsePsTime(text: string): number {
  const [clock = "", days = "0"] = text.split("-").reverse();
  const seconds = clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1_000);
}

async function output(program: string, args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    env: { LC_ALL: "C" },
  }).output();
  return new TextDecoder().decode(stdout);
}

const byPid = (entries: ProcessEntry[]) => new Map(entries.map((entry) => [entry.pid, entry]));

/** The process table of Linux. */
class ProcProcessTable implements ProcessTable {
  #bootId: Promise<string> | null = null;
  #pageBytes: Promise<number> | null = null;

  bootId(): Promise<string> {
    return this.#bootId ??= output("cat", ["/proc/sys/kernel/random/boot_id"])
      .then((text) => text.trim());
  }

  async lookup(pids: readonly number[]): Promise<Map<number, ProcessEntry>> {
    if (pids.length === 0) return new Map();
    return byPid(await this.#parse(output("cat", pids.map((pid) => `/proc/${pid}/stat`))));
  }

  async scan(): Promise<ProcessScan> {
    const text = await output("/bin/sh", ["-c", SCAN_SCRIPT]);
    const found = parseScan(text, await this.#pageSize());
    if (found.entries.length > 0) return found;
    // There is no grep: processes are known all the same, if not by their marks.
    const stat = output("/bin/sh", ["-c", "exec cat /proc/[0-9]*/stat"]);
    return { entries: await this.#parse(stat), marks: new Map() };
  }

  async #parse(stat: Promise<string>): Promise<ProcessEntry[]> {
    const [text, pageBytes] = await Promise.all([stat, this.#pageSize()]);
    return parseStat(text, pageBytes);
  }

  #pageSize(): Promise<number> {
    return this.#pageBytes ??= output("getconf", ["PAGESIZE"])
      .then((text) => Number(text) || 4096)
      .catch(() => 4096);
  }

  commandLines(pids: readonly number[]): Promise<Map<number, string>> {
    return commandLines(pids);
  }
}

const PS_COLUMNS = ["pid", "ppid", "pgid", "stat", "rss", "time", "lstart", "comm"]
  .flatMap((column) => ["-o", `${column}=`]);

/** The process table of macOS and the BSDs. */
class PsProcessTable implements ProcessTable {
  #bootId: Promise<string> | null = null;

  bootId(): Promise<string> {
    return this.#bootId ??= output("sysctl", ["-n", "kern.boottime"]).then((text) => text.trim());
  }

  async lookup(pids: readonly number[]): Promise<Map<number, ProcessEntry>> {
    if (pids.length === 0) return new Map();
    return byPid(parsePs(await output("ps", [...PS_COLUMNS, "-p", pids.join(",")])));
  }

  async scan(): Promise<ProcessScan> {
    const [table, lines] = await Promise.all([
      output("ps", ["-A", ...PS_COLUMNS]),
      output("ps", ["-A", "-E", "-ww", "-o", "pid=", "-o", "command="]),
    ]);
    const matches = lines.matchAll(/^\s*(\d+) .*\sPERSISTPROC_RUN=(\S+)/gm);
    return {
      entries: parsePs(table),
      marks: new Map(Array.from(matches, ([, pid, run]) => [Number(pid), run ?? ""])),
    };
  }

  commandLines(pids: readonly number[]): Promise<Map<number, string>> {
    return commandLines(pids);
  }
}

const LONGEST_COMMAND_LINE = 120;

async function commandLines(pids: readonly number[]): Promise<Map<number, string>> {
  if (pids.length === 0) return new Map();
  const lines = await output("ps", ["-ww", "-o", "pid=", "-o", "args=", "-p", pids.join(",")]);
  return new Map(Array.from(lines.matchAll(/^\s*(\d+) (.*)$/gm), ([, pid, line = ""]) => [
    Number(pid),
    line.length > LONGEST_COMMAND_LINE ? `${line.slice(0, LONGEST_COMMAND_LINE)}…` : line,
  ]));
}

/** The process table of this system. */
export function systemProcessTable(): ProcessTable {
  return Deno.build.os === "linux" ? new ProcProcessTable() : new PsProcessTable();
}
