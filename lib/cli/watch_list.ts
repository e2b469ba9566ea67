/** `list --watch`: the table, redrawn in place when something changes. */
import { PersistprocError } from "../protocol/errors.ts";
import type { ListRequest } from "../protocol/requests.ts";
import type { Client } from "./client.ts";
import { formatListTable } from "./format/list_table.ts";
import { ENDING } from "./terminal/ending_signals.ts";
import { Screen } from "./terminal/screen.ts";
import { terminalSize } from "./terminal/size.ts";

/** Milliseconds between two redraws, at least; and until processor and memory are asked anew. */
const SHORTEST_MS = 500;
const REFRESH_MS = 2_000;

/**
 * Shows the table until it is interrupted; returns the exit status.
 *
 * @param options `refresh`: milliseconds after which it is drawn anew though nothing has changed.
 */
export async function watchList(
  client: Client,
  request: ListRequest,
  { refresh = REFRESH_MS }: { refresh?: number } = {},
): Promise<number> {
  const screen = new Screen();
  const left = Promise.withResolvers<number>();
  const stream = new AbortController();
  let changed = Promise.withResolvers<void>();
  const change = () => changed.resolve();
  const resume = () => screen.enter().then(change, left.reject);

  const listeners: readonly (readonly [Deno.Signal, () => void])[] = [
    ["SIGINT", () => left.resolve(0)],
    ...ENDING.map(([signal, status]) => [signal, () => left.resolve(status)] as const),
    ["SIGWINCH", change],
    ["SIGTSTP", () => screen.leave().then(() => Deno.kill(Deno.pid, "SIGSTOP"))],
    ["SIGCONT", resume],
  ];
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  try {
    await screen.enter();
    listenForQuit(() => left.resolve(0));
    forEachEvent(client, stream.signal, change).then(() => left.reject(serverEnded()), left.reject);
    redraw().catch(left.reject);
    return await left.promise;
  } finally {
    stream.abort();
    await screen.leave();
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
  }

  async function redraw(): Promise<void> {
    while (!stream.signal.aborted) {
      changed = Promise.withResolvers<void>();
      const { processes } = await client.list(request);
      if (stream.signal.aborted) return;
      const { columns, rows } = terminalSize();
      const table = formatListTable(processes, columns);
      const lines = table.length <= rows ? table : [
        ...table.slice(0, rows - 1),
        `… ${table.length - rows + 1} more`.slice(0, columns),
      ];
      await screen.draw(processes.length === 0 ? ["No processes running"] : lines);
      await pause(SHORTEST_MS);
      await Promise.race([changed.promise, pause(refresh - SHORTEST_MS)]);
    }
  }
}

async function forEachEvent(
  client: Client,
  signal: AbortSignal,
  tell: () => void,
): Promise<void> {
  for await (const _event of client.events(null, signal)) tell();
}

/** Takes the keys that are typed; `q` and Ctrl+D leave. */
async function listenForQuit(quit: () => void): Promise<void> {
  if (!Deno.stdin.isTerminal()) return;
  const buffer = new Uint8Array(64);
  while (true) {
    const count = await Deno.stdin.read(buffer).catch(() => null);
    if (count === null) return;
    const [key] = buffer;
    if (count === 1 && (key === 0x71 || key === 0x04)) return quit();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function serverEnded(): PersistprocError {
  return new PersistprocError("server_unreachable", "The server has ended.", {
    hint: "Start it again with: persistproc serve",
  });
}
