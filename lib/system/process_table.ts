/** The processes of this machine. */
import { ProcTable } from "./proc_table.ts";
import { PsTable } from "./ps_table.ts";

/** One process, as far as the supervisor needs to know it. */
export interface ProcessEntry {
  pid: number;
  parent: number;
  group: number;
  /** 0 where the system does not tell. */
  session: number;
  zombie: boolean;
  /** Stopped, as by SIGSTOP: until somebody continues it, it does nothing. */
  stopped: boolean;
  /**
   * When it started, in the system's own unit: together with the PID and the boot it names one
   * process for ever (Linux: clock ticks since boot, field 22 of `/proc/PID/stat`, proc(5)).
   */
  started: string;
  /** The name of its program, as the kernel knows it. */
  command: string;
  /** Processor time that it has used, in milliseconds. */
  cpu: number;
  /** Its resident memory in bytes, what it shares with others included. */
  memory: number;
  /** Whether SIGTERM means nothing to it, as to a shell that somebody types in; false if unknown. */
  ignoresTerm: boolean;
  /** Whether it has a handler for SIGTERM; false if unknown. */
  catchesTerm: boolean;
}

/** All processes at one time. */
export interface ProcessScan {
  entries: ProcessEntry[];
  /** The run whose mark each process carries in its environment, as far as we may read it, by PID. */
  marks: Map<number, string>;
}

/** Looks processes up. */
export interface ProcessTable {
  /** Tells one boot of the machine from the next; empty where the system does not say. */
  bootId(): Promise<string>;
  /** Those of the given PIDs that exist. */
  lookup(pids: readonly number[]): Promise<Map<number, ProcessEntry>>;
  /** All processes. */
  scan(): Promise<ProcessScan>;
}

/** The process table of this system. */
export function systemProcessTable(): ProcessTable {
  return Deno.build.os === "linux" ? new ProcTable() : new PsTable();
}
