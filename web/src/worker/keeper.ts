import { createStore, del, get, set, setMany, type UseStore } from "idb-keyval";
import type { Content, KeptSummary, Plan } from "../protocol.js";
import { Throttle } from "./spacing.js";

/** What a closed tab may lose, in milliseconds. */
const INTERVAL = 3000;
/** Milliseconds for the lock of a tab that is just being closed or loaded anew. */
const PATIENCE = 1500;
/** Of the time, for keeping. */
const SHARE = 0.02;

/** A run of an earlier visit: its checkpoint, and what it was trained on. */
export interface Kept extends KeptSummary {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Keeps a run between visits in the browser's database: of each kind the last one, by one tab at a time. */
export class RunStore {
  private readonly spacing = new Throttle(SHARE, INTERVAL);
  private writing: Promise<void> | undefined;
  private id = "";
  /** Whether what the run is trained on is still to be written. */
  private isNew = true;

  private constructor(
    private readonly store: UseStore,
    private readonly onProblem: (problem: string) => void,
  ) {}

  /**
   * @param onProblem is told, in words, when a write fails
   * @throws Error, in words, where nothing can be kept
   */
  static async open(kind: Plan["kind"], onProblem: (problem: string) => void): Promise<RunStore> {
    if (!globalThis.navigator?.locks || !globalThis.indexedDB)
      throw new Error("This run is not kept for your next visit: the browser keeps nothing for this page.");
    if (!(await held(`lstm-wasm ${kind}`)))
      throw new Error("This run is not kept for your next visit: the page is open in another tab, whose run is.");
    try {
      const keeper = new RunStore(createStore(`lstm-wasm ${kind}`, "runs"), onProblem);
      await keeper.read();
      return keeper;
    } catch (error) {
      throw new Error(unkept(error));
    }
  }

  async read(): Promise<(Kept & { content: Content }) | undefined> {
    const [kept, data] = await Promise.all([
      get<Kept>("run", this.store),
      get<{ id: string; content: Content }>("data", this.store),
    ]);
    return kept && data && kept.id === data.id ? { ...kept, content: data.content } : undefined;
  }

  /** From now on another run is kept; the one before is, until this one is first written. */
  begin(): void {
    this.id = crypto.randomUUID();
    this.isNew = true;
  }

  get isDue(): boolean {
    return this.spacing.isDue && !this.writing;
  }

  /** Begins to write a run's checkpoint, without waiting for the disk. */
  write(content: Content, epoch: number, epochs: number, save: () => Uint8Array): Promise<void> {
    return this.spacing.spend(() => {
      const { id, store } = this;
      const kept: Kept = { id, bytes: save(), epoch, epochs, savedAt: Date.now() };
      const entries: [string, unknown][] = [["run", kept]];
      if (this.isNew) entries.push(["data", { id, content }]);
      this.isNew = false;
      const before = this.writing ?? Promise.resolve();
      const written = before.then(() => (entries.length > 1 ? setMany(entries, store) : set("run", kept, store)));
      this.writing = written
        .catch((error: unknown) => {
          this.isNew = true;
          this.onProblem(unkept(error));
        })
        .finally(() => {
          this.writing = undefined;
        });
    });
  }

  /** Ends when all that was begun is on the disk. */
  async settled(): Promise<void> {
    await this.writing;
  }

  async discard(): Promise<void> {
    await this.settled();
    await del("run", this.store);
    await del("data", this.store);
  }
}

const unkept = (error: unknown): string =>
  error instanceof DOMException && error.name === "QuotaExceededError"
    ? "This run is not kept for your next visit: the browser's storage is full."
    : `This run is not kept for your next visit: ${error instanceof Error ? error.message : String(error)}`;

/** Whether this worker holds the lock from now on, as long as it lives. */
function held(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const holding = navigator.locks.request(name, { signal: AbortSignal.timeout(PATIENCE) }, () => {
      resolve(true);
      return new Promise<never>(() => {});
    });
    holding.catch(() => resolve(false));
  });
}
