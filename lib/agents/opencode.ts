import { type Agent, SERVER_NAME, tokenHeader } from "./agent.ts";

/** opencode: https://opencode.ai/docs/mcp-servers */
export const opencode: Agent = {
  name: "opencode",
  id: "opencode",
  configuration: {
    path: "~/.config/opencode/opencode.json",
    project: "opencode.json",
    syntax: "json",
    key: ["mcp", SERVER_NAME],
  },
  entry: (endpoint) => ({
    ...endpoint.kind === "http"
      ? { type: "remote", url: endpoint.url, ...tokenHeader(endpoint, "headers") }
      : { type: "local", command: [endpoint.command, ...endpoint.args] },
    enabled: true,
  }),
};
