/** Messages of MCP from somebody who may call, each with a fault: none of them may start a process. */
import type { Chance } from "../faults.ts";

type Json = unknown;
type Fields = Record<string, Json>;

const ODD: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  "",
  " ",
  "\0",
  "../../../etc",
  "__proto__",
  "\u202e\x1b[2J",
  "\ud800",
  "a".repeat(10_000),
  [],
  [[[[]]]],
  {},
  { length: 1 },
  { toString: "x" },
];

/** Any value that JSON has, some levels deep. */
export function anything(chance: Chance, depth = 3): Json {
  if (depth === 0 || chance.below(2) === 0) return chance.one(ODD);
  const size = chance.below(4);
  if (chance.below(2) === 0) return Array.from({ length: size }, () => anything(chance, depth - 1));
  const names = ["a", "constructor", "__proto__", "name", "arguments", "action", ""];
  return Object.fromEntries(
    Array.from({ length: size }, () => [chance.one(names), anything(chance, depth - 1)]),
  );
}

/** Faults of which each alone makes a start impossible. */
const FAULTS: readonly ((chance: Chance) => Fields)[] = [
  (chance) => ({
    working_directory: chance.one(["relative", "", "/nonexistent", "/dev/null", "/\0", 5, {}, [
      "/",
    ]]),
  }),
  (chance) => ({
    command_or_label: chance.one(["", " ", "'open", "/nonexistent/program", "\0", 5, {}, ["ls"]]),
  }),
  (chance) => ({
    action: chance.one(["START", "start ", "", "exec", "__proto__", 1, {}, ["start"]]),
  }),
  (chance) => ({ label: chance.one(["\x1b[2J", "a\nb", "\u202e", "a".repeat(201), 5, {}, []]) }),
  (chance) => ({ environment: chance.one([5, "x", [], { A: 1 }, { A: null }, { A: {} }]) }),
  (chance) => ({
    [chance.one(["cmd", "shell", "Action", "__proto__x", "uid"])]: anything(chance),
  }),
  (chance) => ({
    wait_for: chance.one<Json>([
      { http: "http://attacker.example/" },
      { http: "file:///etc/passwd" },
      { timeout_seconds: -1, exit: true },
      { pattern: "(" },
      { port: 0 },
      {},
      [],
      5,
    ]),
  }),
];

function faultyStart(chance: Chance, start: Fields): Fields {
  const fields: Fields = { ...start };
  for (let n = 1 + chance.below(3); n > 0; n--) Object.assign(fields, chance.one(FAULTS)(chance));
  return fields;
}

const otherCall = (chance: Chance): Fields =>
  chance.one<(chance: Chance) => Fields>([
    () => ({ name: "list", arguments: { pid: anything(chance) } }),
    () => ({
      name: "list",
      arguments: { command_or_label: chance.one(["../x", "\0", "", "own"]) },
    }),
    () => ({ name: "output", arguments: { cursor: anything(chance), lines: anything(chance) } }),
    () => ({ name: "output", arguments: { grep: chance.one(["(", "(a+)+$", ".", "\\"]) } }),
    () => ({ name: "output", arguments: { since_time: anything(chance) } }),
    () => ({
      name: "ctrl",
      arguments: { action: "stop", pid: chance.one([0, 1, 4_194_304, -1]) },
    }),
    () => ({ name: "ctrl", arguments: { action: "input", text: anything(chance) } }),
    () => ({ name: "ctrl", arguments: { action: "restart", label: "nobody" } }),
    () => ({ name: anything(chance), arguments: anything(chance) }),
    () => ({ name: chance.one(["eval", "shell", "CTRL", "ctrl "]), arguments: {} }),
  ])(chance);

/** A message, or several, as the text of a body. */
export function faultyMessage(chance: Chance, start: Fields): string {
  const call = (): Fields =>
    chance.below(2) === 0
      ? { name: "ctrl", arguments: faultyStart(chance, start) }
      : otherCall(chance);
  const envelope = (): Json => {
    const message: Fields = { jsonrpc: "2.0", id: chance.below(1e6), method: "tools/call" };
    message.params = call();
    switch (chance.below(30)) {
      case 0:
        message.id = anything(chance);
        break;
      case 1:
        delete message.id;
        break;
      case 2:
        message.jsonrpc = anything(chance);
        break;
      case 3:
        message.method = chance.one(["tools/Call", "initialize", "tools/list", "ping", "", "x/y"]);
        break;
      case 4:
        message.method = anything(chance);
        break;
      case 5:
        message.params = anything(chance);
        break;
      case 6:
        Object.assign(message, { result: anything(chance), error: anything(chance) });
        break;
      case 7:
        message.params = { ...call(), _meta: anything(chance), task: anything(chance) };
        break;
      case 8:
        return anything(chance);
    }
    return message;
  };
  if (chance.below(12) === 0) {
    return JSON.stringify(Array.from({ length: chance.below(20) }, envelope));
  }
  const text = JSON.stringify(envelope());
  switch (chance.below(30)) {
    case 0:
      return text.slice(0, chance.below(text.length));
    case 1:
      return `${text}${text}`;
    case 2:
      return "[".repeat(5_000) + "]".repeat(5_000);
    case 3:
      return text.replace("{", '{"__proto__":{"action":"start"},"id":1,');
    default:
      return text;
  }
}
