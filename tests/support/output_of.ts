/** Asking the system's own tools. */

/** What a command prints on its standard output, without the white space around it. */
export async function outputOf(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(command, { args, stderr: "null" }).output();
  return new TextDecoder().decode(stdout).trim();
}
