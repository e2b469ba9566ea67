/** Who listens on a port that we wanted. */
import { PersistprocError } from "../protocol/errors.ts";

/** How long another server may take to say who it is. */
const ASK_MILLISECONDS = 1_000;

/** The failure to listen on a port, naming who has it where that can be found out. */
export async function portTaken(port: number): Promise<PersistprocError> {
  const [server, program] = await Promise.all([askServer(port), findListener(port)]);
  const who = server ?? program ?? "another program";
  return new PersistprocError("server_mismatch", `Port ${port} is taken by ${who}.`, {
    hint: server
      ? "Give --data-dir of that server to use it, or start this one with another --port."
      : "Start the server with another --port, and use the same --port in every command.",
  });
}

async function askServer(port: number): Promise<string | null> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, {
      signal: AbortSignal.timeout(ASK_MILLISECONDS),
      redirect: "error",
    });
    const health = await response.json();
    if (health?.name !== "persistproc") return null;
    return `persistproc ${health.version} (PID ${health.pid})`;
  } catch {
    return null;
  }
}

async function findListener(port: number): Promise<string | null> {
  const socket = await textOf("ss", ["-Hltnp", `sport = :${port}`]);
  // users:(("node",pid=4711,fd=20))
  const user = /\(\("([^"]+)",pid=(\d+)/.exec(socket);
  if (user) return `${user[1]} (PID ${user[2]})`;
  // -F: one field per line, p the PID and c the command (lsof(8)).
  const listener = await textOf("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"]);
  const pid = /^p(\d+)$/m.exec(listener)?.[1];
  const command = /^c(.+)$/m.exec(listener)?.[1];
  return pid ? `${command ?? "a program"} (PID ${pid})` : null;
}

async function textOf(program: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).output();
    return new TextDecoder().decode(stdout);
  } catch {
    return "";
  }
}
