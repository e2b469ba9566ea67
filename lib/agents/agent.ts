/** How an agent learns of an MCP server, over HTTP or by a program that speaks on stdio. */

/** Where the server is found. */
export type Endpoint =
  /** A URL that ends in `/mcp`. */
  | { kind: "http"; url: string }
  /** A program, and its arguments, that speaks MCP on stdin and stdout. */
  | { kind: "stdio"; command: string; args: readonly string[] };

/** What a person does to connect an agent. */
export type Instruction =
  /** Run this line in a shell. */
  | { kind: "command"; line: string }
  /** Add this to what the file holds already; a path beginning with `~` is in the home directory. */
  | { kind: "file"; path: string; entry: string }
  /** Paste this in the application's settings. */
  | { kind: "settings"; menu: string; entry: string };

/** The file in which an agent keeps its servers. */
export interface Configuration {
  /** For all projects of a user: a path that begins with `~/`. */
  path: string;
  /** On macOS, if it is another one. */
  macPath?: string;
  /** The variable that names another directory for a file of the same name. */
  directoryVariable?: string;
  /** For one project: a path in it. */
  project?: string;
  /** `json` may hold comments and trailing commas. */
  syntax: "json" | "toml" | "yaml";
  /** Under which keys the server stands, from the outermost. */
  key: readonly string[];
}

/** One agent. */
export interface Agent {
  /** What its makers call it. */
  name: string;
  /** The same as one word, for the command line. */
  id: string;
  /** Its own command for it, or the menu; without either, `configuration` is what a person edits. */
  short?(endpoint: Endpoint): Instruction;
  /** Null where the file is not known. */
  configuration: Configuration | null;
  /** What stands there for a server. */
  entry(endpoint: Endpoint): Record<string, unknown>;
}

/** The name under which agents know the server. */
export const SERVER_NAME = "persistproc";

/** How an agent is connected, for all projects of the user. */
export function connect(agent: Agent, endpoint: Endpoint): Instruction {
  if (agent.short) return agent.short(endpoint);
  const { path, key = [] } = agent.configuration ?? {};
  const entry = key.reduceRight<unknown>(
    (value, name) => ({ [name]: value }),
    agent.entry(endpoint),
  );
  // JSON is YAML, too.
  return { kind: "file", path: path ?? "", entry: JSON.stringify(entry) };
}

/** `{"url": …}` or `{"command": …, "args": […]}`, the form that most agents share. */
export function plainEntry(endpoint: Endpoint): Record<string, unknown> {
  return endpoint.kind === "http"
    ? { url: endpoint.url }
    : { command: endpoint.command, args: endpoint.args };
}

/** The same, with the kind of the server by the name `type`. */
export function typedEntry(endpoint: Endpoint): Record<string, unknown> {
  return { type: endpoint.kind, ...plainEntry(endpoint) };
}

/** A word as a shell reads it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A program and its arguments, for a shell. */
export function shellLine(endpoint: Endpoint & { kind: "stdio" }): string {
  return [endpoint.command, ...endpoint.args].map(shellWord).join(" ");
}
