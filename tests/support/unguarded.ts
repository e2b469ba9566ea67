/** The server's routes without the guard before them: what attacks would do if it were not there. */
import { createMcp } from "../../lib/mcp/handler.ts";
import { answerError, answerNotFound } from "../../lib/server/answers.ts";
import { readBody } from "../../lib/server/body.ts";
import type { ServerContext } from "../../lib/server/context.ts";
import { EventStreams } from "../../lib/server/event_streams.ts";
import { listen, type Listening } from "../../lib/server/listen.ts";
import { RequestLimit } from "../../lib/server/request_limit.ts";
import { ROUTES } from "../../lib/server/routes/table.ts";
import { Supervisor } from "../../lib/supervisor/supervisor.ts";
import type { Workspace } from "./workspace.ts";

/** A server of the same parts, in this process. */
export class Unguarded implements AsyncDisposable {
  readonly #supervisor: Supervisor;
  readonly #context: ServerContext;
  readonly #http: Listening;

  private constructor(supervisor: Supervisor, context: ServerContext, http: Listening) {
    this.#supervisor = supervisor;
    this.#context = context;
    this.#http = http;
  }

  static async start({ dataDirectory, environment, port }: Workspace): Promise<Unguarded> {
    const log = () => {};
    await Deno.mkdir(dataDirectory, { recursive: true, mode: 0o700 });
    const supervisor = await Supervisor.open({ dataDirectory, environment, report: log });
    const logPath = `${dataDirectory}/server.log`;
    const facts = { pid: Deno.pid, port, startedAt: Date.now(), dataDirectory, logPath };
    const context: ServerContext = {
      facts,
      token: "",
      requireToken: false,
      whose: () => Promise.resolve("ours"),
      processes: supervisor,
      events: new EventStreams(),
      requests: new RequestLimit(),
      mcp: createMcp(supervisor, facts),
      log,
      renewToken: () => Promise.resolve(),
      shutdown: () => {},
    };
    const http = await listen(port, async (request, info) => {
      const url = new URL(request.url);
      const route = ROUTES.get(url.pathname);
      if (!route) return answerNotFound();
      try {
        const body = await readBody(request, { bytes: 1e6, milliseconds: 10_000 });
        if (!(body instanceof Uint8Array)) return answerNotFound();
        return await route.handle({ request, url, body, info }, context);
      } catch (error) {
        return answerError(error, log);
      }
    });
    return new Unguarded(supervisor, context, http);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#supervisor.shutdown({ keep: false });
    this.#context.events.endAll();
    await this.#context.mcp.close();
    await this.#http.close();
  }
}
