import { type Agent, SERVER_NAME } from "./agent.ts";

/** OpenAI's Codex: https://developers.openai.com/codex/mcp */
export const codex: Agent = {
  name: "Codex",
  connect: (url) => ({ kind: "command", line: `codex mcp add ${SERVER_NAME} --url ${url}` }),
};
