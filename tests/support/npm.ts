/** Whether real programs can be had from npm. */

/** For `ignore` of tests that install something. */
export async function hasNpm(): Promise<boolean> {
  try {
    return (await new Deno.Command("npm", { args: ["--version"] }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
