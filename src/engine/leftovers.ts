import { nextTask } from "../common/event-loop.js";

/** Garbage to make: what shared memory holds does not count for when it is collected, and a sleeping worker allocates nothing. */
const CHUNK = 2 ** 20;
const CHUNKS_PER_TURN = 64;
const TURNS = 16;

/** The memories that a worker has worked in, until they are collected. */
export const leftovers = {
  memories: [] as WeakRef<WebAssembly.Memory>[],
  /** Bundlers drop what nobody keeps. */
  garbage: undefined as ArrayBuffer | undefined,

  add(memory: WebAssembly.Memory): void {
    this.memories.push(new WeakRef(memory));
  },

  /** Has them collected, and resolves to whether all are: that is up to the host. */
  async areCollected(): Promise<boolean> {
    for (let turn = 0; turn < TURNS; turn++) {
      this.memories = this.memories.filter((memory) => memory.deref() !== undefined);
      if (this.memories.length === 0) return true;
      // Pages that nobody writes to take no memory.
      for (let i = 0; i < CHUNKS_PER_TURN; i++) this.garbage = new ArrayBuffer(CHUNK);
      this.garbage = undefined;
      // What was asked for stays until the task ends.
      await nextTask();
    }
    return false;
  },
};
