import { type Agent, SERVER_NAME, shellLine, typedEntry } from "./agent.ts";

/** Anthropic's Claude Code: https://code.claude.com/docs/en/mcp */
export const claudeCode: Agent = {
  name: "Claude Code",
  id: "claude-code",
  short: (endpoint) => ({
    kind: "command",
    line: endpoint.kind === "http"
      ? `claude mcp add --transport http --scope user ${SERVER_NAME} ${endpoint.url}`
      : `claude mcp add --scope user ${SERVER_NAME} -- ${shellLine(endpoint)}`,
  }),
  configuration: {
    path: "~/.claude.json",
    directoryVariable: "CLAUDE_CONFIG_DIR",
    project: ".mcp.json",
    syntax: "json",
    key: ["mcpServers", SERVER_NAME],
  },
  // An entry with nothing but a URL would be read as stdio.
  entry: typedEntry,
};
