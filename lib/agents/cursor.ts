import { type Agent, plainEntry, SERVER_NAME } from "./agent.ts";

/** Cursor: https://cursor.com/docs/mcp */
export const cursor: Agent = {
  name: "Cursor",
  id: "cursor",
  configuration: {
    path: "~/.cursor/mcp.json",
    project: ".cursor/mcp.json",
    syntax: "json",
    key: ["mcpServers", SERVER_NAME],
  },
  entry: plainEntry,
};
