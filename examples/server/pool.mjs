import { Worker } from "node:worker_threads";
import { InputError, LstmError } from "lstm-wasm";
import { Desk, sizesFor } from "./desk.mjs";

/** A step that was with so many workers when they ended is given up: it may be what ends them. */
const MOST_TRIES = 3;
/** Milliseconds before a worker that did not even start is replaced. */
const PAUSE = 1000;

/**
 * Computes steps on worker threads. What is waiting when a worker is free becomes its batch, so batches grow with the load and
 * nobody waits for one to fill up. A worker keeps nothing: when one ends, others compute what it had.
 */
export class StepPool {
  #waiting = [];
  #workers = new Set();
  #isScheduled = false;
  #isClosed = false;
  #steps = 0;
  #batches = 0;
  #start;

  /** @param {Uint8Array} bytes the model as a file, which each worker loads */
  constructor(model, bytes, { workers, batch }) {
    this.#start = () => new StepWorker(bytes, sizesFor(model, batch), this.#watch);
    for (let i = 0; i < workers; i++) this.#workers.add(this.#start());
    /** Rejects if a worker cannot start. */
    this.ready = Promise.all([...this.#workers].map((worker) => worker.ready));
    this.ready.catch(() => {});
  }

  get figures() {
    return { workers: this.#workers.size, steps: this.#steps, batches: this.#batches };
  }

  /** For tests. */
  get workers() {
    return this.#workers;
  }

  /**
   * @param {ArrayLike<number>} input a token, or a vector
   * @param {Float32Array} state [h and c, layers · hiddenSize] before the step
   * @returns {Promise<{ outputs: Float32Array, state: Float32Array }>}
   */
  step(input, state) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, state, tries: 0, resolve, reject });
      this.#schedule();
    });
  }

  async close() {
    this.#isClosed = true;
    await Promise.all([...this.#workers].map((worker) => worker.close()));
  }

  /** Gives out what is waiting, after all requests that have arrived by now are read. */
  #schedule() {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#giveOut();
    });
  }

  #giveOut() {
    const free = [...this.#workers].filter((worker) => worker.isFree);
    for (const [i, worker] of free.entries()) {
      const share = Math.ceil(this.#waiting.length / (free.length - i));
      if (share > 0) worker.take(this.#waiting.splice(0, Math.min(share, worker.rows)));
    }
  }

  #watch = {
    done: (count) => {
      this.#steps += count;
      this.#batches++;
      this.#schedule();
    },
    ended: (worker, unfinished, hadStarted) => {
      this.#workers.delete(worker);
      for (const step of unfinished.toReversed())
        if (++step.tries < MOST_TRIES) this.#waiting.unshift(step);
        else step.reject(new LstmError("the threads that computed this step have ended"));
      if (this.#isClosed) return;
      const replace = () => {
        if (this.#isClosed) return;
        const next = this.#start();
        this.#workers.add(next);
        next.ready.then(
          () => this.#schedule(),
          () => {},
        );
      };
      if (hadStarted) replace();
      else setTimeout(replace, PAUSE).unref();
    },
  };
}

/** A worker thread, and the batch that it computes. */
class StepWorker {
  #thread;
  #desk;
  #batch = [];
  #isReady = false;
  #watch;

  constructor(bytes, sizes, watch) {
    this.rows = sizes.rows;
    this.#desk = new Desk(sizes);
    this.#watch = watch;
    const { memory } = this.#desk;
    this.#thread = new Worker(new URL("worker.mjs", import.meta.url), { workerData: { bytes, sizes, memory } });
    this.ready = new Promise((resolve, reject) => {
      this.#thread.on("message", (message) => {
        if (message.isReady) {
          this.#isReady = true;
          resolve();
        } else this.#finish(message.errors);
      });
      // "exit" follows.
      this.#thread.on("error", (error) => {
        if (this.#isReady) console.error(error);
        reject(error);
      });
      this.#thread.on("exit", () => {
        const hadStarted = this.#isReady;
        this.#isReady = false;
        reject(new LstmError("a worker ended before it had started"));
        watch.ended(this, this.#batch.splice(0), hadStarted);
      });
    });
    this.ready.catch(() => {});
  }

  get isFree() {
    return this.#isReady && this.#batch.length === 0;
  }

  take(batch) {
    this.#batch = batch;
    for (const [row, { input, state }] of batch.entries()) this.#desk.put(row, input, state);
    this.#thread.postMessage(batch.length);
  }

  /** Ends the thread, as does whatever kills it. */
  close() {
    return this.#thread.terminate();
  }

  #finish(errors) {
    const batch = this.#batch.splice(0);
    const failed = new Map(errors.map(({ row, ...error }) => [row, error]));
    for (const [row, { resolve, reject }] of batch.entries()) {
      const error = failed.get(row);
      if (!error) resolve(this.#desk.results(row));
      else reject(new (error.name === "InputError" ? InputError : LstmError)(error.message));
    }
    this.#watch.done(batch.length);
  }
}
