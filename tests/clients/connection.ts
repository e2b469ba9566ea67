/** Connecting a client by persistproc, in the home of a workspace, and disconnecting it. */
import { assert, assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import type { Workspace } from "../support/workspace.ts";
import { Recorder } from "./recorder.ts";

/** Puts a file where it belongs and returns its path. */
export async function put(workspace: Workspace, file: string, text: string): Promise<string> {
  const path = join(workspace.environment.HOME ?? "", file);
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
  return path;
}

/** A client's configuration in the home of a workspace. */
export interface Configured {
  id: string;
  /** Its path. */
  file: string;
  /** What is in it before. */
  before: string;
}

/** Connects a client as its users would, over a transport that is recorded. */
export async function connect(
  workspace: Workspace,
  { id, file }: Configured,
  transport: "http" | "stdio",
): Promise<Recorder> {
  if (transport === "http") {
    const recorder = Recorder.http(workspace);
    const env = { PERSISTPROC_PORT: String(recorder.port) };
    const { code, stderr } = await workspace.run(["agents", "--install", id], { env });
    assertEquals(code, 0, stderr);
    return recorder;
  }
  const { code, stderr } = await workspace.run(["agents", "--install", id, "--stdio"]);
  assertEquals(code, 0, stderr);
  const text = await Deno.readTextFile(file);
  const [program] = /\/[^"]*\/persistproc(?=")/.exec(text) ?? [];
  assert(program !== undefined, text);
  return await Recorder.stdio(workspace, file, program);
}

/** Takes the connection back, and makes sure that nothing else has changed. */
export async function disconnect(
  workspace: Workspace,
  { id, file, before }: Configured,
  connected: string,
): Promise<void> {
  const left = await Deno.readTextFile(file);
  const { code, stderr } = await workspace.run(["agents", "--remove", id]);
  assertEquals(code, 0, stderr);
  const text = await Deno.readTextFile(file);
  if (left === connected) return assertEquals(text, before);
  // The client has written in it, too.
  const { mcpServers: { persistproc: _, ...servers }, ...rest } = JSON.parse(left);
  assertEquals(JSON.parse(text), { ...rest, mcpServers: servers });
}
