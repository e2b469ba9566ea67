/** The server as an entry of `list`: `pid: 0`. */
import { type ListedProcess, type LocatedProcess, SERVER_LABEL } from "../protocol/process.ts";
import type { ListRequest } from "../protocol/requests.ts";

/** What the server knows of itself. */
export interface ServerFacts {
  pid: number;
  port: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  dataDirectory: string;
  /** The path of `server.log`. */
  logPath: string;
}

/** The server's own entry, if the rest of the request holds for it too. */
export function listServer(
  server: ServerFacts,
  request: ListRequest,
): (LocatedProcess & ListedProcess)[] {
  const { command_or_label: name, working_directory: directory } = request;
  if (name !== undefined && name !== SERVER_LABEL && name !== "persistproc serve") return [];
  if (directory !== undefined && directory !== server.dataDirectory) return [];
  return [{
    pid: server.pid,
    label: SERVER_LABEL,
    command: ["persistproc", "serve"],
    working_directory: server.dataDirectory,
    status: "running",
    reason: `listening on 127.0.0.1:${server.port}`,
    started_by: "persistproc",
    start_time: new Date(server.startedAt).toISOString(),
    end_time: null,
    uptime_seconds: Math.round((Date.now() - server.startedAt) / 1000),
    exit_code: null,
    signal: null,
    restarts: 0,
    ports: [{ address: "127.0.0.1", port: server.port, pid: server.pid }],
    urls: [`http://127.0.0.1:${server.port}/mcp`],
    cpu_percent: null,
    memory_bytes: Deno.memoryUsage().rss,
    process_count: 1,
    error_lines: 0,
    log_stdout: server.logPath,
    log_stderr: server.logPath,
    process: "server",
    run: "server",
    run_directory: server.dataDirectory,
  }];
}
