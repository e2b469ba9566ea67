import { type Agent, SERVER_NAME, shellLine, typedEntry } from "./agent.ts";

/**
 * GitHub Copilot CLI: https://docs.github.com/en/copilot/how-tos/copilot-cli/customize-copilot/add-mcp-servers
 * Its own word for `stdio` is `local`; it takes both, and other readers of these files the former.
 */
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
    directoryVariable: "COPILOT_HOME",
    project: ".github/mcp.json",
    syntax: "json",
    key: ["mcpServers", SERVER_NAME],
  },
  entry: (endpoint) => ({ ...typedEntry(endpoint), tools: ["*"] }),
};
