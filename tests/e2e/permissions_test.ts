/** The permissions that an executable was built with, read from itself. */
import { assertEquals } from "@std/assert";

const executable = Deno.env.get("PERSISTPROC_EXECUTABLE");

Deno.test({
  name: executable
    ? "the executable carries the permissions of deno.json, and can not ask for more"
    : "the executable carries the permissions of deno.json (left out: it is run from source)",
  ignore: !executable,
  async fn() {
    const { stdout } = await new Deno.Command("grep", {
      args: ["-a", "-o", '"permissions":{"allow_[^}]*}', executable ?? ""],
    }).output();
    const [line = ""] = new TextDecoder().decode(stdout).split("\n");
    const carried = JSON.parse(`{${line}}`).permissions;
    // What is an empty list is not restricted; null is not allowed at all.
    const { allow_import: _whatDenyImportDenies, ...rest } = carried;
    const granted = Object.entries(rest).filter(([, value]) => value !== null && value !== false);
    assertEquals(Object.fromEntries(granted), {
      allow_env: [],
      allow_net: ["127.0.0.1", "[::1]"],
      allow_read: [],
      allow_run: [],
      allow_sys: ["uid"],
      allow_write: [],
      deny_import: [],
    });
    assertEquals(carried.prompt, false);
  },
});
