import { describeDuration } from "../../lib/protocol/duration.ts";
import { assertEquals, assertMatch } from "@std/assert";
import {
  firstRunState,
  nextRunState,
  type RunEvent,
  type RunState,
} from "../../lib/supervisor/run_state.ts";

const running = firstRunState({ at: 1_000, by: "terminal" });
const stopping = nextRunState(running, {
  type: "stop_requested",
  at: 2_000,
  by: "codex",
  restarting: false,
});
const killed = nextRunState(stopping, { type: "kill_sent", at: 7_000 });
const exited = nextRunState(running, { type: "ended", at: 4_200, code: 1, signal: null });
const failed = nextRunState(running, { type: "failed", at: 1_010, why: "no such program" });

const states = { running, stopping, killed, exited, failed };

const events: Record<RunEvent["type"], RunEvent> = {
  failed: { type: "failed", at: 9_000, why: "broken" },
  stop_requested: { type: "stop_requested", at: 9_000, by: "zed", restarting: true },
  kill_sent: { type: "kill_sent", at: 9_000 },
  stop_failed: { type: "stop_failed", why: "could not be stopped" },
  ended: { type: "ended", at: 9_000, code: 3, signal: null },
  found_ended: { type: "found_ended", at: 9_000, code: 3, signal: null, why: "ended unseen" },
  swept: { type: "swept", by: "zed", count: 2 },
  adopted: { type: "adopted" },
};

/** The status that follows; `same` when the event changes nothing. */
const table: Record<keyof typeof states, Record<RunEvent["type"], RunState["status"] | "same">> = {
  running: {
    failed: "failed",
    stop_requested: "stopping",
    kill_sent: "same",
    stop_failed: "running",
    ended: "exited",
    found_ended: "exited",
    swept: "same",
    adopted: "same",
  },
  stopping: {
    failed: "failed",
    stop_requested: "stopping",
    kill_sent: "stopping",
    stop_failed: "running",
    ended: "exited",
    found_ended: "exited",
    swept: "same",
    adopted: "running",
  },
  killed: {
    failed: "failed",
    stop_requested: "stopping",
    kill_sent: "same",
    stop_failed: "running",
    ended: "exited",
    found_ended: "exited",
    swept: "same",
    adopted: "running",
  },
  exited: {
    failed: "same",
    stop_requested: "same",
    kill_sent: "same",
    stop_failed: "exited",
    ended: "same",
    found_ended: "same",
    swept: "exited",
    adopted: "same",
  },
  failed: {
    failed: "same",
    stop_requested: "same",
    kill_sent: "same",
    stop_failed: "failed",
    ended: "same",
    found_ended: "same",
    swept: "failed",
    adopted: "same",
  },
};

for (const [name, row] of Object.entries(table)) {
  const state = states[name as keyof typeof states];
  for (const [type, expected] of Object.entries(row)) {
    Deno.test(`a run that is ${name}: ${type} leads to ${expected}`, () => {
      const before = structuredClone(state);
      const next = nextRunState(state, events[type as RunEvent["type"]]);
      if (expected === "same") assertEquals(next, state);
      else assertEquals(next.status, expected);
      assertEquals(state, before, "the state before is left as it was");
    });
  }
}

Deno.test("a run that is over has an end, and one that is not has none", () => {
  for (const state of Object.values(states)) {
    for (const event of Object.values(events)) {
      const next = nextRunState(state, event);
      const over = next.status === "exited" || next.status === "failed";
      assertEquals(next.ended_at !== null, over, `${state.status}, ${event.type}`);
      if (next.status === "running") assertEquals(next.stop, null);
      if (next.status === "stopping") assertEquals(next.stop !== null, true);
    }
  }
});

Deno.test("the reason says how a run ended by itself", () => {
  assertEquals(exited.reason, "exited with code 1 after 3.2 s");
  const crashed = nextRunState(running, {
    type: "ended",
    at: 1_040,
    code: null,
    signal: "SIGSEGV",
  });
  assertEquals(crashed.reason, "ended by SIGSEGV after 40 ms");
  assertEquals(crashed.signal, "SIGSEGV");
  assertEquals(crashed.exit_code, null);
  const unknown = nextRunState(running, { type: "ended", at: 1_040, code: null, signal: null });
  assertEquals(unknown.reason, "ended after 40 ms, its exit status is not known");
});

Deno.test("the reason says who stopped a run, and whether it took SIGKILL", () => {
  const end = (state: RunState, code: number | null, signal: string | null) =>
    nextRunState(state, { type: "ended", at: 7_010, code, signal }).reason;
  assertEquals(stopping.reason, "being stopped by codex");
  assertEquals(end(stopping, null, "SIGTERM"), "stopped by codex");
  assertEquals(end(stopping, 0, null), "stopped by codex");
  assertEquals(end(stopping, 2, null), "stopped by codex, code 2");
  assertEquals(
    end(killed, null, "SIGKILL"),
    "killed by SIGKILL 5 s after SIGTERM, stopped by codex",
  );
  const atOnce = nextRunState(stopping, { type: "kill_sent", at: 2_001 });
  assertEquals(end(atOnce, null, "SIGKILL"), "stopped by codex with SIGKILL");
  const restarting = nextRunState(running, {
    type: "stop_requested",
    at: 2_000,
    by: "codex",
    restarting: true,
  });
  assertEquals(restarting.reason, "being restarted by codex");
  assertMatch(end(restarting, null, "SIGTERM"), /^restarted by codex/);
});

Deno.test("a stop that failed leaves a run that can be stopped again", () => {
  const again = nextRunState(nextRunState(killed, events.stop_failed), events.stop_requested);
  assertEquals(again.status, "stopping");
  assertEquals(again.stop, { by: "zed", at: 9_000, killed_at: null, restarting: true });
});

Deno.test("what was left of a run that had ended is told in its reason", () => {
  const swept = nextRunState(exited, events.swept);
  assertEquals(
    swept.reason,
    "exited with code 1 after 3.2 s; the 2 processes it had left behind stopped by zed",
  );
  const left = nextRunState(exited, events.stop_failed);
  assertEquals(left.reason, "exited with code 1 after 3.2 s; could not be stopped");
  for (const { exit_code, ended_at } of [swept, left]) {
    assertEquals([exit_code, ended_at], [1, 4_200]);
  }
});

Deno.test("durations read well at every size", () => {
  const cases: [number, string][] = [
    [-5, "0 ms"],
    [0, "0 ms"],
    [40.4, "40 ms"],
    [999, "999 ms"],
    [1_000, "1 s"],
    [3_200, "3.2 s"],
    [59_900, "59.9 s"],
    [60_000, "1 min 0 s"],
    [310_999, "5 min 10 s"],
    [3_600_000, "1 h 0 min"],
    [7_500_000, "2 h 5 min"],
    [90_000_000, "25 h 0 min"],
  ];
  for (const [milliseconds, words] of cases) assertEquals(describeDuration(milliseconds), words);
});
