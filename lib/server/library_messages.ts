/** What Deno and libraries would print by themselves: it goes to the server's log. */

/**
 * Deno says once that `request.signal` also fires after an answer was sent. It is looked at before
 * there is an answer only, see `connections.ts`.
 */
const KNOWN = /^Deno\.serve: request\.signal aborts on successful responses/;

/** Takes warnings and errors of libraries until disposed of. */
export function takeLibraryMessages(log: (message: string) => void): Disposable {
  const { console } = globalThis;
  const { warn, error } = console;
  const take = (...parts: unknown[]) => {
    const message = parts.map(String).join(" ");
    if (!KNOWN.test(message)) log(message);
  };
  Object.assign(console, { warn: take, error: take });
  return { [Symbol.dispose]: () => void Object.assign(console, { warn, error }) };
}
