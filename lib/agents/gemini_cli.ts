import { type Agent, SERVER_NAME } from "./agent.ts";

/** Google's Gemini CLI; without a scope it would be for one project: https://geminicli.com/docs/tools/mcp-server */
export const geminiCli: Agent = {
  name: "Gemini CLI",
  connect: (url) => ({
    kind: "command",
    line: `gemini mcp add --transport http --scope user ${SERVER_NAME} ${url}`,
  }),
};
