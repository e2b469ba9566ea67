/** Somebody who waits for a port to be free for an instant, and notes what is then sent to it. */

const [hostname, port] = ["127.0.0.1", Number(Deno.args[0])];
const say = (text: string) => Deno.stdout.write(new TextEncoder().encode(text));

/** As fast as it can: whoever listens may be back in a fraction of a millisecond. */
function steal(): Deno.Listener {
  for (;;) {
    try {
      return Deno.listen({ hostname, port });
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

await say("waiting\n");
using listener = steal();
await say("stolen\n");
for await (const connection of listener) {
  const block = new Uint8Array(64 * 1024);
  const count = await connection.read(block).catch(() => null) ?? 0;
  await say(new TextDecoder().decode(block.subarray(0, count)));
  try {
    await connection.write(new TextEncoder().encode("HTTP/1.0 200 OK\r\n\r\n{}"));
    connection.close();
  } catch {
    // Whoever asked has hung up.
  }
}
