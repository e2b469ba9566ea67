/** What every help and every usage error promises, whatever commands there are. */
import { assert, assertEquals } from "@std/assert";
import { formatGreeting } from "../../lib/cli/format/greeting.ts";
import { commandHelp, programHelp } from "../../lib/cli/help.ts";
import { parse } from "../../lib/cli/parse.ts";
import { allOptions, COMMANDS, optionsOf } from "../../lib/cli/table.ts";
import { textWidth } from "../../lib/cli/terminal/width.ts";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { splitCommandLine } from "../../lib/protocol/command_line.ts";

/** Rows of the smallest usual terminal, but for the one in which the shell asks for more. */
const ROWS = 23;

const context = { directory: "/", home: "/home/me", now: 0, isProgram: () => false };

const HELPS: Record<string, (columns: number) => string> = {
  "persistproc": programHelp,
  "persistproc serve": (columns) => formatGreeting("http://127.0.0.1:65535/mcp", columns, false),
};
for (const command of COMMANDS) {
  HELPS[`persistproc ${command.name} --help`] = (columns) => commandHelp(command, columns);
}

/** Understands a line as a shell would give it to the program; throws what parsing throws. */
function understand(line: string) {
  const words = splitCommandLine(line.replace(/^eval "\$\((.*)\)"$/, "$1"));
  const from = words.lastIndexOf("persistproc");
  const behind = words.slice(from).findIndex((word) => /^(\||>>?)$/.test(word));
  return parse(words.slice(from + 1, behind === -1 ? undefined : from + behind), context);
}

for (const [name, help] of Object.entries(HELPS)) {
  Deno.test(`what ${name} shows fits a screen of 80 columns`, () => {
    const lines = help(80).trimEnd().split("\n");
    assert(lines.length <= ROWS, `${lines.length} lines:\n${lines.join("\n")}`);
    assertEquals(lines.filter((line) => textWidth(line) > 80), []);
  });

  Deno.test(`what ${name} shows is the same at any width, but where its lines end`, () => {
    const words = (columns: number) =>
      help(columns).split(/\s+/).filter((word) => word !== "" && word !== "\\").join(" ");
    for (const columns of [40, 60, 132, 500]) {
      assertEquals(words(columns), words(80), `${columns} columns`);
      // Nothing but a word that is too long for it stands out, so that it can be copied.
      const wide = help(columns).split("\n").filter((line) => textWidth(line) > columns);
      assertEquals(wide.filter((line) => /\S\s+\S/.test(line.trim())), [], `${columns} columns`);
    }
  });
}

for (const command of COMMANDS) {
  Deno.test(`the help of ${command.name} names each of its options`, () => {
    const help = commandHelp(command, 80);
    for (const { name, short } of optionsOf(command)) {
      assert(help.includes(`--${name}`) || help.includes(`-${short},`), name);
    }
  });

  Deno.test(`the help of ${command.name} has one to three examples, and each is understood`, () => {
    const { examples, name } = command;
    assert(examples.length >= 1 && examples.length <= 3, `${examples.length} examples`);
    const named = examples.map((example) => {
      const request = understand(example);
      return request.kind === "run" ? request.invocation.command.name : request.kind;
    });
    assert(named.includes(name), `${name} in ${examples.join("; ")}`);
  });
}

Deno.test("what a help leaves to another command's help is explained there", () => {
  for (const { name, explainedBy } of COMMANDS.flatMap(({ options }) => options)) {
    if (explainedBy === undefined) continue;
    const other = COMMANDS.find((command) => command.name === explainedBy);
    assert(other && commandHelp(other, 80).includes(`\n  --${name} `), `${name}: ${explainedBy}`);
  }
});

/** What has to follow a command and its options. */
const OPERANDS = {
  "none": [],
  "program": ["npm"],
  "target": ["web"],
  "optional target": [],
  "optional agent": [],
  "shell": ["fish"],
  "action": ["stop", "web"],
};

/** Command lines of every kind that is refused, each with one mistake. */
function* refused(): Generator<string[]> {
  for (const command of COMMANDS) {
    const { name, operands } = command;
    const rest = OPERANDS[operands];
    yield [name, "--no-such-option", ...rest];
    yield [name, "-X", ...rest];
    yield [name, "--data-dir"];
    yield [name, "--quiet=1", ...rest];
    yield [`${name}x`, ...rest];
    if (operands !== "optional agent" && operands !== "shell") yield [name, " "];
    if (operands === "none") yield [name, "two words"];
    if (operands === "shell") yield [name, "bsh"];
    if (rest.length > 0 && operands !== "target") yield [name];
    for (const { name: option, kind } of optionsOf(command)) {
      const value = { port: "1", count: null, flag: null }[kind as string];
      if (value === undefined || option === "help" || option === "version") continue;
      yield [name, `--${option}x`, ...(value === null ? [] : [value]), ...rest];
      if (value !== null) yield [name, `--${option}`, "many", ...rest];
    }
  }
  yield ["--verbos", "list"];
  for (const { name, kind } of allOptions()) {
    if (kind !== "text" && kind !== "flag" && kind !== "count") yield [`--${name}=`, "npm"];
  }
}

Deno.test("a usage error is one sentence and a command that is understood", () => {
  let errors = 0;
  for (const argv of refused()) {
    try {
      parse(argv, context);
      continue;
    } catch (error) {
      assert(error instanceof UsageError, `${argv.join(" ")}: ${error}`);
      errors++;
      assert(/^\S[^\n]*[.?]$/.test(error.message), error.message);
      assert(error.instead.startsWith("persistproc "), `${argv.join(" ")}: ${error.instead}`);
      understand(error.instead);
    }
  }
  assert(errors > 100, `only ${errors} errors`);
});
