/** What a viewer says of its process, in one line each: what happened, through whom, what to do. */
// deno-lint-ignore-file no-control-regex -- they are what is looked for
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Terminal } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { Workspace } from "../support/workspace.ts";

/** Prompts without ending the line, until a file tells it how to end. */
const PROMPTER = `printf 'ready> '
while ! [ -s gate ]; do sleep 0.02; done
exit "$(cat gate)"
`;

const serving = () => Workspace.serving({ "prompter.sh": PROMPTER });

const XTERM = "TERM=xterm persistproc run --label web sh prompter.sh; echo status $?";

/** No shell around it, which Ctrl+C would end as well. */
const ASKED = "exec persistproc";

Deno.test("a restart by an agent is told in one dim line of its own", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.open(workspace, XTERM);
  await terminal.waitFor("ready> ");
  const agent = await workspace.agent({ name: "helper" });
  const { structured } = await agent.call("ctrl", { action: "restart", command_or_label: "web" });
  const pid = structured?.pid;
  await terminal.waitFor(
    `ready> \x1b[0m\r\n\x1b[2mpersistproc: restarted by helper (PID ${pid})\x1b[0m\r\nready> `,
  );
  await agent.call("ctrl", { action: "stop", command_or_label: "web" });
  await terminal.waitFor("\r\n\x1b[2mpersistproc: stopped by helper");
  await terminal.waitFor("status 143\r\n");
});

Deno.test("a crash names the command that starts it again, and that does", async () => {
  await using workspace = await serving();
  const running = async () => (await workspace.runJson(["list", "--running"])).processes.length;
  for (const [options, name] of [[[], "sh prompter.sh"], [["--label", "web"], "web"]] as const) {
    await Deno.remove(workspace.path("gate")).catch(() => {});
    const line = `persistproc run ${options.join(" ")} sh prompter.sh; echo status $?`;
    await using terminal = await Terminal.open(workspace, line);
    await terminal.waitFor("ready> ");
    await workspace.write("gate", "3");
    const notice = await terminal.waitFor(/\r\npersistproc: exited with code 3 .*\r\nstatus 3\r\n/);
    const command = /; again: persistproc (.*)\r\nstatus/.exec(notice)?.[1] ?? "";
    assertEquals(command, `restart ${name}`);
    await Deno.remove(workspace.path("gate"));
    assertEquals((await workspace.run(command.split(" "))).code, 0);
    assertEquals(await running(), 1);
    await workspace.run(["stop", ...name.split(" ")]);
  }
});

Deno.test("an end that was meant is told without advice; a second terminal is told what it sees", async () => {
  await using workspace = await serving();
  await using one = await Terminal.open(workspace, XTERM);
  await one.waitFor("ready> ");
  await using two = await Terminal.open(workspace, XTERM);
  await two.waitFor(
    /\x1b\[2mpersistproc: web runs already \(PID \d+\), started by terminal\x1b\[0m\r\n/,
  );
  await workspace.write("gate", "0");
  for (const terminal of [one, two]) {
    const notice = await terminal.waitFor(/exited with code 0 .*\r\nstatus 0/);
    assert(!notice.includes("again"), notice);
  }
});

Deno.test("no escape sequences where there is no color, and no words for a script's own end", async () => {
  await using workspace = await serving();
  for (const way of ["NO_COLOR=1 TERM=xterm", "TERM=dumb"]) {
    await Deno.remove(workspace.path("gate")).catch(() => {});
    await using terminal = await Terminal.open(workspace, `${way} persistproc sh prompter.sh`);
    await terminal.waitFor("ready> ");
    await workspace.write("gate", "0");
    await terminal.waitFor("ready> \r\npersistproc: exited with code 0");
    await terminal.end();
    assert(!terminal.screen.includes("\x1b"), terminal.screen);
  }
  const { stdout, stderr } = await workspace.run(["sh", "prompter.sh"]);
  assertEquals([stdout, stderr], ["ready> ", ""]);
});

Deno.test("output -f tells who started, restarted and stopped what, and of a crash what to do", async () => {
  await using workspace = await Workspace.create();
  const server = await workspace.serve(["-q"]);
  await workspace.write("prompter.sh", PROMPTER);
  await using follower = workspace.spawn(["output", "-f"]);
  await follower.waitFor("nothing has been started here yet", { stream: "stderr" });
  const agent = await workspace.agent({ name: "helper" });
  const told = (what: string | RegExp) => follower.waitFor(what, { stream: "stderr" });
  await agent.call("ctrl", {
    action: "start",
    label: "web",
    command_or_label: "sh prompter.sh",
    working_directory: workspace.directory,
  });
  await told(/^persistproc: web started by helper \(PID \d+\)$/m);
  await workspace.run(["restart", "web"]);
  await told(/^persistproc: web restarted by terminal \(PID \d+\)$/m);
  await workspace.run(["start", "--label", "api", "sleep", "1000"]);
  await workspace.write("gate", "4");
  await told(/^persistproc: web exited with code 4 after .*; again: persistproc restart web$/m);
  // The next server tells the state of everything again: that is nothing new.
  server.kill("SIGKILL");
  await server.end();
  await workspace.serve(["-q"]);
  await told("a server is back");
  await workspace.run(["restart", "api"]);
  await told(/^persistproc: api restarted by terminal \(PID \d+\)$/m);
  await workspace.run(["stop", "api"]);
  await told(/^persistproc: api stopped by terminal$/m);
  assertEquals((await follower.end()).code, 0);
  assertEquals(follower.stderr.split("exited with").length, 2);
});

Deno.test("at the question nothing else is shown, in a line that fits any width", async () => {
  await using workspace = await serving();
  await workspace.write("counter.sh", "i=0\nwhile :; do i=$((i+1)); echo $i; sleep 0.02; done\n");
  for (const columns of [60, 20, 7, 1]) {
    const line = `stty columns ${columns}; ${ASKED} sh counter.sh`;
    await using terminal = await Terminal.open(workspace, line);
    await terminal.waitFor(/\d+\r\n\d+\r\n/);
    const from = terminal.screen.length;
    await terminal.type("\x03");
    await terminal.waitFor("?", from);
    const question = terminal.screen.slice(from).split("\r\n").at(-1) ?? "";
    assert(question.length <= Math.max(1, columns - 2), `${question} in ${columns} columns`);
    await terminal.type("d");
    await terminal.end();
  }
  await using terminal = await Terminal.open(workspace, `${ASKED} sh counter.sh`);
  await terminal.waitFor(/\d+\r\n\d+\r\n/);
  await terminal.type("\x03");
  await terminal.waitFor("s stop, d detach, Enter stay? ");
  await terminal.resize(20);
  await terminal.waitFor("\r\x1b[Js stop, d detach? ");
  await terminal.resize(120);
  await terminal.waitFor(/\r\x1b\[Jsh counter\.sh \(PID \d+\): s stop, d detach, Enter stay\? $/);
  await terminal.type("s");
  assertEquals(await terminal.end(), 143);
});

Deno.test("an answer counts also when Enter comes along with it", async () => {
  await using workspace = await serving();
  await using terminal = await Terminal.open(workspace, `${ASKED} sh prompter.sh`);
  await terminal.waitFor("ready> ");
  await terminal.type("\x03");
  await terminal.waitFor("Enter stay? ");
  await terminal.type("s\r");
  assertEquals(await terminal.end(), 143);
});

Deno.test("nobody is asked in CI or on a dumb terminal: Ctrl+C leaves, and says how to stop", async () => {
  await using workspace = await serving();
  for (const way of ["CI=true", "TERM=dumb"]) {
    await using terminal = await Terminal.open(workspace, `export ${way}; ${ASKED} sh prompter.sh`);
    await terminal.waitFor("ready> ");
    await terminal.type("\x03");
    const line = await terminal.waitFor(/detached; .* keeps running; to end it: .*\r\n/);
    assertMatch(line, /persistproc stop \d+\r\n$/);
    assertEquals(await terminal.end(), 0);
    assert(!terminal.screen.includes("Enter stay"));
  }
  const list = async () => (await workspace.processes())[0];
  assertEquals((await list()).status, "running");
  assertStringIncludes(
    (await workspace.run(["stop", String((await list()).pid)])).stdout,
    "stopped",
  );
  await until(async () => (await list()).status === "exited", { what: "the end" });
});
