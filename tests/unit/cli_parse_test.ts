/** How command lines are understood. K and F numbers are those of the project's black-box cases. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type Invocation, parse } from "../../lib/cli/parse.ts";
import { readSettings } from "../../lib/cli/settings.ts";
import { allOptions, COMMANDS, optionsOf } from "../../lib/cli/table.ts";
import { processTarget, programTarget } from "../../lib/cli/target.ts";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { waitRequest } from "../../lib/cli/waiting.ts";

const context = {
  directory: "/here",
  home: "/home/me",
  now: Date.UTC(2026, 0, 1),
  isProgram: (word: string) => ["npm", "python", "node", "sleep"].includes(word),
};

function understand(argv: string[]): Invocation {
  const request = parse(argv, context);
  if (request.kind !== "run") throw new Error(`${argv.join(" ")} asks for ${request.kind}`);
  return request.invocation;
}

/** What an invocation comes to, in a form that is easy to write down. */
function outcome(argv: string[]): Record<string, unknown> {
  const { command, action, options, operands } = understand(argv);
  const facts: Record<string, unknown> = { command: command.name };
  if (action !== null) facts.action = action;
  if (operands.length > 0) facts.operands = operands;
  for (const { name } of optionsOf(command)) {
    const value = options.flag(name) || (options.number(name) ?? options.text(name)) ||
      options.environment(name);
    if (value !== undefined) facts[name] = value;
  }
  return facts;
}

const CASES: Record<string, [argv: string[], expected: Record<string, unknown>]> = {
  "K1 nothing at all serves": [[], { command: "serve" }],
  "K2 serve takes a port and counts -v": [
    ["serve", "--port", "1234", "-vv"],
    { command: "serve", port: 1234, verbose: 2 },
  ],
  "K3 a port alone serves on it": [["--port", "4321"], { command: "serve", port: 4321 }],
  "K4 a word that is no command is a program": [
    ["my-script.py", "arg1"],
    { command: "run", operands: ["my-script.py", "arg1"] },
  ],
  "K5 options may stand before the command": [
    ["-v", "serve", "--port", "12345"],
    { command: "serve", port: 12345, verbose: 1 },
  ],
  "K6 -qq counts": [["-qq", "serve"], { command: "serve", quiet: 2 }],
  "K7 a data directory": [
    ["serve", "--data-dir", "/custom/data", "-vvv"],
    { command: "serve", "data-dir": "/custom/data", verbose: 3 },
  ],
  "K8 the -- behind the program is dropped": [
    ["run", "python", "--", "-m", "http.server"],
    { command: "run", operands: ["python", "-m", "http.server"] },
  ],
  "K11 arguments are kept as they are": [
    ["run", "bash", "--", "-c", "echo hello && echo world"],
    { command: "run", operands: ["bash", "-c", "echo hello && echo world"] },
  ],
  "K12 a program with an argument": [
    ["run", "python", "script.py"],
    { command: "run", operands: ["python", "script.py"] },
  ],
  "K13 run makes a program of a command's name": [
    ["run", "ls"],
    { command: "run", operands: ["ls"] },
  ],
  "K14 a -- with nothing behind it": [
    ["run", "python", "--"],
    { command: "run", operands: ["python"] },
  ],
  "K16 the -- before the program is dropped": [
    ["run", "--", "arg1", "arg2"],
    { command: "run", operands: ["arg1", "arg2"] },
  ],
  "K17 all options of run": [
    ["run", "--fresh", "--raw", "--on-exit", "stop", "npm", "--", "start"],
    { command: "run", fresh: true, raw: true, "on-exit": "stop", operands: ["npm", "start"] },
  ],
  "K18 a label, and a port that is the program's": [
    ["run", "--label", "my-app", "python", "--", "-m", "myapp", "--port", "8080"],
    {
      command: "run",
      label: "my-app",
      operands: ["python", "-m", "myapp", "--port", "8080"],
    },
  ],
  "K19 the server's port before the command": [
    ["-v", "--port", "8080", "run", "python", "--", "app.py"],
    { command: "run", port: 8080, verbose: 1, operands: ["python", "app.py"] },
  ],
  "K20 run start runs a program called start": [
    ["run", "start", "python", "script.py"],
    { command: "run", operands: ["start", "python", "script.py"] },
  ],
  "K22 start with several words": [
    ["start", "npm", "run", "dev"],
    { command: "start", operands: ["npm", "run", "dev"] },
  ],
  "K23 the label of start stands before the program": [
    ["start", "--label", "my-label", "echo", "hello"],
    { command: "start", label: "my-label", operands: ["echo", "hello"] },
  ],
  "K24 arguments with = are kept": [
    ["start", "python", "--", "script.py", "--config=prod.ini"],
    { command: "start", operands: ["python", "script.py", "--config=prod.ini"] },
  ],
  "K25 start with a label and a port of the program": [
    ["start", "--label", "web", "python", "--", "-m", "uvicorn", "app:main", "--port", "8000"],
    {
      command: "start",
      label: "web",
      operands: ["python", "-m", "uvicorn", "app:main", "--port", "8000"],
    },
  ],
  "K26 start in a directory": [
    ["start", "--working-directory", "/app", "node", "--", "server.js", "--port", "3000"],
    {
      command: "start",
      "working-directory": "/app",
      operands: ["node", "server.js", "--port", "3000"],
    },
  ],
  "K27 ctrl start": [
    ["ctrl", "start", "sleep", "10"],
    { command: "ctrl", action: "start", operands: ["sleep", "10"] },
  ],
  "K27 ctrl start with options before the action": [
    ["ctrl", "--label", "L", "start", "python -m http.server"],
    { command: "ctrl", action: "start", label: "L", operands: ["python -m http.server"] },
  ],
  "K27 ctrl start with everything": [
    [
      ...'ctrl --working-directory D --environment {"DEBUG":"1"} --label L'.split(" "),
      ..."--format json start npm run dev".split(" "),
    ],
    {
      command: "ctrl",
      action: "start",
      "working-directory": "/here/D",
      environment: { DEBUG: "1" },
      label: "L",
      format: "json",
      operands: ["npm", "run", "dev"],
    },
  ],
  "K28 ctrl stop by PID": [
    ["ctrl", "stop", "123"],
    { command: "ctrl", action: "stop", operands: ["123"] },
  ],
  "K28 ctrl stop by force": [
    ["ctrl", "--force", "stop", "123"],
    { command: "ctrl", action: "stop", force: true, operands: ["123"] },
  ],
  "K28 ctrl stop by command in a directory": [
    ["ctrl", "--working-directory", "D", "stop", "npm", "run", "dev"],
    {
      command: "ctrl",
      action: "stop",
      "working-directory": "/here/D",
      operands: ["npm", "run", "dev"],
    },
  ],
  "K29 ctrl restart with a label": [
    ["ctrl", "restart", "--label", "web"],
    { command: "ctrl", action: "restart", label: "web" },
  ],
  "K31 the -- behind a target is dropped": [
    ["stop", "python", "--", "-m", "http.server"],
    { command: "stop", operands: ["python", "-m", "http.server"] },
  ],
  "K32 restart in a directory": [
    ["restart", "--working-directory", "D", "sleep", "10"],
    { command: "restart", "working-directory": "/here/D", operands: ["sleep", "10"] },
  ],
  "K33 list": [["list"], { command: "list" }],
  "K33 ls": [["ls"], { command: "list" }],
  "K33 list of another port": [["list", "--port", "9999"], { command: "list", port: 9999 }],
  "K33 list with filters": [
    ["list", "--pid", "123", "--command-or-label", "python"],
    { command: "list", pid: 123, "command-or-label": "python" },
  ],
  "K35 shutdown": [["shutdown"], { command: "shutdown" }],
  "K35 shutdown with options": [
    ["shutdown", "--port", "9999", "--format", "text"],
    { command: "shutdown", port: 9999, format: "text" },
  ],
  "F37 run keeps the options of its program": [
    ["run", "python", "-m", "http.server"],
    { command: "run", operands: ["python", "-m", "http.server"] },
  ],
  "F37 so does a bare program": [
    ["python", "-m", "http.server", "-v", "--help", "--port", "5"],
    {
      command: "run",
      operands: ["python", "-m", "http.server", "-v", "--help", "--port", "5"],
    },
  ],
  "F38 flags of run before a bare program": [
    ["--fresh", "npm", "run", "dev"],
    { command: "run", fresh: true, operands: ["npm", "run", "dev"] },
  ],
  "F38 --raw before npm start": [
    ["--raw", "npm", "start"],
    { command: "run", raw: true, operands: ["npm", "start"] },
  ],
  "F39 a later -- reaches the program": [
    ["npm", "run", "dev", "--", "--port", "3000"],
    { command: "run", operands: ["npm", "run", "dev", "--", "--port", "3000"] },
  ],
  "F39 of two -- one is ours": [
    ["run", "--", "npm", "--", "start"],
    { command: "run", operands: ["npm", "--", "start"] },
  ],
  "F40 the format before the command": [
    ["--format", "json", "list"],
    { command: "list", format: "json" },
  ],
  "a bare -- begins a program": [
    ["--", "list", "-x"],
    { command: "run", operands: ["list", "-x"] },
  ],
  "a program called true is no value of a flag": [
    ["-q", "true"],
    { command: "run", quiet: 1, operands: ["true"] },
  ],
  "counts before and after the command add up": [
    ["-v", "list", "-v"],
    { command: "list", verbose: 2 },
  ],
  "a value may begin with a dash, or be empty": [
    ["run", "--stdin", "-", "--label", "", "--lines", "5", "sort", "-"],
    { command: "run", stdin: "-", lines: 5, operands: ["sort", "-"] },
  ],
  "flags of one letter may stand together": [
    ["-qvq", "false"],
    { command: "run", quiet: 2, verbose: 1, operands: ["false"] },
  ],
  "-f follows": [["output", "-f", "web"], { command: "output", follow: true, operands: ["web"] }],
  "= gives a value, too": [["--port=1234", "list"], { command: "list", port: 1234 }],
};

for (const [name, [argv, expected]] of Object.entries(CASES)) {
  Deno.test(name, () => assertEquals(outcome(argv), expected));
}

const ERRORS: Record<string, [argv: string[], message: string, instead: string]> = {
  "K15 run -- needs a program": [["run", "--"], "needs a program", "persistproc run npm run dev"],
  "run needs a program": [["run"], "needs a program", "persistproc run"],
  "K30 ctrl needs an action": [["ctrl"], "start, stop, restart", "persistproc ctrl"],
  "K30 ctrl knows its actions": [["ctrl", "invalid"], '"invalid"', "persistproc ctrl"],
  "K30 ctrl start needs a program": [["ctrl", "start"], "needs a program", "ctrl start"],
  "F42 an empty command": [["run", ""], "empty", "persistproc run npm run dev"],
  "F42 a blank command": [["run", " "], "empty", "persistproc run npm run dev"],
  "an unknown option names the near one": [
    ["list", "--runing"],
    "did you mean --running?",
    "persistproc list --running",
  ],
  "an unknown option before the command": [["--frsh", "npm"], "--fresh", "persistproc --fresh"],
  "an option of another command": [["--raw", "list"], '"list" has no option --raw', "list --help"],
  "a mistyped command": [["lst"], "did you mean list?", "persistproc list"],
  "help is an option": [["help"], "did you mean --help?", "persistproc --help"],
  "a port that is none": [["--port", "99999", "list"], "1 to 65535", "list --help"],
  "a port that is no number": [["--port", "web", "list"], "1 to 65535", "list --help"],
  "negative lines": [["output", "--lines", "-5"], "from 0 on", "output --help"],
  "a time that is none": [["output", "--since-time", "soon"], "ISO 8601", "output --help"],
  "a format that is none": [["--format", "xml", "list"], "text, json", "list --help"],
  "an expression that is none": [["output", "--grep", "["], "--grep is no", "output --help"],
  "an expression to wait for that is none": [
    ["start", "--wait-pattern=(", "x"],
    "--wait-pattern is no",
    "start --help",
  ],
  "an empty expression": [
    ["wait", "--wait-fail-pattern=", "x"],
    "--wait-fail-pattern is an empty",
    "wait --help",
  ],
  "an environment that is no JSON": [["start", "--environment", "A=1", "x"], "not JSON", "start"],
  "F75 an environment of numbers": [["start", "--environment", '{"A":1}', "x"], "A", "start"],
  "an option without its value": [["list", "--port"], "needs a value", "list --help"],
  "a flag with a value": [["list", "--running=1"], "takes no value", "list --help"],
  "a flag of one letter with a value": [["-v=1", "list"], "takes no value", "--help"],
  "a number behind a flag of one letter": [["-v5", "list"], "There is no option -v5", "--help"],
  "an unknown letter among known ones": [["-vx", "list"], "There is no option -x", "--help"],
  "an empty value that must not be": [["--port=", "list"], "1 to 65535", "list --help"],
  "list takes no target": [["list", "web"], "takes no", "list --command-or-label web"],
};

for (const [name, [argv, message, instead]] of Object.entries(ERRORS)) {
  Deno.test(`usage error: ${name}`, () => {
    const error = assertThrows(() => parse(argv, context), UsageError, message);
    assertStringIncludes(error.instead, instead);
    assertEquals(error.message.split("\n").length, 1);
  });
}

Deno.test("what cannot be waited for is named by its option", () => {
  const refused: [argv: string[], message: string][] = [
    [["--wait-quiet", "0"], "--wait-quiet must be more than 0"],
    [["--wait-exit", "--wait-timeout=0"], "--wait-timeout must be more than 0"],
    [["--wait-http", "http://example.com/"], "--wait-http must be a URL of this machine"],
    [["--wait-port", "x"], "--wait-port must be"],
  ];
  for (const [argv, message] of refused) {
    const { options } = understand(["wait", ...argv, "web"]);
    assertThrows(() => waitRequest(options), UsageError, message);
  }
});

Deno.test("a program on PATH is run, however near a command's name it is", () => {
  const request = parse(["lst"], { ...context, isProgram: () => true });
  assertEquals(request.kind === "run" && request.invocation.operands, ["lst"]);
});

Deno.test("K34 F43 help and version are understood before and after a command", () => {
  assertEquals(parse(["--help"], context), { kind: "help", command: null });
  assertEquals(parse(["-h"], context), { kind: "help", command: null });
  for (const argv of [["run", "--help"], ["--help", "run"], ["run", "-h", "npm"]]) {
    const request = parse(argv, context);
    assertEquals(request.kind === "help" && request.command?.name, "run");
  }
  assertEquals(parse(["--version"], context), { kind: "version" });
  assertEquals(parse(["list", "--version"], context), { kind: "version" });
  assertEquals(parse(["npm", "--version"], context).kind, "run");
});

Deno.test("K9 K10 K21 one word with a space is a command line", () => {
  for (const word of ["echo 'hello world'", "npm run dev", "sleep 10", "a && b"]) {
    assertEquals(programTarget([word]), { command_or_label: word });
  }
  assertEquals(programTarget(["echo a", "b"]), { command: ["echo a", "b"] });
  assertEquals(programTarget(["npm"]), { command: ["npm"] });
});

Deno.test("F41 one word with a space that is a file is a program", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const path = `${directory}/a program`;
    await Deno.writeTextFile(path, "");
    assertEquals(programTarget([path]), { command: [path] });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("F42 unbalanced quotes are a usage error", () => {
  assertThrows(() => programTarget(["echo 'abc"]), UsageError, "quote");
});

Deno.test("K31 targets are PIDs, labels and commands", () => {
  const target = (...argv: string[]) => processTarget(understand(argv));
  assertEquals(target("stop", "123"), { pid: 123 });
  assertEquals(target("stop", "my-app-label"), { command_or_label: "my-app-label" });
  assertEquals(target("stop", "sleep", "10"), { command: ["sleep", "10"] });
  assertEquals(target("restart", "python", "--", "-m", "http.server"), {
    command: ["python", "-m", "http.server"],
  });
  assertEquals(target("stop", "--label", "123"), { label: "123" });
  assertEquals(target("output"), {});
  assertThrows(() => target("stop"), UsageError, "needs a PID, a label or a command");
  assertThrows(() => target("stop", "123", "--force"), UsageError, "--force");
});

Deno.test("K36 the environment gives defaults, options win", () => {
  const environment = {
    HOME: "/home/me",
    PERSISTPROC_PORT: "1111",
    PERSISTPROC_DATA_DIR: "~/data",
    PERSISTPROC_FORMAT: "json",
  };
  const settings = (argv: string[], env: Record<string, string> = environment) => {
    const { port, dataDirectory, format, verbosity } = readSettings(
      understand(argv).options,
      env,
      "/here",
    );
    return { port, dataDirectory, format, verbosity };
  };
  assertEquals(settings(["list", "-v"]), {
    port: 1111,
    dataDirectory: "/home/me/data",
    format: "json",
    verbosity: 1,
  });
  assertEquals(settings(["list", "-q", "--port", "2", "--data-dir", "d", "--format", "text"]), {
    port: 2,
    dataDirectory: "/here/d",
    format: "text",
    verbosity: -1,
  });
  const port = (value: string) => settings(["list"], { ...environment, PERSISTPROC_PORT: value });
  assertEquals(port("web").port, 8947);
  assertEquals(port("").port, 8947);
});

Deno.test("options of one name are of one kind in every command", () => {
  for (const command of COMMANDS) {
    for (const option of optionsOf(command)) {
      const known = allOptions().find(({ name }) => name === option.name);
      assertEquals([known?.kind, known?.short], [option.kind, option.short], option.name);
    }
  }
});

Deno.test("whatever follows a program reaches it unchanged", () => {
  const words = fc.array(fc.oneof(fc.string(), fc.constantFrom("--", "-v", "--help", "true")));
  fc.assert(fc.property(words, (args) => {
    assertEquals(understand(["run", "--", "node", ...args]).operands, ["node", ...args]);
    if (args[0] !== "--") {
      assertEquals(understand(["node", ...args]).operands, ["node", ...args]);
    }
  }));
});

Deno.test("no command line fails otherwise than with a usage error", () => {
  const names = COMMANDS.flatMap(({ name, options }) => [
    name,
    ...options.map((option) => `--${option.name}`),
  ]);
  const words = fc.array(fc.oneof(fc.constantFrom(...names, "--", "-", "-x", "12"), fc.string()));
  fc.assert(fc.property(words, (argv) => {
    try {
      parse(argv, context);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
  }));
});
