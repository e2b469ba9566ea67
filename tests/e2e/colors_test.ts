/** Colors and width: as on a terminal for people, nowhere for agents, and never a matter of them. */
// deno-lint-ignore-file no-control-regex -- they are what is looked for
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Terminal } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

/** Says what it got, in color where it is to. */
const PAINTER = `if [ -n "$FORCE_COLOR" ]; then printf '\\033[32mgreen\\033[0m\\n'; fi
echo "got $FORCE_COLOR $CLICOLOR_FORCE $COLUMNS $PYTHONUNBUFFERED"
echo "error: red" >&2
sleep 1000
`;

const ON_XTERM = "stty columns 100; TERM=xterm-256color";

const serving = () => Workspace.serving({ "painter.sh": PAINTER });

Deno.test("a program that a person starts has colors and the width; an agent reads plain text", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.open(workspace, `${ON_XTERM} persistproc sh painter.sh`);
  await terminal.waitFor("\x1b[32mgreen\x1b[0m\r\n");
  await terminal.waitFor("got 2 1 100 1\r\n");
  const agent = await workspace.agent();
  const target = { command_or_label: "sh painter.sh" };
  assertStringIncludes((await agent.call("output", target)).text, "green\n");
  const restarted = await agent.call("ctrl", {
    action: "restart",
    ...target,
    wait_for: { pattern: "^green$" },
  });
  assertStringIncludes(restarted.text, '"outcome":"pattern"');
  await terminal.waitFor(/got 2 1 100 1\r\n(.*\r\n)+.*got 2 1 100 1\r\n/);
  for (const { text } of [await agent.call("output", target), restarted]) {
    assert(!text.includes("\x1b") && !text.includes("\\u001b"), text);
  }
});

Deno.test("nothing of it without a terminal, by an agent, or against the user's will", async () => {
  await using workspace = await serving();
  const got = async (label: string) => {
    const find = async () => {
      const { stdout } = await workspace.run(["output", "--label", label]);
      return /got .*/.exec(stdout)?.[0];
    };
    return await until(find, { what: `what ${label} got` });
  };
  const program = ["sh", "painter.sh"];
  const env = { TERM: "xterm-256color" };
  await workspace.run(["start", "--label", "script", ...program], { env });
  assertEquals(await got("script"), "got    1");
  const agent = await workspace.agent();
  const working_directory = workspace.directory;
  const command_or_label = program.join(" ");
  await agent.call("ctrl", {
    action: "start",
    label: "agent",
    command_or_label,
    working_directory,
  });
  assertEquals(await got("agent"), "got    1");
  const wills = [
    ["piped", `${env.TERM} persistproc run --label piped sh painter.sh | cat`, "got    1"],
    ["dumb", "dumb persistproc run --label dumb sh painter.sh", "got   100 1"],
    ["plain", "xterm NO_COLOR=1 persistproc run --label plain sh painter.sh", "got   100 1"],
    [
      "own",
      "xterm FORCE_COLOR=3 COLUMNS=60 PYTHONUNBUFFERED= persistproc run --label own sh painter.sh",
      "got 3  60 ",
    ],
  ] as const;
  for (const [label, line, expected] of wills) {
    await using terminal = await Terminal.open(workspace, `stty columns 100; TERM=${line}`);
    await terminal.waitFor(/got .*\r\n/);
    assertEquals(await got(label), expected, label);
  }
});

Deno.test("output -f colors names on a terminal, the same one every time, and nowhere else", async () => {
  await using workspace = await serving();
  for (const label of ["web", "api"]) {
    await workspace.run(["start", "--label", label, "sh", "painter.sh"]);
  }
  const names = async (line: string) => {
    await using terminal = await Terminal.open(workspace, line);
    await terminal.waitFor(/web(\x1b\[0m)?\] error: red/);
    await terminal.waitFor(/api(\x1b\[0m)?\] error: red/);
    return ["web", "api"].map((name) =>
      new RegExp(`\\[([^\\[\\]]*\\[0;\\d+m)?${name}(\\x1b\\[0m)?\\] error`).exec(terminal.screen)
        ?.[0]
    );
  };
  const [web, api] = await names("TERM=xterm persistproc output -f");
  assertMatch(web ?? "", /^\[\x1b\[0;\d+mweb\x1b\[0m\] error$/);
  assertMatch(api ?? "", /^\[\x1b\[0;\d+mapi\x1b\[0m\] error$/);
  assert(web?.replace("web", "api") !== api, "each has its own");
  assertEquals(await names("TERM=xterm persistproc output -f"), [web, api]);
  const plain = ["[web] error", "[api] error"];
  assertEquals(await names("TERM=xterm NO_COLOR=1 persistproc output -f"), plain);
  assertEquals(await names("TERM=dumb persistproc output -f"), plain);
  assertEquals(await names("TERM=xterm persistproc output -f | cat"), plain);
});
