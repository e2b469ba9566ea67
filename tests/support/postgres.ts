/** A real PostgreSQL, whose workers lead sessions of their own and overwrite their environment. */
import { join } from "@std/path";
import { isInstalled } from "./installed.ts";
import type { Workspace } from "./workspace.ts";

/** A database cluster, made for one test. */
export interface Cluster {
  /** Starts the server in the foreground, as the user that PostgreSQL demands. */
  command: string[];
}

async function output(command: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${command}: ${decoder.decode(stderr)}${decoder.decode(stdout)}`);
  return decoder.decode(stdout).trim();
}

/** The directory of PostgreSQL's programs, or null on a machine without. */
async function findPrograms(): Promise<string | null> {
  const directories = (Deno.env.get("PATH") ?? "").split(":");
  for (
    const version of await Array.fromAsync(Deno.readDir("/usr/lib/postgresql")).catch(() => [])
  ) {
    directories.push(join("/usr/lib/postgresql", version.name, "bin"));
  }
  for (const directory of directories) {
    const has = (name: string) => Deno.stat(join(directory, name)).then(() => true, () => false);
    if (await has("postgres") && await has("initdb")) return directory;
  }
  return null;
}

/** Makes a cluster on a port; null, and why, where that can not be. */
export async function makeCluster(
  workspace: Workspace,
  port: number,
): Promise<Cluster | { missing: string }> {
  const programs = await findPrograms();
  if (programs === null) return { missing: "there is no PostgreSQL on this machine" };
  // PostgreSQL refuses to run as root.
  const isRoot = await output("id", ["-u"]) === "0";
  const root = join(workspace.directory, "..");
  const data = workspace.path("cluster");
  await Deno.mkdir(data, { mode: 0o700 });
  let asUser: string[] = [];
  if (isRoot) {
    const user = "nobody";
    const [uid, gid] = [await output("id", ["-u", user]), await output("id", ["-g", user])];
    if (!await isInstalled("setpriv")) return { missing: "this is root, and there is no setpriv" };
    asUser = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
    await Deno.chmod(root, 0o711);
    await Deno.chown(data, Number(uid), Number(gid));
  }
  const [program = "", ...args] = [...asUser, join(programs, "initdb"), "-N", "-A", "trust", "-D"];
  await output(program, [...args, data]);
  const options = ["-D", data, "-k", data, "-h", "127.0.0.1", "-p", String(port)];
  return { command: [...asUser, join(programs, "postgres"), ...options] };
}
