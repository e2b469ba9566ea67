import { type Agent, plainEntry, SERVER_NAME } from "./agent.ts";

/** Cline, its command line: https://docs.cline.bot */
export const cline: Agent = {
  name: "Cline",
  id: "cline",
  short: (endpoint) =>
    endpoint.kind === "http"
      ? {
        kind: "command",
        line: `cline mcp install ${SERVER_NAME} ${endpoint.url} --transport http --yes`,
      }
      : null,
  configuration: {
    path: "~/.cline/data/settings/cline_mcp_settings.json",
    syntax: "json",
    key: ["mcpServers", SERVER_NAME],
  },
  entry: (endpoint) => ({
    transport: {
      type: endpoint.kind === "http" ? "streamableHttp" : "stdio",
      ...plainEntry(endpoint),
    },
  }),
};
