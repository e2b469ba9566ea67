/** How an agent learns of an MCP server over HTTP. */

/** What a person does to connect an agent. */
export type Instruction =
  /** Run this line in a shell. */
  | { kind: "command"; line: string }
  /** Add this to what the file holds already; a path beginning with `~` is in the home directory. */
  | { kind: "file"; path: string; entry: string }
  /** Paste this in the application's settings. */
  | { kind: "settings"; menu: string; entry: string };

/** One agent. */
export interface Agent {
  /** What its makers call it. */
  name: string;
  /** How it is connected to the server at this URL, for all projects of the user. */
  connect(url: string): Instruction;
}

/** The name under which agents know the server. */
export const SERVER_NAME = "persistproc";

/** `{"mcpServers":{"persistproc":ENTRY}}`, the form that most agents share. */
export function mcpServers(entry: Record<string, unknown>): string {
  return JSON.stringify({ mcpServers: { [SERVER_NAME]: entry } });
}
