/** An agent as the server sees one: a client of the MCP SDK, of either major version. */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import {
  StreamableHTTPClientTransport as TransportV1,
} from "@modelcontextprotocol/sdk/client/streamableHttp.js";

/** Which client connects. */
export interface AgentOptions {
  /** The name that it gives itself; `test-agent` otherwise. */
  name?: string;
  /**
   * `legacy`: the handshake of 2025, as version 2 of the SDK does it; `modern`: 2026-07-28, without
   * a handshake; `auto`: what it finds, as version 2 of the SDK does; `v1`: version 1 of the SDK.
   * The default is `modern`.
   */
  era?: "modern" | "legacy" | "auto" | "v1";
}

/** A server that a client starts and speaks to over stdio. */
export interface StdioServer {
  command: readonly string[];
  cwd: string;
  /** The complete environment. */
  env: Record<string, string>;
}

/** The answer of a tool. */
export interface ToolAnswer {
  /** All text content, joined. */
  text: string;
  /** Its structured content, if it has any. */
  structured: Record<string, unknown> | undefined;
  isError: boolean;
}

/** A connected client. */
export class Agent implements AsyncDisposable {
  /** The SDK's client, for what the methods here do not cover. */
  readonly client: Client | ClientV1;

  private constructor(client: Client | ClientV1) {
    this.client = client;
  }

  /** Connects to the server at this URL, which ends in `/mcp`, or to one that it starts itself. */
  static async connect(server: string | StdioServer, options: AgentOptions = {}): Promise<Agent> {
    const info = { name: options.name ?? "test-agent", version: "1.0.0" };
    const { era = "modern" } = options;
    if (era === "v1") {
      const client = new ClientV1(info);
      await client.connect(
        typeof server === "string"
          ? new TransportV1(new URL(server))
          : new StdioV1(stdioOptions(server)),
      );
      return new Agent(client);
    }
    const mode = era === "modern" ? { pin: "2026-07-28" } : era;
    const client = new Client(info, { versionNegotiation: { mode } });
    await client.connect(
      typeof server === "string"
        ? new StreamableHTTPClientTransport(new URL(server))
        : new StdioClientTransport(stdioOptions(server)),
    );
    return new Agent(client);
  }

  /** Calls a tool; an answer with `isError` is returned, not thrown. */
  async call(name: string, parameters: Record<string, unknown> = {}): Promise<ToolAnswer> {
    const result = await this.client.callTool({ name, arguments: parameters });
    const content = (result.content ?? []) as { type: string; text?: string }[];
    return {
      text: content.map((part) => part.text ?? "").join("\n"),
      structured: result.structuredContent as Record<string, unknown> | undefined,
      isError: result.isError === true,
    };
  }

  /** The tools that the server offers, as the client sees them. */
  async tools(): Promise<{ name: string; description?: string; inputSchema: unknown }[]> {
    return (await this.client.listTools()).tools;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

function stdioOptions({ command: [command = "", ...args], cwd, env }: StdioServer) {
  return { command, args: [...args], cwd, env, stderr: "ignore" as const };
}
