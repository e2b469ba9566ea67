/** Configurations of agents that hold the token: for their owner's eyes only. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, join } from "@std/path";
import { Workspace } from "../support/workspace.ts";

const modeOf = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o777;

Deno.test("a file that holds the token, and the copy of one, are for nobody else, and it is not shown", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve(["--require-token"]);
  const token = (await workspace.run(["token"])).stdout.trim();
  const file = join(workspace.environment.HOME ?? "", ".cursor/mcp.json");
  await Deno.mkdir(dirname(file));
  await Deno.writeTextFile(file, "{}\n");
  // Under any umask.
  await Deno.chmod(file, 0o644);

  const dry = await workspace.run(["agents", "--install", "cursor", "--dry-run"]);
  const installed = await workspace.run(["agents", "--install", "cursor"]);
  assertStringIncludes(await Deno.readTextFile(file), `Bearer ${token}`);
  const copy = `${file}.before-persistproc`;
  assertEquals([await modeOf(file), await modeOf(copy)], [0o600, 0o600]);
  // What somebody has opened up since is closed again, with the copy.
  await Deno.chmod(file, 0o664);
  const over = await workspace.run(["agents", "--install", "cursor", "--stdio"]);
  assertStringIncludes(await Deno.readTextFile(copy), `Bearer ${token}`);
  assertEquals([await modeOf(file), await modeOf(copy)], [0o600, 0o600]);
  const removed = await workspace.run(["agents", "--remove", "cursor"]);
  for (const { code, stdout, stderr } of [dry, installed, over, removed]) {
    assertEquals(code, 0, stderr);
    assert(!`${stdout}${stderr}`.includes(token), stdout);
  }
  for (const { stdout } of [dry, installed, over]) assertStringIncludes(stdout, "Bearer …");
});

Deno.test("the token is not written into a project, whose files are everybody's", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve(["--require-token"]);
  const install = ["agents", "--install", "cursor", "--project"];
  const { code, stdout, stderr } = await workspace.run(install);
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, "would hold your token");
  assertStringIncludes(stderr, "--stdio");
  assertEquals(await Array.fromAsync(Deno.readDir(workspace.directory)), []);
  assertEquals((await workspace.run([...install, "--stdio"])).code, 0);
  assertEquals((await workspace.run(["agents", "--remove", "cursor", "--project"])).code, 0);
});

Deno.test("headers that a person has added stay, and only ours is replaced", async () => {
  await using workspace = await Workspace.create();
  const file = join(workspace.environment.HOME ?? "", ".cursor/mcp.json");
  await Deno.mkdir(dirname(file));
  const headers = { "X-Team": "shop", "authorization": "Bearer old" };
  const own = { url: "http://127.0.0.1:1/mcp", headers };
  await Deno.writeTextFile(file, JSON.stringify({ mcpServers: { persistproc: own } }));
  const install = async (...args: string[]) => {
    const { code, stderr } = await workspace.run(["agents", "--install", "cursor", ...args]);
    assertEquals(code, 0, stderr);
    return JSON.parse(await Deno.readTextFile(file)).mcpServers.persistproc.headers;
  };
  assertEquals(await install(), { "X-Team": "shop" });
  await workspace.serve(["--require-token"]);
  const token = (await workspace.run(["token"])).stdout.trim();
  assertEquals(await install(), { "X-Team": "shop", Authorization: `Bearer ${token}` });
  // A program has none.
  assertEquals(await install("--stdio"), undefined);
});
