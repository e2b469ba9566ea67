/**
 * A real browser shows a page that attacks the server, from another origin and under a name that was
 * bound to loopback after the page had come (DNS rebinding). Not in CI: it needs a browser, which is
 * fetched when there is none. The same page has to succeed where there is no guard.
 */
import { assert, assertEquals } from "@std/assert";
import { ROUTES } from "../../lib/server/routes/table.ts";
import { Chromium } from "../support/chromium.ts";
import { tellAttack } from "../support/attacks/table.ts";
import { Unguarded } from "../support/unguarded.ts";
import { freePort, Workspace } from "../support/workspace.ts";

/** What the page saw of one try. */
interface Seen {
  kind: string;
  name: string;
  url: string;
  outcome: string;
}

const EVIL = "evil.example";
const REBOUND = "rebound.example";

/** Milliseconds that a page may take for everything. */
const PATIENCE = 240_000;

/** The page's own servers: the page, and beside it what it is told and what it reports. */
class Page implements AsyncDisposable {
  readonly #ready = Promise.withResolvers<string[]>();
  readonly #loaded = Promise.withResolvers<void>();
  readonly #seen = Promise.withResolvers<Seen[]>();
  readonly #control: Deno.HttpServer<Deno.NetAddr>;
  readonly #end = new AbortController();
  readonly #pageEnd = new AbortController();
  #page: Deno.HttpServer<Deno.NetAddr> | null = null;
  readonly #workspace: Workspace;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
    this.#control = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: this.#end.signal },
      (request) => this.#answer(request),
    );
  }

  get #controlUrl(): string {
    return `http://${EVIL}:${this.#control.addr.port}`;
  }

  /** Serves the page. */
  show(port: number): void {
    this.#page = Deno.serve(
      { hostname: "127.0.0.1", port, onListen: () => {}, signal: this.#pageEnd.signal },
      async (request) => {
        const { pathname } = new URL(request.url);
        const type = pathname === "/attack.js" ? "text/javascript" : "text/html";
        return new Response(
          pathname === "/attack.js"
            ? await Deno.readTextFile(new URL("attack.js", import.meta.url))
            : `<body><script>controlUrl = "${this.#controlUrl}/targets"</script>` +
              `<script type="module" src="/attack.js"></script>`,
          { headers: { "content-type": type } },
        );
      },
    );
  }

  /** Resolves when the page runs in the browser. */
  get loaded(): Promise<void> {
    return this.#loaded.promise;
  }

  /** Ends the page's server, so that another may have its port. */
  async hide(): Promise<void> {
    this.#pageEnd.abort();
    await this.#page?.finished;
    this.#page = null;
  }

  /** Lets the page attack servers at these URLs, and waits for its report. */
  async attack(bases: string[]): Promise<Seen[]> {
    this.#ready.resolve(bases);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("no report of the page")), PATIENCE);
    });
    try {
      return await Promise.race([this.#seen.promise, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const headers = { "access-control-allow-origin": "*" };
    switch (url.pathname) {
      case "/targets": {
        this.#loaded.resolve();
        return Response.json({
          targets: (await this.#ready.promise).flatMap((base) => this.#targets(base)),
          report: `${this.#controlUrl}/report`,
          redirect: `${this.#controlUrl}/redirect`,
        }, { headers });
      }
      case "/redirect":
        return Response.redirect(url.searchParams.get("to") ?? "", 307);
      case "/report":
        this.#seen.resolve(await request.json());
    }
    return new Response(null, { headers });
  }

  /** Every route, each with what would start a process if it were asked. */
  #targets(base: string): { url: string; body: string }[] {
    // The one `=` is where a form puts its own.
    const start = {
      action: "start",
      command_or_label: `env A=1 touch ${this.#workspace.path("ATTEMPT")}`,
      working_directory: this.#workspace.directory,
    };
    const call = {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "ctrl", arguments: start },
    };
    const caller = { working_directory: "/", environment: { PATH: "/usr/bin:/bin" } };
    const bodies: Record<string, unknown> = {
      "/api/ctrl": { request: start, caller: { name: "terminal", ...caller } },
      "/api/mcp": { message: call, caller },
    };
    return [...ROUTES.keys(), "/nowhere"].map((path) => ({
      url: `${base}${path}`,
      body: JSON.stringify(bodies[path] ?? call),
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hide();
    this.#end.abort();
    await this.#control.finished;
  }
}

/** Whether the guard stands, how the server is started and what the page calls it. */
const SERVERS = [
  { guard: "with the guard", start: (workspace: Workspace) => workspace.serve() },
  { guard: "without any guard", start: (workspace: Workspace) => Unguarded.start(workspace) },
];

/** The names of the tries that started something: each leaves a file. */
async function started(workspace: Workspace): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(workspace.directory));
  return entries.map(({ name }) => name.replace(/-\d+$/, "")).sort();
}

for (const { guard, start } of SERVERS) {
  for (const from of ["another origin", "a name that was bound to loopback"]) {
    Deno.test(`a page on ${from}, ${guard}`, async () => {
      await using workspace = await Workspace.create();
      const { port } = workspace;
      await using page = new Page(workspace);
      const rebinds = from !== "another origin";
      const pagePort = rebinds ? port : freePort();
      page.show(pagePort);
      const origin = `http://${rebinds ? REBOUND : EVIL}:${pagePort}`;
      await using _browser = await Chromium.open(`${origin}/`, [EVIL, REBOUND]);
      await page.loaded;
      // From here on the page's name leads to the server, if it is the server's port.
      if (rebinds) await page.hide();
      const server = await start(workspace);
      await using _server = server instanceof Unguarded ? server : null;
      const bases = [`http://127.0.0.1:${port}`, `http://localhost:${port}`];
      const seen = await page.attack(rebinds ? [origin, ...bases] : bases);

      const kinds = [...new Set(seen.map(({ kind }) => kind))];
      assertEquals(kinds.length, 26);
      const successes = await started(workspace);
      const read = seen.filter(({ outcome }) => /^read (2|open|frame .*\S)/.test(outcome));
      if (server instanceof Unguarded) {
        // What the guard is for: this is what would be.
        for (
          const kind of ["fetch-no-cors-text", "form-text", "beacon-text", "form-by-redirection"]
        ) {
          assert(successes.includes(kind), `${kind} among ${successes}`);
        }
        if (rebinds) assert(successes.includes("fetch-cors-json"), successes.join());
        if (rebinds) assert(read.length > 0);
        const text = `\ncontrol | a page on ${from}, ${guard} | ${seen.length} x | ` +
          `${successes.length} started, by ${[...new Set(successes)].join(", ")}\n`;
        await Deno.stderr.write(new TextEncoder().encode(text));
        return;
      }
      assertEquals(successes, []);
      assertEquals(await workspace.processes(), []);
      assertEquals(read.filter(({ outcome }) => !/"code":"/.test(outcome)), []);
      await tellAttack({ attack: `a page on ${from}: ${kinds.length} ways`, times: seen.length });
    });
  }
}
