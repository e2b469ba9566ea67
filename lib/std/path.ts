/** Types for the parts of `@std/path` that are used; see `deno.json` and the README. */
import * as std from "deno-std/path/mod.js";

export const basename: (path: string, suffix?: string) => string = std.basename;
export const dirname: (path: string) => string = std.dirname;
export const fromFileUrl: (url: string | URL) => string = std.fromFileUrl;
export const isAbsolute: (path: string) => boolean = std.isAbsolute;
export const join: (path: string, ...paths: string[]) => string = std.join;
export const relative: (from: string, to: string) => string = std.relative;
export const resolve: (...pathSegments: string[]) => string = std.resolve;
