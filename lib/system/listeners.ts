/**
 * The TCP ports that are listened on. `ss` is asked, else `/proc` through `cat` and `ls`, else
 * `lsof`: each is missing somewhere (macOS has only `lsof`, small containers none but `/proc`).
 */
import { type AskProgram, askProgram } from "./ask.ts";
import { parseSocketTable, procFiles } from "./proc_sockets.ts";

/** One process that listens on one TCP port. */
export interface Listener {
  /** An IP address without brackets; `0.0.0.0` or `::` for every address of the machine. */
  address: string;
  port: number;
  /** Null where the system does not say: the process belongs to another user. */
  pid: number | null;
}

/** Looks up who listens on which TCP port of this machine. */
export interface ListenerTable {
  listeners(): Promise<Listener[]>;
}

/** One way of asking; null when it is not to be had here. */
type Source = (ask: AskProgram) => Promise<Listener[] | null>;

const fromSs: Source = async (ask) => {
  const text = await ask("ss", ["-H", "-l", "-t", "-n", "-p"]);
  // Where it may not ask the kernel it says nothing at all, as when nobody listens.
  return text ? parseSs(text) : null;
};

const fromProc: Source = async (ask) => {
  const { tables, links } = procFiles;
  const text = await ask("cat", tables);
  if (!text) return null;
  return parseSocketTable(text, await ask("/bin/sh", ["-c", links]) ?? "");
};

const fromLsof: Source = async (ask) => {
  const text = await ask("lsof", ["-nP", "-iTCP", "-sTCP:LISTEN", "-F", "ptn"]);
  return text === null ? null : parseLsof(text);
};

/** The listeners of this system, or of what `ask` answers for. */
export function systemListeners(
  ask: AskProgram = askProgram,
  os: typeof Deno.build.os = Deno.build.os,
): ListenerTable {
  const sources = os === "linux" ? [fromSs, fromProc, fromLsof] : [fromLsof];
  return {
    async listeners() {
      for (const source of sources) {
        const found = await source(ask);
        if (found !== null) return found;
      }
      return [];
    },
  };
}

/** Parses `ss -Hltnp` (ss(8)): state, queues, local address, peer, `users:(("name",pid=1,fd=2))`. */
export function parseSs(text: string): Listener[] {
  const found: Listener[] = [];
  for (const line of text.split("\n")) {
    const [, local = "", users = ""] = /^LISTEN +\d+ +\d+ +(\S+) +\S+ *(.*)$/.exec(line) ?? [];
    const endpoint = parseEndpoint(local, "::");
    if (endpoint === null) continue;
    const pids = Array.from(users.matchAll(/,pid=(\d+),fd=\d+\)/g), ([, pid]) => Number(pid));
    for (const pid of pids.length > 0 ? pids : [null]) found.push({ ...endpoint, pid });
  }
  return unique(found);
}

/** Parses `lsof -F ptn` (lsof(8), "OUTPUT FOR OTHER PROGRAMS"): one field a line, by its letter. */
export function parseLsof(text: string): Listener[] {
  const found: Listener[] = [];
  let pid: number | null = null;
  let anyAddress = "0.0.0.0";
  for (const line of text.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) pid = Number(value);
    else if (line.startsWith("t")) anyAddress = value === "IPv6" ? "::" : "0.0.0.0";
    else if (line.startsWith("n")) {
      const endpoint = parseEndpoint(value, anyAddress);
      if (endpoint !== null) found.push({ ...endpoint, pid });
    }
  }
  return unique(found);
}

/**
 * Reads `127.0.0.1:80`, `[::1]:80`, `*:80`, `127.0.0.53%lo:53`, `[fe80::1]%eth0:80`.
 *
 * @param any The address that `*` stands for.
 */
export function parseEndpoint(
  text: string,
  any: string,
): Pick<Listener, "address" | "port"> | null {
  const match = /^(?:\[([^\]]+)\]|([^\[\]]+?))(?:%[^:\]]+)?:(\d+)$/.exec(text);
  if (!match) return null;
  const address = match[1] ?? match[2] ?? "";
  return {
    address: address === "*" ? any : address.replace(/^::ffff:(?=\d+\.)/i, ""),
    port: Number(match[3]),
  };
}

/** A process may hold a socket by several descriptors, and share a port with its workers. */
function unique(listeners: Listener[]): Listener[] {
  return [...new Map(listeners.map((one) => [`${one.address} ${one.port} ${one.pid}`, one]))
    .values()];
}
