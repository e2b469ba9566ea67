/** What a command costs, against a compiled program that prints one line. */
import type { Workspace } from "../../tests/support/workspace.ts";
import { compare, elapsed, type Row } from "./measure.ts";

const rounds = 40;

/** Needs a server that runs in the workspace. */
export async function benchmarkCommands(workspace: Workspace): Promise<Row[]> {
  const source = await workspace.write("hello/hello.ts", `console.log("hello");\n`);
  const hello = workspace.path("hello/hello");
  const compiled = await new Deno.Command(Deno.execPath(), {
    args: ["compile", "-q", "--no-config", "--output", hello, source],
  }).output();
  if (!compiled.success) throw new Error(new TextDecoder().decode(compiled.stderr));

  await workspace.run(["start", "sleep", "1000"]);
  const baseline = () => elapsed(() => workspace.spawnCommand([hello], { stdin: "" }).end());
  const command = (args: string[]) => () => elapsed(() => workspace.run(args));
  const list = command(["list"]);
  const version = command(["--version"]);
  const rows = [
    await compare({ name: "list", rounds, aim: 3, measured: list, baseline }),
    await compare({ name: "--version", rounds, aim: 2, measured: version, baseline }),
  ];
  await workspace.run(["stop", "sleep", "1000"]);
  return rows;
}
