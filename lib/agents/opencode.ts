import { type Agent, SERVER_NAME } from "./agent.ts";

/** opencode: https://opencode.ai/docs/mcp-servers */
export const opencode: Agent = {
  name: "opencode",
  connect: (url) => ({
    kind: "file",
    path: "~/.config/opencode/opencode.json",
    entry: JSON.stringify({ mcp: { [SERVER_NAME]: { type: "remote", url, enabled: true } } }),
  }),
};
