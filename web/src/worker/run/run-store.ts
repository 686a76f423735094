import { createStore, get, getMany, type UseStore } from "idb-keyval";
import type { Content, RunKind, SavedRun } from "../../common/protocol.js";
import { Throttle } from "../scheduling/throttle.js";
import { type Change, change } from "./database.js";
import { acquireLock, isBlocked } from "./storage-access.js";

/** Milliseconds of training that a closed tab may lose. */
const INTERVAL = 3000;
/** Share of the time spent on saving. */
const SHARE = 0.02;
/** Runs that are kept: beyond these, the oldest is deleted. */
const MOST = 8;

/** What is read back of a saved run. */
export interface SavedCheckpoint extends SavedRun {
  readonly bytes: Uint8Array;
  readonly content: Content;
}

/** How far a run has come, and what to call it. */
export interface Saving extends Pick<SavedRun, "name" | "epoch" | "epochs"> {
  readonly content: Content;
}

// The database has the list of the runs and, of each, its checkpoint and its training data.
const LIST = "runs";
const checkpointKey = (id: string): string => `run ${id}`;
const dataKey = (id: string): string => `data ${id}`;

/** Saves runs of a kind in IndexedDB, for later visits. One tab at a time holds the store. */
export class RunStore {
  private readonly throttle = new Throttle(SHARE, INTERVAL);
  private writing: Promise<void> | undefined;
  private id = "";
  private discarded: { readonly run: SavedRun; readonly entries: [string, unknown][] } | undefined;
  /** Whether the run's training data have yet to be written. */
  private isNew = true;
  /** Those in the database. */
  private runs: readonly SavedRun[] = [];
  /** Whether the last write failed. */
  private hasProblem = false;

  private constructor(
    private readonly database: UseStore,
    private readonly onProblem: (problem: string | undefined) => void,
  ) {}

  /**
   * @param onProblem is called with a message for the user when a write fails, and with undefined when one succeeds again
   * @throws Error with a message for the user where nothing can be saved
   */
  static async open(kind: RunKind, onProblem: (problem: string | undefined) => void): Promise<RunStore> {
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
      store.runs = await readList(store.database);
      return store;
    } catch (error) {
      throw new Error(problemOf(error));
    }
  }

  /** The saved runs, the latest first. */
  get list(): readonly SavedRun[] {
    return [...this.runs].sort((a, b) => b.savedAt - a.savedAt);
  }

  async read(id: string): Promise<SavedCheckpoint | undefined> {
    const run = this.runs.find((one) => one.id === id);
    const [bytes, content] = await getMany<unknown>([checkpointKey(id), dataKey(id)], this.database);
    if (!run || !(bytes instanceof Uint8Array) || !content) return undefined;
    return { ...run, bytes, content: content as Content };
  }

  /**
   * From here on another run is saved.
   *
   * @param id of a saved run, which goes on; by default it is a new one
   */
  begin(id?: string): void {
    this.id = id ?? crypto.randomUUID();
    this.isNew = id === undefined;
  }

  get isDue(): boolean {
    return this.throttle.isDue && !this.writing;
  }

  /** Starts writing a run's checkpoint, without waiting for the disk. */
  write({ content, ...progress }: Saving, save: () => Uint8Array): Promise<void> {
    return this.throttle.run(() => {
      const { id } = this;
      const bytes = save();
      const run: SavedRun = { ...progress, id, size: bytes.length, savedAt: Date.now() };
      const entries: [string, unknown][] = [[checkpointKey(id), bytes]];
      if (this.isNew) entries.push([dataKey(id), content]);
      this.isNew = false;
      this.enqueue(() => {
        const kept = [run, ...this.list.filter((one) => one.id !== id)];
        const remove = kept.slice(MOST).flatMap(keysOf);
        return this.change(kept.slice(0, MOST), { put: entries, remove });
      });
    });
  }

  /** Changes the list of runs together with their entries. */
  private async change(runs: readonly SavedRun[], { put, remove = [] }: Change): Promise<void> {
    await change(this.database, { put: [[LIST, runs], ...put], remove });
    this.runs = runs;
  }

  /** Does a write once the earlier ones are done. */
  private enqueue(write: () => Promise<void>): void {
    const before = this.writing ?? Promise.resolve();
    const writing = (async () => {
      await before;
      try {
        await write();
        if (this.hasProblem) this.onProblem(undefined);
        this.hasProblem = false;
      } catch (error) {
        this.isNew = true;
        this.hasProblem = true;
        this.onProblem(problemOf(error));
      }
    })();
    this.writing = writing;
    writing.then(() => {
      if (this.writing === writing) this.writing = undefined;
    });
  }

  /** Waits for the writes so far to reach the disk. */
  async flush(): Promise<void> {
    await this.writing;
  }

  /** Deletes a saved run. Until the page is closed or another is deleted, {@link restore} brings it back. */
  async discard(id: string): Promise<void> {
    await this.flush();
    const run = this.runs.find((one) => one.id === id);
    if (!run) return;
    const keys = keysOf(run);
    const values = await getMany<unknown>(keys, this.database);
    const left = this.runs.filter((one) => one !== run);
    await this.change(left, { put: [], remove: keys });
    this.discarded = { run, entries: keys.map((key, i) => [key, values[i]]) };
  }

  /** Brings back what was deleted last. */
  async restore(): Promise<void> {
    await this.flush();
    if (!this.discarded) return;
    const { run, entries } = this.discarded;
    await this.change([run, ...this.runs], { put: entries });
    this.discarded = undefined;
  }
}

const keysOf = ({ id }: SavedRun): string[] => [checkpointKey(id), dataKey(id)];

/** The list of the saved runs; the single run of an earlier version of the page becomes one of them. */
async function readList(database: UseStore): Promise<readonly SavedRun[]> {
  const list = await get<readonly SavedRun[]>(LIST, database);
  if (list) return list;
  const [run, data] = await getMany<unknown>(["run", "data"], database);
  const old = run as (Omit<SavedRun, "name" | "size"> & { readonly bytes: Uint8Array }) | undefined;
  const content = (data as { readonly content: Content } | undefined)?.content;
  if (!old || !content) return [];
  const { bytes, ...rest } = old;
  const saved: SavedRun = { ...rest, name: "Your run", size: bytes.length };
  const entries = [[checkpointKey(old.id), bytes] as const, [dataKey(old.id), content] as const];
  await change(database, { put: [[LIST, [saved]], ...entries], remove: ["run", "data"] });
  return [saved];
}

function problemOf(error: unknown): string {
  const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
  const reason = isFull ? "the browser's storage is full." : error instanceof Error ? error.message : String(error);
  return `This run will not be saved for your next visit: ${reason}`;
}
