/** The command line's side of `/api`. */
import { type ErrorBody, isErrorBody, PersistprocError } from "../protocol/errors.ts";
import { VERSION_HEADER } from "../protocol/headers.ts";
import type { Caller } from "../protocol/process.ts";
import type {
  CtrlRequest,
  ListRequest,
  ListResult,
  LocatedCtrlResult,
  ProcessEvent,
  RunsResult,
  ShutdownResult,
  Target,
} from "../protocol/requests.ts";
import type { WaitRequest, WaitResult } from "../protocol/wait.ts";
import type { HttpAnswer } from "../system/http_message.ts";
import type { Server } from "./discovery.ts";
import { connectProven } from "./proven_connection.ts";

/**
 * Speaks to a server that has proved itself, and does so again on each connection. Every method
 * throws {@linkcode PersistprocError}.
 */
export class Client {
  readonly server: Server;

  constructor(server: Server) {
    this.server = server;
  }

  ctrl(request: CtrlRequest, caller: Caller): Promise<LocatedCtrlResult> {
    return this.#post("/api/ctrl", { request, caller });
  }

  list(request: ListRequest): Promise<ListResult> {
    return this.#post("/api/list", request);
  }

  /** The runs that an `output` of this target reads. */
  runs(target: Target, all: boolean): Promise<RunsResult> {
    return this.#post("/api/runs", { target, all });
  }

  /** The runs of these processes, by their ids; those that are not known any more are left out. */
  runsOf(processes: readonly string[]): Promise<RunsResult> {
    return this.#post("/api/runs", { target: {}, all: true, processes });
  }

  /** Waits for what a run does; `from` is where on output counts. */
  async wait(run: string, request: WaitRequest, from: "start" | "now"): Promise<WaitResult> {
    const result: WaitResult | ErrorBody = await this.#post("/api/wait", { run, request, from });
    if (isErrorBody(result)) throw PersistprocError.fromBody(result);
    return result as WaitResult;
  }

  /** Passes a message of MCP on for the stdio bridge; answers whatever the server does. */
  mcp(
    body: { message: unknown; caller: Omit<Caller, "name"> },
    options: { headers: Record<string, string>; signal: AbortSignal },
  ): Promise<Response> {
    return this.#stream("/api/mcp", {
      headers: { "accept": "application/json, text/event-stream", ...options.headers },
      json: body,
      signal: options.signal,
    });
  }

  /** Has the token replaced, which this client can not use any more then. */
  async renewToken(): Promise<void> {
    await this.#post("/api/token", {});
  }

  shutdown(keep: boolean): Promise<ShutdownResult> {
    return this.#post("/api/shutdown", { keep });
  }

  /**
   * The state of a process now, then each change of it; null means of every process. Ends when the
   * server does.
   *
   * @throws {PersistprocError} when the server refuses; not when it dies.
   */
  async *events(process: string | null, signal?: AbortSignal): AsyncGenerator<ProcessEvent> {
    const query = process === null ? "" : `?process=${encodeURIComponent(process)}`;
    const response = await this.#stream(`/api/events${query}`, { signal });
    if (!response.ok) throw this.#failure(response.status, await response.text());
    // Most commands do without it, and it takes 4 ms to load.
    const { TextLineStream } = await import("@std/streams/text-line-stream");
    const lines = response.body
      ?.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    try {
      for await (const line of lines ?? []) {
        if (line.trim() !== "") yield JSON.parse(line) as ProcessEvent;
      }
    } catch {
      // A connection that breaks off, maybe within a line, is how a server's death looks like.
    }
  }

  async #post<Result>(path: string, json: unknown): Promise<Result> {
    let answer: HttpAnswer;
    try {
      using connection = await connectProven(this.server);
      answer = await connection.ask({ path, json, headers: this.#headers() });
      // A wait is answered by a stream without a length: half of it tells that the server ended.
      if (answer.status === 200) return JSON.parse(answer.text);
    } catch (error) {
      throw error instanceof PersistprocError ? error : this.#ended();
    }
    throw this.#failure(answer.status, answer.text);
  }

  async #stream(
    path: string,
    { headers, json, signal }: {
      headers?: Record<string, string>;
      json?: unknown;
      signal?: AbortSignal;
    },
  ): Promise<Response> {
    try {
      const connection = await connectProven(this.server, signal);
      const request = { path, json, headers: { ...headers, ...this.#headers() } };
      return await connection.stream(request, { signal });
    } catch (error) {
      throw signal?.aborted || error instanceof PersistprocError ? error : this.#ended();
    }
  }

  #headers(): Record<string, string> {
    return {
      "authorization": `Bearer ${this.server.token}`,
      // The version that the server said it has: findServer decides which ones are spoken to.
      [VERSION_HEADER]: this.server.version,
    };
  }

  #ended(): PersistprocError {
    return new PersistprocError(
      "server_unreachable",
      `The server on port ${this.server.port} ended before it answered.`,
      { hint: "See what runs, starting the server again if needed: persistproc serve" },
    );
  }

  #failure(status: number, text: string): PersistprocError {
    try {
      const body: unknown = JSON.parse(text);
      if (isErrorBody(body)) return PersistprocError.fromBody(body);
    } catch {
      // Not JSON: the status has to do.
    }
    return new PersistprocError(
      "internal",
      `The server on port ${this.server.port} answered ${status}.`,
    );
  }
}
