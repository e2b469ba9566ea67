/** What a wait has to ask for again and again: whether a port is listened on, and a URL answers. */
import type { WaitOutcome } from "../protocol/wait.ts";
import { httpStatus } from "../system/http_answer.ts";
import type { Listener } from "../system/listeners.ts";
import { SharedPoll } from "./polled.ts";

/** What has ended a wait. */
export interface Ending {
  outcome: WaitOutcome;
  line: string | null;
}

/** A condition that has to be asked for: what it says now, and that it is asked no more. */
export interface Probe extends Disposable {
  ending: Ending | null;
  /** What to say when time is over. */
  remark: string | null;
  /** Output has come: what is waited for may have come with it. */
  hurry(): void;
}

/** Waits for a process to listen on a port; `own` tells who belongs to it now. */
export function portProbe(
  wanted: number | "any",
  { poll, own, wake }: {
    poll: SharedPoll<Listener[]>;
    own: () => Promise<ReadonlySet<number>>;
    wake: () => void;
  },
): Probe {
  let looked = "";
  const look = async (listeners: Listener[]) => {
    const candidates = listeners.filter(({ port }) => wanted === "any" || port === wanted);
    // Who belongs to a run costs more to know than who listens: only where there is news.
    const seen = JSON.stringify(candidates);
    if (candidates.length === 0 || seen === looked) return;
    const members = await own();
    const found = candidates.find(({ pid }) => pid !== null && members.has(pid)) ??
      // A port of another user's process may be forwarded to ours (docker).
      (wanted === "any" ? undefined : candidates.find(({ pid }) => pid === null));
    if (found !== undefined) {
      const { address, port } = found;
      const host = address.includes(":") ? `[${address}]` : address;
      probe.ending = { outcome: "port", line: `listens on ${host}:${port}` };
      return wake();
    }
    looked = seen;
    if (wanted === "any") return;
    probe.remark = `port ${wanted} is listened on by PID ${candidates[0]?.pid}, ` +
      "which does not belong to this process";
  };
  const stop = poll.listen((listeners) => void look(listeners).catch(() => {}));
  const probe: Probe = {
    ending: null,
    remark: null,
    hurry: () => poll.hurry(),
    [Symbol.dispose]: stop,
  };
  return probe;
}

/** Waits for a URL to answer below 500. */
export function httpProbe(url: string, wake: () => void): Probe {
  const given = new AbortController();
  const poll = new SharedPoll(() => httpStatus(url, given.signal));
  const stop = poll.listen((status) => {
    if (status === null) return;
    const line = `${url} answers ${status}`;
    probe.remark = line;
    if (status >= 500) return;
    probe.ending = { outcome: "http", line };
    wake();
  });
  const probe: Probe = {
    ending: null,
    remark: null,
    hurry: () => poll.hurry(),
    [Symbol.dispose]() {
      stop();
      given.abort();
    },
  };
  return probe;
}
