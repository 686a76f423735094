/** What ends a run early: Ctrl-C, the end of a session, or nobody left to write to. */
const CAUSES = ["SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE"] as const;

/** Watches for the first of these, which aborts a signal. A second one ends the process at once. */
export class Interruption {
  /** What happened, if anything has. */
  cause: (typeof CAUSES)[number] | undefined;
  private readonly controller = new AbortController();

  constructor() {
    for (const cause of CAUSES) process.on(cause, this.interrupt);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Leaves the signals to their usual effects. */
  end(): void {
    for (const cause of CAUSES) process.off(cause, this.interrupt);
  }

  private readonly interrupt = (cause: NodeJS.Signals): void => {
    // A closed pipe tells of itself with every line.
    if (this.cause !== undefined && cause !== "SIGPIPE") process.exit(130);
    this.cause ??= cause as (typeof CAUSES)[number];
    this.controller.abort();
  };
}
