/** Command lines that are not understood: what is said of each, and what to type instead. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { checkOutputOptions } from "../../lib/cli/output_options.ts";
import { parse } from "../../lib/cli/parse.ts";
import { COMMANDS } from "../../lib/cli/table.ts";
import { UsageError } from "../../lib/cli/usage_error.ts";
import { waitRequest } from "../../lib/cli/waiting.ts";
import { CONTEXT, understand } from "../support/parsed.ts";

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
  "more lines than can be counted": [
    ["output", "--lines", "9007199254740993"],
    "--lines must be at most 9007199254740991",
    "output --help",
  ],
  "a time that is none": [["output", "--since-time", "soon"], "ISO 8601", "output --help"],
  "a format that is none": [["--format", "xml", "list"], "one of text, json, not", "list"],
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
    const error = assertThrows(() => parse(argv, CONTEXT), UsageError, message);
    assertStringIncludes(error.instead, instead);
    assertEquals(error.message.split("\n").length, 1);
  });
}

Deno.test("options of output that mean nothing together are named as they were typed", () => {
  const refused: [argv: string[], message: string, instead: string][] = [
    [["--context", "3"], "--context needs --grep", "output --grep PATTERN --context 3"],
    [["--follow", "--grep", "x"], "it has no --grep", "output -f | grep PATTERN"],
  ];
  for (const [argv, message, instead] of refused) {
    const { options } = understand(["output", ...argv]);
    const error = assertThrows(() => checkOutputOptions(options, "text"), UsageError, message);
    assertStringIncludes(error.instead, instead);
  }
  for (const argv of [["--context", "0"], ["--context", "3", "--grep", "x"], ["--follow"]]) {
    checkOutputOptions(understand(["output", ...argv]).options, "text");
  }
});

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

Deno.test("no command line fails otherwise than with a usage error", () => {
  const names = COMMANDS.flatMap(({ name, options }) => [
    name,
    ...options.map((option) => `--${option.name}`),
  ]);
  const words = fc.array(fc.oneof(fc.constantFrom(...names, "--", "-", "-x", "12"), fc.string()));
  fc.assert(fc.property(words, (argv) => {
    try {
      parse(argv, CONTEXT);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
    }
  }));
});
