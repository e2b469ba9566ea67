/** Recognising in a program's output that the port it wanted is taken, and which port that was. */

/** A program's complaint that an address is in use. */
export interface AddressInUse {
  /** The port that it names; null when it names none. */
  port: number | null;
  /** Ports that were spoken of near by: one of them may be meant. */
  nearby: number[];
}

/** How the common run times, servers and tools say it. */
const COMPLAINT = new RegExp(
  [
    "EADDRINUSE", // Node, Bun, Ruby, Elixir
    "AddrInUse", // Rust, Deno
    "address (?:is )?already in use", // Go, Python, Java, Ruby, nginx, PostgreSQL, .NET, PHP
    "\\bport\\b.{0,40}\\b(?:already )?in use\\b", // Vite, Angular, Flask, Django, Spring
    "already running on port", // Create React App, PostgreSQL
    "connection in use", // gunicorn
    "port is already allocated", // Docker
    "failed to bind to .*:\\d+", // Jetty, Netty
  ].join("|"),
  "i",
);

/** Where a complaint has its port, the surest form first. */
const NAMED = [
  /\bport(?: number)?\b[ :=#]*(?:is )?(\d{1,5})\b/i, // "Port 5173 is already in use", "port: 3000"
  /\('[^']*', (\d{1,5})\)/, // Python: ('127.0.0.1', 8000)
  /(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]|localhost|\*):(\d{1,5})\b/i, // an address: 0.0.0.0:80
  /::(?:[0-9a-f:]*:)?(\d{1,5})\b/i, // one without brackets: :::3000, ::1:3000
  /(?:^|\s):(\d{1,5})\b/, // Go: "listen tcp :8080: bind: …"
  /https?:\/\/[^\s/]+:(\d{1,5})\b/,
];

/** A line of the error object that Node prints behind a stack. */
const OBJECT_PORT = /^\s*port: (\d{1,5}),?$/;

/** Lines before and behind the newest complaint that belong to it: one failure is told at length. */
const LINES_BEFORE = 25;
const LINES_BEHIND = 8;

/** The newest complaint among some lines of output; null when there is none. */
export function findAddressInUse(lines: readonly string[]): AddressInUse | null {
  const at = lines.findLastIndex((line) => COMPLAINT.test(line));
  if (at < 0) return null;
  const around = lines.slice(Math.max(0, at - LINES_BEFORE), at + 1 + LINES_BEHIND).reverse();
  for (const line of around) {
    const port = COMPLAINT.test(line) ? portIn(line) : Number(OBJECT_PORT.exec(line)?.[1]) || null;
    if (port !== null) return { port, nearby: [] };
  }
  return { port: null, nearby: [...new Set(around.map(portIn).filter((port) => port !== null))] };
}

function portIn(line: string): number | null {
  for (const form of NAMED) {
    const port = Number(form.exec(line)?.[1]);
    if (port > 0 && port < 65_536) return port;
  }
  return null;
}

/** Ports that a command line and an environment may mean: `--port 3000`, `-p 3000`, `PORT=3000`. */
export function portsOfCommand(
  command: readonly string[],
  environment: Readonly<Record<string, string>>,
): number[] {
  const words = command.flatMap((word) => word.split(/[\s=]+/));
  const numbers = words.map((word) => /^(?:.*:)?(\d{2,5})$/.exec(word)?.[1])
    .concat(environment["PORT"]);
  return [...new Set(numbers.map(Number).filter((port) => port > 0 && port < 65_536))];
}
