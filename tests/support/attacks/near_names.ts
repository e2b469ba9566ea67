/** Requests whose target, host or another header is nearly the server's own. */
import { latin1, rawRequest } from "../raw_http.ts";
import { JSON_TYPE, lengthOf, ownHost } from "./call.ts";

/** Hosts that some program takes for the server's, with `PORT` for its port. */
const HOSTS = [
  "",
  "127.0.0.1",
  "localhost",
  "localhost:1",
  "localhost.:PORT",
  "127.0.0.1.:PORT",
  "127.1:PORT",
  "127.0.0.2:PORT",
  "0.0.0.0:PORT",
  "2130706433:PORT",
  "0x7f.1:PORT",
  "[::]:PORT",
  "[::ffff:127.0.0.1]:PORT",
  "[::1%25lo]:PORT",
  "[0:0:0:0:0:0:0:1]:PORT",
  "::1:PORT",
  "user@127.0.0.1:PORT",
  "evil.example@127.0.0.1:PORT",
  "127.0.0.1:PORT@evil.example",
  "127.0.0.1:PORT:80",
  "127.0.0.1:PORT/",
  "127.0.0.1:PORT#.evil.example",
  "127.0.0.1:PORT?",
  "127.0.0.1:PORT\\.evil.example",
  "127.0.0.1 :PORT",
  "127.0.0.1:PORT, evil.example",
  "127.0.0.1:PORT evil.example",
  "http://127.0.0.1:PORT",
  "127.0.0.1:0PORT",
  "127.0.0.1:+PORT",
  "127.0.0.1:PORT0",
  "localhost.evil.example:PORT",
  "evil.example",
  "evil.example:PORT",
  "ｌocalhost:PORT",
  "127。0。0。1:PORT",
  "xn--localhost:PORT",
];

const FOREIGN_HOST = "Host: evil.example";

/** Heads of a call, but for the type and the length of its body. */
const HEADS: Record<string, (port: number) => string[]> = {
  ...Object.fromEntries(HOSTS.map((host) => [`Host ${host}`, (port: number) => {
    const bytes = new TextEncoder().encode(host.replace("PORT", String(port)));
    return ["POST /mcp HTTP/1.1", `Host: ${latin1.decode(bytes)}`];
  }])),
  "no Host": () => ["POST /mcp HTTP/1.1"],
  "no Host, HTTP/1.0": () => ["POST /mcp HTTP/1.0"],
  "two Hosts, the last foreign": (port) => ["POST /mcp HTTP/1.1", ownHost(port), FOREIGN_HOST],
  "two Hosts, the first foreign": (port) => ["POST /mcp HTTP/1.1", FOREIGN_HOST, ownHost(port)],
  "the target has a foreign host": (port) => [
    `POST http://evil.example:${port}/mcp HTTP/1.1`,
    FOREIGN_HOST,
  ],
  "the target has the own host, Host a foreign one": (port) => [
    `POST http://127.0.0.1:${port}/mcp HTTP/1.1`,
    FOREIGN_HOST,
  ],
  "the target is no host": (port) => ["CONNECT %2f HTTP/1.1", ownHost(port)],
  "two Origins, the last own": (port) => [
    "POST /mcp HTTP/1.1",
    ownHost(port),
    "Origin: http://evil.example",
    `Origin: http://127.0.0.1:${port}`,
  ],
  "two content types, the last JSON": (port) => [
    "POST /mcp HTTP/1.1",
    ownHost(port),
    "Content-Type: text/plain",
  ],
  "two tokens": (port) => [
    "POST /api/ctrl HTTP/1.1",
    ownHost(port),
    `Authorization: Bearer ${"0".repeat(64)}`,
    `Authorization: Bearer ${"1".repeat(64)}`,
  ],
};

/** What is no call at all. */
const OTHERS: Record<string, (port: number) => string> = {
  "the preface of HTTP/2": () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
  "TLS": () => "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + "a".repeat(500),
  "nothing but a newline": () => "\r\n\r\n\r\n",
  "a header without an end": (port) =>
    `POST /mcp HTTP/1.1\r\n${ownHost(port)}\r\nX: ${"a".repeat(600_000)}`,
};

/** One request that is nearly a call of this server. */
export const NEARLY: Readonly<Record<string, (port: number, body: string) => string>> = {
  ...Object.fromEntries(
    Object.entries(HEADS).map((
      [name, head],
    ) => [
      name,
      (port: number, body: string) => rawRequest([...head(port), JSON_TYPE, lengthOf(body)], body),
    ]),
  ),
  ...OTHERS,
};
