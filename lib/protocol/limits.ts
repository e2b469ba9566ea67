/** Numbers that several layers share; each is part of the public surface. */

/** The port of the server when neither `--port` nor `PERSISTPROC_PORT` says another. */
export const DEFAULT_PORT = 8947;

/** Seconds between SIGTERM and SIGKILL when `stop` is not told otherwise. */
export const DEFAULT_GRACE_SECONDS = 8;

/** Lines that `output` shows when it is not told how many. */
export const DEFAULT_OUTPUT_LINES = 100;

/** Characters that the `output` tool returns when it is not told how many, and at most. */
export const DEFAULT_OUTPUT_CHARACTERS = 8_000;
export const MAX_OUTPUT_CHARACTERS = 30_000;

/** Lines of history that `run` shows when it attaches to a process that runs already. */
export const DEFAULT_HISTORY_LINES = 50;

/** The terminal that a program gets whose caller has none. */
export const DEFAULT_TERMINAL_SIZE = { columns: 80, rows: 24 };

/** Ended processes that are kept, and runs of each process. */
export const KEPT_ENDED_PROCESSES = 10;
export const KEPT_RUNS = 5;

/** Largest body of a request, in bytes. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Processes that may run at a time. Two hundred are measured to work; more than this many is a loop
 * that starts things, which would take the machine's PIDs with it: each has a keeper of its own.
 */
export const MAX_PROCESSES = 512;

/**
 * Requests that are answered at a time, waiting tools included. Each may hold a body of
 * `MAX_BODY_BYTES`, so that this is what bounds the server's memory; two hundred agents that start
 * something at one instant are far below it.
 */
export const MAX_REQUESTS = 512;

/** Waits at a time: each has its output searched. Half of the requests, so that the others go on. */
export const MAX_WAITS = 256;

/** Open event streams, one for each `run`, `output --follow` and `list --watch` that looks on. */
export const MAX_EVENT_STREAMS = 256;

/** What is kept of each stream of a run, in bytes, unless `PERSISTPROC_LOG_LIMIT` says otherwise. */
export const DEFAULT_LOG_LIMIT = 64 * 1024 * 1024;

/** The least that `PERSISTPROC_LOG_LIMIT` may say: file systems free whole blocks only. */
export const MIN_LOG_LIMIT = 64 * 1024;

/** What is kept of the logs of all runs together, in bytes, before ended runs lose theirs. */
export const TOTAL_LOG_LIMIT = 2 * 1024 * 1024 * 1024;
