import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { dirname } from "@std/path";
import { AGENTS } from "../../lib/agents/index.ts";
import { countTokens } from "../support/tokens.ts";
import { Workspace } from "../support/workspace.ts";

async function put(path: string, text: string, mode = 0o644): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text, { mode });
}

const exists = (path: string) => Deno.lstat(path).then(() => true, () => false);

const CODEX = 'model = "o5" # mine\n\n[mcp_servers.other]\nurl = "http://x"\n';
const ZED = '// Zed\n{\n\t"theme": "Ayu", // dark\n\t"context_servers": {\n\t\t"a": {},\n\t},\n}\n';
const GOOSE = "GOOSE_MODEL: m\nextensions:\n  developer:\n    enabled: true # keep\n";

Deno.test("an agent is connected by its own file, twice is once, and removal leaves it as it was", async () => {
  await using workspace = await Workspace.create();
  const home = workspace.environment.HOME ?? "";
  const files: [string, string, string, RegExp][] = [
    ["codex", ".codex/config.toml", CODEX, /\[mcp_servers\.persistproc\]\nurl = "http:.*\/mcp"\n$/],
    ["zed", ".config/zed/settings.json", ZED, /"persistproc": \{\n\t\t\t"url": "http:/],
    ["goose", ".config/goose/config.yaml", GOOSE, /\n {2}persistproc:\n {4}enabled: true\n/],
  ];
  for (const [name, path, text, expected] of files) {
    const file = `${home}/${path}`;
    await put(file, text, 0o640);
    const dry = await workspace.run(["agents", "--install", name, "--dry-run"]);
    assertEquals([dry.code, await Deno.readTextFile(file)], [0, text]);
    assert(!await exists(`${file}.before-persistproc`));

    const done = await workspace.run(["agents", "--install", name]);
    assertEquals([done.code, done.stdout], [0, dry.stdout], done.stderr);
    assertStringIncludes(done.stdout, `--- ${file}\n+++ ${file}\n@@ `);
    const installed = await Deno.readTextFile(file);
    assertMatch(installed, expected);
    assertStringIncludes(installed, String(workspace.port));
    assertEquals(await Deno.readTextFile(`${file}.before-persistproc`), text);
    assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o640);

    const again = await workspace.run(["agents", "--install", name]);
    assertEquals([again.code, again.stdout], [0, ""]);
    assertStringIncludes(again.stderr, "nothing to do");
    assertEquals(await Deno.readTextFile(file), installed);

    const removed = await workspace.run(["agents", "--remove", name]);
    assertEquals([removed.code, await Deno.readTextFile(file)], [0, text]);
    assertStringIncludes(
      (await workspace.run(["agents", "--remove", name])).stderr,
      "nothing to do",
    );
  }
});

Deno.test("a file that had no section for servers has none again, unless it was changed meanwhile", async () => {
  await using workspace = await Workspace.create();
  const file = `${workspace.environment.HOME}/.cursor/mcp.json`;
  const before = '{"theme": "dark"} // mine\n';
  await put(file, before);
  await workspace.run(["agents", "--install", "cursor"]);
  await workspace.run(["agents", "--remove", "cursor"]);
  assertEquals(await Deno.readTextFile(file), before);
  await workspace.run(["agents", "--install", "cursor"]);
  await Deno.writeTextFile(file, (await Deno.readTextFile(file)).replace("dark", "light"));
  await workspace.run(["agents", "--remove", "cursor"]);
  const text = await Deno.readTextFile(file);
  assertStringIncludes(text, '"light"');
  assert(!text.includes("persistproc"), text);
});

Deno.test("every agent that has a file is connected in an empty home, by HTTP and then by stdio", async () => {
  await using workspace = await Workspace.create();
  const home = workspace.environment.HOME ?? "";
  for (const { id, configuration } of AGENTS) {
    const { code, stderr } = await workspace.run(["agents", "--install", id]);
    if (configuration === null) {
      assertEquals(code, 1);
      assertStringIncludes(stderr, `persistproc agents ${id}`);
      continue;
    }
    assertEquals(code, 0, stderr);
    const path = Deno.build.os === "darwin" ? configuration.macPath : undefined;
    const file = (path ?? configuration.path).replace("~", home);
    assertStringIncludes(await Deno.readTextFile(file), `127.0.0.1:${workspace.port}/mcp`);
    assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o077, 0);
    await workspace.run(["agents", "--install", id, "--stdio"]);
    const text = await Deno.readTextFile(file);
    assert(!text.includes('/mcp"'), text);
    for (const word of ["--port", String(workspace.port), "--data-dir", "mcp"]) {
      assertStringIncludes(text, word);
    }
  }
  // Nothing of a project, no data directory: this needs no server.
  assertEquals(await Array.fromAsync(Deno.readDir(workspace.directory)), []);
  assert(!await exists(workspace.dataDirectory));
});

Deno.test("what a person has added to the entry stays when the connection changes", async () => {
  await using workspace = await Workspace.create();
  const file = `${workspace.environment.HOME}/.claude.json`;
  const own = { type: "http", url: "http://127.0.0.1:1/mcp", timeout: 90_000 };
  await put(file, JSON.stringify({ mcpServers: { persistproc: own } }, null, 2));
  await workspace.run(["agents", "--install", "claude", "--stdio"]);
  const { mcpServers } = JSON.parse(await Deno.readTextFile(file));
  const { type, url, timeout } = mcpServers.persistproc;
  assertEquals([type, url, timeout], ["stdio", undefined, 90_000]);
});

Deno.test("a link to a file elsewhere stays a link, and variables that move the file are followed", async () => {
  await using workspace = await Workspace.create();
  const home = workspace.environment.HOME ?? "";
  const dotfile = workspace.path("dotfiles", "mcp.json");
  await put(dotfile, '\ufeff{"mcpServers": {}}');
  await Deno.mkdir(`${home}/.cursor`);
  await Deno.symlink(dotfile, `${home}/.cursor/mcp.json`);
  await workspace.run(["agents", "--install", "cursor"]);
  assert((await Deno.lstat(`${home}/.cursor/mcp.json`)).isSymlink);
  assertStringIncludes(await Deno.readTextFile(dotfile), "persistproc");
  // The byte order mark, which reading as text drops.
  assertEquals([...(await Deno.readFile(dotfile)).subarray(0, 4)], [0xef, 0xbb, 0xbf, 0x7b]);

  const env = { CODEX_HOME: workspace.path("codex"), XDG_CONFIG_HOME: workspace.path("xdg") };
  await workspace.run(["agents", "--install", "codex"], { env });
  await workspace.run(["agents", "--install", "opencode"], { env });
  assert(await exists(workspace.path("codex/config.toml")));
  assert(await exists(workspace.path("xdg/opencode/opencode.json")));
});

Deno.test("a project's own file is touched for --project only", async () => {
  await using workspace = await Workspace.create();
  const { code } = await workspace.run(["agents", "--install", "claude-code", "--project"]);
  assertEquals(code, 0);
  assertStringIncludes(await Deno.readTextFile(workspace.path(".mcp.json")), '"type": "http"');
  assertEquals(await Array.fromAsync(Deno.readDir(workspace.environment.HOME ?? "")), []);
});

Deno.test("a file that cannot be edited is left alone, and an agent that is not known has a name near it", async () => {
  await using workspace = await Workspace.create();
  const file = `${workspace.environment.HOME}/.cursor/mcp.json`;
  await put(file, '{"mcpServers": {');
  const broken = await workspace.run(["agents", "--install", "cursor"]);
  assertEquals([broken.code, await Deno.readTextFile(file)], [1, '{"mcpServers": {']);
  assertStringIncludes(broken.stderr, "not JSON");
  await Deno.writeFile(file, new Uint8Array([0x7b, 0xff, 0x7d]));
  assertStringIncludes((await workspace.run(["agents", "--install", "cursor"])).stderr, "UTF-8");
  await Deno.remove(file);
  await Deno.mkdir(file);
  assertStringIncludes((await workspace.run(["agents", "--install", "cursor"])).stderr, "be read");
  const unknown = await workspace.run(["agents", "--install", "cursr"]);
  assertEquals(unknown.code, 2);
  assertStringIncludes(unknown.stderr, "persistproc agents cursor");
  assertEquals((await workspace.run(["agents", "--dry-run"])).code, 2);
  assertEquals((await workspace.run(["agents", "codex", "--rules"])).code, 2);
  assertEquals((await workspace.run(["agents", "--rules", "codex"])).code, 2);
});

Deno.test("agents shows both ways for each, and the rules for a project in few tokens", async () => {
  await using workspace = await Workspace.create();
  const all = await workspace.run(["agents"]);
  for (const { name, id } of AGENTS) assertStringIncludes(all.stdout, `${name} (${id})\n  HTTP:  `);
  assertEquals(all.stdout.split("  stdio: ").length - 1, AGENTS.length);
  const { agents: [one, ...others] } = await workspace.runJson(["agents", "codex"]);
  assertEquals([one.id, one.http.kind, others.length], ["codex", "command", 0]);
  const { stdout: rules } = await workspace.run(["agents", "--rules"]);
  assert(countTokens(rules) <= 650, `${countTokens(rules)} tokens`);
  for (const word of ["`list`", "`ctrl`", "`output`"]) assertStringIncludes(rules, word);
});
