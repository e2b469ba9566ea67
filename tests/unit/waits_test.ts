import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { openMatcher } from "../../lib/logs/line_matcher.ts";
import { parseExpression } from "../../lib/logs/expression.ts";
import { checkWait, loopbackUrl, type WaitRequest } from "../../lib/protocol/wait.ts";
import { PersistprocError } from "../../lib/protocol/errors.ts";
import { NewOutput } from "../../lib/supervisor/new_output.ts";
import { SharedPoll } from "../../lib/supervisor/polled.ts";
import { RunDirectory, withDirectory } from "../support/run_directory.ts";
import { refused } from "../support/refused.ts";
import { Bench } from "../support/supervisor.ts";
import { until } from "../support/until.ts";

type Started = { run: string; run_directory: string; process: string };

const wait = (
  bench: Bench,
  { run }: Started,
  request: WaitRequest,
  from: "start" | "now" = "start",
  signal?: AbortSignal,
) => bench.supervisor.wait(run, { timeout_seconds: 30, ...request }, { from, signal });

/** A Python server on a port of its own. */
const SERVER =
  "import http.server as h, socketserver as s; s.TCPServer.allow_reuse_address = True; " +
  "v = s.TCPServer(('127.0.0.1', 0), h.SimpleHTTPRequestHandler); " +
  "print('port', v.server_address[1], flush=True); v.serve_forever()";

/** Timers, sockets and threads that are left behind fail the test. */
const SANITIZED = { sanitizeOps: true, sanitizeResources: true };

Deno.test("a line that is waited for ends a wait, the first of both expressions", async () => {
  await using bench = await Bench.create();
  const ready = await bench.sh("echo starting; sleep 0.2; echo ready now; exec sleep 1000");
  const result = await wait(bench, ready, { pattern: "^ready", fail_pattern: "error" });
  assertEquals([result.outcome, result.line], ["pattern", "ready now"]);
  assertEquals(result.output, "starting\nready now");
  const failing = await bench.sh("echo an error >&2; read line; echo ready; exec sleep 1000");
  const failed = await wait(bench, failing, { pattern: "^ready", fail_pattern: "error" });
  assertEquals([failed.outcome, failed.line], ["fail_pattern", "an error"]);
});

Deno.test("a wait that succeeds tells the last words, any other one more, and both what is cut", async () => {
  await using bench = await Bench.create();
  const program = await bench.sh("seq 60; echo ready; exec sleep 1000");
  const ready = await wait(bench, program, { pattern: "^ready" });
  assertEquals(ready.output, "…\n57\n58\n59\n60\nready");
  const failed = await wait(bench, program, { fail_pattern: "^ready" });
  assertEquals(failed.output.split("\n").slice(0, 2), ["…", "12"]);
});

Deno.test("a prompt without a newline is a line that can be waited for", async () => {
  await using bench = await Bench.create();
  const asking = await bench.sh("printf 'Proceed? '; exec sleep 1000");
  assertEquals((await wait(bench, asking, { pattern: "Proceed\\?" })).line, "Proceed? ");
});

Deno.test("what was printed before the wait began does not end it", async () => {
  await using bench = await Bench.create();
  const program = await bench.shReady("echo ready; read line; echo ready again; exec sleep 1000");
  const waiting = wait(bench, program, { pattern: "ready" }, "now");
  await bench.supervisor.ctrl({ action: "input", pid: program.pid ?? 0, text: "go" }, {
    name: "terminal",
  });
  assertEquals((await waiting).line, "ready again");
});

Deno.test("a port of the process ends a wait, as does any; another's does not", async () => {
  await using bench = await Bench.create();
  const server = await bench.start(["python3", "-u", "-c", SERVER]);
  const any = await wait(bench, server, { port: "any" });
  assertEquals(any.outcome, "port");
  const port = Number(/:(\d+)$/.exec(any.line ?? "")?.[1]);
  assertEquals((await wait(bench, server, { port })).outcome, "port");
  const other = await bench.start(["sleep", "1000"]);
  const remark = await until(async () => {
    const mistaken = await wait(bench, other, { port, timeout_seconds: 1 });
    assertEquals(mistaken.outcome, "timeout");
    return mistaken.line;
  }, { what: "who has the port" });
  assertStringIncludes(remark, `PID ${server.pid}, which does not belong`);
});

Deno.test("a URL that answers below 500 ends a wait, whatever its certificate", async () => {
  await using bench = await Bench.create();
  const program = await bench.start(["sleep", "1000"]);
  let status = 503;
  const handler = () => new Response("x", { status });
  await using plain = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
  const http = `http://localhost:${plain.addr.port}/health?x=1`;
  const remark = await until(async () => {
    const busy = await wait(bench, program, { http, timeout_seconds: 0.5 });
    assertEquals(busy.outcome, "timeout");
    return busy.line;
  }, { what: "an answer" });
  assertEquals(remark, `${http} answers 503`);
  status = 404;
  assertEquals((await wait(bench, program, { http })).outcome, "http");

  const made = await new Deno.Command("openssl", {
    args: ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
      .concat(["-keyout", bench.path("key"), "-out", bench.path("cert"), "-subj", "/CN=nobody"]),
  }).output();
  assert(made.success);
  const [key, cert] = await Promise.all([
    Deno.readTextFile(bench.path("key")),
    Deno.readTextFile(bench.path("cert")),
  ]);
  await using tls = Deno.serve(
    { hostname: "127.0.0.1", port: 0, key, cert, onListen() {} },
    handler,
  );
  const https = `https://localhost:${tls.addr.port}/`;
  assertEquals((await wait(bench, program, { http: https })).outcome, "http");
});

Deno.test("silence ends a wait, from the wait's beginning or the last output on", async () => {
  await using bench = await Bench.create();
  const script = "for n in 1 2 3 4 5 6 7 8; do echo $n; sleep 0.1; done; exec sleep 1000";
  const program = await bench.sh(script);
  const { outcome, output } = await wait(bench, program, { quiet_seconds: 3 });
  assertEquals([outcome, output.replaceAll("\n", "")], ["quiet", "12345678"]);
  assertEquals((await wait(bench, program, { quiet_seconds: 0.1 }, "now")).outcome, "quiet");
});

Deno.test("a program that crashes while its port is waited for answers at once", async () => {
  await using bench = await Bench.create();
  const program = await bench.sh("sleep 0.2; echo 'Error: no database' >&2; exit 3");
  const result = await wait(bench, program, { port: 65_000 });
  assertEquals(result.outcome, "exited");
  assertStringIncludes(result.line ?? "", "exited with code 3");
  assertStringIncludes(result.line ?? "", "it said: Error: no database");
  assertEquals(result.output, "Error: no database");
  // And whoever waits for it later is answered, too.
  assertEquals((await wait(bench, program, { port: 65_000 })).outcome, "exited");
});

Deno.test("a stop or a restart by someone else ends a wait, and says by whom", async () => {
  await using bench = await Bench.create();
  for (const act of ["stop", "restart"] as const) {
    const program = await bench.start(["sleep", "1000"]);
    const waiting = wait(bench, program, { pattern: "never", exit: true });
    await bench[act]({ pid: program.pid ?? 0 }, { by: "claude-code" });
    const { outcome, line } = await waiting;
    assertEquals([outcome, line], [
      "stopped",
      `${act === "stop" ? "stopp" : "restart"}ed by claude-code`,
    ]);
  }
});

Deno.test("the last words of a program are seen before its end is told", async () => {
  await using bench = await Bench.create();
  for (let round = 0; round < 20; round++) {
    // This expression is looked for in a thread, which takes as long as the program lives on.
    const program = await bench.sh(`echo begun; sleep 0.0${round + 10}; echo done; exit 0`);
    assertEquals((await wait(bench, program, { pattern: "(?i)done" })).outcome, "pattern");
  }
});

Deno.test("of lines that come together, the first one counts", async () => {
  await withDirectory(async (root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    const seek = () =>
      ["early", "late", "error"].map((name) => ({
        name,
        matcher: openMatcher(parseExpression(name, "pattern")),
      }));
    run.write(10, { out: "x\nearly\nlate\n" });
    using one = new NewOutput(run.source.runDirectory, { stdout: 0, stderr: 0 }, seek());
    assertEquals((await one.look())?.name, "early");
    run.write(20, { err: "error\n" });
    run.write(30, { out: "late\n" });
    using both = new NewOutput(run.source.runDirectory, { stdout: 13, stderr: 0 }, seek());
    assertEquals((await both.look())?.name, "error");
  });
});

Deno.test("time ends a wait", async () => {
  await using bench = await Bench.create();
  const program = await bench.start(["sleep", "1000"]);
  const { outcome, line, output } = await wait(bench, program, {
    pattern: "never",
    timeout_seconds: 0.2,
  });
  assertEquals([outcome, line, output], ["timeout", null, ""]);
});

Deno.test(
  "who gives up leaves nothing behind, and neither does the end of the server",
  SANITIZED,
  async () => {
    await using bench = await Bench.create();
    const program = await bench.start(["sleep", "1000"]);
    const gone = new AbortController();
    const request = { pattern: "(?i)never", port: 65_000, http: "http://localhost:1/" };
    const waiting = wait(bench, program, request, "now", gone.signal);
    gone.abort();
    await assertRejects(() => waiting, DOMException);
    const cut = wait(bench, program, request).catch((error) => error);
    await bench.supervisor.shutdown({ keep: true });
    assert(await cut instanceof PersistprocError);
    await bench.open();
  },
);

Deno.test("a wait that makes no sense is refused", () => {
  const wrong: [WaitRequest, string][] = [
    [{}, "nothing to wait for"],
    [{ exit: false, timeout_seconds: 3 }, "nothing to wait for"],
    [{ exit: true, timeout_seconds: 51 }, "at most 50"],
    [{ exit: true, timeout_seconds: 0 }, "more than 0"],
    [{ quiet_seconds: -1 }, "more than 0"],
    [{ http: "http://example.com/" }, "this machine"],
    [{ http: "file:///etc/passwd" }, "this machine"],
    [{ http: "http://127.0.0.1.example.com/" }, "this machine"],
    [{ http: "nonsense" }, "this machine"],
  ];
  for (const [request, words] of wrong) {
    try {
      checkWait(request, { most: 50 });
    } catch (error) {
      assert(error instanceof PersistprocError);
      assertStringIncludes(error.message, words);
      continue;
    }
    throw new Error(`${JSON.stringify(request)} was accepted`);
  }
  for (const url of ["http://localhost:3000", "https://[::1]:8/", "http://app.localhost/x"]) {
    loopbackUrl(url);
  }
});

Deno.test(
  "an expression that never ends is ended, and holds nobody up meanwhile",
  SANITIZED,
  async () => {
    const catastrophe = "a".repeat(60) + "b\n";
    for (const source of ["(a+)+$", "(?=(a+)+$)a", "(?i)^(a|a)*$"]) {
      const expression = parseExpression(source, "pattern");
      using matcher = openMatcher(expression, { limitMilliseconds: 2_000 });
      let turns = 0;
      const ticking = setInterval(() => turns++, 5);
      const finding = Promise.resolve(matcher.find(catastrophe.repeat(20)));
      if (expression.linear) assertEquals(await finding, []);
      else {
        await refused(() => finding, "took longer than 2 s");
        assert(turns > 10, `${turns} turns for others`);
        // The next text gets a thread of its own.
        assertEquals(await matcher.find("nothing\naaa"), [1]);
      }
      clearInterval(ticking);
    }
    assert(parseExpression("(a+)+$", "pattern").linear, "run the tests with the linear engine");
    assertEquals(parseExpression("(?=a)", "pattern").linear, false);
  },
);

Deno.test("the time that an expression takes does not begin before its thread has", async () => {
  const { Worker } = globalThis;
  /** Starts slowly, then answers at once. */
  class SlowlyStarted {
    onmessage: (event: { data: unknown }) => void = () => {};
    postMessage(request: object): void {
      if ("text" in request) queueMicrotask(() => this.onmessage({ data: [0] }));
      else setTimeout(() => this.onmessage({ data: "ready" }), 200);
    }
    terminate(): void {}
  }
  Object.assign(globalThis, { Worker: SlowlyStarted });
  try {
    const expression = { ...parseExpression("a", "pattern"), linear: false };
    using matcher = openMatcher(expression, { limitMilliseconds: 20 });
    assertEquals(await matcher.find("a"), [0]);
  } finally {
    Object.assign(globalThis, { Worker });
  }
});

Deno.test("expressions that are none are refused in one sentence", async () => {
  for (const source of ["(", "[", "a**", "\\", "(?<n>", "", "x".repeat(2_000)]) {
    const error = await refused(async () => await parseExpression(source, "grep"), "grep");
    assert(error.message.length < 250, error.message);
  }
});

Deno.test("whatever the pieces in which lines come, the first that matches is found", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.stringMatching(/^[abx \n]{0,5}$/), { maxLength: 20 }),
      async (pieces) => {
        await withDirectory(async (root) => {
          const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
          const sought = [{ name: "x", matcher: openMatcher(parseExpression("ab?x", "pattern")) }];
          using output = new NewOutput(run.source.runDirectory, { stdout: 0, stderr: 0 }, sought);
          let text = "";
          for (const [at, piece] of pieces.entries()) {
            run.write(at + 10, { out: piece });
            text += piece;
            const first = text.split("\n").find((line) => /ab?x/.test(line));
            const found = await output.look();
            assertEquals(found?.line, first);
            if (found !== null) return;
          }
        });
      },
    ),
  );
});

Deno.test("what is polled is asked once for all, and not at all when nobody waits", async () => {
  let asked = 0;
  const poll = new SharedPoll(() => Promise.resolve(++asked));
  const answers: number[][] = [[], []];
  const stops = answers.map((list) => poll.listen((answer) => list.push(answer)));
  await until(() => asked >= 3, { what: "three questions" });
  assertEquals(answers[0], answers[1]);
  for (const stop of stops) stop();
  const before = asked;
  // Another, for which somebody waits, asks with the same pauses from their beginning on: by its
  // sixth question, the first would have asked again.
  let others = 0;
  const stopOther = new SharedPoll(() => Promise.resolve(++others)).listen(() => {});
  await until(() => others >= 6, { what: "six questions" });
  stopOther();
  assertEquals(asked, before);
});
