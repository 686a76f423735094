import { createStore, del, get, set, setMany, type UseStore } from "idb-keyval";
import type { Content, RunKind, SavedRun } from "../../common/protocol.js";
import { Throttle } from "../scheduling/throttle.js";

/** Milliseconds of training that a closed tab may lose. */
const INTERVAL = 3000;
/** Milliseconds to wait for the lock of a tab that is being closed or reloaded. */
const LOCK_TIMEOUT = 1500;
/** Share of the time spent on saving. */
const SHARE = 0.02;

/** A saved run's checkpoint. */
export interface SavedCheckpoint extends SavedRun {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Saves the latest run of a kind in IndexedDB, for the next visit. One tab at a time holds the store. */
export class RunStore {
  private readonly throttle = new Throttle(SHARE, INTERVAL);
  private writing: Promise<void> | undefined;
  private id = "";
  private discarded: [string, unknown][] = [];
  /** Whether the run's training data have yet to be written. */
  private isNew = true;

  private constructor(
    private readonly database: UseStore,
    private readonly onProblem: (problem: string) => void,
  ) {}

  /**
   * @param onProblem is called with a message for the user when a write fails
   * @throws Error with a message for the user where nothing can be saved
   */
  static async open(kind: RunKind, onProblem: (problem: string) => void): Promise<RunStore> {
    if (!globalThis.navigator?.locks || !globalThis.indexedDB)
      throw new Error("This run will not be saved for your next visit: the browser gives this page no storage.");
    if (await isBlocked())
      throw new Error("This run will not be saved for your next visit: the browser blocks this page’s site data.");
    if (!(await acquireLock(`lstm-wasm ${kind}`)))
      throw new Error(
        "This run will not be saved for your next visit: the page is open in another tab, whose run is saved instead.",
      );
    try {
      const store = new RunStore(createStore(`lstm-wasm ${kind}`, "runs"), onProblem);
      await store.read();
      return store;
    } catch (error) {
      throw new Error(problemOf(error));
    }
  }

  async read(): Promise<(SavedCheckpoint & { content: Content }) | undefined> {
    const [saved, data] = await Promise.all([
      get<SavedCheckpoint>("run", this.database),
      get<{ id: string; content: Content }>("data", this.database),
    ]);
    return saved && data && saved.id === data.id ? { ...saved, content: data.content } : undefined;
  }

  /** From here on another run is saved. Its first write replaces the one before. */
  begin(): void {
    this.id = crypto.randomUUID();
    this.isNew = true;
  }

  get isDue(): boolean {
    return this.throttle.isDue && !this.writing;
  }

  /** Starts writing a run's checkpoint, without waiting for the disk. */
  write(content: Content, epoch: number, epochs: number, save: () => Uint8Array): Promise<void> {
    return this.throttle.run(() => {
      const { id, database } = this;
      const saved: SavedCheckpoint = { id, bytes: save(), epoch, epochs, savedAt: Date.now() };
      const entries: [string, unknown][] = [["run", saved]];
      if (this.isNew) entries.push(["data", { id, content }]);
      this.isNew = false;
      const before = this.writing ?? Promise.resolve();
      const written = before.then(() =>
        entries.length > 1 ? setMany(entries, database) : set("run", saved, database),
      );
      this.writing = written
        .catch((error: unknown) => {
          this.isNew = true;
          this.onProblem(problemOf(error));
        })
        .finally(() => {
          this.writing = undefined;
        });
    });
  }

  /** Waits for the writes so far to reach the disk. */
  async flush(): Promise<void> {
    await this.writing;
  }

  /** Deletes the saved run. Until the page is closed, {@link restore} brings it back. */
  async discard(): Promise<void> {
    await this.flush();
    const names = ["run", "data"] as const;
    const entries = await Promise.all(names.map(async (name) => [name, await get(name, this.database)] as const));
    this.discarded = entries.every(([_, value]) => value !== undefined) ? entries.map(([...entry]) => entry) : [];
    for (const name of names) await del(name, this.database);
  }

  /** Brings back what was deleted last. */
  async restore(): Promise<void> {
    await setMany(this.discarded, this.database);
    this.discarded = [];
  }
}

function problemOf(error: unknown): string {
  const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
  const reason = isFull ? "the browser's storage is full." : error instanceof Error ? error.message : String(error);
  return `This run will not be saved for your next visit: ${reason}`;
}

/** Whether site data are blocked, in which case locks are refused as if another tab had them. */
async function isBlocked(): Promise<boolean> {
  try {
    await new Promise<void>((resolve, reject) => {
      const opening = indexedDB.open("lstm-wasm probe");
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        opening.result.close();
        indexedDB.deleteDatabase("lstm-wasm probe");
        resolve();
      };
    });
    return false;
  } catch (error) {
    return error instanceof DOMException && ["SecurityError", "InvalidStateError"].includes(error.name);
  }
}

/** Acquires a lock that this worker holds as long as it lives; false where another tab has it. */
function acquireLock(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const holding = navigator.locks.request(name, { signal: AbortSignal.timeout(LOCK_TIMEOUT) }, () => {
      resolve(true);
      return new Promise<never>(() => {});
    });
    holding.catch(() => resolve(false));
  });
}
