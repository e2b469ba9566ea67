/** What went wrong, in the words that the caller reads: never a stack trace. */
import { printable } from "./printable.ts";

/** The kinds of failure; a caller may branch on them, the text is for people and models. */
export type ErrorCode =
  | "invalid_request"
  | "not_found"
  | "not_running"
  | "ambiguous"
  | "label_taken"
  | "spawn_failed"
  | "forbidden"
  | "limit_reached"
  | "input_full"
  | "server_unreachable"
  | "server_mismatch"
  | "storage"
  | "internal";

/** One process that a failed call may have meant. */
export interface Candidate {
  pid: number | null;
  label: string;
  command: string;
  working_directory: string;
  status: string;
}

/** The wire form of a failure: the body of every non-2xx answer of `/api`. */
export interface ErrorBody {
  error: {
    code: ErrorCode;
    /** One sentence: what is wrong. */
    message: string;
    /** One sentence: what to do next. */
    hint?: string;
    candidates?: Candidate[];
  };
}

/** Whether an answer is a failure that the server explains. */
export function isErrorBody(body: unknown): body is ErrorBody {
  const error = (body as Partial<ErrorBody> | null)?.error;
  return typeof error?.code === "string" && typeof error.message === "string";
}

/** A failure that is meant to be shown. Everything else that is thrown is a bug. */
export class PersistprocError extends Error {
  override name = "PersistprocError";
  readonly code: ErrorCode;
  readonly hint?: string;
  readonly candidates?: Candidate[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; candidates?: Candidate[] } = {},
  ) {
    super(message);
    this.code = code;
    this.hint = options.hint;
    this.candidates = options.candidates;
  }

  /** The wire form of this failure. */
  toBody(): ErrorBody {
    return {
      error: {
        code: this.code,
        message: this.message,
        hint: this.hint,
        candidates: this.candidates,
      },
    };
  }

  /** The failure that {@linkcode PersistprocError.toBody} was made from. */
  static fromBody(body: ErrorBody): PersistprocError {
    const { code, message, hint, candidates } = body.error;
    return new PersistprocError(code, message, { hint, candidates });
  }
}

/** Command and directory of a candidate, unless its label is the one made of them. */
function whatIsIt({ label, command, working_directory }: Candidate): string {
  const what = printable(`${command} in ${working_directory}`);
  return label === what || label.startsWith(`${what} (`) ? "" : `: ${what}`;
}

/** Sentence, hint and candidates as text, each in one line: a name in it cannot pose as another. */
export function describeError(error: PersistprocError): string {
  const lines = [error.message];
  for (const candidate of error.candidates ?? []) {
    const { pid, label, status } = candidate;
    lines.push(`  ${pid === null ? "" : `PID ${pid} `}${label} (${status})${whatIsIt(candidate)}`);
  }
  if (error.hint) lines.push(error.hint);
  return lines.map(printable).join("\n");
}
