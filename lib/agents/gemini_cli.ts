import { type Agent, plainEntry, SERVER_NAME, shellLine } from "./agent.ts";

/**
 * An agent that is connected as Gemini CLI is, by a program of another name, which its directory has
 * after a dot. Without a scope it would be for one project.
 */
export function likeGeminiCli(names: Pick<Agent, "name" | "id">, program: string): Agent {
  return {
    ...names,
    short: (endpoint) => ({
      kind: "command",
      line: endpoint.kind === "http"
        ? `${program} mcp add --transport http --scope user ${SERVER_NAME} ${endpoint.url}`
        : `${program} mcp add --scope user ${SERVER_NAME} ${shellLine(endpoint)}`,
    }),
    configuration: {
      path: `~/.${program}/settings.json`,
      project: `.${program}/settings.json`,
      syntax: "json",
      key: ["mcpServers", SERVER_NAME],
    },
    entry: (endpoint) => ({
      ...plainEntry(endpoint),
      ...endpoint.kind === "http" ? { type: "http" } : {},
    }),
  };
}

/** Google's Gemini CLI: https://geminicli.com/docs/tools/mcp-server */
export const geminiCli = likeGeminiCli({ name: "Gemini CLI", id: "gemini-cli" }, "gemini");
