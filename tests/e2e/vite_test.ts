/** The program that persistproc was made for: a dev server, a person and an agent. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { hasNpm, installPackages } from "../support/npm.ts";
import { getPage } from "../support/page.ts";
import { freePort, Workspace } from "../support/workspace.ts";
import { until } from "../support/until.ts";

const vite = "vite@8.3.8";

const working = `import { greeting } from "./greeting.js";\ndocument.body.append(greeting);\n`;
const broken = `import { greeting } from "./missing.js";\ndocument.body.append(greeting);\n`;

/** A page with two modules, and Vite to serve it. */
async function makeProject(workspace: Workspace, port: number): Promise<void> {
  const dev = `vite --host 127.0.0.1 --port ${port} --strictPort --clearScreen false`;
  await workspace.write("package.json", JSON.stringify({ type: "module", scripts: { dev } }));
  await workspace.write(
    "index.html",
    `<body><script type="module" src="/main.js"></script></body>`,
  );
  await workspace.write("greeting.js", `export const greeting = "hello";\n`);
  await workspace.write("main.js", working);
  await installPackages(workspace, vite);
}

Deno.test({
  name: "a person starts Vite; an agent finds the error in its output, restarts it and stops it",
  ignore: !await hasNpm(),
  async fn() {
    await using workspace = await Workspace.create();
    const port = freePort();
    const origin = `http://127.0.0.1:${port}`;
    await makeProject(workspace, port);

    const terminal = workspace.spawn(["npm", "run", "dev"]);
    await terminal.waitFor(`${origin}/`);
    assertStringIncludes((await getPage(`${origin}/`))?.text ?? "", "/main.js");
    assertEquals((await getPage(`${origin}/main.js`))?.status, 200);

    const agent = await workspace.agent({ name: "vite-agent" });
    const { structured } = await agent.call("list");
    const processes = structured?.processes as Record<string, unknown>[];
    const listed = processes.find(({ command }) => String(command) === "npm,run,dev");
    assert(listed, `no Vite among ${JSON.stringify(processes)}`);
    assertEquals(listed.status, "running");
    assertEquals(listed.started_by, "terminal");
    assertEquals(listed.working_directory, workspace.directory);
    const target = { command_or_label: "npm run dev", working_directory: workspace.directory };
    assertStringIncludes((await agent.call("output", target)).text, `${origin}/`);

    await workspace.write("main.js", broken);
    // Vite sees the change by itself, sooner or later, and then answers with the error.
    await until(async () => (await getPage(`${origin}/main.js`))?.status === 500, {
      what: "Vite's answer that the import does not exist",
    });
    await until(async () => (await agent.call("output", target)).text.includes("./missing.js"), {
      what: () => `Vite's error in the agent's output; the terminal shows\n${terminal.stdout}`,
    });
    await terminal.waitFor("./missing.js", { stream: "stderr" });

    await workspace.write("main.js", working);
    const restarted = await agent.call("ctrl", { action: "restart", ...target });
    assertEquals(restarted.isError, false, restarted.text);
    assertEquals(restarted.structured?.previous_pid, listed.pid);
    await until(async () => (await getPage(`${origin}/main.js`))?.status === 200, {
      what: "the page, after the restart",
    });
    await until(() => terminal.stdout.split(`${origin}/`).length > 2, {
      what: () => `the new run in the terminal: ${terminal.describe()}`,
    });
    assertEquals(terminal.ended, null);

    const stopped = await agent.call("ctrl", { action: "stop", ...target });
    assertEquals(stopped.isError, false, stopped.text);
    assertEquals(stopped.structured?.survivors, []);
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    await terminal.end();
  },
});
