/**
 * What fails beside a run: a log, a picture, a reader that has gone. That is no reason to throw the run away, so it is
 * said once, when it happens, and again at the end, with an exit status that tells of it.
 */
export class Troubles {
  private readonly messages = new Map<string, string>();
  /** Makes room for a message, for example by taking a progress bar away. */
  prepare: (() => void) | undefined;

  /**
   * @param what fails; it is spoken of once
   * @param message in words, without a period
   */
  meet(what: string, message: string): void {
    if (this.messages.has(what)) return;
    this.messages.set(what, message);
    this.prepare?.();
    process.stderr.write(`lstm-wasm: warning: ${message}; the run goes on without it\n`);
  }

  /** Whether it has failed already. */
  has(what: string): boolean {
    return this.messages.has(what);
  }

  /** Takes note of what cannot be said, since it is where things are said that fails. */
  meetSilently(what: string): void {
    if (!this.messages.has(what)) this.messages.set(what, "");
  }

  /** Says again what has gone wrong; the exit status that results, where all else would give `code`. */
  conclude(code: number): number {
    for (const message of this.messages.values()) if (message !== "") process.stderr.write(`lstm-wasm: ${message}\n`);
    return code === 0 && this.messages.size > 0 ? 1 : code;
  }
}

/** This process's. */
export const troubles = new Troubles();
