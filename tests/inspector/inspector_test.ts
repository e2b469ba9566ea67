/** The MCP Inspector's command line against the running program. Not in CI: it takes 110 MB. */
import { assertEquals } from "@std/assert";
import { Workspace } from "../support/workspace.ts";

const INSPECTOR = "npm:@modelcontextprotocol/inspector@2.12.0";

async function inspect(target: readonly string[], options: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-q",
      "-A",
      "--no-lock",
      "--no-config",
      INSPECTOR,
      "--cli",
      ...target,
      ...options,
    ],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

for (const era of ["legacy", "modern", "auto"]) {
  Deno.test(`the inspector (${era}) lists the tools and calls one`, async () => {
    await using workspace = await Workspace.create();
    await workspace.serve();
    const options = ["--protocol-era", era, "--format", "json", "--method"];
    const tools = await inspect([workspace.url], [...options, "tools/list"]);
    assertEquals(tools.code, 0, tools.stderr);
    const names = JSON.parse(tools.stdout).result.tools.map(({ name }: { name: string }) => name);
    assertEquals(names, ["ctrl", "list", "output"]);
    const call = [...options, "tools/call", "--tool-name", "list", "--tool-arg", "pid=0"];
    const called = await inspect([workspace.url], call);
    assertEquals(called.code, 0, called.stderr);
    const [own] = JSON.parse(called.stdout).result.structuredContent.processes;
    assertEquals(own.label, "persistproc-server");
  });
}

Deno.test("the inspector finds no error in the schemas", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const options = ["--method", "tools/list", "--strict", "-q", "--format", "json"];
  const { code, stderr } = await inspect([workspace.url], options);
  assertEquals(code, 0, stderr);
});
