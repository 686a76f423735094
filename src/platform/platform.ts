/** All kernels: one .wasm file per WebAssembly backend, and a variant of each for shared memory. */
export type WholeBuild = "simd" | "simd-shared" | "relaxed-simd" | "relaxed-simd-shared";

/**
 * A .wasm file of the kernels. The forward ones have the kernels that run a model, and those that train it are missing; the
 * int8 ones run models with int8 weights.
 */
export type WasmBuild = WholeBuild | `forward-${WholeBuild}` | "int8-simd" | "int8-relaxed-simd";

export const WASM_BUILDS = [
  "simd",
  "simd-shared",
  "relaxed-simd",
  "relaxed-simd-shared",
  "forward-simd",
  "forward-simd-shared",
  "forward-relaxed-simd",
  "forward-relaxed-simd-shared",
  "int8-simd",
  "int8-relaxed-simd",
] as const satisfies readonly WasmBuild[];

/** What differs between hosts. `node.ts` and `browser.ts` export this; package.json selects one as `#platform`. */
export interface Platform {
  /** The bytes behind a URL. */
  readBytes(url: URL | string): Promise<Uint8Array<ArrayBuffer>>;
  /** Number of threads that can run at once. */
  availableThreads(): number;
  /** Whether memory can be shared between threads. */
  canShareMemory(): boolean;
  /** Makes the host's console show objects of a class as a text, where it would show all that they hold. */
  showInConsole<Shown>(shown: { readonly prototype: Shown }, textOf: (object: Shown) => string): void;
}

/** What a thread is started with, among other things: the code that it runs, and the memory that it works in. */
export interface ThreadInit {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
}

/** A thread that has been started. */
export interface Thread {
  /** Ends it, whatever it does. Resolves when it has ended, if the host can tell. */
  terminate(): Promise<unknown>;
  /** Lets go of it: it has been told to return from its work, and may get other work. Absent where the host ends its threads. */
  release?(): void;
}

/**
 * Starts a worker thread. It does not keep the process alive. `start-worker-node.ts` and `start-worker-browser.ts` export
 * this; package.json selects one as `#start-worker`. Only what starts threads imports it, and is fetched when it does.
 *
 * @param init its initial message
 * @param onFailure called if the thread ends before it is terminated
 * @returns the thread, once it is ready
 * @throws if it cannot start
 */
export type StartWorker = (init: ThreadInit, onFailure: (cause: unknown) => void) => Promise<Thread>;

/**
 * The files that the library needs besides its own JavaScript. `files.ts` loads them from beside the library,
 * `inline.ts` embeds them; package.json selects one as `#files`.
 */
export interface Files {
  /** In one file, those of all kernels serve for the forward ones too. */
  readonly builds: Readonly<Partial<Record<WasmBuild, () => URL | Uint8Array<ArrayBuffer>>>>;
  /** Starts the script of a page's worker. */
  createWorker(): Worker;
}
