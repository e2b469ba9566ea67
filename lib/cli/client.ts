/** The command line's side of `/api`. */
import { type ErrorBody, PersistprocError } from "../protocol/errors.ts";
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
import { TextLineStream } from "@std/streams/text-line-stream";
import { directFetch } from "../system/direct_fetch.ts";
import type { Server } from "./discovery.ts";

/** Whether an answer is a failure that the server explains. */
export function isErrorBody(body: unknown): body is ErrorBody {
  const error = (body as Partial<ErrorBody> | null)?.error;
  return typeof error?.code === "string" && typeof error.message === "string";
}

/** Speaks to a server that has proved itself. Every method throws {@linkcode PersistprocError}. */
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
    return this.#send("/api/mcp", {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        ...options.headers,
      },
      body: JSON.stringify(body),
      signal: options.signal,
    });
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
    const response = await this.#send(`/api/events${query}`, { signal });
    if (!response.ok) throw await this.#failure(response);
    const lines = response.body
      ?.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    try {
      for await (const line of lines ?? []) {
        if (line.trim() !== "") yield JSON.parse(line) as ProcessEvent;
      }
    } catch (error) {
      // A connection that breaks off is how a server's death looks like.
      if (error instanceof SyntaxError) throw error;
    }
  }

  async #post<Result>(path: string, body: unknown): Promise<Result> {
    const response = await this.#send(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw await this.#failure(response);
    return await response.json();
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const { port, token, version } = this.server;
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    // The version that the server said it has: findServer decides which ones are spoken to.
    headers.set("x-persistproc-version", version);
    try {
      return await directFetch(`http://127.0.0.1:${port}${path}`, { ...init, headers });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new PersistprocError(
        "server_unreachable",
        `The server on port ${port} ended before it answered.`,
        { hint: "See what runs, starting the server again if needed: persistproc serve" },
      );
    }
  }

  async #failure(response: Response): Promise<PersistprocError> {
    const text = await response.text();
    try {
      const body: unknown = JSON.parse(text);
      if (isErrorBody(body)) return PersistprocError.fromBody(body);
    } catch {
      // Not JSON: the status has to do.
    }
    return new PersistprocError(
      "internal",
      `The server on port ${this.server.port} answered ${response.status}.`,
    );
  }
}
