/** How an agent learns of an MCP server, over HTTP or by a program that speaks on stdio. */

/** Where the server is found. */
export type Endpoint =
  /** A URL that ends in `/mcp`, and the token where the server answers nobody without it. */
  | { kind: "http"; url: string; token?: string }
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
  short?(endpoint: Endpoint): Instruction | null;
  /** Null where the file is not known. */
  configuration: Configuration | null;
  /** What stands there for a server. */
  entry(endpoint: Endpoint): Record<string, unknown>;
}

/** The name under which agents know the server. */
export const SERVER_NAME = "persistproc";

/** How an agent is connected, for all projects of the user. */
export function connect(agent: Agent, endpoint: Endpoint): Instruction {
  const { configuration } = agent;
  // The history of a shell is no place for a token, and the process table is none.
  const secret = endpoint.kind === "http" && endpoint.token !== undefined;
  const short = secret && configuration ? null : agent.short?.(endpoint);
  if (short) return short;
  const { path = "", syntax = "json", key = [] } = configuration ?? {};
  const entry = agent.entry(endpoint);
  if (syntax === "toml") return { kind: "file", path, entry: `${key.join(".")} = ${toml(entry)}` };
  // JSON is YAML, too.
  const whole = key.reduceRight<unknown>((value, name) => ({ [name]: value }), entry);
  return { kind: "file", path, entry: JSON.stringify(whole) };
}

/** A value as TOML in one line: strings and lists are as in JSON, objects are inline tables. */
function toml(value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return JSON.stringify(value);
  }
  return `{ ${Object.entries(value).map(([name, one]) => `${name} = ${toml(one)}`).join(", ")} }`;
}

/** `{"url": …}` or `{"command": …, "args": […]}`, the form that most agents share. */
export function plainEntry(endpoint: Endpoint): Record<string, unknown> {
  if (endpoint.kind === "stdio") return { command: endpoint.command, args: endpoint.args };
  return { url: endpoint.url, ...tokenHeader(endpoint, "headers") };
}

/** The header by which the server knows the token, under the name that the agent has for headers. */
export function tokenHeader(
  { token }: Endpoint & { kind: "http" },
  name: string,
): Record<string, unknown> {
  return token === undefined ? {} : { [name]: { Authorization: `Bearer ${token}` } };
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
