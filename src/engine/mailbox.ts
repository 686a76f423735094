import type { Dropout } from "../network/network.js";

/** What a worker receives. */
export type Task = PassTask | TextsTask | SharedTask;

/** Some steps of texts. */
export interface TextsTask {
  /** The address of the texts. */
  readonly texts: number;
  /** How many they are. */
  readonly count: number;
  readonly steps: number;
  /** Where the packed weights were planned; 0 for none. */
  readonly packed: number;
}

/** To serve in shared steps until nobody calls. */
export interface SharedTask {
  /** The address that the steps are planned from. */
  readonly shared: number;
  readonly thread: number;
  readonly threads: number;
}

/** One shard of a training step, or a forward pass alone. Sizes and byte addresses as in the plan of a pass. */
export interface PassTask {
  readonly T: number;
  readonly B: number;
  readonly rows: number;
  readonly outputRows: number;
  /** Of the plan: 0 if outputs have no weights. */
  readonly weights: number;
  /** The address of the pass. */
  readonly pass: number;
  /** The flat buffer of the shard's gradients, in the layout of the parameters; 0 for the forward pass alone. */
  readonly gradients: number;
  readonly gradientScale: number;
  readonly dropout: Dropout | undefined;
}

/** Indices into `counters`: tasks posted in total, tasks done in total, and tasks in the last post. */
const POSTED = 0;
const DONE = 1;
const LAST_POST = 2;

const COUNTERS = 4;
const NUMBERS = 10;
const LOSS = 9;

/** In place of a pass's number of steps: tasks of other kinds. */
const TEXTS = 0;
const SHARED = -1;
const END = -2;

/** How long to spin before sleeping, in milliseconds: sleeping and waking takes about as long. */
const SPIN_TIME = 0.05;

/**
 * Memory shared by two threads: one posts tasks, the other does them in order and replies with the loss of each. A
 * waiting thread sleeps.
 */
export class Mailbox {
  private readonly counters: Int32Array;
  private readonly slots: readonly { readonly numbers: Float64Array; readonly keys: Int32Array }[];

  /**
   * @param bytes {@link Mailbox.bytesFor} bytes, initially 0
   * @param layers of the network
   */
  constructor(
    readonly bytes: SharedArrayBuffer,
    layers: number,
  ) {
    this.counters = new Int32Array(bytes, 0, COUNTERS);
    const size = slotBytes(layers);
    this.slots = Array.from({ length: Math.floor((bytes.byteLength - 4 * COUNTERS) / size) }, (_, i) => ({
      numbers: new Float64Array(bytes, 4 * COUNTERS + i * size, NUMBERS),
      keys: new Int32Array(bytes, 4 * COUNTERS + i * size + 8 * NUMBERS, layers),
    }));
  }

  /** The size of a mailbox for this many tasks per post. */
  static bytesFor(layers: number, tasks: number): SharedArrayBuffer {
    return new SharedArrayBuffer(4 * COUNTERS + tasks * slotBytes(layers));
  }

  /** The most tasks in a post. */
  get capacity(): number {
    return this.slots.length;
  }

  /** Posts tasks, after all of the last post are done. */
  post(tasks: readonly Task[]): void {
    for (const [i, task] of tasks.entries()) {
      const { numbers, keys } = this.slots[i]!;
      if ("texts" in task) {
        numbers.set([TEXTS, task.texts, task.count, task.steps, task.packed]);
        continue;
      }
      if ("shared" in task) {
        numbers.set([SHARED, task.shared, task.thread, task.threads]);
        continue;
      }
      const { T, B, rows, outputRows, weights, pass, gradients, gradientScale, dropout } = task;
      const probability = dropout?.probability ?? 0;
      numbers.set([T, B, rows, outputRows, weights, pass, gradients, gradientScale, probability]);
      if (dropout) keys.set(dropout.keys);
    }
    Atomics.store(this.counters, LAST_POST, tasks.length);
    Atomics.add(this.counters, POSTED, tasks.length);
    Atomics.notify(this.counters, POSTED);
  }

  /** Tells the other thread that there will be no more tasks, after all of the last post are done. */
  end(): void {
    this.slots[0]!.numbers[0] = END;
    Atomics.store(this.counters, LAST_POST, 1);
    Atomics.add(this.counters, POSTED, 1);
    Atomics.notify(this.counters, POSTED);
  }

  /** Sleeps until there is a task; undefined when there will be none. */
  receive(): Task | undefined {
    const { counters } = this;
    const done = Atomics.load(counters, DONE);
    spinUntil(() => Atomics.load(counters, POSTED) !== done);
    // Atomics.wait may wake spuriously.
    while (Atomics.load(counters, POSTED) === done) Atomics.wait(counters, POSTED, done);
    const { numbers, keys } = this.slots[this.doneOfLastPost()]!;
    const [T, B, rows, outputRows, weights, pass, gradients, gradientScale, probability] = Array.from(
      numbers,
    ) as Numbers;
    if (T === END) return undefined;
    if (T === TEXTS) return { texts: B, count: rows, steps: outputRows, packed: weights };
    if (T === SHARED) return { shared: B, thread: rows, threads: outputRows };
    const dropout = probability > 0 ? { probability, keys } : undefined;
    return { T, B, rows, outputRows, weights, pass, gradients, gradientScale, dropout };
  }

  /** Marks the last received task as done. */
  reply(loss: number): void {
    this.slots[this.doneOfLastPost()]!.numbers[LOSS] = loss;
    Atomics.add(this.counters, DONE, 1);
    Atomics.notify(this.counters, DONE);
  }

  /** The loss of a finished task of the last post. */
  loss(task: number): number {
    return this.slots[task]!.numbers[LOSS]!;
  }

  /**
   * Waits until a task of the last post is done, for at most `timeout` milliseconds, or only briefly if blocking is
   * forbidden.
   */
  awaitReply(task: number, milliseconds: number): boolean {
    const { counters } = this;
    const isDone = () => this.doneOfLastPost() > task;
    if (spinUntil(isDone)) return true;
    const done = Atomics.load(counters, DONE);
    if (MAY_BLOCK && !isDone()) Atomics.wait(counters, DONE, done, milliseconds);
    return isDone();
  }

  /** Whether no task is pending. */
  get isIdle(): boolean {
    return Atomics.load(this.counters, DONE) === Atomics.load(this.counters, POSTED);
  }

  /** Waits until no task is pending, like {@link awaitReply}. */
  awaitIdle(milliseconds: number): boolean {
    return this.awaitReply(Atomics.load(this.counters, LAST_POST) - 1, milliseconds);
  }

  private doneOfLastPost(): number {
    const { counters } = this;
    const pending = (Atomics.load(counters, POSTED) - Atomics.load(counters, DONE)) | 0;
    return Atomics.load(counters, LAST_POST) - pending;
  }
}

type Numbers = [number, number, number, number, number, number, number, number, number];

/** Float64 numbers and int32 keys, in whole multiples of eight bytes. */
const slotBytes = (layers: number): number => 8 * (NUMBERS + Math.ceil(layers / 2));

function spinUntil(isThere: () => boolean): boolean {
  const end = performance.now() + SPIN_TIME;
  while (!isThere()) if (performance.now() > end) return false;
  return true;
}

/** A page's main thread must not block. */
const MAY_BLOCK = (() => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
})();
