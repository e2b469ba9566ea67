/** Guessing: the token, a page's way in, a path or a name that leads out of the data directory. */
import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { ROUTES } from "../../../lib/server/routes/table.ts";
import { VERSION } from "../../../lib/protocol/version.ts";
import { Api } from "../../support/api.ts";
import { Attacked } from "../../support/attacked.ts";
import { tellAttack } from "../../support/attacks/table.ts";
import { rawRequest, speak } from "../../support/raw_http.ts";
import { Workspace } from "../../support/workspace.ts";

/** Everything that is nearly the token. */
function guessesOf(token: string): string[] {
  const flipped = Array.from({ length: token.length }, (_, at) => {
    const digit = (Number.parseInt(token[at] ?? "0", 16) ^ 1).toString(16);
    return token.slice(0, at) + digit + token.slice(at + 1);
  });
  const prefixes = Array.from({ length: token.length }, (_, length) => token.slice(0, length));
  const schemes = ["", "Bearer", "Basic ", "Token ", "Bearer: ", "Bearer\0", "bearer=", "BearerX "];
  const strange = [
    ...[`${token}0`, `0${token}`, `${token}${token}`, token.split("").reverse().join("")],
    ...[`"${token}"`, `${token},`, `${token} x`, `${token}\0`, `${token}%00`, `x ${token}`],
    ...["null", "undefined", "true", "[object Object]", "\xff".repeat(64), "é".repeat(32)],
    ...["0".repeat(64), "f".repeat(64), " ".repeat(64), "*", "a".repeat(8_000)],
    token.replaceAll("a", "\xaa"),
    token.replace(/[a-f]/, (letter) => letter.toUpperCase()),
  ].filter((guess) => guess !== token);
  return [
    ...[...flipped, ...prefixes, ...strange].map((guess) => `Bearer ${guess}`),
    ...schemes.map((scheme) => scheme + token),
    token,
  ];
}

Deno.test("no guess is taken for the token, however near it comes", async () => {
  await using attacked = await Attacked.create();
  const { port, api, start } = attacked;
  const body = JSON.stringify({
    request: start,
    caller: { name: "terminal", working_directory: "/", environment: {} },
  });
  const guesses = guessesOf(api.token);
  for (const authorization of guesses) {
    const { status, text } = await speak(
      port,
      rawRequest([
        "POST /api/ctrl HTTP/1.1",
        `Host: 127.0.0.1:${port}`,
        "Content-Type: application/json",
        `X-Persistproc-Version: ${VERSION}`,
        `Authorization: ${authorization}`,
        `Content-Length: ${body.length}`,
      ], body),
    );
    // NUL is not even HTTP.
    assert(
      status === 403 || (status === 400 && authorization.includes("\0")),
      `${authorization}\n${text}`,
    );
    assert(!text.includes(api.token), text);
  }
  await attacked.assertUnharmed();
  await tellAttack({ attack: "guesses of the token", times: guesses.length });
});

Deno.test("a preflight of a page is refused on every route, and no answer allows it anything", async () => {
  await using attacked = await Attacked.create();
  const { port } = attacked;
  const origins = [
    "http://evil.example",
    "null",
    `http://localhost:${port + 1}`,
    `http://localhost:${port}`,
  ];
  let times = 0;
  for (const path of [...ROUTES.keys(), "/nowhere", "*"]) {
    for (const origin of origins) {
      const { status, text } = await speak(
        port,
        rawRequest([
          `OPTIONS ${path} HTTP/1.1`,
          `Host: 127.0.0.1:${port}`,
          `Origin: ${origin}`,
          "Access-Control-Request-Method: POST",
          "Access-Control-Request-Headers: content-type, authorization",
          "Access-Control-Request-Private-Network: true",
        ]),
      );
      assert(status !== null && status >= 400 && status < 500, text);
      assert(!/access-control-/i.test(text), text);
      times++;
    }
  }
  await attacked.assertUnharmed();
  await tellAttack({ attack: "preflights", times });
});

/** Ways to write a path that some servers take for another one. */
function spellings(path: string): string[] {
  const [, first = "", ...rest] = path.split("/");
  const tail = rest.length > 0 ? `/${rest.join("/")}` : "";
  return [
    `/../${first}${tail}`,
    `/x/../${first}${tail}`,
    `/x/%2e%2e/${first}${tail}`,
    `/x/..%2f${first}${tail}`,
    `/x/%2e%2e%2f${first}${tail}`,
    `/.%2e/${first}${tail}`,
    `//${first}${tail}`,
    `/./${first}${tail}`,
    `/%2f${first}${tail}`,
    `/${first}${tail}%00`,
    `/${first}${tail}\0`,
    `/${first}${tail}%20`,
    `/${first}${tail};x`,
    `/${first}${tail}/.`,
    `/${first}${tail}//`,
    `\\${first}${tail}`,
    `/${first}%5c..${tail}`,
    `/${first.toUpperCase()}${tail}`,
    `/%${first.charCodeAt(0).toString(16)}${first.slice(1)}${tail}`,
    `http://evil.example/${first}${tail}`,
    `file:///${first}${tail}`,
    `/${first}${tail}?../../etc/passwd`,
  ];
}

Deno.test("no spelling of a path gets around the guard, or at a file", async () => {
  // All that needs the token: nothing that comes without may be answered.
  await using attacked = await Attacked.create(["--require-token"]);
  const { port, call, start } = attacked;
  const caller = { name: "terminal", working_directory: "/", environment: {} };
  const bodies = [JSON.stringify(call), JSON.stringify({ request: start, caller })];
  let times = 0;
  for (const path of [...ROUTES.keys(), "/data/token", "/etc/passwd", "/proc/self/environ"]) {
    for (const target of spellings(path)) {
      for (const body of bodies) {
        const lines = [`POST ${target} HTTP/1.1`, `Host: 127.0.0.1:${port}`];
        lines.push("Content-Type: application/json", `Content-Length: ${body.length}`);
        const { status, text } = await speak(port, rawRequest(lines, body));
        assert(status !== null && status >= 400 && status < 500, `${target}\n${text}`);
        assert(!text.includes("root:") && !text.includes(attacked.api.token), text);
        times++;
      }
    }
  }
  await attacked.assertUnharmed();
  await tellAttack({ attack: "spellings of paths", times });
});

const TRAVERSALS = [
  "..",
  "../..",
  "../../token",
  "/etc/passwd",
  "%2e%2e/x",
  "..\\x",
  "\0",
  ".",
  "",
];

Deno.test("no id, label or cursor is a path", async () => {
  await using workspace = await Workspace.create();
  await workspace.serve();
  const api = await Api.of(workspace);
  for (const id of TRAVERSALS) {
    const asked = [
      api.get(`/api/events?process=${encodeURIComponent(id)}`),
      api.post("/api/wait", { run: `${id}-1`, request: { exit: true }, from: "now" }),
      api.post("/api/wait", { run: `${id}-../1`, request: { exit: true }, from: "now" }),
    ];
    for (const response of await Promise.all(asked)) {
      const text = await response.text();
      assert(text.includes('"not_found"'), `${id}: ${response.status} ${text}`);
    }
    const runs = await api.post("/api/runs", { target: {}, all: true, processes: [id] });
    assertEquals(await runs.json(), { processes: [], history: [] });
  }
  const before = await names(dirname(workspace.dataDirectory));
  for (const label of TRAVERSALS.filter((label) => label.trim() !== "" && label !== "\0")) {
    const { log_stdout } = await workspace.runJson(["start", "--label", label, "--", "true"]);
    const processes = join(workspace.dataDirectory, "processes");
    assert(/^\/[0-9a-f]{8}\/1\/stdout\.log$/.test(log_stdout.slice(processes.length)), log_stdout);
  }
  assertEquals(await names(dirname(workspace.dataDirectory)), before);
});

async function names(directory: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name).sort();
}
