/** kill(2), with "no such process" as an answer instead of an exception. */

/** Signals that the supervisor sends. */
export type StopSignal = "SIGTERM" | "SIGHUP" | "SIGKILL" | "SIGSTOP" | "SIGCONT";

/** Sends signals to processes and process groups. */
export interface Signals {
  /** Signals one process; false when there is none, or it is not ours to signal. */
  process(pid: number, signal: StopSignal): boolean;
  /** Signals every member of a process group; false when it has none. */
  group(group: number, signal: StopSignal): boolean;
  /** Whether a process group has members, zombies included. */
  groupExists(group: number): boolean;
  /** Whether a process exists, as a zombie too. */
  exists(pid: number): boolean;
}

// Deno's types know signal names only; kill(2) takes 0 for "would it reach anyone?", and so does
// Deno.kill at run time.
const PROBE = 0 as unknown as Deno.Signal;

function sendToGroup(group: number, signal: Deno.Signal): boolean {
  // kill(0) and kill(-1) reach our own group, and everybody.
  return group > 1 && send(-group, signal);
}

function send(pid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    // Somebody else's process: it exists, and it is not ours to signal.
    if (error instanceof Deno.errors.PermissionDenied) return signal === PROBE;
    throw error;
  }
}

/** The signals of this system. */
export const systemSignals: Signals = {
  process: (pid, signal) => send(pid, signal),
  group: sendToGroup,
  groupExists: (group) => sendToGroup(group, PROBE),
  exists: (pid) => send(pid, PROBE),
};
