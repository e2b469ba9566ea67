import { type Agent, SERVER_NAME } from "./agent.ts";

/** Goose, which reads YAML: https://goose-docs.ai */
export const goose: Agent = {
  name: "Goose",
  connect: (url) => ({
    kind: "file",
    path: "~/.config/goose/config.yaml",
    entry:
      `extensions: {${SERVER_NAME}: {enabled: true, name: ${SERVER_NAME}, type: streamable_http, uri: "${url}", timeout: 300}}`,
  }),
};
