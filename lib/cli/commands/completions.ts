/** `persistproc completions`: prints what makes a shell complete our command lines. */
import { SCRIPTS } from "../complete/scripts.ts";
import type { Invocation } from "../parse.ts";
import { printResult } from "../terminal/write.ts";

export default async function completions({ operands: [shell = ""] }: Invocation): Promise<number> {
  await printResult(SCRIPTS[shell] ?? "");
  return 0;
}
