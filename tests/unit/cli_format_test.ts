/** The text of results, which scripts rely on to the letter. */
import { assertEquals } from "@std/assert";
import {
  formatRestart,
  formatShutdown,
  formatStart,
  formatStop,
  formatSurvivors,
} from "../../lib/cli/format/ctrl.ts";
import { ctrlDocument } from "../../lib/cli/format/document.ts";
import { formatList } from "../../lib/cli/format/list.ts";
import { formatOutput, outputDocument } from "../../lib/cli/format/output.ts";
import { distance, nearest } from "../../lib/protocol/suggest.ts";
import type { LogLine } from "../../lib/logs/output.ts";
import type { ReadResult } from "../../lib/logs/output_page.ts";
import type { ProcessInfo } from "../../lib/protocol/process.ts";
import type { LocatedCtrlResult } from "../../lib/protocol/requests.ts";

Deno.test("K134 start", () => {
  const full = { pid: 12, label: "web", log_stdout: "/l/out", log_stderr: "/l/err" };
  assertEquals(
    formatStart(full),
    "Started process with PID: 12\nLabel: web\nStdout log: /l/out\nStderr log: /l/err\n",
  );
  assertEquals(formatStart({ pid: 12 }), "Started process with PID: 12\n");
  assertEquals(formatStart({}), "Process started successfully\n");
  assertEquals(
    formatStart({ pid: 12, already_running: true }),
    "Already running with PID: 12\n",
  );
});

Deno.test("K135 stop", () => {
  assertEquals(formatStop({ exit_code: 0 }), "Process stopped with exit code: 0\n");
  assertEquals(formatStop({ exit_code: 3 }), "Process stopped with exit code: 3\n");
  assertEquals(
    formatStop({ exit_code: null, signal: "SIGTERM" }),
    "Process stopped by signal: SIGTERM\n",
  );
  assertEquals(formatStop({ status: "running" }), "Process could not be terminated\n");
  assertEquals(
    formatSurvivors([{ pid: 5, command: "sleep", why: "not ours" }]),
    "Still running: PID 5 (sleep): not ours\n",
  );
});

function info(facts: Partial<ProcessInfo>): ProcessInfo {
  return {
    pid: 1,
    label: "L",
    command: ["a", "b c"],
    working_directory: "/w",
    status: "running",
    reason: "",
    started_by: "terminal",
    start_time: "",
    end_time: null,
    uptime_seconds: 0,
    exit_code: null,
    signal: null,
    restarts: 0,
    log_stdout: "",
    log_stderr: "",
    ...facts,
  };
}

Deno.test("K136 list", () => {
  const one = "PID 1: L (running)\n  Command: a b c\n  Working directory: /w\n";
  assertEquals(formatList({ processes: [info({})] }), one);
  assertEquals(
    formatList({ processes: [{ ...info({}), error_lines: 2 }] }),
    `${one}  Error lines: 2\n`,
  );
  assertEquals(
    formatList({ processes: [info({}), info({ pid: null, status: "failed" })] }),
    `${one}\nPID -: L (failed)\n  Command: a b c\n  Working directory: /w\n`,
  );
  assertEquals(formatList({ processes: [] }), "No processes running\n");
});

function page(...texts: string[]): ReadResult {
  const source = {
    label: "web",
    runDirectory: "/r",
    process: "aaaaaaaa",
    run: 1,
    pid: 1,
    startedAt: 0,
    ended: false,
  };
  const lines = texts.map((text, at): LogLine => ({
    source,
    stream: "stdout",
    time: Date.UTC(2026, 0, 1) + at,
    bytes: new TextEncoder().encode(text),
    cutBefore: 0,
    cutAfter: 0,
    terminated: true,
  }));
  return {
    page: {
      lines,
      sources: [source],
      earlier: false,
      bytesTotal: 10,
      missed: 0,
      matches: null,
      givenUp: false,
      unreadable: [],
      positionsAfter: () => [],
      bytesAfter: () => 0,
      missedAfter: () => 0,
    },
    next: false,
    cursorAfter: () => "AbC",
  };
}

Deno.test("K137 F114 output has no blank lines, its counters stand apart", () => {
  const { text, footer } = formatOutput(page("a", "\x1b[31mb\x1b[0m", "b"), {});
  assertEquals(text, "a\nb\nb\n");
  assertEquals(
    footer,
    "-- 3 lines of 10 bytes, 2026-01-01T00:00:00.000Z..00:00:00.002Z, cursor AbC",
  );
  assertEquals(formatOutput(page(), {}).text, "No output available\n");
  assertEquals(formatOutput(page("a"), { timestamps: true }).text, "2026-01-01T00:00:00.000Z a\n");
  assertEquals(outputDocument(page("a"), {}), {
    output: ["a"],
    lines_shown: 1,
    earlier_lines: false,
    bytes_total: 10,
    missed_bytes: 0,
    first_time: "2026-01-01T00:00:00.000Z",
    last_time: "2026-01-01T00:00:00.000Z",
    cursor: "AbC",
    bytes_behind_cursor: 0,
  });
});

Deno.test("K138 restart", () => {
  assertEquals(formatRestart({ pid: 7 }), "Process restarted with PID: 7\n");
  assertEquals(formatRestart({ pid: null }), "Process restart failed\n");
});

Deno.test("K139 shutdown", () => {
  assertEquals(formatShutdown({ pid: 9 }), "Shutdown persistproc server with PID: 9\n");
});

Deno.test("JSON has the tool's facts, not where the logs lie", () => {
  const located = { pid: 1, process: "p", run: "p-1", run_directory: "/d" };
  assertEquals<unknown>(ctrlDocument(located as unknown as LocatedCtrlResult), { pid: 1 });
});

Deno.test("suggestions are near, and only then", () => {
  assertEquals(distance("lst", "list"), 1);
  assertEquals(distance("ouptut", "output"), 1);
  assertEquals(distance("", "abc"), 3);
  assertEquals(nearest("lst", ["list", "stop"]), "list");
  assertEquals(nearest("retsart", ["start", "restart"]), "restart");
  assertEquals(nearest("vite", ["list", "stop", "serve"]), null);
});
