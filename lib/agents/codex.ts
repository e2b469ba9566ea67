import { type Agent, plainEntry, SERVER_NAME, shellLine, tokenHeader } from "./agent.ts";

/** OpenAI's Codex: https://developers.openai.com/codex/mcp */
export const codex: Agent = {
  name: "Codex",
  id: "codex",
  short: (endpoint) => ({
    kind: "command",
    line: `codex mcp add ${SERVER_NAME} ${
      endpoint.kind === "http" ? `--url ${endpoint.url}` : `-- ${shellLine(endpoint)}`
    }`,
  }),
  configuration: {
    path: "~/.codex/config.toml",
    directoryVariable: "CODEX_HOME",
    project: ".codex/config.toml",
    syntax: "toml",
    key: ["mcp_servers", SERVER_NAME],
  },
  entry: (endpoint) =>
    endpoint.kind === "http"
      ? { url: endpoint.url, ...tokenHeader(endpoint, "http_headers") }
      : plainEntry(endpoint),
};
