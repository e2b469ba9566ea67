import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Agent, connect } from "../../lib/agents/agent.ts";
import { agentsBanner } from "../../lib/agents/banner.ts";
import { AGENTS } from "../../lib/agents/index.ts";
import { parse as parseToml } from "smol-toml";
import { splitCommandLine } from "../../lib/protocol/command_line.ts";

const url = "http://127.0.0.1:12345/mcp";

function agent(name: string): Agent {
  const found = AGENTS.find((agent) => agent.name === name);
  assert(found, `no agent called ${name}`);
  return found;
}

/** The object that an agent's file is to hold. */
function entry(name: string): unknown {
  const instruction = connect(agent(name), { kind: "http", url });
  assert(instruction.kind !== "command");
  return JSON.parse(instruction.entry);
}

/** The arguments that the shell makes of an agent's command. */
function command(name: string): string[] {
  const instruction = connect(agent(name), { kind: "http", url });
  assert(instruction.kind === "command");
  return splitCommandLine(instruction.line);
}

Deno.test("the banner has one line for each agent, each with the port of this server", () => {
  const lines = agentsBanner(url).trimEnd().split("\n");
  for (const { name } of AGENTS) {
    const own = lines.filter((line) => line.startsWith(`  ${name}  `));
    assertEquals(own.length, 1, name);
    assertStringIncludes(own[0] ?? "", "127.0.0.1:12345/mcp");
  }
  assertEquals(lines.length, AGENTS.length + 5);
});

Deno.test("agents with a command of their own get the arguments they document", () => {
  const http = ["--transport", "http"];
  const user = ["--scope", "user"];
  const documented: Record<string, string[]> = {
    "Claude Code": ["claude", "mcp", "add", ...http, ...user, "persistproc", url],
    "Gemini CLI": ["gemini", "mcp", "add", ...http, ...user, "persistproc", url],
    "Qwen Code": ["qwen", "mcp", "add", ...http, ...user, "persistproc", url],
    "Codex": ["codex", "mcp", "add", "persistproc", "--url", url],
    "Copilot CLI": ["copilot", "mcp", "add", ...http, "persistproc", url],
    "Cline": ["cline", "mcp", "install", "persistproc", url, ...http, "--yes"],
    "Amp": ["amp", "mcp", "add", "persistproc", url],
  };
  for (const [name, expected] of Object.entries(documented)) assertEquals(command(name), expected);
  const [program, flag, json = ""] = command("VS Code");
  assertEquals([program, flag], ["code", "--add-mcp"]);
  assertEquals(JSON.parse(json), { name: "persistproc", type: "http", url });
});

Deno.test("agents with a file get the entry they document", () => {
  assertEquals(entry("Cursor"), { mcpServers: { persistproc: { url } } });
  assertEquals(entry("Windsurf"), { mcpServers: { persistproc: { url } } });
  assertEquals(entry("JetBrains"), { mcpServers: { persistproc: { url } } });
  assertEquals(entry("Zed"), { context_servers: { persistproc: { url } } });
  assertEquals(entry("opencode"), {
    mcp: { persistproc: { type: "remote", url, enabled: true } },
  });
});

Deno.test("where the server wants its token, every agent is told the header, and no shell's history is", () => {
  const token = "0123456789abcdef".repeat(4);
  const header = { Authorization: `Bearer ${token}` };
  for (const agent of AGENTS) {
    const instruction = connect(agent, { kind: "http", url, token });
    assert(instruction.kind !== "command", agent.name);
    assertStringIncludes(instruction.entry, `Bearer ${token}`, agent.name);
    assert(!JSON.stringify(connect(agent, { kind: "http", url })).includes("Bearer"), agent.name);
  }
  const entryOf = (name: string) => agent(name).entry({ kind: "http", url, token });
  assertEquals(entryOf("Claude Code"), { type: "http", url, headers: header });
  assertEquals(entryOf("Codex"), { url, http_headers: header });
  assertEquals(entryOf("Cline"), { transport: { type: "streamableHttp", url, headers: header } });
  const codex = connect(agent("Codex"), { kind: "http", url, token });
  assert(codex.kind === "file");
  assertEquals(parseToml(codex.entry), {
    mcp_servers: { persistproc: { url, http_headers: header } },
  });
});
