import { nextTask } from "../common/event-loop.js";
import type { Mpi, Request } from "./mpi.js";

/** How long to wait before the event loop has a turn, in milliseconds. */
const TURN = 5;
/** How long to poll before sleeping, in milliseconds: where every process has a core, and where they take turns. */
const SPIN = { alone: 1, sharing: 0.05 };
/** Milliseconds of sleep: briefly at first, since most waits are short. */
const SHORTEST = 0.02;
const LONGEST = 1;

const nobody = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread. */
const sleep = (milliseconds: number): unknown => Atomics.wait(nobody, 0, 0, milliseconds);

/**
 * Waits for communications. A blocking call would neither notice that another process is gone, nor let Ctrl-C through; and
 * one that only polls would take the processor from those that it waits for.
 */
export class Waiting {
  private readonly spin: number;

  /**
   * @param hasCore whether this process has a core to itself
   * @param look called now and then during a wait, with its duration so far in milliseconds; may throw to end it
   */
  constructor(
    private readonly mpi: Mpi,
    hasCore: boolean,
    private readonly look: (waited: number) => void,
  ) {
    this.spin = hasCore ? SPIN.alone : SPIN.sharing;
  }

  async for(...requests: readonly Request[]): Promise<void> {
    for (const request of requests) await this.forOne(request);
  }

  private async forOne(request: Request): Promise<void> {
    if (this.mpi.isDone(request)) return;
    const start = performance.now();
    let turn = start;
    while (!this.mpi.isDone(request)) {
      const now = performance.now();
      if (now - start < this.spin) continue;
      if (now - turn < TURN) {
        sleep(Math.min(LONGEST, SHORTEST + (now - start) / 100));
        continue;
      }
      await nextTask();
      turn = performance.now();
      this.look(turn - start);
    }
  }
}
