import { type Agent, mcpServers } from "./agent.ts";

/** Windsurf, called Devin Desktop since June 2026; older ones read another file, with serverUrl. */
export const windsurf: Agent = {
  name: "Windsurf",
  connect: (url) => ({
    kind: "file",
    path: "~/.config/devin/mcp_config.json",
    entry: mcpServers({ url }),
  }),
};
