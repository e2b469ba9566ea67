/** Where persistproc keeps its files. */
import { isAbsolute, join } from "@std/path";

/** The files at the top of a data directory. */
export interface DataPaths {
  /** One directory per process. */
  processes: string;
  /** What could not be read at a start, kept for a person to look at. */
  damaged: string;
  /** Copies of what commands were given as a program's input, by `--stdin -`. */
  input: string;
  /** PID, port and version of the running server. */
  server: string;
  /** The secret between server and command line. */
  token: string;
  /** There when servers of this directory answer nobody without the token. */
  requireToken: string;
  /** What the server says of itself. */
  serverLog: string;
  /** Locked by the one server of this directory. */
  lock: string;
  /** Locked by the command that starts a server, until it answers. */
  starting: string;
}

/** The paths inside a data directory. */
export function dataPaths(dataDirectory: string): DataPaths {
  return {
    processes: join(dataDirectory, "processes"),
    damaged: join(dataDirectory, "damaged"),
    input: join(dataDirectory, "input"),
    server: join(dataDirectory, "server.json"),
    token: join(dataDirectory, "token"),
    requireToken: join(dataDirectory, "require-token"),
    serverLog: join(dataDirectory, "server.log"),
    lock: join(dataDirectory, "lock"),
    starting: join(dataDirectory, "starting"),
  };
}

/** The data directory of a user who names none (XDG Base Directory Specification on Linux). */
export function defaultDataDirectory(
  environment: Record<string, string | undefined>,
  os: typeof Deno.build.os,
): string {
  const home = environment["HOME"] || "/";
  if (os === "darwin") return join(home, "Library", "Application Support", "persistproc");
  if (os === "linux") {
    // A relative path is to be ignored, says the specification.
    const base = environment["XDG_DATA_HOME"];
    return join(base && isAbsolute(base) ? base : join(home, ".local", "share"), "persistproc");
  }
  return join(home, ".persistproc");
}
