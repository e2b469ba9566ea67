/** The URLs of a program's own server in what it prints. */
import type { ListeningPort } from "../protocol/process.ts";

/** How many are told: a program that prints more of them is logging requests. */
const MOST_URLS = 4;

// A host is a name, an IPv4 address, or an IPv6 address in brackets.
const URL_TEXT = /\bhttps?:\/\/(?:\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::\d{1,5})?(?:[/?#][^\s"'<>`]*)?/gi;

/** A request that is logged, or a place in the source: not where the server says that it is. */
const NO_ANNOUNCEMENT =
  /\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b|^\s+at\b|\b(ECONNREFUSED|fetch failed)\b/;

/** The URLs on this machine or its networks that some lines announce, in their order. */
export function urlsIn(lines: readonly string[]): string[] {
  const urls = new Set<string>();
  for (const line of lines) {
    if (!line.includes("://") || NO_ANNOUNCEMENT.test(line)) continue;
    for (const [text] of line.matchAll(URL_TEXT)) {
      const url = parse(text);
      if (url !== null && isNear(url.hostname)) urls.add(url.href);
    }
  }
  return [...urls];
}

/** Those whose port is one of `ports`: loopback first, then the most specific, each once. */
export function servedUrls(urls: readonly string[], ports: readonly ListeningPort[]): string[] {
  const served = new Map<string, URL>();
  for (const text of urls) {
    const url = new URL(text);
    if (!ports.some((port) => port.port === portOf(url) && answersTo(port, url.hostname))) continue;
    const host = isLoopback(url.hostname) ? "loopback" : url.hostname;
    const key = `${url.protocol}${host}:${portOf(url)}${url.pathname}${url.search}${url.hash}`;
    if (!served.has(key)) served.set(key, url);
  }
  const rank = (url: URL) => isLoopback(url.hostname) ? 0 : 1;
  const length = (url: URL) => url.href.length - url.origin.length;
  return [...served.values()]
    .sort((a, b) => rank(a) - rank(b) || length(b) - length(a))
    .slice(0, MOST_URLS).map(({ href }) => href);
}

function parse(text: string): URL | null {
  // What ends a sentence, or closes a bracket that was opened before the URL, is not part of it.
  let end = text.replace(/[.,;:!?*]+$/, "");
  for (const [open, close] of [["(", ")"], ["[", "]"], ["{", "}"]] as const) {
    while (end.endsWith(close) && count(end, close) > count(end, open)) end = end.slice(0, -1);
  }
  try {
    const url = new URL(end.replace(/[.,;:!?*]+$/, ""));
    // An address to listen on is none to connect to.
    if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
    if (url.hostname === "[::]") url.hostname = "[::1]";
    return url;
  } catch {
    return null;
  }
}

const count = (text: string, character: string) => text.split(character).length - 1;

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === "https:" ? 443 : 80);
}

function isLoopback(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127\.[\d.]+|\[::1\])$/.test(hostname);
}

/** Loopback, or an address of private networks (RFC 1918, 3927, 4193, 4291, 6598): never a name. */
function isNear(hostname: string): boolean {
  return isLoopback(hostname) ||
    /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)[\d.]+$/.test(hostname) ||
    /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.[\d.]+$/.test(hostname) ||
    /^\[f([cd]|e[89ab])[0-9a-f:]*\]$/.test(hostname);
}

/** Whether somebody who listens on an address is reached by this name of the machine. */
function answersTo({ address }: ListeningPort, hostname: string): boolean {
  if (address === "0.0.0.0" || address === "::") return true;
  if (isLoopback(hostname)) return isLoopback(address) || isLoopback(`[${address}]`);
  return hostname === address || hostname === `[${address}]`;
}
