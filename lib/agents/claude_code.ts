import { type Agent, SERVER_NAME } from "./agent.ts";

/** Anthropic's Claude Code: https://code.claude.com/docs/en/mcp */
export const claudeCode: Agent = {
  name: "Claude Code",
  connect: (url) => ({
    kind: "command",
    line: `claude mcp add --transport http --scope user ${SERVER_NAME} ${url}`,
  }),
};
