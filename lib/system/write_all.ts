/** Writing to files, however much of it each write takes. */

/** Writes all of some bytes where the file stands: write(2) may take only a part of them. */
export function writeAllSync(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += file.writeSync(bytes.subarray(written));
  }
}
