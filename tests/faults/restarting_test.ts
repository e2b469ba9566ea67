/** Ports of what was stopped, and restarts under load. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { tell, times } from "../support/faults.ts";
import { processState } from "../support/terminal.ts";
import { until } from "../support/until.ts";
import { freePort, Workspace } from "../support/workspace.ts";

/** Answers on a port, as the child of a child, as development servers do. Fails when it is taken. */
async function listener(workspace: Workspace, port: number): Promise<string[]> {
  const script = await workspace.write(
    "listener.js",
    `Deno.serve({ hostname: "127.0.0.1", port: ${port}, onListen: () => console.log("listens") },
      () => new Response(String(Deno.pid)));`,
  );
  const deno = `'${Deno.execPath()}' run -q --no-config --no-lock --allow-net '${script}'`;
  return ["sh", "-c", `sh -c "${deno} & wait" & wait`];
}

/** What answers on the port, or null. */
async function answer(port: number): Promise<string | null> {
  try {
    return await (await fetch(`http://127.0.0.1:${port}/`)).text();
  } catch {
    return null;
  }
}

Deno.test("the port of what was stopped can be bound at once", async () => {
  const count = times({ full: 100, ci: 20 });
  await using workspace = await Workspace.create();
  await workspace.serve();
  const agent = await workspace.agent();
  const port = freePort();
  const command = await listener(workspace, port);
  const ctrl = async (parameters: Record<string, unknown>) => {
    const { text, structured, isError } = await agent.call("ctrl", parameters);
    assert(!isError && structured, text);
    return structured;
  };
  for (let round = 0; round < count; round++) {
    await ctrl({
      action: "start",
      command_or_label: command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" "),
      label: "web",
      working_directory: workspace.directory,
    });
    await until(() => answer(port), { what: `an answer on port ${port}` });
    const stopped = await ctrl({ action: "stop", command_or_label: "web" });
    // The very next thing after the answer.
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    assertEquals(stopped.survivors, []);
  }
  await tell({ fault: "4 stop, then bind the port", times: count });
});

Deno.test("restarts under load: each ends the old one, starts one new one, and has its port", async () => {
  const count = times({ full: 50, ci: 10 });
  await using workspace = await Workspace.create();
  await workspace.serve();
  const port = freePort();
  const command = await listener(workspace, port);
  let pid = (await workspace.runJson(["start", "--label", "web", ...command])).pid;
  const flood = `i=0; while :; do i=$((i+1)); echo "out $i"; echo "err $i" >&2; done`;
  await workspace.runJson(["start", "--label", "flood", "sh", "-c", flood]);

  let loading = true;
  let answers = 0;
  const clients = Array.from({ length: 8 }, async () => {
    while (loading) {
      if (await answer(port) !== null) answers++;
      else await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  const servers = new Set<string>();
  for (let round = 0; round < count; round++) {
    const server = await until(() => answer(port), { what: "the server of this round" });
    assert(!servers.has(server), `${server} answered in an earlier round`);
    servers.add(server);
    const restarted = await workspace.runJson(["restart", "--label", "web"]);
    assertEquals([restarted.previous_pid, restarted.status], [pid, "running"]);
    assertNotEquals(restarted.pid, pid);
    for (const old of [pid, Number(server)]) assertEquals(await processState(old), null);
    pid = restarted.pid;
  }
  await until(() => answer(port), { what: "an answer of the last one" });
  loading = false;
  await Promise.all(clients);
  const processes = await workspace.processes();
  const [web] = processes.filter(({ label }: { label: string }) => label === "web");
  assertEquals([web.pid, web.status, web.restarts], [pid, "running", count]);
  assertEquals(web.ports.map((listening: { port: number }) => listening.port), [port]);
  assertEquals(await Deno.readTextFile(web.log_stdout), "listens\n");
  await tell({ fault: "4 restart under load", times: count, note: `${answers} answers meanwhile` });
});
