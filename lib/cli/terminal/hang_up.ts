/** Staying when the terminal goes: SIGHUP under nohup(1). */
import { askProgram } from "../../system/ask.ts";

/**
 * Goes on ignoring SIGHUP if this program was started so. Deno catches the signal some moments after
 * its start, and then it would end us. To be called before anything listens to a signal.
 */
export async function keepIgnoringHangUp(): Promise<void> {
  // nohup sends the output of whatever it starts to a file.
  if (Deno.stdout.isTerminal()) return;
  const ignored = await askProgram("ps", ["-o", "ignored=", "-p", String(Deno.pid)]);
  const mask = /^\s*([0-9a-f]+)\s*$/i.exec(ignored ?? "")?.[1] ?? "0";
  // Signal n is bit n - 1, and SIGHUP is signal 1.
  if (BigInt(`0x${mask}`) & 1n) Deno.addSignalListener("SIGHUP", () => {});
}
