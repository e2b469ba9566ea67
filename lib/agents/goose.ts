import { type Agent, SERVER_NAME, tokenHeader } from "./agent.ts";

/** Goose, which reads YAML: https://goose-docs.ai */
export const goose: Agent = {
  name: "Goose",
  id: "goose",
  configuration: {
    path: "~/.config/goose/config.yaml",
    syntax: "yaml",
    key: ["extensions", SERVER_NAME],
  },
  entry: (endpoint) => ({
    enabled: true,
    name: SERVER_NAME,
    ...endpoint.kind === "http"
      ? { type: "streamable_http", uri: endpoint.url, ...tokenHeader(endpoint, "headers") }
      : { type: "stdio", cmd: endpoint.command, args: endpoint.args },
    timeout: 300,
  }),
};
