import { type Agent, SERVER_NAME, shellWord, typedEntry } from "./agent.ts";

/** Visual Studio Code: https://code.visualstudio.com/docs/agents/reference/mcp-configuration */
export const vsCode: Agent = {
  name: "VS Code",
  id: "vs-code",
  short: (endpoint) => ({
    kind: "command",
    line: `code --add-mcp ${
      shellWord(JSON.stringify({ name: SERVER_NAME, ...typedEntry(endpoint) }))
    }`,
  }),
  configuration: {
    path: "~/.config/Code/User/mcp.json",
    macPath: "~/Library/Application Support/Code/User/mcp.json",
    project: ".vscode/mcp.json",
    syntax: "json",
    key: ["servers", SERVER_NAME],
  },
  entry: typedEntry,
};
