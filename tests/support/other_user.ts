/** Another user of this machine, where the tests may become one. */
import { Child } from "./child.ts";
import { isInstalled } from "./installed.ts";

/** The user without rights that every system has. */
const NOBODY = 65534;

/** Why no test can act as another user here; null when it can. */
export const noOtherUser: string | null = Deno.uid() !== 0
  ? "only root can become another user"
  : !await isInstalled("setpriv")
  ? "there is no setpriv"
  : !await isInstalled("bash")
  ? "there is no bash, which can speak TCP"
  : null;

/** The name of a test, with the reason when it has to be left out. */
export function asOtherUser(name: string): { name: string; ignore: boolean } {
  return noOtherUser === null
    ? { name, ignore: false }
    : { name: `${name} (left out: ${noOtherUser})`, ignore: true };
}

/** What a command begins with that another user is to run. */
export const OTHER_USER: readonly string[] = [
  ...["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"],
];

/** What another user gets back for bytes that he sends to a port of 127.0.0.1. */
export async function sendAsOtherUser(port: number, message: string): Promise<string> {
  const script = `exec 3<>/dev/tcp/127.0.0.1/${port}; printf %s "$1" >&3; cat <&3`;
  await using child = new Child({
    command: [
      ...OTHER_USER,
      ...["bash", "-c", script, "bash", message],
    ],
    cwd: "/",
    env: { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin" },
    stdin: "",
  });
  const { stdout } = await child.end();
  return stdout;
}

/** A request as text, as any program would send it. */
export function httpRequest(
  port: number,
  { path, body, headers = {} }: { path: string; body?: unknown; headers?: Record<string, string> },
): string {
  const text = body === undefined ? "" : JSON.stringify(body);
  const lines = [
    `${body === undefined ? "GET" : "POST"} ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Content-Type: application/json",
    "Accept: application/json, text/event-stream",
    "Connection: close",
    `Content-Length: ${new TextEncoder().encode(text).length}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${text}`;
}
