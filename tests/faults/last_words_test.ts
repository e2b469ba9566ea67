/** The last line before a sudden end: always there, in the log and on the terminal. */
import { assert, assertEquals } from "@std/assert";
import { tell, times } from "../support/faults.ts";
import { Workspace } from "../support/workspace.ts";

/** How programs end: what sh does after its last line, and the status of whoever ran it. */
const ends = [
  { name: "exit", act: "exit 3", code: 3 },
  { name: "abort", act: "kill -ABRT $$", code: 134 },
  { name: "SIGSEGV", act: "kill -SEGV $$", code: 139 },
  { name: "SIGKILL", act: "kill -KILL $$", code: 137 },
];

/** The lines before the last one. */
const LINES = 20_000;
const before = Array.from({ length: LINES }, (_, n) => `${n + 1}\n`).join("");

/** How many run at the same time. */
const LANES = 4;

for (const { name, act, code } of ends) {
  Deno.test(`the last line before ${name} is always there`, async () => {
    const count = times({ full: 200, ci: 48 });
    await using workspace = await Workspace.create();
    await workspace.serve();
    let bytes = 0;
    // So much just before that whoever watches is still reading when the end comes. The last line
    // has no end, as that of a program that was cut off.
    const script =
      `ulimit -c 0; echo "error $N" >&2; seq ${LINES}; printf "last words of $N"; ${act}`;
    await Promise.all(Array.from({ length: LANES }, async (_, lane) => {
      for (let n = lane; n < count; n += LANES) {
        const run = ["run", "--label", `lane ${lane}`, "sh", "-c", script];
        const { stdout, stderr, code: status } = await workspace.run(run, { env: { N: `${n}` } });
        assertEquals(status, code, stderr);
        // Not by assertEquals, which would show what differs of half a megabyte.
        assert(stdout === `${before}last words of ${n}`, `…${stdout.slice(-100)}`);
        const { processes } = await workspace.runJson([
          "list",
          "--command-or-label",
          `lane ${lane}`,
        ]);
        const [{ log_stdout, log_stderr }] = processes;
        assert(await Deno.readTextFile(log_stdout) === stdout);
        assertEquals(await Deno.readTextFile(log_stderr), `error ${n}\n`);
        bytes += stdout.length + `error ${n}\n`.length;
      }
    }));
    await tell({ fault: `11 the last line before ${name}`, times: count, bytes });
  });
}
