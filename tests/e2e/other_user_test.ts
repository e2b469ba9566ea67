/** Another user of the same machine gets nothing from the server. Needs root, to be another user. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { asOtherUser, httpRequest, noOtherUser, sendAsOtherUser } from "../support/other_user.ts";
import { Workspace } from "../support/workspace.ts";

const call = (name: string, parameters: Record<string, unknown>) => ({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name, arguments: parameters },
});

Deno.test({
  ...asOtherUser("F54 another user is refused on every route, and starts nothing"),
  async fn() {
    await using workspace = await Workspace.create();
    await workspace.serve();
    const { port } = workspace;
    const start = call("ctrl", {
      action: "start",
      command_or_label: `touch ${workspace.path("started")}`,
      working_directory: workspace.directory,
    });
    const refused = async (request: Parameters<typeof httpRequest>[1], words: string) => {
      const answer = await sendAsOtherUser(port, httpRequest(port, request));
      assertMatch(answer, /^HTTP\/1\.1 403 /, `${request.path}: ${answer}`);
      assertStringIncludes(answer, words);
    };
    for (const path of ["/mcp", "/mcp/", "/"]) {
      await refused({ path, body: start }, "another user's");
    }
    await refused({ path: "/health?nonce=abc" }, "another user's");
    for (const path of ["/api/ctrl", "/api/list", "/api/shutdown", "/api/token"]) {
      await refused({ path, body: {} }, "needs the token");
    }
    const guess = { authorization: `Bearer ${"0".repeat(64)}` };
    await refused({ path: "/mcp", body: start, headers: guess }, "not the token");

    const own = await workspace.agent();
    const { structured } = await own.call("list");
    assertEquals(structured?.processes, []);

    // The token is what counts, for whoever has been given it.
    const token = (await Deno.readTextFile(join(workspace.dataDirectory, "token"))).trim();
    const given = httpRequest(port, {
      path: "/mcp",
      body: call("list", {}),
      headers: { authorization: `Bearer ${token}` },
    });
    assertMatch(await sendAsOtherUser(port, given), /^HTTP\/1\.1 200 /);
  },
});

/**
 * Sends a start as another user, breaks the connection off, and connects from the same port as the
 * user himself, so that the table shows that port as his when the server looks.
 */
const TAKE_OVER = `
import os, socket, struct, sys
port, other, message = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].encode()
def client(source):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", source))
    s.connect(("127.0.0.1", port))
    return s
asked, ask = os.pipe()
done, tell = os.pipe()
if os.fork() == 0:
    os.close(ask)
    os.setgid(other); os.setuid(other)
    attempt = 0
    while source := os.read(asked, 5):
        s = client(int(source))
        s.sendall(message.replace(b"ATTEMPT", b"%07d" % attempt))
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        s.close()
        os.write(tell, b"x")
        attempt += 1
    os._exit(0)
for attempt in range(60):
    # Below what the system gives to others (ip(7), ip_local_port_range).
    source = 30000 + (os.getpid() * 61 + attempt) % 2700
    os.write(ask, b"%05d" % source)
    os.read(done, 1)
    mine = client(source)
    mine.settimeout(0.05)
    try: mine.recv(1)
    except TimeoutError: pass
    mine.close()
os.close(ask)
os.wait()
print("done")
`;

const noPython = (await new Deno.Command("/bin/sh", {
    args: ["-c", "command -v python3"],
    stdout: "null",
  }).output()).success
  ? null
  : "there is no python3";

Deno.test({
  ...asOtherUser("another user whose port this user has a moment later is refused all the same"),
  ...(noOtherUser ?? noPython) === null ? {} : { ignore: true },
  async fn() {
    await using workspace = await Workspace.create();
    await workspace.serve();
    await workspace.agent();
    const started = workspace.path("started");
    await Deno.mkdir(started);
    const message = httpRequest(workspace.port, {
      path: "/mcp",
      body: call("ctrl", {
        action: "start",
        command_or_label: `touch ${started}/ATTEMPT`,
        working_directory: workspace.directory,
      }),
    }).replace("Connection: close\r\n", "");
    const child = workspace.spawnCommand(
      ["python3", "-c", TAKE_OVER, String(workspace.port), "65534", message],
      { stdin: "" },
    );
    const { stdout, stderr } = await child.end();
    assertEquals(stdout, "done\n", stderr);
    const agent = await workspace.agent();
    const { structured } = await agent.call("list");
    assertEquals(structured?.processes, []);
    assert(Array.from(Deno.readDirSync(started)).length === 0);
  },
});
