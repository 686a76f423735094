import { nextTask } from "../common/event-loop.js";
import { lasting, type Mpi, type Request } from "./mpi.js";

/** Tags of messages without content. */
const ALIVE = 1;
const CALL = 2;
const HERE = 3;

/**
 * Finds out who is missing. The first rank tells the others now and then that it is alive, also while it writes a file and
 * they wait. When it has waited too long itself, it calls all by name.
 */
export class RollCall {
  private heard = performance.now();
  private readonly timer: NodeJS.Timeout | undefined;
  private readonly sent: (Request | undefined)[] = [];
  private readonly nothing = lasting.bytes(1);

  /** @param timeout how long to wait for a rank, in milliseconds */
  constructor(
    private readonly mpi: Mpi,
    private readonly timeout: number,
  ) {
    if (mpi.rank > 0 || mpi.size === 1) return;
    this.timer = setInterval(() => this.tell(), timeout / 4);
    this.timer.unref();
  }

  end(): void {
    clearInterval(this.timer);
  }

  /**
   * Called during a wait of so many milliseconds.
   *
   * @returns whether it has been too long: then the first rank calls all, and any other has not heard of the first
   */
  isOver(waited: number): boolean {
    if (this.mpi.rank === 0) return waited > this.timeout;
    this.listen();
    return Math.min(waited, performance.now() - this.heard) > this.timeout;
  }

  /** Calls all ranks, as the first one. Returns those that do not answer in so many milliseconds. */
  async call(time: number): Promise<number[]> {
    const { mpi } = this;
    const calls = this.others.map((rank) => mpi.send(this.nothing, rank, CALL));
    const missing = new Set(this.others);
    const end = performance.now() + time;
    while (missing.size > 0 && performance.now() < end) {
      for (const call of calls) mpi.isDone(call);
      for (const rank of missing)
        if (mpi.hasArrived(rank, HERE)) {
          mpi.receive(this.nothing, rank, HERE);
          missing.delete(rank);
        }
      await nextTask();
    }
    return [...missing];
  }

  private get others(): number[] {
    return Array.from({ length: this.mpi.size - 1 }, (_, i) => i + 1);
  }

  private tell(): void {
    for (const rank of this.others) {
      const last = this.sent[rank];
      // Whoever does not read gets no more of them.
      if (last === undefined || this.mpi.isDone(last)) this.sent[rank] = this.mpi.send(this.nothing, rank, ALIVE);
    }
  }

  private listen(): void {
    const { mpi, nothing } = this;
    for (const tag of [ALIVE, CALL])
      while (mpi.hasArrived(0, tag)) {
        mpi.receive(nothing, 0, tag);
        this.heard = performance.now();
        if (tag === CALL) mpi.send(nothing, 0, HERE);
      }
  }
}
