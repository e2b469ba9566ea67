/**
 * `list --watch` that never asks again by itself: what it shows anew, it was told of.
 * `watch_without_refresh.ts PORT DATA_DIRECTORY`, on a terminal.
 */
import { connect } from "../../lib/cli/connect.ts";
import { watchList } from "../../lib/cli/watch_list.ts";

const [port, dataDirectory = ""] = Deno.args;
const client = await connect({
  port: Number(port),
  portGiven: true,
  dataDirectory,
  format: "text",
  verbosity: 0,
  environment: Deno.env.toObject(),
  directory: Deno.cwd(),
}, "never");
Deno.exit(await watchList(client, {}, { refresh: 24 * 60 * 60 * 1_000 }));
