/** A command line that cannot be meant: one sentence, the command to type instead, exit status 2. */
export class UsageError extends Error {
  override name = "UsageError";
  /** The command to type. */
  readonly instead: string;

  constructor(message: string, instead: string) {
    super(message);
    this.instead = instead;
  }
}
