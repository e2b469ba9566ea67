import { type Agent, SERVER_NAME } from "./agent.ts";

/** GitHub Copilot CLI: `copilot mcp add --help` */
export const copilotCli: Agent = {
  name: "Copilot CLI",
  connect: (url) => ({
    kind: "command",
    line: `copilot mcp add --transport http ${SERVER_NAME} ${url}`,
  }),
};
