/** Waiting for something that a process does: what may be waited for, and what comes of it. */
import { PersistprocError } from "./errors.ts";

/** What to wait for; the first that holds ends the wait. The end of the run always does. */
export interface WaitRequest {
  /** A regular expression on a new line. */
  pattern?: string;
  /** The same, for what means failure. */
  fail_pattern?: string;
  /** A port that the process listens on, or `any`. */
  port?: number | "any";
  /** A loopback URL that answers with a status below 500. */
  http?: string;
  /** No new output for so long. */
  quiet_seconds?: number;
  /** Its end: said here, nothing else has to be. */
  exit?: boolean;
  timeout_seconds?: number;
}

/** How a wait ended. */
export type WaitOutcome =
  | "pattern"
  | "fail_pattern"
  | "port"
  | "http"
  | "quiet"
  /** The program ended by itself. */
  | "exited"
  /** Somebody stopped or restarted it. */
  | "stopped"
  | "timeout";

/** What came of a wait. */
export interface WaitResult {
  outcome: WaitOutcome;
  /** The line that matched, or what else there is to say: the port, the URL's answer, the reason. */
  line: string | null;
  elapsed_seconds: number;
  /** The newest lines that came since it began. */
  output: string;
}

/** Seconds that a wait takes when it is not told how long; at most; at most with progress. */
export const DEFAULT_WAIT_SECONDS = 30;
export const MAX_WAIT_SECONDS = 50;
export const MAX_WAIT_SECONDS_WITH_PROGRESS = 300;

/** Seconds between two signs of life to a caller who asked for them. */
export const PROGRESS_SECONDS = 10;

const CONDITIONS = ["pattern", "fail_pattern", "port", "http", "quiet_seconds", "exit"] as const;

/**
 * Checks what can be checked before anything is done for a wait.
 *
 * @param options.most The longest timeout in seconds; Infinity for none.
 * @param options.nameOf What the caller calls a part of the request, unless it is as here.
 * @throws {PersistprocError} `invalid_request`.
 */
export function checkWait(
  request: WaitRequest,
  { most, nameOf = (part) => part }: {
    most: number;
    nameOf?: (part: keyof WaitRequest) => string;
  },
): void {
  const given = CONDITIONS.filter((name) => request[name] !== undefined && request[name] !== false);
  if (given.length === 0) {
    throw new PersistprocError("invalid_request", "There is nothing to wait for.", {
      hint: `Give at least one of ${CONDITIONS.map(nameOf).join(", ")}.`,
    });
  }
  const { timeout_seconds: timeout, http } = request;
  for (const part of ["timeout_seconds", "quiet_seconds"] as const) {
    const seconds = request[part];
    if (seconds !== undefined && !(seconds > 0)) {
      throw new PersistprocError("invalid_request", `${nameOf(part)} must be more than 0.`);
    }
  }
  if (timeout !== undefined && timeout > most) {
    throw new PersistprocError(
      "invalid_request",
      `${nameOf("timeout_seconds")} must be at most ${most}, not ${timeout}.`,
      {
        hint: most === MAX_WAIT_SECONDS
          ? "Wait again if it ends with timeout; callers that ask for progress may wait " +
            `${MAX_WAIT_SECONDS_WITH_PROGRESS} s.`
          : "Wait again if it ends with timeout.",
      },
    );
  }
  if (http !== undefined) loopbackUrl(http, nameOf("http"));
}

/**
 * The URL of a server on this machine, given as `parameter`.
 *
 * @throws {PersistprocError} `invalid_request` for any other.
 */
export function loopbackUrl(text: string, parameter = "http"): URL {
  let url: URL | null = null;
  try {
    url = new URL(text);
  } catch {
    // Said below.
  }
  const loopback = url !== null && /^https?:$/.test(url.protocol) &&
    /^(localhost|[a-z0-9.-]+\.localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url !== null && loopback) return url;
  throw new PersistprocError(
    "invalid_request",
    `${parameter} must be a URL of this machine, not "${text.slice(0, 80)}".`,
    { hint: "Such as http://localhost:3000/health." },
  );
}
