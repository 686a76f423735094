/** What ends a run early: Ctrl-C, the end of a session, or nobody left to write to. */
const CAUSES = ["SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE"] as const;

/**
 * Watches for the first of these, which aborts a signal. A second one ends the process at once, and so does the first
 * before {@link begin}: there is nothing to save yet.
 */
export class Interruption {
  /** What happened, if anything has. */
  cause: (typeof CAUSES)[number] | undefined;
  private readonly controller = new AbortController();
  private begun = false;

  /** @param cleanUp is done before the process ends at once */
  constructor(private readonly cleanUp: () => void) {
    for (const cause of CAUSES) process.on(cause, this.interrupt);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** From now on there is something to save. */
  begin(): void {
    this.begun = true;
  }

  /** Leaves the signals to their usual effects. */
  end(): void {
    for (const cause of CAUSES) process.off(cause, this.interrupt);
  }

  private readonly interrupt = (cause: NodeJS.Signals): void => {
    if (!this.begun && cause !== "SIGPIPE") {
      // Not process.exit, which waits for files that are being opened: a pipe may never be.
      this.cleanUp();
      this.end();
      process.kill(process.pid, cause);
      return;
    }
    // A closed pipe tells of itself with every line.
    if (this.cause !== undefined && cause !== "SIGPIPE") process.exit(130);
    this.cause ??= cause as (typeof CAUSES)[number];
    this.controller.abort();
  };
}
