/** HTTP requests that would start a process if anything about them were believed, bent in every way. */
import type { Chance } from "../faults.ts";
import { rawRequest } from "../raw_http.ts";

/** A request in parts. Headers are lines as they are sent. */
export interface Parts {
  method: string;
  target: string;
  version: string;
  headers: [name: string, value: string][];
  body: string;
}

/** A text that no answer may repeat. */
export const MARK = "zzmarkzz";

/** What to ask for, and what to bend it with. */
export interface Bait {
  port: number;
  /** JSON bodies that start something, by the path that takes them. */
  bodies: Readonly<Record<string, string>>;
}

/** A proper request for one of the routes that start processes, but for who asks. */
function properRequest(chance: Chance, { port, bodies }: Bait): Parts {
  const target = chance.one(Object.keys(bodies));
  const body = bodies[target] ?? "";
  return {
    method: "POST",
    target,
    version: "HTTP/1.1",
    headers: [
      ["Host", `127.0.0.1:${port}`],
      ["Content-Type", "application/json"],
      ["Accept", "application/json, text/event-stream"],
      ["Content-Length", String(new TextEncoder().encode(body).length)],
    ],
    body,
  };
}

type Mutation = (parts: Parts, chance: Chance, bait: Bait) => void;

const METHODS = [
  "GET",
  "PUT",
  "HEAD",
  "OPTIONS",
  "CONNECT",
  "TRACE",
  "post",
  "POST\t",
  "PRI",
  "P\0ST",
];
const VERSIONS = [
  "HTTP/1.0",
  "HTTP/0.9",
  "HTTP/2.0",
  "HTTP/1.1 ",
  "http/1.1",
  "HTTP/9.9",
  "",
  MARK,
];
const TYPES = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "text/plain; application/json",
  "application/json, text/plain",
  `${MARK}/json`,
  "",
];
const CODINGS = [
  "chunked",
  "Chunked",
  "gzip, chunked",
  "chunked, identity",
  "\tchunked",
  "xchunked",
];

const setHeader = (parts: Parts, name: string, value: string) => {
  const header = parts.headers.find(([given]) => given.toLowerCase() === name.toLowerCase());
  if (header) header[1] = value;
  else parts.headers.push([name, value]);
};

const targets = ({ port, bodies }: Bait) =>
  Object.keys(bodies).flatMap((path) => [
    path,
    `/..${path}`,
    `/.${path}`,
    `/x/..${path}`,
    `/${path}`,
    `${path}/`,
    `${path}?${MARK}`,
    `${path}#${MARK}`,
    path.replace("/", "/%2e%2e/"),
    path.replace("/", "%2f"),
    path.toUpperCase(),
    `${path}%00`,
    `${path}\0`,
    `${path};${MARK}`,
    `http://127.0.0.1:${port}${path}`,
    `http://${MARK}.example${path}`,
    `//127.0.0.1:${port}${path}`,
    `\\${path}`,
    path.slice(1),
    "*",
    `${path}${"/".repeat(9_000)}`,
  ]);

const lengths = (body: string) =>
  ["-1", "+0", "0x10", "1e3", "99999999999999999999", " ", `${body.length}, ${body.length}`]
    .concat([String(body.length + 7), String(Math.max(0, body.length - 7)), "4194305", "0", MARK]);

const tokens = () => [
  "Bearer ",
  "Bearer null",
  `Bearer ${"0".repeat(64)}`,
  `Bearer ${"0".repeat(63)}`,
  `Bearer ${"f".repeat(65)}`,
  `Bearer ${"é".repeat(32)}`,
  `Basic ${"0".repeat(64)}`,
  MARK,
];

/** What leaves the request one that some program could send. */
const STRUCTURAL: readonly Mutation[] = [
  (parts, chance) => parts.method = chance.one(METHODS),
  (parts, chance, bait) => parts.target = chance.one(targets(bait)),
  (parts, chance) => parts.version = chance.one(VERSIONS),
  (parts, chance) => setHeader(parts, "Content-Type", chance.one(TYPES)),
  (parts, chance) => setHeader(parts, "Content-Length", chance.one(lengths(parts.body))),
  (parts, chance) => setHeader(parts, "Transfer-Encoding", chance.one(CODINGS)),
  (parts, chance) => setHeader(parts, "Authorization", chance.one(tokens())),
  (parts, chance) => setHeader(parts, "Expect", chance.one(["100-continue", MARK])),
  (parts, chance) => setHeader(parts, "Connection", chance.one(["close", "upgrade", "host", MARK])),
  (parts, chance) => setHeader(parts, "Upgrade", chance.one(["websocket", "h2c", MARK])),
  (parts, chance) => setHeader(parts, "X-Persistproc-Version", chance.one(["0.3.0", "9", MARK])),
  (parts, chance) => setHeader(parts, "X-Persistproc-Client", chance.one(["terminal", MARK])),
  (parts, chance) => setHeader(parts, "X-Forwarded-Host", chance.one(["localhost", MARK])),
  (parts, chance) => setHeader(parts, "X-HTTP-Method-Override", chance.one(["POST", "GET"])),
  (parts, chance) => setHeader(parts, "Mcp-Method", chance.one(["tools/call", MARK])),
  (parts, chance) => setHeader(parts, "Mcp-Protocol-Version", chance.one(["2026-07-28", MARK])),
  (parts, chance) => void parts.headers.splice(chance.below(parts.headers.length), 1),
  (parts, chance) => parts.headers.push(chance.one(parts.headers)),
  (parts) => void parts.headers.reverse(),
  (parts, chance) => parts.headers.push([MARK, "a".repeat(chance.below(70_000))]),
  (parts, chance) => {
    for (let n = chance.below(300); n > 0; n--) parts.headers.push([`${MARK}-${n}`, "x"]);
  },
  (parts, chance) => parts.body = parts.body.slice(0, chance.below(parts.body.length + 1)),
  (parts) => parts.body = parts.body + parts.body,
  (parts) => parts.body = "[".repeat(50_000),
  (parts) => parts.body = `\xef\xbb\xbf${parts.body}`,
  (parts) => parts.body = parts.body.replaceAll(" ", "\xff"),
];

/** What no client sends: headers that are none, and bytes in the wrong places. */
const MALFORMED: readonly Mutation[] = [
  (parts, chance) => {
    const header = chance.one(parts.headers);
    header[0] = chance.one([`${header[0]} `, ` ${header[0]}`, `${header[0]}\0`, `${header[0]}:`]);
  },
  (parts, chance) => {
    const header = chance.one(parts.headers);
    header[1] = chance.one([
      `${header[1]}\r\n folded`,
      `\0${header[1]}`,
      `${header[1]}\nX: y`,
      "é",
    ]);
  },
  (parts, chance) => parts.headers.push(["", chance.one(["", MARK])]),
  (parts, chance) => parts.target = `${parts.target} ${chance.one(["HTTP/1.1\r\nHost: x", MARK])}`,
];

/** Bytes changed, put in and taken out anywhere in the request. */
function damage(text: string, chance: Chance): string {
  let damaged = text;
  for (let n = chance.below(4); n > 0; n--) {
    const at = chance.below(damaged.length + 1);
    const byte = String.fromCharCode(chance.below(256));
    const kept = chance.below(3) === 0 ? at : at + chance.below(3);
    damaged = damaged.slice(0, at) + (chance.below(3) === 0 ? "" : byte) + damaged.slice(kept);
  }
  return chance.below(20) === 0 ? damaged.replaceAll("\r\n", "\n") : damaged;
}

function write({ method, target, version, headers, body }: Parts): string {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  return rawRequest([`${method} ${target} ${version}`, ...lines], body);
}

/** A request of somebody who does not know the token, as pieces to send. */
export function strangersRequest(chance: Chance, bait: Bait): string[] {
  const parts = properRequest(chance, bait);
  for (let n = chance.below(4); n > 0; n--) {
    chance.one(chance.below(4) === 0 ? MALFORMED : STRUCTURAL)(parts, chance, bait);
  }
  const text = chance.below(2) === 0 ? write(parts) : damage(write(parts), chance);
  const cut = chance.below(text.length);
  return chance.below(4) === 0 ? [text.slice(0, cut), text.slice(cut)] : [text];
}

/** What makes a request that of a web page: browsers set these, and no page can change them. */
const OF_A_PAGE = ({ port }: Bait): [name: string, value: string][] => [
  ["Origin", `http://${MARK}.example`],
  ["Origin", "null"],
  ["Origin", `http://localhost:${port + 1}`],
  ["Origin", `https://localhost:${port}`],
  ["Origin", `http://localhost:${port}.${MARK}.example`],
  ["Origin", `http://127.0.0.1.${MARK}.example:${port}`],
  ["Origin", "file://"],
  ["Origin", `chrome-extension://${MARK}`],
  ["Host", `${MARK}.example:${port}`],
  ["Host", `localhost.${MARK}.example:${port}`],
  ["Host", `0.0.0.0:${port}`],
  ["Host", `127.0.0.2:${port}`],
  ["Host", `localhost.:${port}`],
  ["Host", `127.1:${port}`],
  ["Host", `[::ffff:127.0.0.1]:${port}`],
];

/** A request of a web page, on another origin or under a name that was bound to loopback. */
export function pagesRequest(chance: Chance, bait: Bait): string[] {
  const parts = properRequest(chance, bait);
  for (let n = chance.below(4); n > 0; n--) chance.one(STRUCTURAL)(parts, chance, bait);
  const [name, value] = chance.one(OF_A_PAGE(bait));
  parts.headers = parts.headers.filter(([given]) => given.toLowerCase() !== name.toLowerCase());
  if (name === "Origin") {
    const host = parts.headers.some(([given]) => given.toLowerCase() === "host");
    if (!host) parts.headers.push(["Host", `127.0.0.1:${bait.port}`]);
  }
  parts.headers.push([name, value]);
  return [write(parts)];
}
