import { type Agent, SERVER_NAME } from "./agent.ts";

/** Zed: https://zed.dev/docs/ai/mcp */
export const zed: Agent = {
  name: "Zed",
  connect: (url) => ({
    kind: "file",
    path: "~/.config/zed/settings.json",
    entry: JSON.stringify({ context_servers: { [SERVER_NAME]: { url } } }),
  }),
};
