/**
 * Claude Code, Gemini CLI, opencode and Codex themselves, connected by `agents --install`: in a home
 * of their own, without a login or a model. Not in CI: they take 1.2 GB.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { hasNpm } from "../support/npm.ts";
import { Workspace } from "../support/workspace.ts";
import { Codex } from "./codex.ts";
import { connect, disconnect, put } from "./connection.ts";
import { type ClientCommand, installed } from "./install.ts";

interface Client {
  command: ClientCommand;
  /** What persistproc calls it. */
  id: string;
  /** What it calls itself. */
  name: string;
  /** Its configuration in its home, and what is in there before. */
  file: string;
  before: string;
  /** How `mcp list` says that it is connected. */
  connected: RegExp;
  /** What it asks the server for that purpose. */
  asks: string[];
  /** What else has to be in its home, for a directory in which it works. */
  needs?: (directory: string) => { file: string; text: string };
}

const CLIENTS: Client[] = [{
  command: "claude",
  id: "claude-code",
  name: "claude-code",
  file: ".claude.json",
  before: '{\n  "theme": "dark",\n  "mcpServers": {}\n}\n',
  connected: /^persistproc: .* - ✔ Connected$/m,
  asks: ["server/discover", "tools/list"],
}, {
  command: "gemini",
  id: "gemini-cli",
  // So it does for this command only.
  name: "mcp-test-client",
  file: ".gemini/settings.json",
  before: '{\n  "ui": { "hideTips": true } // mine\n}\n',
  connected: /^✓ persistproc: .* - Connected$/m,
  asks: ["initialize", "notifications/initialized", "ping"],
  // It connects to nothing in a directory that it does not trust.
  needs: (directory) => ({
    file: ".gemini/trustedFolders.json",
    text: JSON.stringify({ [directory]: "TRUST_FOLDER" }),
  }),
}, {
  command: "opencode",
  id: "opencode",
  name: "opencode",
  file: ".config/opencode/opencode.json",
  before: '{\n  "$schema": "https://opencode.ai/config.json" // mine\n}\n',
  // There may be a color between the words.
  connected: /✓ persistproc \S*connected/,
  asks: ["initialize", "notifications/initialized", "tools/list"],
}];

/** Whatever is not on this machine is out of reach. */
const OFFLINE = {
  HTTP_PROXY: "http://127.0.0.1:9",
  HTTPS_PROXY: "http://127.0.0.1:9",
  NO_PROXY: "127.0.0.1,localhost",
  NO_COLOR: "1",
};

/** Starting one of them on a busy machine takes its time. */
const TIMEOUT = 120_000;

for (const client of CLIENTS) {
  for (const transport of ["http", "stdio"] as const) {
    Deno.test({
      name: `${client.command} says that it is connected over ${transport}, until it is not`,
      ignore: !await hasNpm(),
      async fn() {
        const command = await installed(client.command);
        await using workspace = await Workspace.create();
        // Over stdio, the server is started when it is needed.
        if (transport === "http") await workspace.serve(["-q"]);
        const needed = client.needs?.(workspace.directory);
        if (needed) await put(workspace, needed.file, needed.text);
        const configured = { ...client, file: await put(workspace, client.file, client.before) };
        const list = async () => {
          const child = workspace.spawnCommand([command, "mcp", "list"], {
            stdin: "",
            env: OFFLINE,
          });
          const { stdout, stderr } = await child.end({ timeout: TIMEOUT });
          return stdout + stderr;
        };

        await using recorder = await connect(workspace, configured, transport);
        const connected = await Deno.readTextFile(configured.file);
        assertMatch(await list(), client.connected);
        assertEquals(await recorder.clientName(), client.name);
        assertEquals(await recorder.methods(), client.asks);
        assertEquals(
          await recorder.tools(),
          client.asks.includes("tools/list") ? ["ctrl", "list", "output"] : [],
        );

        await disconnect(workspace, configured, connected);
        assert(!client.connected.test(await list()));
      },
    });
  }
}

for (const transport of ["http", "stdio"] as const) {
  Deno.test({
    name: `codex sees the tools over ${transport}, and starts, reads and stops a process by them`,
    ignore: !await hasNpm(),
    async fn() {
      const command = await installed("codex");
      await using workspace = await Workspace.create();
      if (transport === "http") await workspace.serve(["-q"]);
      const before = 'model = "none" # mine\n';
      const configured = {
        id: "codex",
        file: await put(workspace, ".codex/config.toml", before),
        before,
      };
      await using recorder = await connect(workspace, configured, transport);
      const connected = await Deno.readTextFile(configured.file);
      const codex = await Codex.start(workspace, command, OFFLINE);
      const { data: [status] } = await codex.ask("mcpServerStatus/list", {});
      assertEquals([status.name, status.serverInfo.name], ["persistproc", "persistproc"]);
      assertEquals(Object.keys(status.tools).sort(), ["ctrl", "list", "output"]);

      const thread = await codex.begin("persistproc", workspace.directory);
      const call = async (tool: string, parameters: Record<string, unknown>) => {
        const request = { threadId: thread, server: "persistproc", tool, arguments: parameters };
        const { content, structuredContent } = await codex.ask("mcpServer/tool/call", request);
        return { text: content[0].text, facts: structuredContent };
      };
      const started = await call("ctrl", {
        action: "start",
        command_or_label: "sh -c 'echo ready; exec sleep 1000'",
        working_directory: workspace.directory,
        label: "web",
        // So long a wait is for clients that show progress.
        wait_for: { pattern: "^ready", timeout_seconds: 300 },
      });
      assertEquals([started.facts.status, started.facts.wait.outcome], ["running", "pattern"]);
      const { facts: { processes: [listed] } } = await call("list", {});
      assertEquals(listed.started_by, "codex-mcp-client");
      assertStringIncludes(
        (await call("output", { command_or_label: "web" })).text,
        "ready\n-- 1 line",
      );
      const stopped = await call("ctrl", { action: "stop", label: "web" });
      assertEquals(stopped.facts.reason, "stopped by codex-mcp-client");
      assertEquals(await recorder.clientName(), "codex-mcp-client");
      await disconnect(workspace, configured, connected);
    },
  });
}
