import { type Agent, plainEntry, SERVER_NAME, shellLine } from "./agent.ts";

/** GitHub Copilot CLI: `copilot mcp add --help` */
export const copilotCli: Agent = {
  name: "Copilot CLI",
  id: "copilot-cli",
  short: (endpoint) => ({
    kind: "command",
    line: endpoint.kind === "http"
      ? `copilot mcp add --transport http ${SERVER_NAME} ${endpoint.url}`
      : `copilot mcp add ${SERVER_NAME} -- ${shellLine(endpoint)}`,
  }),
  configuration: {
    path: "~/.copilot/mcp-config.json",
    project: ".github/mcp.json",
    syntax: "json",
    key: ["mcpServers", SERVER_NAME],
  },
  entry: (endpoint) => ({
    type: endpoint.kind === "http" ? "http" : "local",
    ...plainEntry(endpoint),
    tools: ["*"],
  }),
};
