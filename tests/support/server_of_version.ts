/** A server that says it is of another version: `server_of_version.ts VERSION PORT DATA_DIRECTORY`. */
import { runServer } from "../../lib/server/serve.ts";

const [version, port, dataDirectory = ""] = Deno.args;
await runServer({
  port: Number(port),
  dataDirectory,
  keepOnSignal: false,
  version,
  onListening() {},
  log() {},
});
