/**
 * MCP over stdio, by way of the shared server: each line is a request of its own to whichever
 * server runs then. Nothing is kept but what the handshake of the older revisions has settled.
 */
import { describeError, PersistprocError } from "../../protocol/errors.ts";
import { CLIENT_HEADER } from "../../protocol/headers.ts";
import type { BridgeCaller } from "../../protocol/process.ts";
import { within } from "../../system/within.ts";
import type { Client } from "../client.ts";
import { forward, ServerLost } from "./forward.ts";
import {
  clientNameOf,
  failureOf,
  headersOf,
  isRepeatable,
  isRequest,
  parseLine,
  type RpcMessage,
  type RpcRequest,
} from "./messages.ts";

/** Milliseconds that the last answers may take once the client has said all it had to say. */
const LAST_ANSWERS_MS = 20_000;
/** How often a request is sent that a server took with it when it died. */
const TRIES = 3;

/** What a bridge is between. */
export interface BridgeOptions {
  /** Finds the server that runs now, or starts one; it has proved who it is. */
  connect(): Promise<Client>;
  /** Writes a line, for the client. Fails when the client has gone. */
  write(line: string): Promise<void>;
  /** The environment and directory that the client gave the bridge. */
  caller: BridgeCaller;
}

/** A bridge between a client's lines and the server. */
export class Bridge {
  readonly #options: BridgeOptions;
  readonly #underWay = new Map<RpcRequest["id"], AbortController>();
  readonly #answers = new Set<Promise<void>>();
  readonly #clientGone = Promise.withResolvers<void>();
  #connecting: Promise<Client> | null = null;
  #written: Promise<void> = Promise.resolve();
  #clientName: string | null = null;
  #negotiated: string | null = null;

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  /** Serves a client until it has no more to say, or takes no more answers. */
  async serve(lines: AsyncIterable<string>): Promise<void> {
    const read = async () => {
      for await (const line of lines) if (line.trim() !== "") this.#take(line);
      await within(Promise.all(this.#answers), LAST_ANSWERS_MS);
      await this.#written;
    };
    await Promise.race([read(), this.#clientGone.promise]);
    for (const request of this.#underWay.values()) request.abort();
  }

  #take(line: string): void {
    const messages = parseLine(line);
    if (messages === null) {
      this.#say({ jsonrpc: "2.0", id: null, error: { code: -32700, message: "Not JSON-RPC." } });
    }
    for (const message of messages ?? []) {
      if (isRequest(message)) {
        const answer = this.#answer(message).finally(() => this.#answers.delete(answer));
        this.#answers.add(answer);
      } else if (message.method === "notifications/cancelled") {
        // A request that is hung up on is cancelled; a notification would reach nobody.
        this.#underWay.get(message.params?.requestId as RpcRequest["id"])?.abort();
      }
      // The server asks nothing and keeps nothing, so answers and other notifications end here.
    }
  }

  async #answer(request: RpcRequest): Promise<void> {
    const cancelled = new AbortController();
    this.#underWay.set(request.id, cancelled);
    this.#clientName = clientNameOf(request) ?? this.#clientName;
    try {
      await this.#forward(request, cancelled.signal);
    } catch (error) {
      if (!cancelled.signal.aborted) this.#say(failureOf(request, explain(error)));
    } finally {
      if (this.#underWay.get(request.id) === cancelled) this.#underWay.delete(request.id);
    }
  }

  async #forward(request: RpcRequest, signal: AbortSignal): Promise<void> {
    const name = this.#clientName?.replace(/[^\x20-\x7e]/g, "?").trim();
    const headers = {
      ...headersOf(request, this.#negotiated),
      ...name ? { [CLIENT_HEADER]: name } : {},
    };
    const { environment, ...caller } = this.#options.caller;
    // It may hold secrets, and only a call of a tool can have use for it.
    const who = request.method === "tools/call" ? { ...caller, environment } : caller;
    for (let tries = 1;; tries++) {
      try {
        const client = await this.#connect();
        for await (const message of forward(client, request, { caller: who, headers, signal })) {
          if (request.method === "initialize") this.#remember(message);
          this.#say(message);
        }
        return;
      } catch (error) {
        const again = error instanceof ServerLost && isRepeatable(request) && tries < TRIES;
        if (!again || signal.aborted) throw error;
      }
    }
  }

  /** Each request looks for the server anew; those of one moment share the look. */
  #connect(): Promise<Client> {
    return this.#connecting ??= this.#options.connect().finally(() => this.#connecting = null);
  }

  #remember({ result }: RpcMessage): void {
    const version = (result as { protocolVersion?: unknown } | undefined)?.protocolVersion;
    if (typeof version === "string") this.#negotiated = version;
  }

  #say(message: RpcMessage | { jsonrpc: "2.0"; id: null; error: unknown }): void {
    const line = `${JSON.stringify(message)}\n`;
    this.#written = this.#written
      .then(() => this.#options.write(line))
      .catch(() => this.#clientGone.resolve());
  }
}

function explain(error: unknown): string {
  if (error instanceof PersistprocError) return describeError(error);
  if (error instanceof ServerLost) {
    return "The persistproc server ended before it answered. " +
      "Call `list` to see what came of it; that starts the server again if needed.";
  }
  return `The bridge to the server failed: ${error instanceof Error ? error.message : error}`;
}
