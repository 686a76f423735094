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
  channel ??= openChannel();
  isUsed = true;
  const { port2 } = channel;
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(null);
  });
}

/** Milliseconds without a task, after which the channel is closed: there are hosts that do not end while one is open. */
const IDLE = 1000;

/** One for all tasks: a browser takes long to free a channel's 4 KB, and training has sixty tasks a second. */
let channel: MessageChannel | undefined;
/** Whether there was a task since it was last asked. */
let isUsed = false;
const waiting: (() => void)[] = [];

function openChannel(): MessageChannel {
  const opened = new MessageChannel();
  opened.port1.onmessage = () => waiting.shift()!();
  const closeIfIdle = () => {
    if (isUsed || waiting.length > 0) {
      isUsed = false;
      setTimeout(closeIfIdle, IDLE);
      return;
    }
    opened.port1.close();
    channel = undefined;
  };
  setTimeout(closeIfIdle, IDLE);
  return opened;
}
