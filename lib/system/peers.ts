/**
 * Whose the connections to a port of this machine are: the kernel notes a user for each socket.
 * Linux tells it in `/proc` (proc(5)), through `cat`; elsewhere `lsof` is asked.
 */
import { type AskProgram, askProgram } from "./ask.ts";
import { parseEndpoint } from "./listeners.ts";
import { parsePeers, procFiles } from "./proc_sockets.ts";

/** The other end of an established connection to a port of 127.0.0.1. */
export interface Peer {
  /** An IP address without brackets. */
  address: string;
  port: number;
  /** The user who made its socket. */
  uid: number;
}

/** All other ends of the established connections to one port; null where nobody can tell. */
export type LookUpPeers = () => Promise<Peer[] | null>;

/** Looks up the peers of a port of 127.0.0.1 on this system, or on what `ask` answers for. */
export function systemPeers(
  port: number,
  ask: AskProgram = askProgram,
  os: typeof Deno.build.os = Deno.build.os,
): LookUpPeers {
  if (os === "linux") {
    return async () => {
      const text = await ask("cat", procFiles.tables);
      return text ? parsePeers(text, port) : null;
    };
  }
  const args = ["-nP", `-iTCP:${port}`, "-sTCP:ESTABLISHED", "-F", "un"];
  return async () => {
    const text = await ask("lsof", args);
    return text ? parseLsofPeers(text, port) : null;
  };
}

/** Parses `lsof -F un` (lsof(8)): one field a line, by its letter; `u` holds for the files after it. */
export function parseLsofPeers(text: string, port: number): Peer[] {
  const peers: Peer[] = [];
  let uid: number | null = null;
  for (const line of text.split("\n")) {
    if (line.startsWith("p")) uid = null;
    else if (line.startsWith("u")) uid = Number(line.slice(1));
    else if (line.startsWith("n") && uid !== null) {
      const [local = "", remote = ""] = line.slice(1).split("->");
      const [from, to] = [parseEndpoint(local, ""), parseEndpoint(remote, "")];
      if (from && to?.port === port && to.address === "127.0.0.1") peers.push({ ...from, uid });
    }
  }
  return peers;
}
