import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import fc from "fast-check";
import { AGENTS } from "../../lib/agents/index.ts";
import { unifiedDiff } from "../../lib/cli/configure/diff.ts";
import {
  canonical,
  type Editor,
  editText,
  type Entry,
  valueAt,
} from "../../lib/cli/configure/edit.ts";
import { jsonEditor } from "../../lib/cli/configure/json.ts";
import { tomlEditor } from "../../lib/cli/configure/toml.ts";
import { yamlEditor } from "../../lib/cli/configure/yaml.ts";
import { PersistprocError } from "../../lib/protocol/errors.ts";

const HTTP = { type: "http", url: "http://127.0.0.1:8947/mcp" };
const STDIO = { command: "/opt/persist proc", args: ["--port", "1", "mcp"] };

function edit(editor: Editor, key: readonly string[], text: string, value: Entry | null): string {
  return editText(text, { path: "FILE", key, value, editor });
}

/** Whether `part` is `whole` with things left out, in order. */
function isWithin(part: string, whole: string): boolean {
  let at = 0;
  for (let i = 0; i < whole.length; i++) if (whole[i] === part[at]) at++;
  return at === part.length;
}

/**
 * What must hold for any text: it means the same but for the entry, nothing that was there has gone,
 * twice is once, another form replaces the first, and removal leaves the text as it was.
 */
function check(editor: Editor, key: readonly string[], text: string, restored = text): void {
  const installed = edit(editor, key, text, HTTP);
  assertEquals(canonical(valueAt(editor.parse(strip(installed)), key)), canonical(HTTP));
  assert(isWithin(text, installed), `${text}\n=>\n${installed}`);
  assertEquals(edit(editor, key, installed, HTTP), installed);
  const other = edit(editor, key, installed, STDIO);
  assertEquals(canonical(valueAt(editor.parse(strip(other)), key)), canonical(STDIO));
  assertEquals(edit(editor, key, other, HTTP), installed);
  assertEquals(edit(editor, key, installed, null), restored);
  assertEquals(edit(editor, key, other, null), restored);
}

const strip = (text: string) => text.replace(/^\ufeff/, "");

const JSON_KEY = ["mcpServers", "persistproc"];
const TOML_KEY = ["mcp_servers", "persistproc"];
const YAML_KEY = ["extensions", "persistproc"];

const name = fc.constantFrom("a", "b c", "d\u00e9", "theme", 'q"uote', "slash\\", "//no", "/*no*/");
const scalar = fc.oneof(
  fc.constantFrom(
    '"x"',
    '"// no comment"',
    '"{\\"a\\": [1,]}"',
    "1",
    "-2.5e3",
    "true",
    "null",
    '"\ud83d\ude00"',
  ),
);

/** JSON with comments, of any layout; `hole` is an object that is to get the entry. */
function jsonText(hole: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.record({
    eol: fc.constantFrom("\n", "\r\n", "\n\n", "\n// c, c\n", " ", "", "\n/* { */\n"),
    unit: fc.constantFrom("  ", "    ", "\t"),
    before: fc.array(fc.tuple(name, scalar), { maxLength: 3 }),
    after: fc.array(fc.tuple(name, scalar), { maxLength: 2 }),
    trailing: fc.constantFrom("", ",", " /* , */,", ", // end,\n"),
    mark: fc.constantFrom("", "\ufeff"),
    end: fc.constantFrom("", "\n", "\n// the end\n"),
    hole,
  }).map(({ eol, unit, before, after, trailing, mark, end, hole }) => {
    const write = (pairs: readonly (readonly [string, string])[], side: string) =>
      pairs.map(([name, value], at) => `${JSON.stringify(`${side}${at}${name}`)}: ${value}`);
    const inner = [...write(before, "<"), `"mcpServers": ${hole}`, ...write(after, ">")];
    return `${mark}{${eol}${unit}${inner.join(`,${eol}${unit}`)}${trailing}${eol}}${end}`;
  });
}

Deno.test("an entry goes into any JSON with comments and out again, and not a byte else changes", () => {
  const hole = jsonServers();
  fc.assert(fc.property(jsonText(hole), (text) => check(jsonEditor, JSON_KEY, text)), {
    numRuns: 300,
  });
});

/** Servers that are there already, in any layout; never none at all. */
function jsonServers(): fc.Arbitrary<string> {
  return fc.record({
    eol: fc.constantFrom("\n    ", "\r\n\t", " ", "", "\n    // about it, of course\n    "),
    servers: fc.array(
      fc.constantFrom('{"url": "x,}"}', "{}", '{"args": [\n1,\n2]}', '{"a":{"b":1}}'),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
    trailing: fc.constantFrom("", ",", " // last, I think\n", ", // last,\n", "/*,*/ , /* , */"),
  }).map(({ eol, servers, trailing }) =>
    `{${eol}${servers.map((server, at) => `"s${at}": ${server}`).join(`,${eol}`)}${trailing}${eol}}`
  );
}

Deno.test("an entry goes with the comment before its comma, whatever that says", () => {
  const remove = (text: string) => edit(jsonEditor, JSON_KEY, text, null);
  const rest = '{"mcpServers":{"other": {}}}';
  assertEquals(remove('{"mcpServers":{"persistproc": {} /* a, b */,"other": {}}}'), rest);
  assertEquals(
    remove('{"mcpServers":{"other": {}/* a, b */, "persistproc": {}}}'),
    '{"mcpServers":{"other": {}/* a, b */}}',
  );
});

Deno.test("JSON without servers, or without anything, gets them in the layout that it has", () => {
  const install = (text: string) => edit(jsonEditor, JSON_KEY, text, { url: "U" });
  assertEquals(
    install(""),
    '{\n  "mcpServers": {\n    "persistproc": {\n      "url": "U"\n    }\n  }\n}\n',
  );
  assertEquals(install("{}"), install("").trimEnd());
  assertEquals(
    install('{\n\t"theme": "dark" // mine\n}\n'),
    '{\n\t"theme": "dark", // mine\n\t"mcpServers": {\n\t\t"persistproc": {\n\t\t\t"url": "U"\n\t\t}\n\t}\n}\n',
  );
  assertEquals(
    install('{"mcpServers":{"a":{}}}'),
    '{"mcpServers":{"a":{}, "persistproc": {"url":"U"}}}',
  );
  assertEquals(
    install('{\r\n  "mcpServers": {\r\n    "a": {}\r\n  }\r\n}'),
    '{\r\n  "mcpServers": {\r\n    "a": {},\r\n    "persistproc": {\r\n      "url": "U"\r\n    }\r\n  }\r\n}',
  );
  check(jsonEditor, JSON_KEY, '{\n  "mcpServers": {}\n}\n');
  assertStringIncludes(install("// mine\n"), "// mine\n{");
});

const tomlPart = fc.constantFrom(
  'model = "o5"\n',
  "# a comment\n",
  "\n",
  "[features]\nweb = true\n",
  '[mcp_servers.other]\ncommand = "x"\nargs = [\n  "[mcp_servers.persistproc]",\n]\n',
  '[mcp_servers.other.env]\nA = "1" # [x]\n',
  '[[profiles]]\nname = "p"\n',
  "[notes]\ntext = '''\n# no comment\n'''\n",
);

Deno.test("a table goes into any TOML and out again, and not a byte else changes", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(tomlPart, { maxLength: 6, selector: (part) => part.split("\n", 1)[0] }),
      fc.constantFrom("\n", "\r\n"),
      (parts, eol) => {
        // Keys of the root come first, or they would belong to a table; so does what has a parent.
        const text = parts.sort((a, b) => a < b ? 1 : -1).filter((part) => part.startsWith("m"))
          .concat(parts.filter((part) => !part.startsWith("m"))).join("").replaceAll("\n", eol);
        check(tomlEditor, TOML_KEY, text);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("a table of TOML is taken out with those within it, from the middle of a file", () => {
  const rest = '[mcp_servers.other]\nurl = "x"\n';
  const table =
    '\n[mcp_servers."persistproc"] # ours\nurl = "U"\n\n[mcp_servers.persistproc.env]\nA = "1"\n';
  const next = "\n# about the next\n[features]\na = 1\n";
  assertEquals(edit(tomlEditor, TOML_KEY, rest + table + next, null), rest + next);
  assertEquals(edit(tomlEditor, TOML_KEY, "a = 1", HTTP).slice(0, 7), "a = 1\n\n");
});

const yamlItem = fc.constantFrom(
  "developer:\n  enabled: true\n  type: builtin\n",
  "memory: { enabled: false, name: 'a: b' } # mine\n",
  "# a comment\nquoted:\n  text: |\n    persistproc:\n      no\n",
  "anchor: &a\n  x: 1\n",
  "list:\n- 1\n- 2\n",
);

Deno.test("an entry goes into any YAML and out again, and not a byte else changes", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("", "# first\nGOOSE_MODEL: x\n", "---\nother: [1, 2]\n\n"),
      fc.uniqueArray(yamlItem, { minLength: 1, maxLength: 4 }),
      fc.constantFrom("", "after: 1\n", "\n# the end\n"),
      fc.constantFrom("  ", "    "),
      fc.constantFrom("\n", "\r\n"),
      (before, items, after, indent, eol) => {
        const inner = items.join("").replace(/^(?=.)/gm, indent);
        check(yamlEditor, YAML_KEY, `${before}extensions:\n${inner}${after}`.replaceAll("\n", eol));
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("YAML without extensions gets them, and keeps an empty mapping when they are gone", () => {
  for (const text of ["", "a: 1\n", "a: 1", "# c\n"]) {
    const installed = edit(yamlEditor, YAML_KEY, text, HTTP);
    assert(installed.startsWith(text));
    assertEquals(valueAt(yamlEditor.parse(installed), YAML_KEY), HTTP);
    assertEquals(
      valueAt(yamlEditor.parse(edit(yamlEditor, YAML_KEY, installed, null)), YAML_KEY.slice(0, 1)),
      {},
    );
  }
  const empty = "extensions: {}\nb: 2\n";
  const filled = edit(yamlEditor, YAML_KEY, empty, HTTP);
  assertEquals(edit(yamlEditor, YAML_KEY, filled, null), empty);
  for (
    const text of ["extensions:\nb: 2\n", "extensions: # mine\n", "extensions: {} # mine\nb: 1\n"]
  ) {
    const installed = edit(yamlEditor, YAML_KEY, text, HTTP);
    assertEquals(valueAt(yamlEditor.parse(installed), YAML_KEY), HTTP);
  }
});

Deno.test("a file that is broken, or written in another way, is left alone and named", () => {
  const cases: [Editor, readonly string[], string, string][] = [
    [jsonEditor, JSON_KEY, '{"mcpServers": {', "not JSON"],
    [jsonEditor, JSON_KEY, "[]", "not an object"],
    [jsonEditor, JSON_KEY, '{"mcpServers": []}', '"mcpServers" in it is no object'],
    [jsonEditor, JSON_KEY, '{"mcpServers": {}, "mcpServers": {}}', "more than once"],
    [tomlEditor, TOML_KEY, "a = ", "not TOML"],
    [tomlEditor, TOML_KEY, 'mcp_servers = {persistproc = {url = "x"}}', "no table of its own"],
    [tomlEditor, TOML_KEY, "mcp_servers = {a = {}}", "not"],
    [yamlEditor, YAML_KEY, "a: [", "not YAML"],
    [yamlEditor, YAML_KEY, "extensions: {a: 1}", "not written as lines"],
    [yamlEditor, YAML_KEY, "a: 1\n---\nb: 2\n", "several documents"],
    [yamlEditor, YAML_KEY, "- 1\n", "no mapping"],
  ];
  for (const [editor, key, text, words] of cases) {
    const error = assertThrows(() => edit(editor, key, text, HTTP), PersistprocError);
    assertStringIncludes(error.message, "FILE was not changed");
    assertStringIncludes(error.message, words);
  }
});

Deno.test("what stands in a file of every agent is what its makers document", () => {
  const url = "http://127.0.0.1:8947/mcp";
  const stdio = { command: "persistproc", args: ["mcp"] };
  const documented: Record<string, [unknown, unknown]> = {
    "claude-code": [{ type: "http", url }, { type: "stdio", ...stdio }],
    "cursor": [{ url }, stdio],
    "gemini-cli": [{ url, type: "http" }, stdio],
    "codex": [{ url }, stdio],
    "vs-code": [{ type: "http", url }, { type: "stdio", ...stdio }],
    "copilot-cli": [{ type: "http", url, tools: ["*"] }, { type: "stdio", ...stdio, tools: ["*"] }],
    "opencode": [
      { type: "remote", url, enabled: true },
      { type: "local", command: ["persistproc", "mcp"], enabled: true },
    ],
    "qwen-code": [{ url, type: "http" }, stdio],
    "cline": [
      { transport: { type: "streamableHttp", url } },
      { transport: { type: "stdio", ...stdio } },
    ],
    "amp": [{ url }, stdio],
    "zed": [{ url }, { ...stdio, env: {} }],
    "windsurf": [{ url }, stdio],
    "jetbrains": [{ url }, stdio],
    "goose": [
      { enabled: true, name: "persistproc", type: "streamable_http", uri: url, timeout: 300 },
      {
        enabled: true,
        name: "persistproc",
        type: "stdio",
        cmd: "persistproc",
        args: ["mcp"],
        timeout: 300,
      },
    ],
  };
  assertEquals(AGENTS.map(({ id }) => id).sort(), Object.keys(documented).sort());
  for (const agent of AGENTS) {
    const entries = [agent.entry({ kind: "http", url }), agent.entry({ kind: "stdio", ...stdio })];
    assertEquals(entries.map(canonical), documented[agent.id]?.map(canonical), agent.id);
  }
});

Deno.test("a diff shows what changes and three lines around it", () => {
  assertEquals(
    unifiedDiff("F", "1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nx\n6\n7\n8\n"),
    "--- F\n+++ F\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n",
  );
  assertEquals(unifiedDiff("F", "", "1\n"), "--- F\n+++ F\n@@ -0,0 +1,1 @@\n+1\n");
  assertStringIncludes(
    unifiedDiff("F", "1", "1\n2"),
    "-1\n\\ No newline at end of file\n+1\n+2\n\\ No",
  );
});
