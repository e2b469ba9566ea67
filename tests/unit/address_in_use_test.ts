/** What the common ecosystems print when a port is taken. */
import { assertEquals } from "@std/assert";
import { findAddressInUse, portsOfCommand } from "../../lib/supervisor/address_in_use.ts";

/** As printed by the programs themselves; the port that each says, or null. */
const COMPLAINTS: Record<string, [port: number | null, output: string]> = {
  "Node": [3000, "Error: listen EADDRINUSE: address already in use :::3000\n    at Server.setup"],
  "Node, one address": [3000, "Error: listen EADDRINUSE: address already in use 127.0.0.1:3000"],
  "Node, IPv6": [3000, "Error: listen EADDRINUSE: address already in use ::1:3000"],
  "Node 20, with a stack and an object": [
    3456,
    [
      "Error: listen EADDRINUSE: address already in use :::3456",
      ...Array(10).fill("    at Server.setupListenHandle [as _listen2] (node:net:1908:16)"),
      "Emitted 'error' event on Server instance at:",
      "    at process.processTicksAndRejections (node:internal/process/task_queues:82:21) {",
      "  code: 'EADDRINUSE',\n  errno: -98,\n  syscall: 'listen',\n  address: '::',\n  port: 3456\n}",
      "\nNode.js v20.20.2",
    ].join("\n"),
  ],
  "Node, only the object": [4000, "{\n  code: 'EADDRINUSE',\n  errno: -98,\n  port: 4000\n}"],
  "Vite": [5173, "Error: Port 5173 is already in use\n    at Server.onError (chunks/dep.js:1:2)"],
  "Angular": [4200, "An unhandled exception occurred: Port 4200 is already in use."],
  "Create React App": [3000, "Something is already running on port 3000."],
  "Bun": [3000, 'error: Failed to start server. Is port 3000 in use?\n code: "EADDRINUSE"'],
  "Deno": [null, "error: Uncaught (in promise) AddrInUse: Address already in use (os error 98)"],
  "Python": [null, "OSError: [Errno 98] Address already in use"],
  "Python on macOS": [null, "OSError: [Errno 48] Address already in use"],
  "asyncio, uvicorn": [
    8000,
    "ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): " +
    "address already in use",
  ],
  "gunicorn": [
    8000,
    "[2026-01-01 10:00:00 +0000] [7] [ERROR] Connection in use: ('127.0.0.1', 8000)",
  ],
  "Flask": [5000, "Address already in use\nPort 5000 is in use by another program."],
  "Django": [
    8000,
    "Starting development server at http://127.0.0.1:8000/\nError: That port is already in use.",
  ],
  "Go": [8080, "2026/01/01 10:00:00 listen tcp :8080: bind: address already in use\nexit status 1"],
  "Go, one address": [8080, "panic: listen tcp 127.0.0.1:8080: bind: address already in use"],
  "Go, IPv6": [8080, "listen tcp [::1]:8080: bind: address already in use"],
  "Rust": [null, 'Os { code: 98, kind: AddrInUse, message: "Address already in use" }'],
  "Rust, axum": [3000, "failed to bind 0.0.0.0:3000: Address already in use (os error 98)"],
  "Java": [null, "java.net.BindException: Address already in use"],
  "Spring Boot": [8080, "Web server failed to start. Port 8080 was already in use."],
  "Jetty": [8080, "java.io.IOException: Failed to bind to 0.0.0.0/0.0.0.0:8080"],
  "Ruby": [
    3000,
    'Address already in use - bind(2) for "127.0.0.1" port 3000 (Errno::EADDRINUSE)',
  ],
  "nginx": [80, "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)"],
  "nginx, IPv6": [8081, "nginx: [emerg] bind() to [::]:8081 failed (98: Address already in use)"],
  "PostgreSQL": [
    5432,
    '2026-01-01 10:00:00 UTC [7] LOG:  could not bind IPv4 address "127.0.0.1": ' +
    "Address already in use\n2026-01-01 10:00:00 UTC [7] HINT:  Is another postmaster already " +
    "running on port 5432? If not, wait a few seconds and retry.",
  ],
  "Docker": [5432, "Bind for 0.0.0.0:5432 failed: port is already allocated"],
  "PHP": [8000, "Failed to listen on localhost:8000 (reason: Address already in use)"],
  ".NET": [5000, "Failed to bind to address http://127.0.0.1:5000: address already in use."],
  "Elixir": [
    4000,
    "in :ranch_tcp:listen([port: 4000]) for reason :eaddrinuse (address already in use)",
  ],
};

for (const [who, [port, output]] of Object.entries(COMPLAINTS)) {
  Deno.test(`a taken port is recognised as ${who} says it`, () => {
    const found = findAddressInUse(["starting", ...output.split("\n"), "bye"]);
    // Django says only before its complaint where it wanted to listen.
    const named = who === "Django" ? found?.nearby[0] : found?.port;
    assertEquals([named, found !== null], [port, true]);
  });
}

Deno.test("what is no complaint about a port is not taken for one", () => {
  const lines = [
    "Local: http://localhost:5173/",
    "listening on port 3000",
    "the port is in the harbour",
    "GET /ports 200",
    "connect ECONNREFUSED 127.0.0.1:5432",
    "Using port 3000",
  ];
  for (const line of lines) assertEquals(findAddressInUse([line]), null, line);
});

Deno.test("the newest complaint counts", () => {
  const lines = ["Port 3000 is already in use", ...Array(30).fill("x"), "Port 3001 is in use"];
  assertEquals(findAddressInUse(lines)?.port, 3001);
});

Deno.test("ports are guessed from a command and its environment", () => {
  assertEquals(portsOfCommand(["python", "-m", "http.server", "8000"], {}), [8000]);
  assertEquals(portsOfCommand(["next", "dev", "--port=3000", "-H", "0.0.0.0:81"], {}), [3000, 81]);
  assertEquals(portsOfCommand(["sh", "-c", "serve -p 3000"], { PORT: "4000" }), [3000, 4000]);
  assertEquals(portsOfCommand(["x", "99999", "v1.2"], { PORT: "no" }), []);
});
