import { assert, assertEquals } from "@std/assert";
import {
  endNotice,
  otherKindNotice,
  restartCommand,
  restartNotice,
} from "../../lib/cli/attach/notices.ts";
import { NameColors } from "../../lib/cli/terminal/style.ts";
import { processInfo } from "./server_fakes.ts";

Deno.test("the command that starts it again can be typed as it stands", () => {
  const command = (facts: Parameters<typeof processInfo>[0]) =>
    restartCommand(processInfo({ pid: 7, working_directory: "/srv", ...facts }));
  assertEquals(command({ label: "web" }), "persistproc restart web");
  assertEquals(command({ label: "my web" }), "persistproc restart 'my web'");
  assertEquals(command({ label: "3000" }), "persistproc restart --label 3000");
  assertEquals(command({ label: "-x" }), "persistproc restart --label -x");
  const unnamed = (...words: string[]) =>
    command({ label: `${words.join(" ")} in /srv`, command: words });
  assertEquals(unnamed("npm", "run", "dev"), "persistproc restart npm run dev");
  assertEquals(
    unnamed("npm run api & npm run web"),
    "persistproc restart 'npm run api & npm run web'",
  );
  assertEquals(unnamed("sh", "-c", "x".repeat(60)), "persistproc restart 7");
  const cut = { label: "echo x… in /srv", command: ["echo", `${"x".repeat(990)}…`] };
  assertEquals(command(cut), "persistproc restart 7");
  assertEquals(command({ ...cut, pid: null }), "persistproc restart 'echo x… in /srv'");
});

Deno.test("a run of the other kind is told with the command that shows it", () => {
  const told = (facts: Parameters<typeof processInfo>[0]) => {
    const process = processInfo({
      pid: 7,
      working_directory: "/srv",
      command: ["vi", "a b"],
      ...facts,
    });
    return otherKindNotice({ process, restarting: false, by: "codex", cause: "started" });
  };
  assertEquals(
    told({ label: "vi 'a b' in /srv" }),
    "restarted by codex (PID 7) without a terminal of its own; " +
      "to attach to it: persistproc run vi 'a b'",
  );
  assertEquals(
    told({ label: "notes", pty: true }),
    "restarted by codex (PID 7) with a terminal of its own; " +
      "to attach to it: persistproc run --label notes vi 'a b'",
  );
  // Half of a command would start something else.
  const long = told({ label: "notes", command: ["vi", `${"x".repeat(990)}…`] });
  assert(long.endsWith("to attach to it: persistproc output --follow 7"), long);
});

Deno.test("an end is told with its cause, and with advice where it failed", () => {
  const process = processInfo({ label: "web", status: "exited", exit_code: 1 });
  const crash = { process, restarting: false, by: null, cause: "exited with code 1 after 3 s" };
  assertEquals(endNotice(crash, true), `${crash.cause}; again: persistproc restart web`);
  assertEquals(endNotice(crash, false), null);
  const done = { ...crash, process: { ...process, exit_code: 0 }, cause: "exited with code 0" };
  assertEquals(endNotice(done, true), "exited with code 0");
  const stopped = { ...crash, by: "helper", cause: "stopped by helper, code 1" };
  assertEquals(endNotice(stopped, false), stopped.cause);
  assertEquals(
    restartNotice({ ...crash, by: "helper" }),
    `restarted by helper (PID ${process.pid})`,
  );
  assertEquals(restartNotice(null), "restarted");
});

Deno.test("a name keeps its color, and ten names have ten", () => {
  const names = Array.from({ length: 10 }, (_, n) => `service ${n}`);
  const colors = new NameColors();
  const painted = names.map((name) => colors.paint(name));
  // deno-lint-ignore no-control-regex -- they are what is looked for
  const codes = painted.map((text) => /^\x1b\[0;(\d+)m/.exec(text)?.[1]);
  assertEquals(new Set(codes).size, 10);
  assertEquals(names.map((name) => colors.paint(name)), painted);
  assertEquals(new NameColors().paint("web"), new NameColors().paint("web"));
  assert(new NameColors().paint("web").endsWith("mweb\x1b[0m"));
});
