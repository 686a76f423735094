/** A .wasm file of the kernels: one for each WebAssembly backend, and the same on memory that threads share. */
export type WasmBuild = "simd" | "simd-shared" | "relaxed-simd" | "relaxed-simd-shared";

export const WASM_BUILDS = [
  "simd",
  "simd-shared",
  "relaxed-simd",
  "relaxed-simd-shared",
] as const satisfies readonly WasmBuild[];

/** What differs between hosts. `node.ts` and `browser.ts` export this; package.json chooses, as `#platform`. */
export interface Platform {
  /** The bytes behind a URL. */
  readBytes(url: URL | string): Promise<Uint8Array<ArrayBuffer>>;
  /** How many threads can compute at once. */
  availableThreads(): number;
  /** Whether memory can be shared between threads. */
  canShareMemory(): boolean;
  /**
   * Starts a thread of `threads/`. It does not keep the process alive.
   *
   * @param duty what it is told first
   * @param onFailure called where the thread ends before it is told to
   * @returns once the thread is ready, what ends it, and is done when it has ended, as far as the host tells
   * @throws where it cannot start
   */
  startWorker(duty: object, onFailure: (cause: unknown) => void): Promise<() => Promise<unknown>>;
}

/**
 * What the library needs besides its own JavaScript. In `files.ts` it lies in files beside the library, in `inline.ts` it
 * is part of the JavaScript; package.json chooses, as `#files`.
 */
export interface Files {
  readonly builds: Readonly<Record<WasmBuild, () => URL | Uint8Array<ArrayBuffer>>>;
  /** Starts the script of a page's thread. */
  createWorker(): Worker;
}
