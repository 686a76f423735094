import type { AbortSignalLike } from "./options.js";

/** How long work may hold the event loop before it must let others run, in milliseconds: one frame. */
const SLICE = 16;

/** Lets timers, input and drawing run between slices of long work. */
export class TimeSlice {
  private last = performance.now();

  constructor(private readonly signal?: AbortSignalLike) {}

  /** Whether it is time for a pause: ask between steps, then `await` {@link yieldToEventLoop}. */
  get isOver(): boolean {
    return this.signal?.aborted === true || performance.now() - this.last > SLICE;
  }

  /**
   * Ends once the event loop has gone round.
   *
   * @throws the signal's reason where it has been aborted
   */
  async yieldToEventLoop(): Promise<void> {
    this.signal?.throwIfAborted();
    await nextTask();
    this.signal?.throwIfAborted();
    this.last = performance.now();
  }
}

/** A task of its own, without the 4 ms that browsers put between nested timers. */
export function nextTask(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
