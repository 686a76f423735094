/**
 * Failures that do not stop a run: a log or picture that cannot be written, a closed output. Each is reported when it
 * happens, and again at the end, with a non-zero exit status.
 */
export class Troubles {
  private readonly messages = new Map<string, string>();
  /** Called before a message, for example to clear a progress bar. */
  prepare: (() => void) | undefined;

  /**
   * @param what failed; reported once
   * @param message without a final period
   */
  record(what: string, message: string): void {
    if (this.messages.has(what)) return;
    this.messages.set(what, message);
    this.prepare?.();
    process.stderr.write(`lstm-wasm: warning: ${message}; the run continues without it\n`);
  }

  /** Whether it has already failed. */
  has(what: string): boolean {
    return this.messages.has(what);
  }

  /** Records a failure of the very stream that it would be reported on. */
  recordSilently(what: string): void {
    if (!this.messages.has(what)) this.messages.set(what, "");
  }

  /** Reports all failures again. Returns the exit status: `code` if there were none. */
  conclude(code: number): number {
    for (const message of this.messages.values()) if (message !== "") process.stderr.write(`lstm-wasm: ${message}\n`);
    return code === 0 && this.messages.size > 0 ? 1 : code;
  }

  /** Forgets the failures of the command before. */
  clear(): void {
    this.messages.clear();
  }
}

/** The failures of the command that is running. */
export const troubles = new Troubles();
