import { assertEquals } from "@std/assert";
import { dataPaths, defaultDataDirectory } from "../../lib/system/paths.ts";

Deno.test("the data directory is where each system keeps such things", () => {
  const cases: [Record<string, string>, typeof Deno.build.os, string][] = [
    [{ HOME: "/home/u" }, "linux", "/home/u/.local/share/persistproc"],
    [{ HOME: "/home/u", XDG_DATA_HOME: "/data" }, "linux", "/data/persistproc"],
    [{ HOME: "/home/u", XDG_DATA_HOME: "" }, "linux", "/home/u/.local/share/persistproc"],
    // The XDG Base Directory Specification: a relative path is invalid and to be ignored.
    [{ HOME: "/home/u", XDG_DATA_HOME: "data" }, "linux", "/home/u/.local/share/persistproc"],
    [
      { HOME: "/Users/u", XDG_DATA_HOME: "/data" },
      "darwin",
      "/Users/u/Library/Application Support/persistproc",
    ],
  ];
  for (const [environment, os, expected] of cases) {
    assertEquals(defaultDataDirectory(environment, os), expected);
  }
});

Deno.test("every file of a data directory lies in it, and no two are the same", () => {
  const paths = Object.values(dataPaths("/data"));
  assertEquals(paths.filter((path) => !/^\/data\/[a-z.-]+$/.test(path)), []);
  assertEquals(new Set(paths).size, paths.length);
});
