import { type Agent, SERVER_NAME } from "./agent.ts";

/** Visual Studio Code: https://code.visualstudio.com/docs/agents/reference/mcp-configuration */
export const vsCode: Agent = {
  name: "VS Code",
  connect: (url) => ({
    kind: "command",
    line: `code --add-mcp '${JSON.stringify({ name: SERVER_NAME, type: "http", url })}'`,
  }),
};
