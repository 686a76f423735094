import { createWorker } from "#files";
import type { StartWorker, Thread, ThreadInit } from "./platform.js";

// A worker takes 15 to 35 ms to start, and Firefox does not always return from starting one within a worker. So workers whose work
// is done wait for the next model, of which a search creates dozens.

/** Milliseconds that a worker waits for work. */
const PATIENCE = 10_000;
/** Bytes of finished work that a worker may hold: shared memory does not count for when a host collects what is out of use. */
const MOST_HELD = 2 ** 26;

/** Models whose workers may wait: a search trains three at a time. */
const MODELS = 3;

/** Those that wait, the last one to have worked at the end. */
const waiting: PageThread[] = [];

class PageThread implements Thread {
  private readonly worker = createWorker();
  private fail: (cause: Error) => void = () => {};
  private onReady = () => {};
  private memory: WebAssembly.Memory | undefined;
  /** Bytes of finished work, which may not have been collected. */
  private held = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param module that all its work is computed by */
  constructor(readonly module: WebAssembly.Module) {
    this.worker.onmessage = () => this.onReady();
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.failed(new Error(event.message || "the worker script could not be loaded"));
    };
  }

  /** Gives it work. */
  start(init: ThreadInit, onFailure: (cause: unknown) => void): Promise<Thread> {
    return new Promise((resolve, reject) => {
      this.fail = reject;
      this.memory = init.memory;
      this.onReady = () => {
        this.fail = onFailure;
        resolve(this);
      };
      try {
        this.worker.postMessage(init);
      } catch (cause) {
        this.failed(cause as Error);
      }
    });
  }

  async terminate(): Promise<void> {
    this.leave();
    this.worker.terminate();
  }

  release(): void {
    this.held += this.memory?.buffer.byteLength ?? 0;
    this.memory = undefined;
    this.fail = () => {};
    if (this.held > MOST_HELD) {
      this.worker.terminate();
      return;
    }
    waiting.push(this);
    this.timer = setTimeout(() => void this.terminate(), PATIENCE);
    // Those that have waited longest may be for other kernels.
    if (waiting.length > MODELS * navigator.hardwareConcurrency) void waiting[0]!.terminate();
  }

  /** No longer waits. */
  leave(): void {
    clearTimeout(this.timer);
    const place = waiting.indexOf(this);
    if (place >= 0) waiting.splice(place, 1);
  }

  /** An error does not end a page's worker. */
  private failed(cause: Error): void {
    void this.terminate();
    this.fail(cause);
  }
}

export const startWorker: StartWorker = async (init, onFailure) => {
  const thread = waiting.findLast(({ module }) => module === init.module) ?? new PageThread(init.module);
  thread.leave();
  return thread.start(init, onFailure);
};
