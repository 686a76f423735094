import type { AbortSignalLike } from "./options.js";

/** How long work may block the event loop, in milliseconds: one frame. */
const SLICE = 16;

/** Splits long work into slices, between which timers, input and rendering run. */
export class TimeSlice {
  private last = performance.now();

  constructor(private readonly signal?: AbortSignalLike) {}

  /** Whether the slice is used up. Check between steps, then `await` {@link yieldToEventLoop}. */
  get isOver(): boolean {
    return this.signal?.aborted === true || performance.now() - this.last > SLICE;
  }

  /**
   * Resolves after a turn of the event loop.
   *
   * @throws the signal's reason if it was aborted
   */
  async yieldToEventLoop(): Promise<void> {
    this.signal?.throwIfAborted();
    await nextTask();
    this.signal?.throwIfAborted();
    this.last = performance.now();
  }
}

/** Resolves in a new task, without the 4 ms that browsers add to nested timers. */
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
