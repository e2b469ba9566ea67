/** Who listens on a port that we wanted. */
import { PersistprocError } from "../protocol/errors.ts";
import { systemListeners } from "../system/listeners.ts";
import { requestLoopback } from "../system/loopback_request.ts";
import { processFacts } from "../system/process_facts.ts";

/** How long another server may take to say who it is. */
const ASK_MILLISECONDS = 2_500;
/** Far more than it says. A stranger may send anything. */
const ANSWER_BYTES = 64 * 1024;

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
    const { text } = await requestLoopback(port, {
      path: "/health",
      timeout: ASK_MILLISECONDS,
      maxBytes: ANSWER_BYTES,
    });
    const health = JSON.parse(text);
    if (health?.name !== "persistproc") return null;
    return `persistproc ${health.version} (PID ${health.pid})`;
  } catch {
    return null;
  }
}

async function findListener(port: number): Promise<string | null> {
  const listeners = await systemListeners().listeners();
  const pid = listeners.find((listener) => listener.port === port)?.pid ?? null;
  if (pid === null) return null;
  const facts = await processFacts(pid);
  return `${facts?.command ?? "a program"} (PID ${pid})`;
}
