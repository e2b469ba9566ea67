import { type Agent, SERVER_NAME } from "./agent.ts";

/** Cline: https://docs.cline.bot */
export const cline: Agent = {
  name: "Cline",
  connect: (url) => ({
    kind: "command",
    line: `cline mcp install ${SERVER_NAME} ${url} --transport http --yes`,
  }),
};
