import { type Agent, SERVER_NAME } from "./agent.ts";

/** Qwen Code, which takes after Gemini CLI: https://qwenlm.github.io/qwen-code-docs */
export const qwenCode: Agent = {
  name: "Qwen Code",
  connect: (url) => ({
    kind: "command",
    line: `qwen mcp add --transport http --scope user ${SERVER_NAME} ${url}`,
  }),
};
