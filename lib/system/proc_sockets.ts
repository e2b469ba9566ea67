/** Sockets from the files of Linux's `/proc` (proc(5)). */
import type { Listener } from "./listeners.ts";
import type { Peer } from "./peers.ts";

/** What has to be read. */
export const procFiles = {
  tables: ["/proc/net/tcp", "/proc/net/tcp6"],
  /** Prints, by process, the descriptors that are sockets. */
  links: "ls -ln /proc/[0-9]*/fd 2>/dev/null | grep -e '^/proc/' -e '-> socket:\\['",
} as const;

const ESTABLISHED = "01";
const LISTEN = "0A";

interface Socket {
  /** Addresses and ports in hexadecimal, as the tables have them. */
  local: readonly [address: string, port: string];
  remote: readonly [address: string, port: string];
  uid: number;
  inode: string;
}

// Number, local and remote address, state, queues, timer, retransmits, user, timeout, inode.
const ROW = new RegExp(
  "^ *\\d+: ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]+):([0-9A-F]{4}) ([0-9A-F]{2}) " +
    "+\\S+ +\\S+ +\\S+ +(\\d+) +\\d+ +(\\d+)",
);

function* rows(tables: string, state: string): Generator<Socket> {
  for (const line of tables.split("\n")) {
    const row = ROW.exec(line);
    if (row?.[5] !== state) continue;
    const [, address = "", port = "", remote = "", remotePort = "", , uid, inode = ""] = row;
    yield { local: [address, port], remote: [remote, remotePort], uid: Number(uid), inode };
  }
}

/**
 * The other ends of the connections to a port of 127.0.0.1. Established ones only: what waits for
 * late packets after a close (TIME_WAIT) is nobody's, and the table says 0 for its user.
 */
export function parsePeers(tables: string, port: number): Peer[] {
  const peers: Peer[] = [];
  for (const { local, remote, uid } of rows(tables, ESTABLISHED)) {
    if (parseInt(remote[1], 16) !== port || parseAddress(remote[0]) !== "127.0.0.1") continue;
    peers.push({ address: parseAddress(local[0]), port: parseInt(local[1], 16), uid });
  }
  return peers;
}

/**
 * Joins the socket tables (address, state and inode of each socket) with the processes' descriptors
 * (the inodes that each holds).
 */
export function parseSocketTable(tables: string, links: string): Listener[] {
  const holders = holdersByInode(links);
  const found: Listener[] = [];
  for (const { local: [address, port], inode } of rows(tables, LISTEN)) {
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
