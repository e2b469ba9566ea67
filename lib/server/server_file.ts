/** `server.json`: where the command line finds the running server of a data directory. */
import { readTextIfThere, removeIfThere, writePrivateFile } from "../system/files.ts";

/** What `server.json` says. */
export interface ServerFile {
  pid: number;
  port: number;
  version: string;
  /** ISO 8601, UTC. */
  started_at: string;
}

/** Says where the server is; for this user only. */
export async function writeServerFile(path: string, server: ServerFile): Promise<void> {
  await writePrivateFile(path, `${JSON.stringify(server)}\n`);
}

/** What the file says, or null when there is none or it makes no sense. */
export async function readServerFile(path: string): Promise<ServerFile | null> {
  try {
    const server = JSON.parse(await readTextIfThere(path) ?? "null");
    return Number.isInteger(server?.pid) && Number.isInteger(server?.port) ? server : null;
  } catch {
    return null;
  }
}

/** Says that the server has ended. */
export async function removeServerFile(path: string): Promise<void> {
  await removeIfThere(path);
}
