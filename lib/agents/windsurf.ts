import { type Agent, plainEntry, SERVER_NAME } from "./agent.ts";

/** Windsurf, called Devin Desktop since June 2026; older ones read another file, with serverUrl. */
export const windsurf: Agent = {
  name: "Windsurf",
  id: "windsurf",
  configuration: {
    path: "~/.config/devin/mcp_config.json",
    project: ".devin/mcp_config.json",
    syntax: "json",
    key: ["mcpServers", SERVER_NAME],
  },
  entry: plainEntry,
};
