/** Requests in which a second one is hidden, since their end can be read in two ways (RFC 9112, 11.2). */
import { rawRequest } from "../raw_http.ts";
import { headOfPage, JSON_TYPE, lengthOf, ownHost } from "./call.ts";

const CHUNKED = "Transfer-Encoding: chunked";
const LAST_CHUNK = "0\r\n\r\n";

const chunk = (text: string, extension = "") =>
  `${text.length.toString(16)}${extension}\r\n${text}\r\n${LAST_CHUNK}`;

/** Header lines that speak of the length of a body, and the body. */
type Framing = [lines: string[], body: string];

/** What follows the head of a call by a web page. */
const FRAMINGS: Record<string, (hidden: string) => Framing> = {
  "Content-Length before Transfer-Encoding": (hidden) => [
    [`Content-Length: ${LAST_CHUNK.length + hidden.length}`, CHUNKED],
    LAST_CHUNK + hidden,
  ],
  "Transfer-Encoding before Content-Length": (hidden) => [
    [CHUNKED, "Content-Length: 4"],
    chunk(hidden),
  ],
  "two lengths, the first 0": (hidden) => [["Content-Length: 0", lengthOf(hidden)], hidden],
  "two lengths, the last 0": (hidden) => [[lengthOf(hidden), "Content-Length: 0"], hidden],
  "a list of lengths": (hidden) => [[`Content-Length: 0, ${hidden.length}`], hidden],
  "a signed length": (hidden) => [["Content-Length: +0"], hidden],
  "a length in hexadecimal": (hidden) => [["Content-Length: 0x0"], hidden],
  "a blank before the colon": (hidden) => [[`Content-Length : ${hidden.length}`], hidden],
  "a folded header": (hidden) => [["X: y", `\t${lengthOf(hidden)}`], hidden],
  "a folded coding": (hidden) => [
    ["Transfer-Encoding:", " chunked", "Content-Length: 4"],
    chunk(hidden),
  ],
  "an unknown coding": (hidden) => [["Transfer-Encoding: xchunked"], chunk(hidden)],
  "chunked is not the last coding": (hidden) => [
    ["Transfer-Encoding: chunked, identity"],
    LAST_CHUNK + hidden,
  ],
  "chunked twice": (hidden) => [["Transfer-Encoding: chunked, chunked"], LAST_CHUNK + hidden],
  "two codings": (hidden) => [[CHUNKED, "Transfer-Encoding: identity"], LAST_CHUNK + hidden],
  "a coding with a vertical tab": (hidden) => [
    ["Transfer-Encoding: \x0bchunked", "Content-Length: 3"],
    chunk(hidden),
  ],
  "a chunk extension with a newline": (hidden) => [
    [CHUNKED],
    `5;a\n=x\r\nhello\r\n${LAST_CHUNK}${hidden}`,
  ],
  "a chunk extension that is long": (hidden) => [
    [CHUNKED],
    `5;${"a".repeat(40_000)}\r\nhello\r\n${LAST_CHUNK}${hidden}`,
  ],
  "a chunk size that overflows": (hidden) => [
    [CHUNKED],
    `10000000000000000\r\n${hidden}\r\n${LAST_CHUNK}`,
  ],
  "a chunk size with a sign": (hidden) => [[CHUNKED], `+${LAST_CHUNK}${hidden}`],
  "chunks that end with a bare newline": (hidden) => [[CHUNKED], `0\n\n${hidden}`],
  "a trailer that poses as a header": (hidden) => [
    [CHUNKED],
    `0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n${hidden}`,
  ],
};

/** Other requests that have no body of their own. */
const OTHERS: Record<string, (port: number, hidden: string) => string> = {
  "a body on a GET": (port, hidden) => rawRequest(["GET /health HTTP/1.1", ownHost(port)], hidden),
  "HTTP/1.0 that is kept alive": (port, hidden) =>
    rawRequest(["POST /health HTTP/1.0", ownHost(port), "Connection: keep-alive"], hidden),
  "an upgrade": (port, hidden) =>
    rawRequest(
      ["GET / HTTP/1.1", ownHost(port), "Connection: Upgrade", "Upgrade: websocket"],
      hidden,
    ),
  "a CONNECT": (port, hidden) =>
    rawRequest([`CONNECT 127.0.0.1:${port} HTTP/1.1`, ownHost(port)], hidden),
  "bare newlines": (port, hidden) =>
    `GET /health HTTP/1.1\n${ownHost(port)}\nContent-Length: 0\n\n${hidden}`,
  "pipelined behind a request that is answered": (port, hidden) =>
    rawRequest(["GET /health HTTP/1.1", ownHost(port)]) + hidden,
};

/** Shapes of a first request in which another, whole one is hidden. */
export const HIDING: Readonly<Record<string, (port: number, hidden: string) => string>> = {
  ...Object.fromEntries(
    Object.entries(FRAMINGS).map(([name, frame]) => [name, (port: number, hidden: string) => {
      const [lines, body] = frame(hidden);
      return rawRequest([...headOfPage(port), ...lines], body);
    }]),
  ),
  ...OTHERS,
};

/** Requests that are refused for several reasons, and whose whole body is another request. */
export const IN_BODY: Readonly<Record<string, (port: number, hidden: string) => string>> = {
  "of a foreign origin": (port, hidden) =>
    rawRequest([...headOfPage(port), lengthOf(hidden)], hidden),
  "of a foreign origin, in chunks": (port, hidden) =>
    rawRequest([...headOfPage(port), CHUNKED], chunk(hidden)),
  "of a foreign origin, in chunks with extensions": (port, hidden) =>
    rawRequest([...headOfPage(port), CHUNKED], chunk(hidden, ';a="b"; c')),
  "under a foreign name": (port, hidden) =>
    rawRequest(["POST /mcp HTTP/1.1", `Host: evil.example:${port}`, lengthOf(hidden)], hidden),
  "of a form": (port, hidden) => plain("POST /mcp", port, hidden, "Content-Type: text/plain"),
  "to no route": (port, hidden) => plain("POST /nowhere", port, hidden),
  "by another method": (port, hidden) => plain("PUT /mcp", port, hidden),
  "on a GET": (port, hidden) => plain("GET /health", port, hidden),
  "without a token": (port, hidden) => plain("POST /api/list", port, hidden),
  "that is too large": (port, hidden) =>
    rawRequest(
      ["POST /mcp HTTP/1.1", ownHost(port), JSON_TYPE, "Content-Length: 4194305"],
      hidden,
    ),
  "that is too large, in chunks": (port, hidden) =>
    rawRequest(
      ["POST /mcp HTTP/1.1", ownHost(port), JSON_TYPE, CHUNKED],
      chunk(" ".repeat(4_194_304) + hidden),
    ),
  "that is no JSON": (port, hidden) => plain("POST /mcp", port, hidden, JSON_TYPE),
};

function plain(what: string, port: number, body: string, ...lines: string[]): string {
  return rawRequest([`${what} HTTP/1.1`, ownHost(port), ...lines, lengthOf(body)], body);
}
