import { type Agent, plainEntry, SERVER_NAME, shellLine } from "./agent.ts";

/** Qwen Code, which takes after Gemini CLI: https://qwenlm.github.io/qwen-code-docs */
export const qwenCode: Agent = {
  name: "Qwen Code",
  id: "qwen-code",
  short: (endpoint) => ({
    kind: "command",
    line: endpoint.kind === "http"
      ? `qwen mcp add --transport http --scope user ${SERVER_NAME} ${endpoint.url}`
      : `qwen mcp add --scope user ${SERVER_NAME} ${shellLine(endpoint)}`,
  }),
  configuration: {
    path: "~/.qwen/settings.json",
    project: ".qwen/settings.json",
    syntax: "json",
    key: ["mcpServers", SERVER_NAME],
  },
  entry: (endpoint) => ({
    ...plainEntry(endpoint),
    ...endpoint.kind === "http" ? { type: "http" } : {},
  }),
};
