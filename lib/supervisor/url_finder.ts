/** Under which URLs a run answers: as it says itself, else as its ports do when they are asked. */
import { firstLines, recentLines } from "../logs/recent.ts";
import { sizesOf, STREAMS } from "../logs/run_files.ts";
import type { ListeningPort } from "../protocol/process.ts";
import { type LoopbackPort, probeHttp, type SpokenProtocol } from "../system/http_probe.ts";
import type { Listener } from "../system/listeners.ts";
import { servedUrls, urlsIn } from "./printed_urls.ts";

/** Lines of each stream, at the end and at the beginning, in which URLs are looked for. */
const LINES = 200;
/** Ports of one run that are asked; who listens on many is no dev server. */
const MOST_ASKED = 4;
/** How often a port that does not answer in time is asked again. */
const MOST_TIMES_ASKED = 3;

interface Printed {
  /** The sizes of the logs when they were read. */
  sizes: string;
  urls: string[];
}

/** Remembers what was read and asked, by run. */
export class UrlFinder {
  readonly #printed = new Map<string, Printed>();
  readonly #asked = new Map<string, { protocol: SpokenProtocol; times: number }>();
  readonly #probe: typeof probeHttp;

  constructor(probe: typeof probeHttp = probeHttp) {
    this.#probe = probe;
  }

  /** The URLs of a run that listens on `ports`, among all listeners of the machine. */
  async urls(
    run: string,
    runDirectory: string,
    ports: readonly ListeningPort[],
    listeners: readonly Listener[],
  ): Promise<string[]> {
    if (ports.length === 0) return [];
    const printed = servedUrls(this.#read(run, runDirectory), ports);
    if (printed.length > 0) return printed;
    const asked = await Promise.all(
      loopbackPorts(ports, listeners).slice(0, MOST_ASKED).map((where) => this.#ask(run, where)),
    );
    return asked.filter((url) => url !== null);
  }

  /** Forgets all runs but these. */
  keep(runs: ReadonlySet<string>): void {
    for (const run of this.#printed.keys()) if (!runs.has(run)) this.#printed.delete(run);
    for (const key of this.#asked.keys()) {
      if (!runs.has(key.split(" ", 1)[0] ?? "")) this.#asked.delete(key);
    }
  }

  #read(run: string, runDirectory: string): string[] {
    const sizes = logSizes(runDirectory);
    const known = this.#printed.get(run);
    if (known?.sizes === sizes) return known.urls;
    // Most say it once, at their start, and then log for days.
    const lines = [recentLines, firstLines].flatMap((read) =>
      STREAMS.flatMap((stream) => read(runDirectory, stream, LINES))
    );
    const urls = urlsIn(lines);
    this.#printed.set(run, { sizes, urls });
    return urls;
  }

  async #ask(run: string, where: LoopbackPort): Promise<string | null> {
    const key = `${run} ${where.hostname} ${where.port}`;
    const known = this.#asked.get(key);
    let protocol = known?.protocol ?? null;
    const times = known?.times ?? 0;
    if (protocol === null && times < MOST_TIMES_ASKED) {
      this.#asked.set(key, { protocol, times: times + 1 });
      protocol = await this.#probe(where);
      this.#asked.set(key, { protocol, times: times + 1 });
    }
    if (protocol !== "http" && protocol !== "https") return null;
    const host = where.hostname === "::1" ? "[::1]" : where.hostname;
    return new URL(`${protocol}://${host}:${where.port}/`).href;
  }
}

/** The sizes of a run's logs, to know by whether anything was written. */
function logSizes(runDirectory: string): string {
  const { stdout, stderr } = sizesOf(runDirectory);
  return `${stdout} ${stderr}`;
}

/** Where on loopback each port is reached, and nobody else in its place. */
function loopbackPorts(
  ports: readonly ListeningPort[],
  listeners: readonly Listener[],
): LoopbackPort[] {
  const found = new Map<number, LoopbackPort>();
  const own = new Set(ports.map(({ address, port }) => `${address} ${port}`));
  const foreign = (address: string, port: number) =>
    !own.has(`${address} ${port}`) &&
    listeners.some((one) => one.address === address && one.port === port);
  for (const { address, port } of ports) {
    const four = address === "127.0.0.1" ||
      (address === "0.0.0.0" && !foreign("127.0.0.1", port)) ||
      (address === "::" && !foreign("127.0.0.1", port) && !foreign("0.0.0.0", port));
    const six = address === "::1" || (address === "::" && !foreign("::1", port));
    if (four) found.set(port, { hostname: "127.0.0.1", port });
    else if (six && !found.has(port)) found.set(port, { hostname: "::1", port });
  }
  return [...found.values()];
}
