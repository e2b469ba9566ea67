/** What programs find in their environment beside what their starter has there. */
import { assertEquals } from "@std/assert";
import { addedVariables } from "../../lib/supervisor/added_variables.ts";
import { Bench, readBytes } from "../support/supervisor.ts";

const XTERM = { TERM: "xterm-256color" };
const TERMINAL = { columns: 120 };
const UNBUFFERED = { PYTHONUNBUFFERED: "1" };

Deno.test("a person at a terminal gets colors and the width, an agent neither", () => {
  const colors = { FORCE_COLOR: "2", CLICOLOR_FORCE: "1" };
  assertEquals(addedVariables(XTERM, TERMINAL), { ...UNBUFFERED, ...colors, COLUMNS: "120" });
  assertEquals(addedVariables(XTERM, { columns: 0 }), { ...UNBUFFERED, ...colors });
  assertEquals(addedVariables(XTERM, undefined), UNBUFFERED);
});

Deno.test("the number of colors is that of the terminal", () => {
  const level = (environment: Record<string, string>) =>
    addedVariables(environment, TERMINAL).FORCE_COLOR;
  assertEquals(level({ TERM: "xterm" }), "1");
  assertEquals(level({ TERM: "screen-256color" }), "2");
  assertEquals(level({ TERM: "xterm-direct" }), "3");
  assertEquals(level({ TERM: "xterm-256color", COLORTERM: "truecolor" }), "3");
  assertEquals(level({ TERM: "xterm", COLORTERM: "24bit" }), "3");
});

Deno.test("what the user has said on colors holds, and dumb terminals get none", () => {
  const width = { ...UNBUFFERED, COLUMNS: "120" };
  const saying: Record<string, string>[] = [
    { ...XTERM, NO_COLOR: "1" },
    { ...XTERM, NODE_DISABLE_COLORS: "1" },
    { ...XTERM, CLICOLOR: "0" },
    { ...XTERM, FORCE_COLOR: "0" },
    { ...XTERM, FORCE_COLOR: "" },
    { ...XTERM, FORCE_COLOR: "3" },
    { ...XTERM, CLICOLOR_FORCE: "0" },
    { TERM: "dumb" },
    {},
  ];
  for (const environment of saying) {
    assertEquals(addedVariables(environment, TERMINAL), width, JSON.stringify(environment));
  }
  // These say nothing (no-color.org), or what is the case anyway.
  for (const environment of [{ ...XTERM, NO_COLOR: "" }, { ...XTERM, CLICOLOR: "1" }]) {
    assertEquals(addedVariables(environment, TERMINAL).FORCE_COLOR, "2");
  }
});

Deno.test("a variable that is set stays as it is, also when it is empty", () => {
  const environment = { ...XTERM, NO_COLOR: "1", COLUMNS: "40", PYTHONUNBUFFERED: "" };
  assertEquals(addedVariables(environment, TERMINAL), {});
});

Deno.test("a restart keeps what was added; a start by an agent adds no colors", async () => {
  await using bench = await Bench.create();
  const says = async (process: { process: string }) =>
    await readBytes((await bench.ended(process)).log_stdout);
  const script = 'echo "$FORCE_COLOR $CLICOLOR_FORCE $COLUMNS $PYTHONUNBUFFERED"';
  const callerEnvironment = { ...bench.environment, ...XTERM };
  const person = await bench.supervisor.ctrl({ action: "start", command: ["sh", "-c", script] }, {
    name: "terminal",
    environment: callerEnvironment,
    working_directory: bench.directory,
    terminal: TERMINAL,
  });
  assertEquals(await says(person), "2 1 120 1\n");
  const restarted = await bench.restart({ label: person.label }, { by: "agent" });
  assertEquals(await says(restarted), "2 1 120 1\n");
  await bench.reopen();
  const later = await bench.restart({ label: person.label }, { by: "agent" });
  assertEquals(await says(later), "2 1 120 1\n");
  // Its environment is the person's, but nobody looks at a terminal.
  const agent = await bench.sh(script, { by: "agent", callerEnvironment: null });
  assertEquals([agent.process, agent.environment_source], [person.process, "last_start"]);
  assertEquals(await says(agent), "   1\n");
});

Deno.test("what was added makes no difference to what runs already", async () => {
  await using bench = await Bench.create();
  const caller = {
    name: "terminal",
    environment: { ...bench.environment, ...XTERM },
    working_directory: bench.directory,
  };
  const start = (columns?: number) =>
    bench.supervisor.ctrl({ action: "start", command: ["sleep", "1000"] }, {
      ...caller,
      terminal: columns === undefined ? undefined : { columns },
    });
  const first = await start(80);
  for (const again of [await start(200), await start()]) {
    assertEquals([again.pid, again.already_running], [first.pid, true]);
    assertEquals(again.reason, "started by terminal");
  }
});
