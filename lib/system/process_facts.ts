/** What a person needs to know of a process that is not ours: its command, directory and user. */
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
    command: command.length > LONGEST_COMMAND ? `${command.slice(0, LONGEST_COMMAND)}…` : command,
    directory: directory?.trim() || null,
  };
}

async function lsofDirectory(pid: number, ask: AskProgram): Promise<string | null> {
  const text = await ask("lsof", ["-a", "-p", String(pid), "-d", "cwd", "-F", "n"]);
  return /^n(.*)$/m.exec(text ?? "")?.[1] ?? null;
}
