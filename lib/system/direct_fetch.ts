/** `fetch` that never goes through a proxy: the loopback requests carry the token. */

let client: Deno.HttpClient | undefined;

function directClient(): Deno.HttpClient {
  // A client takes HTTP_PROXY and NO_PROXY from the environment when it is made, and has no option
  // against it. The variable is put back because the environment is the caller's.
  const before = Deno.env.get("NO_PROXY");
  Deno.env.set("NO_PROXY", "127.0.0.1");
  try {
    return Deno.createHttpClient({});
  } finally {
    if (before === undefined) Deno.env.delete("NO_PROXY");
    else Deno.env.set("NO_PROXY", before);
  }
}

/** Like `fetch`, straight to the address. */
export function directFetch(url: string, init: RequestInit = {}): Promise<Response> {
  client ??= directClient();
  return fetch(url, { ...init, client });
}
