import { type Agent, mcpServers } from "./agent.ts";

/** Cursor: https://cursor.com/docs/mcp */
export const cursor: Agent = {
  name: "Cursor",
  connect: (url) => ({ kind: "file", path: "~/.cursor/mcp.json", entry: mcpServers({ url }) }),
};
