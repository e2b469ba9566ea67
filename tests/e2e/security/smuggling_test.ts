/**
 * Requests whose end, target or host can be read in two ways (RFC 9112, 11.2): a second request hidden
 * in a first one, and names that are nearly the server's own.
 */
import { assert, assertEquals } from "@std/assert";
import { Attacked } from "../../support/attacked.ts";
import { tellAttack } from "../../support/attacks/table.ts";
import { until } from "../../support/until.ts";
import { rawRequest, speak, statusesOf } from "../../support/raw_http.ts";

/** Everything that an attack is made of; `hidden` is a whole request. */
interface Pieces {
  port: number;
  body: string;
  hidden: string;
  headers: string[];
}

/** What a call has to have. */
const JSON_TYPE = "Content-Type: application/json\r\nAccept: application/json, text/event-stream";

const chunk = (text: string, extension = "") =>
  `${text.length.toString(16)}${extension}\r\n${text}\r\n0\r\n\r\n`;

/** Shapes of a first request to a harmless route, in which the second is hidden. */
const HIDING: Record<string, (pieces: Pieces) => string> = {
  "Content-Length before Transfer-Encoding": ({ hidden, headers }) =>
    rawRequest(
      [...headers, `Content-Length: ${hidden.length + 5}`, "Transfer-Encoding: chunked"],
      `0\r\n\r\n${hidden}`,
    ),
  "Transfer-Encoding before Content-Length": ({ hidden, headers }) =>
    rawRequest([...headers, "Transfer-Encoding: chunked", "Content-Length: 4"], chunk(hidden)),
  "two lengths, the first 0": ({ hidden, headers }) =>
    rawRequest([...headers, "Content-Length: 0", `Content-Length: ${hidden.length}`], hidden),
  "two lengths, the last 0": ({ hidden, headers }) =>
    rawRequest([...headers, `Content-Length: ${hidden.length}`, "Content-Length: 0"], hidden),
  "a list of lengths": ({ hidden, headers }) =>
    rawRequest([...headers, `Content-Length: 0, ${hidden.length}`], hidden),
  "a signed length": ({ hidden, headers }) =>
    rawRequest([...headers, "Content-Length: +0"], hidden),
  "a length in hexadecimal": ({ hidden, headers }) =>
    rawRequest([...headers, "Content-Length: 0x0"], hidden),
  "a blank before the colon": ({ hidden, headers }) =>
    rawRequest([...headers, `Content-Length : ${hidden.length}`], hidden),
  "a folded header": ({ hidden, headers }) =>
    rawRequest([...headers, "X: y", `\tContent-Length: ${hidden.length}`], hidden),
  "a folded coding": ({ hidden, headers }) =>
    rawRequest([...headers, "Transfer-Encoding:", " chunked", "Content-Length: 4"], chunk(hidden)),
  "an unknown coding": ({ hidden, headers }) =>
    rawRequest([...headers, "Transfer-Encoding: xchunked"], chunk(hidden)),
  "chunked is not the last coding": ({ hidden, headers }) =>
    rawRequest([...headers, "Transfer-Encoding: chunked, identity"], `0\r\n\r\n${hidden}`),
  "chunked twice": ({ hidden, headers }) =>
    rawRequest([...headers, "Transfer-Encoding: chunked, chunked"], `0\r\n\r\n${hidden}`),
  "two codings": ({ hidden, headers }) =>
    rawRequest(
      [...headers, "Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
      `0\r\n\r\n${hidden}`,
    ),
  "a coding with a vertical tab": ({ hidden, headers }) =>
    rawRequest([...headers, "Transfer-Encoding: \x0bchunked", "Content-Length: 3"], chunk(hidden)),
  "a chunk extension with a newline": ({ hidden, headers }) =>
    rawRequest(
      [...headers, "Transfer-Encoding: chunked"],
      `5;a\n=x\r\nhello\r\n0\r\n\r\n${hidden}`,
    ),
  "a chunk extension that is long": ({ hidden, headers }) =>
    rawRequest(
      [...headers, "Transfer-Encoding: chunked"],
      `5;${"a".repeat(40_000)}\r\nhello\r\n0\r\n\r\n${hidden}`,
    ),
  "a chunk size that overflows": ({ hidden, headers }) =>
    rawRequest(
      [...headers, "Transfer-Encoding: chunked"],
      `10000000000000000\r\n${hidden}\r\n0\r\n\r\n`,
    ),
  "a chunk size with a sign": ({ hidden, headers }) =>
    rawRequest([...headers, "Transfer-Encoding: chunked"], `+0\r\n\r\n${hidden}`),
  "chunks that end with a bare newline": ({ hidden, headers }) =>
    rawRequest([...headers, "Transfer-Encoding: chunked"], `0\n\n${hidden}`),
  "a trailer that poses as a header": ({ hidden, headers }) =>
    rawRequest(
      [...headers, "Transfer-Encoding: chunked"],
      `0\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n${hidden}`,
    ),
  "a body on a GET": ({ port, hidden }) =>
    rawRequest(["GET /health HTTP/1.1", `Host: 127.0.0.1:${port}`], hidden),
  "HTTP/1.0 that is kept alive": ({ port, hidden }) =>
    rawRequest(
      ["POST /health HTTP/1.0", `Host: 127.0.0.1:${port}`, "Connection: keep-alive"],
      hidden,
    ),
  "an upgrade": ({ port, hidden }) =>
    rawRequest(
      ["GET / HTTP/1.1", `Host: 127.0.0.1:${port}`, "Connection: Upgrade", "Upgrade: websocket"],
      hidden,
    ),
  "a CONNECT": ({ port, hidden }) =>
    rawRequest([`CONNECT 127.0.0.1:${port} HTTP/1.1`, `Host: 127.0.0.1:${port}`], hidden),
  "bare newlines": ({ port, hidden }) =>
    `GET /health HTTP/1.1\nHost: 127.0.0.1:${port}\nContent-Length: 0\n\n${hidden}`,
  "pipelined behind a request that is answered": ({ port, hidden }) =>
    rawRequest(["GET /health HTTP/1.1", `Host: 127.0.0.1:${port}`]) + hidden,
};

/** Requests of web pages, refused for several reasons, whose bodies are a request of nobody's. */
const IN_BODY: Record<string, (pieces: Pieces) => string> = {
  "of a foreign origin": ({ hidden, headers }) =>
    rawRequest([...headers, `Content-Length: ${hidden.length}`], hidden),
  "of a foreign origin, in chunks": ({ hidden, headers }) =>
    rawRequest([...headers, "Transfer-Encoding: chunked"], chunk(hidden)),
  "of a foreign origin, in chunks with extensions": ({ hidden, headers }) =>
    rawRequest([...headers, "Transfer-Encoding: chunked"], chunk(hidden, ';a="b"; c')),
  "under a foreign name": ({ port, hidden }) =>
    rawRequest(
      ["POST /mcp HTTP/1.1", `Host: evil.example:${port}`, `Content-Length: ${hidden.length}`],
      hidden,
    ),
  "of a form": ({ port, hidden }) => {
    const type = "Content-Type: text/plain";
    return rawRequest(
      ["POST /mcp HTTP/1.1", `Host: 127.0.0.1:${port}`, type, `Content-Length: ${hidden.length}`],
      hidden,
    );
  },
  "to no route": ({ port, hidden }) =>
    rawRequest(
      ["POST /nowhere HTTP/1.1", `Host: 127.0.0.1:${port}`, `Content-Length: ${hidden.length}`],
      hidden,
    ),
  "by another method": ({ port, hidden }) =>
    rawRequest(
      ["PUT /mcp HTTP/1.1", `Host: 127.0.0.1:${port}`, `Content-Length: ${hidden.length}`],
      hidden,
    ),
  "on a GET": ({ port, hidden }) =>
    rawRequest(
      ["GET /health HTTP/1.1", `Host: 127.0.0.1:${port}`, `Content-Length: ${hidden.length}`],
      hidden,
    ),
  "without a token": ({ port, hidden }) =>
    rawRequest(
      ["POST /api/list HTTP/1.1", `Host: 127.0.0.1:${port}`, `Content-Length: ${hidden.length}`],
      hidden,
    ),
  "that is too large": ({ port, hidden }) =>
    rawRequest(
      ["POST /mcp HTTP/1.1", `Host: 127.0.0.1:${port}`, JSON_TYPE, "Content-Length: 4194305"],
      hidden,
    ),
  "that is too large, in chunks": ({ port, hidden }) =>
    rawRequest(
      ["POST /mcp HTTP/1.1", `Host: 127.0.0.1:${port}`, JSON_TYPE, "Transfer-Encoding: chunked"],
      chunk(" ".repeat(4_194_304) + hidden),
    ),
  "that is no JSON": ({ port, hidden }) =>
    rawRequest(
      [
        "POST /mcp HTTP/1.1",
        `Host: 127.0.0.1:${port}`,
        JSON_TYPE,
        `Content-Length: ${hidden.length}`,
      ],
      hidden,
    ),
};

/** One request that is nearly one of this server's own. */
const NEARLY: Record<string, (pieces: Pieces & { length: string }) => string> = {
  ...Object.fromEntries(
    [
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
    ].map((host) => [
      `Host ${host}`,
      ({ port, body, length }: Pieces & { length: string }) =>
        rawRequest(
          [
            "POST /mcp HTTP/1.1",
            `Host: ${
              new TextDecoder("latin1").decode(new TextEncoder().encode(host)).replace(
                "PORT",
                String(port),
              )
            }`,
            JSON_TYPE,
            length,
          ],
          body,
        ),
    ]),
  ),
  "no Host": ({ body, length }) => rawRequest(["POST /mcp HTTP/1.1", JSON_TYPE, length], body),
  "no Host, HTTP/1.0": ({ body, length }) =>
    rawRequest(["POST /mcp HTTP/1.0", JSON_TYPE, length], body),
  "two Hosts, the last foreign": ({ port, body, length }) =>
    rawRequest(
      ["POST /mcp HTTP/1.1", `Host: 127.0.0.1:${port}`, "Host: evil.example", JSON_TYPE, length],
      body,
    ),
  "two Hosts, the first foreign": ({ port, body, length }) =>
    rawRequest(
      ["POST /mcp HTTP/1.1", "Host: evil.example", `Host: 127.0.0.1:${port}`, JSON_TYPE, length],
      body,
    ),
  "the target has a foreign host": ({ port, body, length }) =>
    rawRequest(
      [`POST http://evil.example:${port}/mcp HTTP/1.1`, "Host: evil.example", JSON_TYPE, length],
      body,
    ),
  "the target has the own host, Host a foreign one": ({ port, body, length }) =>
    rawRequest(
      [`POST http://127.0.0.1:${port}/mcp HTTP/1.1`, "Host: evil.example", JSON_TYPE, length],
      body,
    ),
  "two Origins, the last own": ({ port, body, length }) =>
    rawRequest([
      "POST /mcp HTTP/1.1",
      `Host: 127.0.0.1:${port}`,
      "Origin: http://evil.example",
      `Origin: http://127.0.0.1:${port}`,
      JSON_TYPE,
      length,
    ], body),
  "two content types, the last JSON": ({ port, body, length }) =>
    rawRequest(
      [
        "POST /mcp HTTP/1.1",
        `Host: 127.0.0.1:${port}`,
        "Content-Type: text/plain",
        JSON_TYPE,
        length,
      ],
      body,
    ),
  "two tokens": ({ port, body, length }) =>
    rawRequest([
      "POST /api/ctrl HTTP/1.1",
      `Host: 127.0.0.1:${port}`,
      `Authorization: Bearer ${"0".repeat(64)}`,
      `Authorization: Bearer ${"1".repeat(64)}`,
      JSON_TYPE,
      length,
    ], body),
  "the preface of HTTP/2": () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
  "TLS": () => "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + "a".repeat(500),
  "nothing but a newline": () => "\r\n\r\n\r\n",
  "a header without an end": ({ port }) =>
    `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nX: ${"a".repeat(600_000)}`,
};

Deno.test("no request that is hidden in another is acted on", async () => {
  await using attacked = await Attacked.create();
  const pieces = piecesOf(attacked);
  for (const [shape, write] of Object.entries(HIDING)) {
    const answer = await speak(attacked.port, write(pieces), { all: true });
    const statuses = statusesOf(answer);
    assert(statuses.every((status) => status < 500), `${shape}: ${answer.text}`);
    // Who hides a request is answered once at most, unless what was hidden is refused as well.
    assert(
      statuses.slice(1).every((status) => status === 403 || status === 400),
      `${shape}: ${statuses}`,
    );
    assert(!await attacked.hasRun(), shape);
  }
  await attacked.assertUnharmed();
  await tellAttack({ attack: "requests hidden in another", times: Object.keys(HIDING).length });
});

Deno.test("a body is never taken for the next request, however the first one was refused", async () => {
  await using attacked = await Attacked.create();
  const { port, body, headers } = piecesOf(attacked);
  // From nowhere: it would be answered, if it were read as a request.
  const hidden = rawRequest([
    "POST /mcp HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    JSON_TYPE,
    `Content-Length: ${body.length}`,
  ], body);
  for (const [shape, write] of Object.entries(IN_BODY)) {
    const answer = await speak(port, write({ port, body, hidden, headers }), { all: true });
    assertEquals(statusesOf(answer).length, 1, `${shape}: ${answer.text}`);
    assert(!await attacked.hasRun(), shape);
  }
  await attacked.assertUnharmed();
  await tellAttack({ attack: "requests in bodies", times: Object.keys(IN_BODY).length });
  await speak(port, hidden, { all: true });
  await until(() => attacked.hasRun(), { what: "the command of the attack, asked for by itself" });
});

Deno.test("a name, target or header that is nearly the server's own is refused", async () => {
  await using attacked = await Attacked.create();
  const pieces = piecesOf(attacked);
  const length = `Content-Length: ${pieces.body.length}`;
  const statuses = new Map<number | null, number>();
  for (const [shape, write] of Object.entries(NEARLY)) {
    const answer = await speak(attacked.port, write({ ...pieces, length }));
    for (const status of statusesOf(answer)) {
      assert(status >= 400 && status < 500, `${shape}: ${answer.text}`);
    }
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    assert(!await attacked.hasRun(), shape);
  }
  await attacked.assertUnharmed();
  await tellAttack({
    attack: "names that are nearly ours",
    times: Object.keys(NEARLY).length,
    statuses,
  });
});

Deno.test("the server's own names are answered, however they are spelled", async () => {
  await using attacked = await Attacked.create();
  const { port } = attacked;
  for (const host of ["127.0.0.1", "localhost", "LOCALHOST", "LocalHost", "[::1]"]) {
    const { status, text } = await speak(
      port,
      rawRequest([`GET /health HTTP/1.1`, `Host: ${host}:${port}`]),
    );
    assertEquals([host, status], [host, 200], text);
  }
});

function piecesOf({ port, call }: Attacked): Pieces {
  const body = JSON.stringify(call);
  return {
    port,
    body,
    hidden: rawRequest([
      "POST /mcp HTTP/1.1",
      `Host: 127.0.0.1:${port}`,
      "Origin: http://evil.example",
      JSON_TYPE,
      `Content-Length: ${body.length}`,
    ], body),
    headers: [
      "POST /mcp HTTP/1.1",
      `Host: 127.0.0.1:${port}`,
      "Origin: http://evil.example",
      JSON_TYPE,
    ],
  };
}
