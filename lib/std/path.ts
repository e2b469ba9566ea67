/**
 * Types for the parts of `@std/path` that are used; see `deno.json` and the README.
 *
 * Function by function and for POSIX only, as the program is: loading all of the package would take
 * a short command as long as everything else it does.
 */
import * as basenameModule from "deno-std/path/posix/basename.js";
import * as dirnameModule from "deno-std/path/posix/dirname.js";
import * as fromFileUrlModule from "deno-std/path/posix/from_file_url.js";
import * as isAbsoluteModule from "deno-std/path/posix/is_absolute.js";
import * as joinModule from "deno-std/path/posix/join.js";
import * as relativeModule from "deno-std/path/posix/relative.js";
import * as resolveModule from "deno-std/path/posix/resolve.js";

export const basename: (path: string, suffix?: string) => string = basenameModule.basename;
export const dirname: (path: string) => string = dirnameModule.dirname;
export const fromFileUrl: (url: string | URL) => string = fromFileUrlModule.fromFileUrl;
export const isAbsolute: (path: string) => boolean = isAbsoluteModule.isAbsolute;
export const join: (path: string, ...paths: string[]) => string = joinModule.join;
export const relative: (from: string, to: string) => string = relativeModule.relative;
export const resolve: (...pathSegments: string[]) => string = resolveModule.resolve;
