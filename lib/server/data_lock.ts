/** One server per data directory: a lock that the system releases even when the server crashes. */
import { PersistprocError } from "../protocol/errors.ts";
import type { DataPaths } from "../system/paths.ts";
import { openPrivateFileSync } from "../system/files.ts";
import { readServerFile } from "./server_file.ts";

/** A lock that is held until it is disposed of. */
export interface DataLock extends Disposable {}

/**
 * Takes the lock of a data directory (flock(2)). The file stays: removing a lock file lets two
 * servers hold locks on two files of one name.
 *
 * @throws {PersistprocError} `server_mismatch` when a server holds it, named by PID and port;
 * `storage` when the lock is a symbolic link.
 */
export async function lockDataDirectory(
  paths: Pick<DataPaths, "lock" | "server">,
): Promise<DataLock> {
  const file = openPrivateFileSync(paths.lock);
  if (await file.tryLock(true)) return { [Symbol.dispose]: () => file.close() };
  file.close();
  const server = await readServerFile(paths.server);
  const who = server ? `: PID ${server.pid} on port ${server.port}` : ", and it is just starting";
  throw new PersistprocError(
    "server_mismatch",
    `This data directory has a server already${who}.`,
    {
      hint: "Use that one, end it with `persistproc shutdown`, take over with " +
        "`persistproc serve --replace`, or choose another --data-dir.",
    },
  );
}
