import { type Agent, mcpServers } from "./agent.ts";

/** JetBrains AI Assistant: https://www.jetbrains.com/help/ai-assistant/mcp.html */
export const jetbrains: Agent = {
  name: "JetBrains",
  connect: (url) => ({
    kind: "settings",
    menu: "Settings | Tools | AI Assistant | Model Context Protocol",
    entry: mcpServers({ url }),
  }),
};
