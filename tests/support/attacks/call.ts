/** A call of a tool as bytes, for requests that are nearly one, or have one in them. */
import { rawRequest } from "../raw_http.ts";

/** What a call has to have. */
export const JSON_TYPE =
  "Content-Type: application/json\r\nAccept: application/json, text/event-stream";

/** The server under its own name. */
export const ownHost = (port: number) => `Host: 127.0.0.1:${port}`;

/** What a body as long as this has to have; ASCII only. */
export const lengthOf = (body: string) => `Content-Length: ${body.length}`;

/** The head of a call by a web page, but for the length of its body. */
export const headOfPage = (port: number) => [
  ...["POST /mcp HTTP/1.1", ownHost(port), "Origin: http://evil.example", JSON_TYPE],
];

/** A call by a web page. */
export const callOfPage = (port: number, body: string) =>
  rawRequest([...headOfPage(port), lengthOf(body)], body);

/** A call from nowhere, which is answered. */
export const callOfNobody = (port: number, body: string) =>
  rawRequest(["POST /mcp HTTP/1.1", ownHost(port), JSON_TYPE, lengthOf(body)], body);
