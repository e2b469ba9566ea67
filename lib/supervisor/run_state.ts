/** The states of a run, and the only function that changes them. */
import { describeDuration } from "../protocol/duration.ts";
import type { Status } from "../protocol/process.ts";

/** A stop that was asked for. Times are milliseconds since the epoch. */
export interface StopRecord {
  by: string;
  at: number;
  /** When SIGKILL was sent, if it was. */
  killed_at: number | null;
  /** The stop is the first half of a restart. */
  restarting: boolean;
}

/** The state of a run, as it is kept in `process.json`. */
export interface RunState {
  status: Status;
  /** In words: why it is in that state. */
  reason: string;
  started_at: number;
  started_by: string;
  ended_at: number | null;
  exit_code: number | null;
  signal: string | null;
  stop: StopRecord | null;
  /** What more there is to say of its end: who holds the port that it wanted. */
  remark?: string;
  /** What a program that failed said last. */
  said?: string;
}

/** What happens to a run. */
export type RunEvent =
  /** The program could not be executed. */
  | { type: "failed"; at: number; why: string }
  | { type: "stop_requested"; at: number; by: string; restarting: boolean }
  | { type: "kill_sent"; at: number }
  /** Some of its members could not be ended. */
  | { type: "stop_failed"; why: string }
  | {
    type: "ended";
    at: number;
    code: number | null;
    signal: string | null;
    remark?: string;
    said?: string;
  }
  /** It ended while nobody watched; the time and the status may be unknown. */
  | {
    type: "found_ended";
    at: number;
    code: number | null;
    signal: string | null;
    why: string;
    said?: string;
  }
  /** Its program had ended; what was left of it was ended too. */
  | { type: "swept"; by: string; count: number }
  /** A new server found it running. */
  | { type: "adopted" };

/** The state of a run that begins. */
export function firstRunState(event: { at: number; by: string }): RunState {
  return {
    status: "running",
    reason: `started by ${event.by}`,
    started_at: event.at,
    started_by: event.by,
    ended_at: null,
    exit_code: null,
    signal: null,
    stop: null,
  };
}

/** The state that follows when something happens; an event that changes nothing returns the same. */
export function nextRunState(state: RunState, event: RunEvent): RunState {
  const over = state.status === "exited" || state.status === "failed";
  switch (event.type) {
    case "failed":
      if (over) return state;
      return { ...state, status: "failed", reason: event.why, ended_at: event.at, stop: null };
    case "stop_requested": {
      if (over) return state;
      const { at, by, restarting } = event;
      if (state.stop !== null) {
        // A stop that is asked for during a restart wins; it has begun when the restart began.
        if (!state.stop.restarting || restarting) return state;
        return {
          ...state,
          reason: `being stopped by ${by}`,
          stop: { ...state.stop, by, restarting },
        };
      }
      return {
        ...state,
        status: "stopping",
        reason: `being ${restarting ? "restarted" : "stopped"} by ${by}`,
        stop: { by, at, killed_at: null, restarting },
      };
    }
    case "kill_sent":
      if (over || !state.stop || state.stop.killed_at !== null) return state;
      return { ...state, stop: { ...state.stop, killed_at: event.at } };
    case "stop_failed":
      if (over) return { ...state, reason: `${state.reason}; ${event.why}` };
      return { ...state, status: "running", reason: event.why, stop: null };
    case "adopted":
      if (over || state.status === "running") return state;
      return { ...state, status: "running", reason: `started by ${state.started_by}`, stop: null };
    case "ended":
      if (over) return state;
      return {
        ...end(state, event),
        reason: describeEnd(state, event),
        ...(event.remark === undefined ? {} : { remark: event.remark }),
        ...(event.said === undefined ? {} : { said: event.said }),
      };
    case "swept": {
      if (!over) return state;
      const left = event.count === 1 ? "the process" : `the ${event.count} processes`;
      return {
        ...state,
        reason: `${state.reason}; ${left} it had left behind stopped by ${event.by}`,
      };
    }
    case "found_ended":
      if (over) return state;
      return {
        ...end(state, event),
        reason: event.why,
        ...(event.said === undefined ? {} : { said: event.said }),
      };
  }
}

function end(
  state: RunState,
  event: { at: number; code: number | null; signal: string | null },
): RunState {
  return {
    ...state,
    status: "exited",
    ended_at: event.at,
    exit_code: event.code,
    signal: event.signal,
  };
}

function describeEnd(
  state: RunState,
  event: { at: number; code: number | null; signal: string | null },
): string {
  const { stop } = state;
  if (stop !== null) {
    const verb = stop.restarting ? "restarted" : "stopped";
    if (stop.killed_at !== null && event.signal === "SIGKILL") {
      const wait = stop.killed_at - stop.at;
      return wait < 50
        ? `${verb} by ${stop.by} with SIGKILL`
        : `killed by SIGKILL ${describeDuration(wait)} after SIGTERM, ${verb} by ${stop.by}`;
    }
    const status = event.code !== null && event.code !== 0 ? `, code ${event.code}` : "";
    return `${verb} by ${stop.by}${status}`;
  }
  const after = `after ${describeDuration(event.at - state.started_at)}`;
  if (event.signal !== null) return `ended by ${event.signal} ${after}`;
  if (event.code !== null) return `exited with code ${event.code} ${after}`;
  return `ended ${after}, its exit status is not known`;
}
