import type { Dropout } from "../network/network.js";

/** One part of a training step, as it is handed to a thread. Sizes and byte addresses as in a pass's plan. */
export interface Task {
  readonly T: number;
  readonly B: number;
  readonly outputSteps: number;
  /** Where the part's pass begins. */
  readonly pass: number;
  /** Where its gradients go: a run of floats in the layout of the parameters. */
  readonly gradients: number;
  readonly gradientScale: number;
  readonly dropout: Dropout | undefined;
}

/** In `turns`: how many tasks were given out, and how many are done. */
const POSTED = 0;
const DONE = 1;

const COUNTER_BYTES = 8;
const NUMBERS = 8;
const LOSS = 7;

/** How long to look again and again before falling asleep, in milliseconds: to sleep and be woken takes about as long. */
const SPIN_TIME = 0.05;

/**
 * A few bytes that two threads share: one lays down a task, the other takes it up and lays down the loss. Whoever waits,
 * sleeps.
 */
export class Mailbox {
  private readonly counters: Int32Array;
  private readonly numbers: Float64Array;
  private readonly keys: Int32Array;

  /** @param bytes as {@link Mailbox.bytesFor} has it, all 0 at first */
  constructor(readonly bytes: SharedArrayBuffer) {
    this.counters = new Int32Array(bytes, 0, 2);
    this.numbers = new Float64Array(bytes, COUNTER_BYTES, NUMBERS);
    this.keys = new Int32Array(bytes, COUNTER_BYTES + 8 * NUMBERS);
  }

  /** Room for tasks of a network of so many layers. */
  static bytesFor(layers: number): SharedArrayBuffer {
    return new SharedArrayBuffer(COUNTER_BYTES + 8 * NUMBERS + 4 * layers);
  }

  post({ T, B, outputSteps, pass, gradients, gradientScale, dropout }: Task): void {
    this.numbers.set([T, B, outputSteps, pass, gradients, gradientScale, dropout?.probability ?? 0]);
    if (dropout) this.keys.set(dropout.keys);
    Atomics.add(this.counters, POSTED, 1);
    Atomics.notify(this.counters, POSTED);
  }

  /** Sleeps until there is a task. */
  receive(): Task {
    const { counters, numbers, keys } = this;
    const done = Atomics.load(counters, DONE);
    spinUntil(() => Atomics.load(counters, POSTED) !== done);
    // Nobody else wakes this thread, but Atomics.wait may be left without a cause.
    while (Atomics.load(counters, POSTED) === done) Atomics.wait(counters, POSTED, done);
    const [T, B, outputSteps, pass, gradients, gradientScale, probability] = Array.from(numbers) as Numbers;
    const dropout = probability > 0 ? { probability, keys } : undefined;
    return { T, B, outputSteps, pass, gradients, gradientScale, dropout };
  }

  reply(loss: number): void {
    this.numbers[LOSS] = loss;
    Atomics.add(this.counters, DONE, 1);
    Atomics.notify(this.counters, DONE);
  }

  /** The loss, once the task is done. */
  get loss(): number {
    return this.numbers[LOSS]!;
  }

  /** Waits until the task is done, at most so many milliseconds; where the host forbids sleeping, hardly at all. */
  awaitReply(milliseconds: number): boolean {
    const { counters } = this;
    const isDone = () => Atomics.load(counters, DONE) === Atomics.load(counters, POSTED);
    if (spinUntil(isDone)) return true;
    if (MAY_BLOCK) Atomics.wait(counters, DONE, (Atomics.load(counters, POSTED) - 1) | 0, milliseconds);
    return isDone();
  }
}

type Numbers = [number, number, number, number, number, number, number];

function spinUntil(isThere: () => boolean): boolean {
  const end = performance.now() + SPIN_TIME;
  while (!isThere()) if (performance.now() > end) return false;
  return true;
}

/** A page's main thread must not sleep. */
const MAY_BLOCK = (() => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
})();
