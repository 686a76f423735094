import { SHARED_WORDS, WORD_STRIDE } from "../network/shared-step.js";

// The first word tells which step is to be computed: a number that grows. Beside it are the token, where packed weights are, and in which
// order. Each thread has a word that tells how far it is: the step's number, plus how often it has met the others in it.

const STEP = 0;
const TOKEN = 1;
const PACKED = 2;
const FOR_ROWS = 3;
/** In place of a token: the others may go. */
const LEAVE = -1;
/** From one step's number to the next: more than the meetings of a step. */
const NEXT = 256;
/** Added to the number of a step that a thread is through with. */
const THROUGH = NEXT - 1;
/** Where a thread has gone. No step has a number whose lowest bits are those of this. */
const GONE = THROUGH - 1;

/** How often to look for others before looking at the clock. */
const SPINS = 64;

/** The threads of shared steps meet here, without sleeping: the first one steps, the others serve it. */
export class Meeting {
  private readonly words: Int32Array;
  private readonly stride = WORD_STRIDE / 4;
  /** The step that this thread is in, when it began, and how often it has met the others in it. */
  private step = 0;
  private start = 0;
  private met = 0;

  /**
   * @param buffer memory of all threads
   * @param address of the plan's words
   * @param thread this one's number; 0 steps
   * @param patience milliseconds that it waits for others, at least; at most as long again as the step has taken
   */
  constructor(
    buffer: ArrayBufferLike,
    address: number,
    private readonly threads: number,
    private readonly thread: number,
    private readonly patience: number,
  ) {
    this.words = new Int32Array(buffer, address, (SHARED_WORDS + threads) * this.stride);
  }

  /** Whether all others are through with the last step, and wait for the next. */
  get areAllWaiting(): boolean {
    const { words, threads, step } = this;
    for (let k = 1; k < threads; k++) if (Atomics.load(words, this.wordOf(k)) !== step + THROUGH) return false;
    return true;
  }

  /**
   * Calls the others to a step.
   *
   * @param packed where packed weights were planned; 0 for none
   * @param forRows whether they are packed for single rows
   */
  call(token: number, packed: number, forRows: boolean): void {
    const { words } = this;
    this.step = (this.step + NEXT) | 0;
    Atomics.store(words, TOKEN, token);
    Atomics.store(words, PACKED, packed);
    Atomics.store(words, FOR_ROWS, Number(forRows));
    Atomics.store(words, STEP, this.step);
    this.begin();
  }

  /** Lets the others go. */
  dismiss(): void {
    this.call(LEAVE, 0, false);
  }

  /** Comes to serve. */
  join(): void {
    this.step = Atomics.load(this.words, STEP);
    this.tell(THROUGH);
  }

  /**
   * Waits to be called.
   *
   * @param milliseconds at most
   * @returns the token of the step, or undefined to go
   */
  next(milliseconds: number): number | undefined {
    const { words, step } = this;
    const isCalled = () => Atomics.load(words, STEP) !== step;
    if (!spinUntil(isCalled, milliseconds)) {
      this.tell(GONE);
      return undefined;
    }
    this.step = Atomics.load(words, STEP);
    const token = Atomics.load(words, TOKEN);
    if (token === LEAVE) {
      this.tell(GONE);
      return undefined;
    }
    this.begin();
    return token;
  }

  /** Where packed weights were planned, for the step that this thread was called to; 0 for none. */
  get packed(): number {
    return Atomics.load(this.words, PACKED) >>> 0;
  }

  /** Whether these are packed for single rows. */
  get arePackedForRows(): boolean {
    return Atomics.load(this.words, FOR_ROWS) === 1;
  }

  /** Is through with a step, and waits for the next. */
  finish(): void {
    this.tell(THROUGH);
  }

  /** Leaves in the middle of a step. */
  leave(): void {
    this.tell(GONE);
  }

  /** Waits until all threads have come as far in the step: false if one has gone, or does not come in time. */
  readonly meet = (): boolean => {
    const { words, threads, thread, step, start, patience } = this;
    this.met++;
    const here = (step + this.met) | 0;
    this.tell(this.met);
    if (Atomics.load(words, STEP) !== step) return false;
    for (let k = 0; k < threads; k++) {
      if (k === thread) continue;
      const at = this.wordOf(k);
      let end = 0;
      for (let spins = 1; ; spins++) {
        const there = Atomics.load(words, at);
        // Perhaps before it saw this step.
        if ((there & THROUGH) === GONE) return false;
        if (((there - here) | 0) >= 0) break;
        if (spins % SPINS > 0) continue;
        if (Atomics.load(words, STEP) !== step) return false;
        const now = performance.now();
        if (end === 0) end = now + Math.max(patience, now - start);
        else if (now > end) return false;
      }
    }
    return true;
  };

  private begin(): void {
    this.start = performance.now();
    this.met = 0;
  }

  private tell(progress: number): void {
    Atomics.store(this.words, this.wordOf(this.thread), (this.step + progress) | 0);
  }

  private wordOf(thread: number): number {
    return (SHARED_WORDS + thread) * this.stride;
  }
}

function spinUntil(isThere: () => boolean, milliseconds: number): boolean {
  const end = performance.now() + milliseconds;
  for (let spins = 1; !isThere(); spins++) if (spins % SPINS === 0 && performance.now() > end) return false;
  return true;
}
