/** `persistproc token`: prints the token of the data directory, or replaces it. */
import { dataPaths } from "../../system/paths.ts";
import { ensureDataDirectory } from "../../system/data_directory.ts";
import { readTextIfThere } from "../../system/files.ts";
import { Client } from "../client.ts";
import { settingsOf } from "../context.ts";
import { findServer } from "../discovery.ts";
import { printAs } from "../format/result.ts";
import type { Invocation } from "../parse.ts";
import type { Settings } from "../settings.ts";
import { printNote } from "../terminal/write.ts";

export default async function token(invocation: Invocation): Promise<number> {
  const settings = settingsOf(invocation);
  const rotate = invocation.options.flag("rotate");
  const server = await findServer(settings);
  const { token: path } = dataPaths(settings.dataDirectory);
  let value: string;
  if (server === null) value = await withoutServer(settings, rotate);
  else {
    if (rotate) await new Client(server).renewToken();
    value = rotate ? (await readTextIfThere(path) ?? "").trim() : server.token;
  }
  await printAs(settings, { token: value, path }, () => `${value}\n`);
  if (rotate) {
    await printNote(
      "The old token is refused from now on. Agents whose configuration holds it need the new one: " +
        "persistproc agents --install NAME\n",
    );
  }
  return 0;
}

/** The server that comes next finds the token; none can come meanwhile. */
async function withoutServer({ dataDirectory }: Settings, rotate: boolean): Promise<string> {
  const { lockDataDirectory } = await import("../../server/data_lock.ts");
  const { ensureToken, makeToken } = await import("../../server/token.ts");
  const paths = dataPaths(dataDirectory);
  await ensureDataDirectory(dataDirectory);
  using _lock = await lockDataDirectory(paths);
  return await (rotate ? makeToken : ensureToken)(paths.token);
}
