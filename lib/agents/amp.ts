import { type Agent, SERVER_NAME } from "./agent.ts";

/** Sourcegraph's Amp: `amp mcp add --help` */
export const amp: Agent = {
  name: "Amp",
  connect: (url) => ({ kind: "command", line: `amp mcp add ${SERVER_NAME} ${url}` }),
};
