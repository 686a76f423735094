import type { Dropout } from "../network.js";

/** One part of a training step, as it is handed to a thread. Sizes and byte addresses as in a pass's plan. */
export interface Task {
  readonly T: number;
  readonly B: number;
  readonly scored: number;
  /** Where the part's pass begins. */
  readonly pass: number;
  /** Where its gradients go: a run of floats in the layout of the parameters. */
  readonly gradients: number;
  readonly gradientScale: number;
  readonly dropout: Dropout | undefined;
}

/** In `turns`: how many tasks were given out, and how many are done. */
const ASKED = 0;
const DONE = 1;

const TURN_BYTES = 8;
const NUMBERS = 8;
const LOSS = 7;

/** How long to look again and again before falling asleep, in milliseconds: to sleep and be woken takes about as long. */
const WATCHFUL = 0.05;

/**
 * A few bytes that two threads share: one lays down a task, the other takes it up and lays down the loss. Whoever waits,
 * sleeps. This is the side that asks.
 */
export class Desk {
  protected readonly turns: Int32Array;
  protected readonly numbers: Float64Array;
  protected readonly keys: Int32Array;

  /** @param bytes as {@link Desk.bytesFor} has it, all 0 at first */
  constructor(readonly bytes: SharedArrayBuffer) {
    this.turns = new Int32Array(bytes, 0, 2);
    this.numbers = new Float64Array(bytes, TURN_BYTES, NUMBERS);
    this.keys = new Int32Array(bytes, TURN_BYTES + 8 * NUMBERS);
  }

  /** Room for tasks of a network of so many layers. */
  static bytesFor(layers: number): SharedArrayBuffer {
    return new SharedArrayBuffer(TURN_BYTES + 8 * NUMBERS + 4 * layers);
  }

  ask({ T, B, scored, pass, gradients, gradientScale, dropout }: Task): void {
    this.numbers.set([T, B, scored, pass, gradients, gradientScale, dropout?.probability ?? 0]);
    if (dropout) this.keys.set(dropout.keys);
    Atomics.add(this.turns, ASKED, 1);
    Atomics.notify(this.turns, ASKED);
  }

  /** The loss, once the task is done. */
  get loss(): number {
    return this.numbers[LOSS]!;
  }

  /** Whether no task is under way. */
  get isDone(): boolean {
    return Atomics.load(this.turns, DONE) === Atomics.load(this.turns, ASKED);
  }

  /** Waits until the task is done, at most so many milliseconds; where the host forbids sleeping, hardly at all. */
  awaitAnswer(milliseconds: number): boolean {
    const { turns } = this;
    if (lookFor(() => this.isDone)) return true;
    if (MAY_SLEEP) Atomics.wait(turns, DONE, (Atomics.load(turns, ASKED) - 1) | 0, milliseconds);
    return this.isDone;
  }
}

/** The other side, that does the tasks: what only a thread has to load. */
export class ServedDesk extends Desk {
  /** Sleeps until there is a task. */
  take(): Task {
    const { turns, numbers, keys } = this;
    const done = Atomics.load(turns, DONE);
    lookFor(() => Atomics.load(turns, ASKED) !== done);
    // Nobody else wakes this thread, but Atomics.wait may be left without a cause.
    while (Atomics.load(turns, ASKED) === done) Atomics.wait(turns, ASKED, done);
    const [T, B, scored, pass, gradients, gradientScale, probability] = Array.from(numbers) as Numbers;
    const dropout = probability > 0 ? { probability, keys } : undefined;
    return { T, B, scored, pass, gradients, gradientScale, dropout };
  }

  answer(loss: number): void {
    this.numbers[LOSS] = loss;
    Atomics.add(this.turns, DONE, 1);
    Atomics.notify(this.turns, DONE);
  }
}

type Numbers = [number, number, number, number, number, number, number];

function lookFor(isThere: () => boolean): boolean {
  const end = performance.now() + WATCHFUL;
  while (!isThere()) if (performance.now() > end) return false;
  return true;
}

/** A page's main thread must not sleep. */
const MAY_SLEEP = (() => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
})();
