/** What a person needs to know of a process to recognise it: its command, directory and user. */
import { shorten } from "../protocol/shorten.ts";
import { type AskProgram, askProgram } from "./ask.ts";

/** A process, as a person would recognise it. */
export interface ProcessFacts {
  command: string;
  /** Null where it may not be seen. */
  directory: string | null;
  user: string;
}

const LONGEST_COMMAND = 120;

/** The facts of a process; null when there is none of that PID. */
export async function processFacts(
  pid: number,
  ask: AskProgram = askProgram,
  os: typeof Deno.build.os = Deno.build.os,
): Promise<ProcessFacts | null> {
  const [line, directory] = await Promise.all([
    ask("ps", ["-ww", "-o", "user=", "-o", "args=", "-p", String(pid)]),
    os === "linux" ? ask("readlink", [`/proc/${pid}/cwd`]) : lsofDirectory(pid, ask),
  ]);
  const match = /^ *(\S+) +(.*\S)/.exec(line ?? "");
  if (!match) return null;
  const [, user = "", command = ""] = match;
  return {
    user,
    command: shorten(command, LONGEST_COMMAND),
    directory: directory?.trim() || null,
  };
}

/** The command lines of processes, by PID, as far as they can be seen. */
export async function commandLines(
  pids: readonly number[],
  ask: AskProgram = askProgram,
): Promise<Map<number, string>> {
  if (pids.length === 0) return new Map();
  const lines = await ask("ps", ["-ww", "-o", "pid=", "-o", "args=", "-p", pids.join(",")]) ?? "";
  return new Map(
    Array.from(
      lines.matchAll(/^\s*(\d+) (.*)$/gm),
      ([, pid, line = ""]) => [Number(pid), shorten(line, LONGEST_COMMAND)],
    ),
  );
}

async function lsofDirectory(pid: number, ask: AskProgram): Promise<string | null> {
  const text = await ask("lsof", ["-a", "-p", String(pid), "-d", "cwd", "-F", "n"]);
  return /^n(.*)$/m.exec(text ?? "")?.[1] ?? null;
}
