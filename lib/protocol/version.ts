/** The version of this program, as `--version`, `/health` and MCP report it. */
export const VERSION = "0.3.0";
