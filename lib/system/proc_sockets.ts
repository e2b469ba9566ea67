/** Listening sockets from the files of Linux's `/proc` (proc(5)). */
import type { Listener } from "./listeners.ts";

/** What has to be read. */
export const procFiles = {
  tables: ["/proc/net/tcp", "/proc/net/tcp6"],
  /** Prints, by process, the descriptors that are sockets. */
  links: "ls -ln /proc/[0-9]*/fd 2>/dev/null | grep -e '^/proc/' -e '-> socket:\\['",
} as const;

const LISTEN = "0A";

/**
 * Joins the socket tables (address, state and inode of each socket) with the processes' descriptors
 * (the inodes that each holds).
 */
export function parseSocketTable(tables: string, links: string): Listener[] {
  const holders = holdersByInode(links);
  const found: Listener[] = [];
  const row =
    /^ *\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) \S+ ([0-9A-F]{2})(?: +\S+){5} +(\d+)/;
  for (const line of tables.split("\n")) {
    const [, address = "", port = "", state, inode = ""] = row.exec(line) ?? [];
    if (state !== LISTEN) continue;
    const pids = holders.get(inode) ?? [null];
    for (const pid of new Set(pids)) {
      found.push({ address: parseAddress(address), port: parseInt(port, 16), pid });
    }
  }
  return found;
}

/** `ls -l` heads each directory by its path; a link ends in `-> socket:[INODE]`. */
function holdersByInode(links: string): Map<string, number[]> {
  const holders = new Map<string, number[]>();
  let pid = 0;
  for (const line of links.split("\n")) {
    const directory = /^\/proc\/(\d+)\/fd:$/.exec(line)?.[1];
    if (directory !== undefined) pid = Number(directory);
    const inode = /-> socket:\[(\d+)\]$/.exec(line)?.[1];
    if (inode === undefined) continue;
    const known = holders.get(inode);
    if (known) known.push(pid);
    else holders.set(inode, [pid]);
  }
  return holders;
}

/** Hexadecimal, each word of 32 bits in the machine's order: little-endian wherever Deno runs. */
function parseAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => [...word.matchAll(/../g)].reverse())
    .map(([byte]) => parseInt(byte ?? "", 16));
  if (bytes.length === 4) return bytes.join(".");
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 &&
    bytes[11] === 255;
  if (mapped) return bytes.slice(12).join(".");
  const groups = Array.from(
    { length: 8 },
    (_, i) => ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  // The URL parser knows the canonical short form (RFC 5952).
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
