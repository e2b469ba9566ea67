/** How command lines are understood. K and F numbers are those of the project's black-box cases. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parse } from "../../lib/cli/parse.ts";
import { allOptions, COMMANDS, optionsOf } from "../../lib/cli/table.ts";
import { CONTEXT, understand } from "../support/parsed.ts";

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

Deno.test("a program on PATH is run, however near a command's name it is", () => {
  const request = parse(["lst"], { ...CONTEXT, isProgram: () => true });
  assertEquals(request.kind === "run" && request.invocation.operands, ["lst"]);
});

Deno.test("K34 F43 help and version are understood before and after a command", () => {
  assertEquals(parse(["--help"], CONTEXT), { kind: "help", command: null });
  assertEquals(parse(["-h"], CONTEXT), { kind: "help", command: null });
  for (const argv of [["run", "--help"], ["--help", "run"], ["run", "-h", "npm"]]) {
    const request = parse(argv, CONTEXT);
    assertEquals(request.kind === "help" && request.command?.name, "run");
  }
  assertEquals(parse(["--version"], CONTEXT), { kind: "version" });
  assertEquals(parse(["list", "--version"], CONTEXT), { kind: "version" });
  assertEquals(parse(["npm", "--version"], CONTEXT).kind, "run");
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
