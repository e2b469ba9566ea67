/** Whether a server on this machine answers, whatever its certificate. */
import { loopbackUrl } from "../protocol/wait.ts";

const ANSWER_MILLISECONDS = 2_000;

/**
 * The status with which a loopback URL answers; null when nobody does in time. A certificate is not
 * looked at: development servers sign theirs themselves, and nothing is sent that would need it.
 * Names of this machine are not looked up: each means 127.0.0.1, else ::1.
 *
 * `fetch` cannot be told to accept any certificate; Node's client can.
 */
export async function httpStatus(url: string, signal?: AbortSignal): Promise<number | null> {
  const { hostname, host, protocol, port, pathname, search } = loopbackUrl(url);
  const named = /^[a-z]/.test(hostname);
  const addresses = named ? ["127.0.0.1", "::1"] : [hostname.replace(/^\[|\]$/g, "")];
  const { request } = protocol === "https:"
    ? await import("node:https")
    : await import("node:http");
  for (const address of addresses) {
    const status = await new Promise<number | null>((resolve) => {
      const asked = request({
        host: address,
        port: Number(port) || (protocol === "https:" ? 443 : 80),
        path: pathname + search,
        headers: { host, "user-agent": "persistproc", connection: "close" },
        // Without a connection of its own, an idle one would be kept open.
        agent: false,
        rejectUnauthorized: false,
        // None is needed, and reading those of the system needs a permission.
        ca: [],
        servername: named ? hostname : "",
        timeout: ANSWER_MILLISECONDS,
      }, (response) => {
        resolve(response.statusCode ?? null);
        response.destroy();
      });
      const giveUp = () => void asked.destroy();
      asked.on("timeout", giveUp);
      asked.on("error", () => resolve(null));
      asked.on("close", () => {
        signal?.removeEventListener("abort", giveUp);
        resolve(null);
      });
      signal?.addEventListener("abort", giveUp, { once: true });
      asked.end();
    });
    if (status !== null || signal?.aborted) return status;
  }
  return null;
}
