/**
 * Signals that end a run early: Ctrl-C, the end of a session, or a closed output. Node emits SIGINT and SIGHUP on Windows too,
 * for Ctrl-C and for a closed console, and there alone SIGBREAK, for Ctrl-Break.
 */
const CAUSES = ["SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE", "SIGBREAK"] as const;

/** What Windows sends to all processes of a console at once. */
const OF_CONSOLE: ReadonlySet<NodeJS.Signals> = new Set(["SIGINT", "SIGHUP", "SIGBREAK"]);

/** The signal that ends this process as another would have. Windows can send no others than SIGINT and SIGTERM. */
export const lethal = (cause: NodeJS.Signals, platform: NodeJS.Platform = process.platform): NodeJS.Signals =>
  platform === "win32" ? "SIGTERM" : cause;

/**
 * Turns the first of these into an abort. A second one ends the process at once, and so does the first before {@link
 * begin}, when there is nothing to save yet.
 */
export class Interruption {
  /** The one of the command at work, or of the last. */
  static latest: Interruption | undefined;
  private static isConsoleLeft = false;
  /** The signal received, if any. */
  cause: (typeof CAUSES)[number] | undefined;
  private readonly controller = new AbortController();
  private begun = false;

  /** @param cleanUp runs before the process is ended at once */
  constructor(private readonly cleanUp: () => void) {
    Interruption.latest = this;
    for (const cause of CAUSES) process.on(cause, this.interrupt);
  }

  /** Leaves the console's signals to another process, which tells this one in its own way to end. */
  static leaveConsole(): void {
    Interruption.isConsoleLeft = true;
    // Without a listener, they would end this process.
    for (const cause of OF_CONSOLE) process.on(cause, () => {});
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** From now on, a signal aborts instead of ending the process. */
  begin(): void {
    this.begun = true;
  }

  /** Restores the signals' default effects. */
  end(): void {
    for (const cause of CAUSES) process.off(cause, this.interrupt);
  }

  private readonly interrupt = (cause: NodeJS.Signals): void => {
    if (Interruption.isConsoleLeft && OF_CONSOLE.has(cause)) return;
    if (!this.begun && cause !== "SIGPIPE") {
      // Not process.exit, which waits for pending opens: opening a pipe may never complete.
      this.cleanUp();
      this.end();
      process.kill(process.pid, lethal(cause));
      return;
    }
    // A closed pipe reports every line.
    if (this.cause !== undefined && cause !== "SIGPIPE") process.exit(130);
    this.cause ??= cause as (typeof CAUSES)[number];
    this.controller.abort();
  };
}
