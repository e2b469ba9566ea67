import { type Agent, plainEntry, SERVER_NAME, shellLine } from "./agent.ts";

/** Google's Gemini CLI; without a scope it would be for one project: https://geminicli.com/docs/tools/mcp-server */
export const geminiCli: Agent = {
  name: "Gemini CLI",
  id: "gemini-cli",
  short: (endpoint) => ({
    kind: "command",
    line: endpoint.kind === "http"
      ? `gemini mcp add --transport http --scope user ${SERVER_NAME} ${endpoint.url}`
      : `gemini mcp add --scope user ${SERVER_NAME} ${shellLine(endpoint)}`,
  }),
  configuration: {
    path: "~/.gemini/settings.json",
    project: ".gemini/settings.json",
    syntax: "json",
    key: ["mcpServers", SERVER_NAME],
  },
  entry: (endpoint) => ({
    ...plainEntry(endpoint),
    ...endpoint.kind === "http" ? { type: "http" } : {},
  }),
};
