import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ErrorCounter, isErrorLine, lastWords } from "../../lib/logs/error_lines.ts";
import { logPath } from "../../lib/logs/run_files.ts";
import { RunDirectory, withDirectory } from "../support/run_directory.ts";

Deno.test("errors of the common tools are recognised", () => {
  const errors = [
    "src/a.ts(3,5): error TS2322: Type 'string' is not assignable to type 'number'.",
    "src/a.ts:3:5 - error TS2322: Type 'string' is not assignable",
    '3:04:05 PM [vite] Internal server error: Failed to resolve import "./x"',
    '✘ [ERROR] Could not resolve "react"',
    "ERROR in ./src/index.js 3:0-20",
    "Module not found: Error: Can't resolve './x' in '/srv/app'",
    "  12:5  error  'x' is not defined  no-undef",
    "✖ 3 problems (3 errors, 0 warnings)",
    "Traceback (most recent call last):",
    "ModuleNotFoundError: No module named 'flask'",
    "E       assert 1 == 2",
    "FAILED tests/test_a.py::test_b - assert 1 == 2",
    "panic: runtime error: index out of range [3] with length 3",
    "./main.go:5:2: undefined: x",
    "--- FAIL: TestX (0.00s)",
    "error[E0308]: mismatched types",
    'error: could not compile `app` (bin "app") due to 1 previous error',
    "thread 'main' panicked at src/main.rs:2:5:",
    'Exception in thread "main" java.lang.IllegalStateException: no',
    "Caused by: java.io.IOException: closed",
    "java.lang.NullPointerException",
    "Error: Cannot find module 'express'",
    "TypeError: Cannot read properties of undefined (reading 'x')",
    "Uncaught ReferenceError: x is not defined",
    'TypeError [ERR_INVALID_ARG_TYPE]: The "path" argument',
    "npm ERR! code ELIFECYCLE",
    'npm error Missing script: "dev"',
    "2026/01/02 03:04:05 [emerg] 1#1: bind() to 0.0.0.0:80 failed",
    '2026-01-02 03:04:05.678 UTC [77] ERROR:  relation "x" does not exist',
    '2026-01-02 03:04:05.678 UTC [77] FATAL:  role "x" does not exist',
    "2026-01-02 03:04:05,678 app.db ERROR connection lost",
    "[ERROR] Failed to execute goal",
    '{"level":"error","msg":"no"}',
  ];
  assertEquals(errors.filter((line) => !isErrorLine(line)), []);
});

Deno.test("what only speaks of errors is none", () => {
  const harmless = [
    "Found 0 errors. Watching for file changes.",
    "compiled successfully, no errors",
    "webpack 5.90.0 compiled in 300 ms",
    "GET /api/errors 200 in 3 ms",
    "  ➜  Local:   http://localhost:5173/",
    "installing error-handler 1.0",
    "INFO  errors=0 requests=12",
    "test result: ok. 12 passed; 0 failed",
    "===== 12 passed in 0.31s =====",
    "warning: unused variable: `x`",
    '[notice] 1#1: using the "epoll" event method',
    "",
  ];
  assertEquals(harmless.filter(isErrorLine), []);
});

Deno.test("errors are counted once, whatever the pieces they come in", async () => {
  const piece = fc.constantFrom("Error: x\n", "fine\n", "Err", "or: y", "\n", "ERROR in z\n");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(piece, piece, fc.boolean())), async (writes) => {
      await withDirectory(async (root) => {
        const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
        const counter = new ErrorCounter();
        for (const [at, [out, err, count]] of writes.entries()) {
          run.write(at + 10, { out, err });
          if (count) await counter.count(run.source.runDirectory, 1_000);
        }
        const whole = (text: string) => text.split("\n").slice(0, -1).filter(isErrorLine).length;
        assertEquals(
          await counter.count(run.source.runDirectory, 1_000),
          whole(run.written.stdout) + whole(run.written.stderr),
        );
      });
    }),
    { numRuns: 50 },
  );
});

Deno.test("when one log is emptied, the errors in the other still count", async () => {
  await withDirectory(async (root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    const { runDirectory } = run.source;
    run.write(10, { out: "Error: x\nError: y\n", err: "Error: z\n" });
    const counter = new ErrorCounter();
    assertEquals(await counter.count(runDirectory, 1_000), 3);
    Deno.truncateSync(logPath(runDirectory, "stdout"), 0);
    assertEquals(await counter.count(runDirectory, 1_000), 1);
  });
});

Deno.test("the last words of a program are its last errors, else its last line", async () => {
  await withDirectory((root) => {
    const run = new RunDirectory(root, { process: "aaaaaaaa", run: 1 });
    const { runDirectory } = run.source;
    assertEquals(lastWords(runDirectory), null);
    run.write(10, { out: "listening\n\n" });
    assertEquals(lastWords(runDirectory), "listening");
    run.write(20, {
      err: "node:internal/modules:1\n\x1b[31mError: Cannot find module 'x'\x1b[0m\n",
    });
    run.write(30, { err: "    at Module._load (node:internal)\n}\n\n" });
    assertEquals(lastWords(runDirectory), "Error: Cannot find module 'x'");
  });
});
