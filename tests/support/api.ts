/** `/api` as the command line calls it, for what the command line itself would never send. */
import { join } from "@std/path";
import { VERSION } from "../../lib/protocol/version.ts";
import type { Workspace } from "./workspace.ts";

/** Somebody who knows the token of a workspace's server. */
export class Api {
  readonly port: number;
  readonly token: string;

  private constructor(port: number, token: string) {
    this.port = port;
    this.token = token;
  }

  static async of({ dataDirectory, port }: Workspace): Promise<Api> {
    return new Api(port, (await Deno.readTextFile(join(dataDirectory, "token"))).trim());
  }

  /** The headers of every request. */
  get headers(): Record<string, string> {
    return {
      "authorization": `Bearer ${this.token}`,
      "content-type": "application/json",
      "x-persistproc-version": VERSION,
    };
  }

  post(
    path: string,
    body: unknown,
    init: RequestInit & { client?: Deno.HttpClient } = {},
  ): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, {
      method: "POST",
      headers: this.headers,
      body: JSON.stringify(body),
      ...init,
    });
  }

  get(path: string, init: RequestInit & { client?: Deno.HttpClient } = {}): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, { headers: this.headers, ...init });
  }
}
