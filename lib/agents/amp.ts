import { type Agent, plainEntry, SERVER_NAME, shellLine } from "./agent.ts";

/** Sourcegraph's Amp: `amp mcp add --help` */
export const amp: Agent = {
  name: "Amp",
  id: "amp",
  short: (endpoint) => ({
    kind: "command",
    line: `amp mcp add ${SERVER_NAME} ${
      endpoint.kind === "http" ? endpoint.url : `-- ${shellLine(endpoint)}`
    }`,
  }),
  configuration: {
    path: "~/.config/amp/settings.json",
    syntax: "json",
    key: ["amp.mcpServers", SERVER_NAME],
  },
  entry: plainEntry,
};
