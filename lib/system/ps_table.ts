/** The process table of macOS and the BSDs: what `ps` tells (ps(1)). */
import { outputOf } from "./ask.ts";
import type { ProcessEntry, ProcessScan, ProcessTable } from "./process_table.ts";
import { RUN_MARK } from "./run_mark.ts";

const PS_COLUMNS = ["pid", "ppid", "pgid", "stat", "rss", "time", "lstart", "comm"]
  .flatMap((column) => ["-o", `${column}=`]);

const MARKED = new RegExp(`^\\s*(\\d+) .*\\s${RUN_MARK}=(\\S+)`, "gm");

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
      stopped: match[4]?.startsWith("T") ?? false,
      started: match[7] ?? "",
      command: match[8] ?? "",
      cpu: parsePsTime(match[6] ?? ""),
      memory: Number(match[5]) * 1024,
      ignoresTerm: false,
      catchesTerm: false,
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

/** What `ps` tells. */
export class PsTable implements ProcessTable {
  #bootId: Promise<string> | null = null;

  bootId(): Promise<string> {
    return this.#bootId ??= outputOf("sysctl", ["-n", "kern.boottime"]).then((text) => text.trim());
  }

  async lookup(pids: readonly number[]): Promise<Map<number, ProcessEntry>> {
    if (pids.length === 0) return new Map();
    const entries = parsePs(await outputOf("ps", [...PS_COLUMNS, "-p", pids.join(",")]));
    return new Map(entries.map((entry) => [entry.pid, entry]));
  }

  async scan(): Promise<ProcessScan> {
    const [table, lines] = await Promise.all([
      outputOf("ps", ["-A", ...PS_COLUMNS]),
      outputOf("ps", ["-A", "-E", "-ww", "-o", "pid=", "-o", "command="]),
    ]);
    const matches = lines.matchAll(MARKED);
    return {
      entries: parsePs(table),
      marks: new Map(Array.from(matches, ([, pid, run]) => [Number(pid), run ?? ""])),
    };
  }
}
