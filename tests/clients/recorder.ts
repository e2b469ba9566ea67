/** What a client and the server have said to each other, over either transport. */
import { basename, join } from "@std/path";
import type { Workspace } from "../support/workspace.ts";

interface Message {
  method?: string;
  params?: { clientInfo?: Info; _meta?: Record<string, unknown> };
  result?: { tools?: { name: string }[] };
}

interface Info {
  name: string;
}

/** The messages of one client, in both directions. */
export class Recorder implements AsyncDisposable {
  readonly #messages: () => Promise<Message[]>;
  readonly #close: () => Promise<void>;
  /** The port that stands before the server's. */
  readonly port: number;

  private constructor(
    options: { port: number; messages: () => Promise<Message[]>; close?: () => Promise<void> },
  ) {
    this.port = options.port;
    this.#messages = options.messages;
    this.#close = options.close ?? (() => Promise.resolve());
  }

  /** Stands before the server of a workspace, on a port of its own. */
  static http(workspace: Workspace): Recorder {
    const texts: string[] = [];
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        const { pathname } = new URL(request.url);
        const headers = new Headers(request.headers);
        headers.delete("host");
        const body = request.method === "POST" ? await request.text() : undefined;
        const url = `http://127.0.0.1:${workspace.port}${pathname}`;
        const response = await fetch(url, { method: request.method, headers, body });
        const answer = await response.text();
        texts.push(body ?? "", answer);
        return new Response(answer || null, { status: response.status, headers: response.headers });
      },
    );
    return new Recorder({
      port: server.addr.port,
      messages: () => Promise.resolve(messagesIn(texts.join("\n"))),
      close: () => server.shutdown(),
    });
  }

  /**
   * Stands before a program that speaks on stdio: in the file, that program is replaced by a script
   * that runs it and keeps a copy of its input and output.
   */
  static async stdio(workspace: Workspace, file: string, program: string): Promise<Recorder> {
    const [requests, answers] = [workspace.path("requests"), workspace.path("answers")];
    // Some clients pass on next to nothing of their environment, and this home has no cache.
    const { DENO_DIR: cache } = workspace.environment;
    const script = await workspace.write(
      join("recorder", basename(program)),
      "#!/bin/sh\n" + (cache === undefined ? "" : `export DENO_DIR='${cache}'\n`) +
        `tee -a '${requests}' | '${program}' "$@" | tee -a '${answers}'\n`,
      { mode: 0o755 },
    );
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, text.replace(program, script));
    return new Recorder({
      port: workspace.port,
      messages: async () =>
        messagesIn(await Deno.readTextFile(requests) + await Deno.readTextFile(answers)),
    });
  }

  /** What the client called itself. */
  async clientName(): Promise<string | undefined> {
    const names = (await this.#messages()).map(({ params }) => {
      const info = params?.clientInfo ?? params?._meta?.["io.modelcontextprotocol/clientInfo"];
      return (info as Info | undefined)?.name;
    });
    return names.find((name) => name !== undefined);
  }

  /** The methods that it called, each once. */
  async methods(): Promise<string[]> {
    const methods = (await this.#messages()).flatMap(({ method }) => method ?? []);
    return [...new Set(methods)];
  }

  /** The names of the tools that it was told of. */
  async tools(): Promise<string[]> {
    const told = (await this.#messages()).find(({ result }) => result?.tools !== undefined);
    return told?.result?.tools?.map(({ name }) => name) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

/** All messages in lines of JSON, or of an event stream with JSON as its data. */
function messagesIn(text: string): Message[] {
  const lines = text.split("\n").map((line) => line.replace(/^data: /, ""));
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
}
