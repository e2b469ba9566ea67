import { type Agent, plainEntry, SERVER_NAME } from "./agent.ts";

/** Zed: https://zed.dev/docs/ai/mcp */
export const zed: Agent = {
  name: "Zed",
  id: "zed",
  configuration: {
    path: "~/.config/zed/settings.json",
    project: ".zed/settings.json",
    syntax: "json",
    key: ["context_servers", SERVER_NAME],
  },
  entry: (endpoint) => ({
    ...plainEntry(endpoint),
    ...endpoint.kind === "stdio" ? { env: {} } : {},
  }),
};
