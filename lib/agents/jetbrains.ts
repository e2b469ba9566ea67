import { type Agent, plainEntry, SERVER_NAME } from "./agent.ts";

/** JetBrains AI Assistant: https://www.jetbrains.com/help/ai-assistant/mcp.html */
export const jetbrains: Agent = {
  name: "JetBrains",
  id: "jetbrains",
  short: (endpoint) => ({
    kind: "settings",
    menu: "Settings | Tools | AI Assistant | Model Context Protocol",
    entry: JSON.stringify({ mcpServers: { [SERVER_NAME]: jetbrains.entry(endpoint) } }),
  }),
  configuration: null,
  entry: plainEntry,
};
