/** A server without processes of its own, for tests of what lies around the supervisor. */
import { createMcp } from "../../lib/mcp/handler.ts";
import type { Whose } from "../../lib/server/connections.ts";
import type { AnswerInfo, Processes, ServerContext } from "../../lib/server/context.ts";
import { EventStreams } from "../../lib/server/event_streams.ts";
import { listen, type Listening } from "../../lib/server/listen.ts";
import { RequestLimit } from "../../lib/server/request_limit.ts";
import { answer, type AnswerOptions } from "../../lib/server/router.ts";
import type { ListedProcess, LocatedProcess } from "../../lib/protocol/process.ts";
import type { LocatedCtrlResult, OutputRun, ProcessEvent } from "../../lib/protocol/requests.ts";
import type { WaitResult } from "../../lib/protocol/wait.ts";
import { VERSION } from "../../lib/protocol/version.ts";

export const TOKEN = "0123456789abcdef".repeat(4);

/** A process in any state. */
export function processInfo(
  facts: Partial<LocatedProcess & ListedProcess> = {},
): LocatedProcess & ListedProcess {
  return {
    pid: 4711,
    label: "web",
    command: ["npm", "run", "dev"],
    working_directory: "/srv/shop",
    status: "running",
    reason: "started by terminal",
    started_by: "terminal",
    start_time: "2026-01-31T14:05:00.000Z",
    end_time: null,
    uptime_seconds: 1.5,
    exit_code: null,
    signal: null,
    restarts: 0,
    ports: [{ address: "::1", port: 5173, pid: 4712 }],
    urls: ["http://localhost:5173/"],
    cpu_percent: 0.5,
    memory_bytes: 131_072_000,
    process_count: 3,
    error_lines: 0,
    log_stdout: "/data/stdout.log",
    log_stderr: "/data/stderr.log",
    process: "a1",
    run: "a1-1",
    run_directory: "/data/processes/a1/1",
    ...facts,
  };
}

/** A process as an event tells it. */
export function processEvent(facts: Partial<LocatedProcess> = {}): ProcessEvent {
  const process = processInfo(facts);
  return { process, restarting: false, by: null, cause: process.reason };
}

function outputRun({ process, run, label, pid, start_time, run_directory }: LocatedProcess) {
  const number = Number(run.split("-")[1]);
  return { process, label, run: number, pid, start_time, run_directory, ended: false };
}

/** Processes that are only a list; remembers what was asked of them. */
export class FakeProcesses implements Processes {
  all: (LocatedProcess & ListedProcess)[] = [processInfo()];
  calls: { method: string; args: unknown[] }[] = [];
  listeners = new Set<(event: ProcessEvent) => void>();
  /** Thrown by `ctrl`, when set. */
  failure: unknown = null;
  /** What a wait comes to; one that never ends by itself unless set. */
  waited: Promise<WaitResult> | null = null;
  /** Waited for by `ctrl`. */
  pause: Promise<unknown> = Promise.resolve();

  async ctrl(...args: Parameters<Processes["ctrl"]>): Promise<LocatedCtrlResult> {
    this.calls.push({ method: "ctrl", args });
    await this.pause;
    if (this.failure !== null) throw this.failure;
    const { pid, label, status, exit_code, signal, reason, log_stdout, log_stderr, ...location } =
      processInfo();
    return {
      action: args[0].action,
      pid,
      label,
      status,
      exit_code,
      signal,
      reason,
      previous_pid: null,
      already_running: false,
      environment_source: "server",
      survivors: [],
      log_stdout,
      log_stderr,
      process: location.process,
      run: location.run,
      run_directory: location.run_directory,
    };
  }

  list(...args: Parameters<Processes["list"]>): ReturnType<Processes["list"]> {
    this.calls.push({ method: "list", args });
    return Promise.resolve(this.all);
  }

  runs(...args: Parameters<Processes["runs"]>): Promise<LocatedProcess[]> {
    this.calls.push({ method: "runs", args });
    return Promise.resolve(this.all);
  }

  history(...args: Parameters<Processes["history"]>): Promise<OutputRun[]> {
    this.calls.push({ method: "history", args });
    return Promise.resolve(this.all.map(outputRun));
  }

  historyOf(ids: readonly string[]): OutputRun[] {
    return this.all.filter(({ process }) => ids.includes(process)).map(outputRun);
  }

  wait(...args: Parameters<Processes["wait"]>): Promise<WaitResult> {
    this.calls.push({ method: "wait", args });
    if (this.waited !== null) return this.waited;
    const { promise, reject } = Promise.withResolvers<WaitResult>();
    args[2].signal?.addEventListener("abort", () => reject(args[2].signal?.reason));
    return promise;
  }

  subscribe(process: string | null, listener: (event: ProcessEvent) => void): () => void {
    this.calls.push({ method: "subscribe", args: [process] });
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  location(process: string): ProcessEvent | null {
    const found = this.all.find((info) => info.process === process);
    return found ? processEvent(found) : null;
  }

  spawned(): Promise<void> {
    return Promise.resolve();
  }

  locations(): ProcessEvent[] {
    return this.all.map((info) => processEvent(info));
  }

  tell(event: ProcessEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

/** What a server knows, and where its messages and its end go. */
export interface FakeContext extends ServerContext {
  processes: FakeProcesses;
  messages: string[];
  /** What `shutdown` was told. */
  ends: boolean[];
  /** Whose every connection is said to be, and how often that was asked. */
  connections: { whose: Whose; lookedUp: number };
}

/** The connection of a request that was never sent, and that has been answered. */
export const INFO: AnswerInfo = {
  completed: Promise.resolve(),
  remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 50_000 },
};

/** The context of a server that listens on `port`. */
export function fakeContext(port = 8947): FakeContext {
  const processes = new FakeProcesses();
  const messages: string[] = [];
  const ends: boolean[] = [];
  const connections: FakeContext["connections"] = { whose: "ours", lookedUp: 0 };
  const log = (message: string) => void messages.push(message);
  const facts = {
    pid: 99,
    port,
    startedAt: Date.now(),
    dataDirectory: "/data",
    logPath: "/data/server.log",
  };
  const context: FakeContext = {
    facts,
    token: TOKEN,
    requireToken: false,
    connections,
    whose() {
      connections.lookedUp++;
      return Promise.resolve(connections.whose);
    },
    renewToken() {
      context.token = TOKEN.replaceAll("0", "1");
      return Promise.resolve();
    },
    log,
    processes,
    messages,
    ends,
    events: new EventStreams(),
    requests: new RequestLimit(),
    mcp: createMcp(processes, facts, { log }),
    shutdown: (keep, answered) => {
      const end = () => void ends.push(keep);
      answered.then(end, end);
    },
  };
  return context;
}

/** A request as the command line makes it. */
export function request(
  path: string,
  options: { body?: unknown; headers?: Record<string, string>; method?: string } = {},
): Request {
  const { body, method = body === undefined ? "GET" : "POST", headers = {} } = options;
  return new Request(`http://127.0.0.1:8947${path}`, {
    method,
    headers: {
      host: "127.0.0.1:8947",
      authorization: `Bearer ${TOKEN}`,
      "x-persistproc-version": VERSION,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

/** A real HTTP server around the fake processes. */
export class FakeServer implements AsyncDisposable {
  readonly context: FakeContext;
  readonly #http: Listening;

  private constructor(context: FakeContext, http: Listening) {
    this.context = context;
    this.#http = http;
  }

  static async start(options: AnswerOptions = {}): Promise<FakeServer> {
    const context = fakeContext();
    const http = await listen(0, (incoming, info) => answer(incoming, info, context, options));
    context.facts.port = http.port;
    return new FakeServer(context, http);
  }

  get port(): number {
    return this.#http.port;
  }

  /** Asks as the command line does. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${TOKEN}`,
        "x-persistproc-version": VERSION,
        "content-type": "application/json",
        ...init.headers,
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.context.events.endAll();
    await this.context.mcp.close();
    await this.#http.close();
  }
}
